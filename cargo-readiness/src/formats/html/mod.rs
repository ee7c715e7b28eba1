//! The HTML report: one file for people, without anything from the network.
//!
//! Everything is in the markup, so the page reads, prints and is searched without its script; the
//! script filters, opens what a link points at, and moves by keys. The content security policy allows
//! the page's own style and script by their hashes and nothing else, so that even a text that got
//! through the escaping ([`page::Page`]) could do nothing.
//!
//! Rows outside the window are neither laid out nor painted (`content-visibility`), and a closed row's
//! details are not rendered: thousands of items stay quick.

mod evidence;
mod head;
mod item;
mod page;
mod trend;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::model::{Finding, Report};
use page::Page;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

pub(super) fn render(report: &Report) -> Vec<u8> {
    let mut page = Page::default();
    open(report, &mut page);
    head::verdict(report, &mut page);
    head::rules(report, &mut page);
    head::sign_offs(&report.sign_offs, &mut page);
    trend::panel(report, &mut page);
    head::sections(report, &mut page);
    head::filters(report, &mut page);
    page.raw("<main id=\"items\">\n");
    let mut items = report.items.iter().enumerate().collect::<Vec<_>>();
    items.sort_by_key(|(index, item)| (item.section, *index));
    for (index, section) in report.sections.iter().enumerate() {
        let own = items.partition_point(|(_, item)| item.section < index);
        let end = items.partition_point(|(_, item)| item.section <= index);
        head::section(index, section, &mut page);
        for (_, item) in &items[own..end] {
            item::row(item, &mut page);
        }
        page.raw("</section>\n");
    }
    page.raw("<p id=\"none\" hidden>Nothing matches. <button type=\"button\" data-reset>Show everything</button></p>\n</main>\n");
    findings(&report.findings, &mut page);
    close(report, &mut page);
    page.into_bytes()
}

/// The policy: our style, our script, and nothing from anywhere.
fn open(report: &Report, page: &mut Page) {
    page.raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        .raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-")
        .text(&hash(STYLE))
        .raw("'; script-src 'sha256-")
        .text(&hash(SCRIPT))
        .raw("'; base-uri 'none'; form-action 'none'\">\n")
        .raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        .raw("<meta name=\"referrer\" content=\"no-referrer\">\n")
        .raw("<meta name=\"color-scheme\" content=\"light dark\">\n")
        .element("<title>", &report.title, ": readiness</title>\n<style>")
        .raw(STYLE)
        .raw("</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#items\">To the items</a>\n");
}

fn hash(text: &str) -> String {
    STANDARD.encode(Sha256::digest(text.as_bytes()))
}

fn findings(findings: &[Finding], page: &mut Page) {
    if findings.is_empty() {
        return;
    }
    page.raw("<details class=\"panel findings\"><summary><h2>Also found <span class=\"count\">")
        .number(findings.len() as u64)
        .raw("</span></h2></summary>\n<ul>\n");
    for finding in findings {
        let severity = finding.severity.to_string();
        page.element("<li><span class=\"severity ", &severity, "\">")
            .element("", &severity, "</span> <code>")
            .element("", finding.code, "</code> ")
            .text(&finding.path);
        if let Some(line) = finding.line {
            page.raw(":").number(line as u64);
        }
        page.raw(" ");
        if let Some(id) = &finding.id {
            page.element("<b>", id, "</b>: ");
        }
        page.text(&finding.message);
        if !finding.hint.is_empty() {
            page.element("<br><small>", &finding.hint, "</small>");
        }
        page.raw("</li>\n");
    }
    page.raw("</ul></details>\n");
}

fn close(report: &Report, page: &mut Page) {
    page.raw("<footer>\n<p><b>What this does not prove.</b> A noticed alteration shows that a check can fail, not that it is complete. An attestation is a person’s word. A score says what was examined, on one target, at one time.</p>\n<p class=\"keys\">Keys: <kbd>/</kbd> search, <kbd>j</kbd> and <kbd>k</kbd> next and previous, <kbd>Enter</kbd> opens, <kbd>Esc</kbd> clears.</p>\n<p>")
        .text(&report.document)
        .element(", results of ", &report.day, " (UTC). Written by cargo-readiness ")
        .text(env!("CARGO_PKG_VERSION"))
        .raw(".</p>\n</footer>\n<script>")
        .raw(SCRIPT)
        .raw("</script>\n</body>\n</html>\n");
}
