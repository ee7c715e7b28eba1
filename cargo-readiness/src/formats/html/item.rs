//! One item: a row that says what it came to and why, and behind it everything that is known.

use readiness::config::StatementKind;
use readiness::journal::record::{Fate, MutantRecord, Proof};

use super::evidence;
use super::page::Page;
use super::trend;
use crate::formats::model::{AttemptView, Check, Item, LedgerView, StatementView};

/// Mutants of a kind that are listed; the rest is counted.
const MOST_MUTANTS: usize = 40;

/// Which of the page's kinds an item is, and the word on its label.
fn kind(item: &Item) -> (&'static str, &'static str) {
    match item.status {
        "PASS" => ("pass", "PASS"),
        "WARN" => ("warn", "WARN"),
        "FAIL" => ("fail", "FAIL"),
        _ if item.outcome.is_applicable() => ("open", "NOT VERIFIED"),
        _ => ("na", "N/A"),
    }
}

/// The row, with its details closed.
pub(super) fn row(item: &Item, page: &mut Page) {
    let (kind, label) = kind(item);
    page.element("<details class=\"item ", kind, "\" id=\"r-")
        .element("", &item.id, "\" data-kind=\"")
        .element("", kind, "\" data-section=\"")
        .number(item.section as u64)
        .element(
            "\" data-strength=\"",
            item.strength.unwrap_or("none"),
            "\">",
        )
        .element("<summary><span class=\"status\">", label, "</span>")
        .element("<code class=\"id\">", &item.id, "</code>")
        .element(
            "<span class=\"what\"><span class=\"requirement\">",
            &item.requirement,
            "</span>",
        );
    if let Some(reason) = &item.reason {
        page.raw("<span class=\"reason\">");
        if item.status == "WARN" {
            page.element("<i>", item.outcome.as_str(), "</i> ");
        }
        page.text(reason).raw("</span>");
    }
    if item.claimed {
        page.element(
            "<span class=\"reason\"><i>claimed</i> the document says ",
            item.stated,
            ", and nothing stands behind it</span>",
        );
    }
    page.raw("</span>");
    if let Some(strength) = item.strength {
        page.element("<span class=\"tag ", strength, "\">")
            .element("", strength, "</span>");
    }
    page.raw("</summary>\n<div class=\"more\">");
    about(item, page);
    for statement in &item.statements {
        statement_block(statement, page);
    }
    for check in &item.checks {
        check_block(check, page);
    }
    if let Some(history) = &item.history {
        trend::of_item(history, page);
    }
    if let Some(ledger) = &item.ledger {
        ledger_block(ledger, page);
    }
    page.raw("</div></details>\n");
}

fn about(item: &Item, page: &mut Page) {
    page.raw("<dl>");
    let outcome = item.outcome.to_string();
    let outcome = if item.carried {
        format!("{outcome}, from an earlier run")
    } else {
        outcome
    };
    page.described("Outcome", Some(&outcome));
    if item.base != item.outcome {
        page.described("Before statements", Some(&item.base.to_string()));
    }
    page.described("To do", Some(&item.advice))
        .described(
            "In the document",
            Some(&format!("{}, line {}", item.stated, item.line)),
        )
        .described("Owner", item.owner.as_deref())
        .described("Priority", item.priority.as_deref())
        .described("Author’s test", item.test.as_deref())
        .described("Notes", item.notes.as_deref())
        .raw("</dl>");
}

fn statement_block(statement: &StatementView, page: &mut Page) {
    let (title, past) = match statement.kind {
        StatementKind::Attestation => ("Attested", "Attestation"),
        StatementKind::Waiver => ("Waived", "Waiver"),
        StatementKind::NotApplicable => ("Excluded", "Exclusion"),
    };
    page.raw("<section class=\"statement\"><h3>");
    if statement.in_date {
        page.text(title);
    } else {
        page.text(past).raw(", not in date");
    }
    page.raw("</h3><dl>")
        .described("By", statement.by.as_deref())
        .described("Made", statement.on.as_deref())
        .described("Last day", statement.expires.as_deref())
        .described("Reason", statement.reason.as_deref());
    if let Some(place) = &statement.evidence {
        page.raw("<dt>Evidence</dt><dd>");
        // Nothing but the web is linked: a path or a script is text.
        if place.starts_with("https://") || place.starts_with("http://") {
            page.element("<a rel=\"noreferrer noopener\" href=\"", place, "\">")
                .element("", place, "</a>");
        } else {
            page.text(place);
        }
        page.raw("</dd>");
    }
    page.raw("</dl></section>");
}

