//! The upper part of the page: the decision in words, the score, the rules of the gate, the sections
//! with their progress, and the filters.

use std::collections::BTreeSet;

use super::page::Page;
use crate::formats::model::{CountsView, Decision, Report, Section, SignOffView};

/// The kinds that items are told apart by, with the words for them, in the order of a bar.
pub(super) const KINDS: [(&str, &str); 5] = [
    ("pass", "pass"),
    ("warn", "warn"),
    ("fail", "fail"),
    ("open", "not verified"),
    ("na", "not applicable"),
];

/// How many items are of each of [`KINDS`].
fn by_kind(counts: &CountsView) -> [u64; 5] {
    let not_applicable = counts.outcomes.get("not-applicable").copied().unwrap_or(0);
    [
        counts.pass,
        counts.warn,
        counts.fail,
        counts.skip.saturating_sub(not_applicable),
        not_applicable,
    ]
}

/// The decision, the score and where they come from.
pub(super) fn verdict(report: &Report, page: &mut Page) {
    let (class, words) = match report.gate.decision {
        Decision::Met => ("met", "Go: the gate is met"),
        Decision::NotMet => ("not-met", "No go: the gate is not met"),
        Decision::Demonstration => (
            "demonstration",
            "A demonstration on the embedded target, never a go",
        ),
    };
    page.raw("<header>\n")
        .element(
            "<p class=\"eyebrow\">Readiness · ",
            &report.document,
            "</p>\n",
        )
        .element("<h1>", &report.title, "</h1>\n")
        .element("<div class=\"verdict ", class, "\">\n")
        .element(
            "<p class=\"figure\"><b>",
            &report.score.percent(),
            "</b><span>",
        )
        .number(report.score.passed)
        .raw(" of ")
        .number(report.score.applicable)
        .raw("</span></p>\n<div>")
        .element("<p class=\"decision\">", words, "</p>")
        .element(
            "<p class=\"strength\">",
            &report.strength,
            "</p></div>\n</div>\n",
        );
    bar(&report.counts, page);
    legend(&report.counts, page);
    provenance(report, page);
    page.raw("</header>\n");
}

/// A bar of all kinds. Widths are attributes of the drawing: the policy forbids inline styles.
fn bar(counts: &CountsView, page: &mut Page) {
    let kinds = by_kind(counts);
    let total = counts.total.max(1);
    page.raw("<svg class=\"bar\" role=\"img\" preserveAspectRatio=\"none\" viewBox=\"0 0 10000 10\" aria-label=\"");
    let words: Vec<_> = KINDS
        .iter()
        .zip(kinds)
        .map(|((_, word), count)| format!("{count} {word}"))
        .collect();
    page.text(&words.join(", ")).raw("\">");
    let mut before = 0;
    for ((kind, _), count) in KINDS.iter().zip(kinds) {
        if count > 0 {
            let (from, to) = (before * 10_000 / total, (before + count) * 10_000 / total);
            page.element("<rect class=\"", kind, "\" height=\"10\" x=\"")
                .number(from)
                .raw("\" width=\"")
                .number(to - from)
                .raw("\"/>");
        }
        before += count;
    }
    page.raw("</svg>\n");
}

fn legend(counts: &CountsView, page: &mut Page) {
    page.raw("<ul class=\"legend\">");
    for ((kind, word), count) in KINDS.iter().zip(by_kind(counts)) {
        page.element("<li class=\"", kind, "\"><b>")
            .number(count)
            .element("</b> ", word, "</li>");
    }
    page.raw("</ul>\n");
}

fn provenance(report: &Report, page: &mut Page) {
    page.raw("<dl class=\"meta\">");
    if let Some(run) = &report.run {
        let target = run.target.as_ref().map(|name| {
            let kind = run.target_kind.as_deref().unwrap_or("kind unknown");
            match &run.target_version {
                Some(version) => format!("{name} ({kind}, version {version})"),
                None => format!("{name} ({kind})"),
            }
        });
        let part = if run.partial {
            " (a part of the checks)"
        } else {
            ""
        };
        fact(
            "Target",
            target.as_deref().unwrap_or("none configured"),
            page,
        );
        fact("Run", &format!("{}{part}", run.id), page);
        if let Some(commit) = &run.commit {
            fact("Commit", commit, page);
        }
    } else {
        fact("Run", "nothing ran", page);
    }
    fact("Results of", &report.day, page);
    if report.alterations.applicable > 0 {
        fact("Alterations noticed", &report.alterations.words, page);
    }
    page.raw("</dl>\n");
    for fault in report.run.iter().flat_map(|run| &run.faults) {
        page.element(
            "<p class=\"fault\"><b>The run itself failed:</b> ",
            fault,
            "</p>\n",
        );
    }
}

fn fact(term: &'static str, text: &str, page: &mut Page) {
    page.raw("<div>").described(term, Some(text)).raw("</div>");
}

/// The gate, rule by rule.
pub(super) fn rules(report: &Report, page: &mut Page) {
    page.raw("<section class=\"panel\"><h2>Gate</h2>\n<ul class=\"rules\">\n");
    for rule in &report.gate.rules {
        page.raw(if rule.met {
            "<li class=\"holds\"><b>holds</b> "
        } else {
            "<li class=\"fails\"><b>fails</b> "
        })
        .text(&rule.words);
        if !rule.ids.is_empty() {
            const SHOWN: usize = 12;
            page.raw("<br><small>");
            for (index, id) in rule.ids.iter().take(SHOWN).enumerate() {
                page.raw(if index > 0 { ", " } else { "" })
                    .element("<a href=\"#r-", id, "\">")
                    .element("", id, "</a>");
            }
            if rule.ids.len() > SHOWN {
                page.raw(", and ")
                    .number((rule.ids.len() - SHOWN) as u64)
                    .raw(" more");
            }
            page.raw("</small>");
        }
        if !rule.fix.is_empty() {
            page.element("<br><small>to do: ", &rule.fix, "</small>");
        }
        page.raw("</li>\n");
    }
    page.raw("</ul></section>\n");
}

/// Who has signed for what the files say, and who has not.
pub(super) fn sign_offs(sign_offs: &[SignOffView], page: &mut Page) {
    if sign_offs.is_empty() {
        return;
    }
    page.raw("<section class=\"panel\"><h2>Sign-off</h2>\n<ul class=\"rules\">\n");
    for sign_off in sign_offs {
        page.raw(if sign_off.standing == "holds" {
            "<li class=\"holds\"><b>signed</b> "
        } else if sign_off.standing == "unsigned" {
            "<li><b>open</b> "
        } else {
            "<li class=\"fails\"><b>"
        });
        if !matches!(sign_off.standing, "holds" | "unsigned") {
            page.element("", sign_off.standing, "</b> ");
        }
        page.text(&sign_off.role);
        if let Some(signer) = &sign_off.signer {
            page.element(", by ", signer, "");
        }
        if let Some(at) = &sign_off.at {
            page.element(" on ", at, "");
        }
        for reason in &sign_off.reasons {
            page.element("<br><small>", reason, "</small>");
        }
        page.raw("</li>\n");
    }
    page.raw("</ul></section>\n");
}

/// Every section with its progress.
pub(super) fn sections(report: &Report, page: &mut Page) {
    const FEW: usize = 16;
    let open = report.sections.len() <= FEW;
    page.raw(if open {
        "<details class=\"panel\" open>"
    } else {
        "<details class=\"panel\">"
    })
    .raw("<summary><h2>Sections <span class=\"count\">")
    .number(report.sections.len() as u64)
    .raw("</span></h2></summary>\n<table class=\"sections\"><thead><tr><th scope=\"col\">Section</th><th scope=\"col\">Progress</th><th scope=\"col\">Score</th></tr></thead><tbody>\n");
    for (index, section) in report.sections.iter().enumerate() {
        page.raw("<tr><th scope=\"row\"><a href=\"#s-")
            .number(index as u64)
            .element("\">", &section.name(), "</a></th><td>");
        bar(&section.counts, page);
        page.element(
            "</td><td><span>",
            &section.score.words,
            "</span></td></tr>\n",
        );
    }
    page.raw("</tbody></table></details>\n");
}

/// Search and filters; the script makes them work.
pub(super) fn filters(report: &Report, page: &mut Page) {
    page.raw("<form class=\"filters\" role=\"search\" aria-label=\"Filter the items\" hidden>\n")
        .raw("<input type=\"search\" id=\"search\" placeholder=\"Search ids, requirements, reasons\" aria-label=\"Search\" autocomplete=\"off\" spellcheck=\"false\">\n<fieldset><legend>Status</legend>");
    for ((kind, word), count) in KINDS.iter().zip(by_kind(&report.counts)) {
        if count > 0 {
            page.element(
                "<label class=\"chip ",
                kind,
                "\"><input type=\"checkbox\" name=\"kind\" value=\"",
            )
            .element("", kind, "\">")
            .element("<span>", word, " ")
            .number(count)
            .raw("</span></label>");
        }
    }
    page.raw("</fieldset>\n<select id=\"section\" aria-label=\"Section\"><option value=\"\">All sections</option>");
    for (index, section) in report.sections.iter().enumerate() {
        page.raw("<option value=\"").number(index as u64).element(
            "\">",
            &section.name(),
            "</option>",
        );
    }
    page.raw("</select>\n<select id=\"strength\" aria-label=\"Strength\"><option value=\"\">Any strength</option>");
    let strengths: BTreeSet<_> = report.items.iter().filter_map(|i| i.strength).collect();
    for strength in strengths {
        page.element("<option>", strength, "</option>");
    }
    page.raw("<option value=\"none\">nothing behind it</option></select>\n<span class=\"tools\"><button type=\"button\" id=\"expand\">Open all</button><button type=\"button\" data-reset>Reset</button></span>\n<output id=\"shown\" aria-live=\"polite\"></output>\n</form>\n");
}

/// The heading of one section.
pub(super) fn section(index: usize, section: &Section, page: &mut Page) {
    page.raw("<section class=\"group\" id=\"s-")
        .number(index as u64)
        .element("\"><h2>", &section.name(), "</h2><p class=\"sum\">")
        .element("", &section.score.words, "</p>\n");
}