fn check_block(check: &Check, page: &mut Page) {
    page.element(
        "<section class=\"check\"><h3><span class=\"result ",
        check.result,
        "\">",
    )
    .element("", &check.result.replace('-', " "), "</span> <code>")
    .element("", &check.trial, "</code></h3>");
    if let Some(reason) = &check.reason {
        page.element("<p class=\"said\">", reason, "</p>");
    }
    if !check.source.is_empty() {
        page.element("<p class=\"source\">", &check.source, "</p>");
    }
    attempts(&check.attempts, page);
    if check.parts.iter().any(|part| !part.held) {
        page.raw("<ul class=\"parts\">");
        for part in check.parts.iter().filter(|part| !part.held) {
            page.element("<li>does not hold: ", &part.name, " ")
                .element("", part.detail.as_deref().unwrap_or_default(), "</li>");
        }
        page.raw("</ul>");
    }
    if let Some(proof) = &check.proof {
        proof_block(proof, page);
    }
    if !check.evidence.is_empty() {
        page.raw("<h4>What it saw</h4>");
        for evidence in &check.evidence {
            evidence::block(evidence, page);
        }
    }
    page.raw("</section>");
}

fn attempts(attempts: &[AttemptView], page: &mut Page) {
    if attempts.is_empty() {
        return;
    }
    page.raw("<ul class=\"attempts\">");
    for attempt in attempts {
        page.raw("<li>");
        if attempts.len() > 1 {
            page.raw("attempt ").number(attempt.attempt).raw(": ");
        }
        page.text(&attempt.outcome.replace('-', " "));
        if let Some(at) = &attempt.at {
            page.element(" on ", at, "");
        }
        if let Some(micros) = attempt.micros {
            page.element(", ", &duration(micros), "");
        }
        if attempts.len() > 1
            && let Some(reason) = &attempt.reason
        {
            page.element(": ", reason, "");
        }
        page.raw("</li>");
    }
    page.raw("</ul>");
}

/// Microseconds as people read them.
pub(super) fn duration(micros: u64) -> String {
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..1_000_000 => format!("{}.{} ms", micros / 1_000, micros % 1_000 / 100),
        _ => format!(
            "{}.{:02} s",
            micros / 1_000_000,
            micros % 1_000_000 / 10_000
        ),
    }
}

fn proof_block(proof: &Proof, page: &mut Page) {
    let word = serde_json::to_value(proof.strength).unwrap_or_default();
    page.element("<h4>Proof: ", word.as_str().unwrap_or_default(), "</h4>");
    if let Some(reason) = &proof.reason {
        page.element("<p>", reason, "</p>");
    }
    let tried = proof.fine.killed + proof.fine.survived;
    if tried > 0 {
        page.raw("<p>It noticed ")
            .number(proof.fine.killed)
            .raw(" of ")
            .number(tried)
            .raw(" single alterations of what it saw.</p>");
    }
    let (survived, rest): (Vec<_>, Vec<_>) = proof
        .mutants
        .iter()
        .partition(|mutant| mutant.fate == Fate::Survived);
    let killed: Vec<_> = (rest.iter().copied())
        .filter(|mutant| mutant.fate == Fate::Killed)
        .collect();
    let others = rest.len() - killed.len();
    mutants("Still passes when", "survived", &survived, page);
    mutants("Turns red when", "killed", &killed, page);
    if others > 0 {
        page.raw("<p class=\"source\">").number(others as u64).raw(
            " more led the check away from what was recorded: neither noticed nor missed.</p>",
        );
    }
}

fn mutants(title: &'static str, class: &'static str, mutants: &[&MutantRecord], page: &mut Page) {
    if mutants.is_empty() {
        return;
    }
    page.element("<details class=\"mutants ", class, "\"><summary>")
        .raw(title)
        .raw(" <span class=\"count\">")
        .number(mutants.len() as u64)
        .raw("</span></summary><ul>");
    for mutant in mutants.iter().take(MOST_MUTANTS) {
        page.element("<li>", &mutant.words, "");
        if mutant.strength == readiness::observation::Strength::Gross {
            page.raw(" <small>(gross)</small>");
        }
        if let Some(reason) = &mutant.reason {
            page.element("<br><small>it says: ", reason, "</small>");
        }
        if let Some(change) = &mutant.change {
            page.element("<br><small><code>", &change.at, "</code> <del>")
                .element(
                    "",
                    change.was.as_deref().unwrap_or("nothing"),
                    "</del> → <ins>",
                )
                .element(
                    "",
                    change.now.as_deref().unwrap_or("nothing"),
                    "</ins></small>",
                );
        }
        page.raw("</li>");
    }
    if mutants.len() > MOST_MUTANTS {
        page.raw("<li>and ")
            .number((mutants.len() - MOST_MUTANTS) as u64)
            .raw(" more</li>");
    }
    page.raw("</ul></details>");
}

fn ledger_block(ledger: &LedgerView, page: &mut Page) {
    page.raw("<section class=\"ledger\"><h3>Last written</h3><dl>")
        .described(
            "Status",
            Some(&format!("{} ({})", ledger.status, ledger.outcome)),
        )
        .described("Result of", Some(&ledger.day))
        .described("Run", ledger.run.as_deref())
        .described("Target", ledger.target.as_deref())
        .described("Commit", ledger.commit.as_deref())
        .raw("</dl></section>");
}
