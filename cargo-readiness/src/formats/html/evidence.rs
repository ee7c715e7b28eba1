//! One observation for people: a reply as request and reply, anything else as its fields.

use readiness::journal::record::Evidence;
use serde_json::Value;

use super::item::duration;
use super::page::Page;

/// Characters of one body or value; the journal has what it keeps of the rest.
const MOST: usize = 4_000;

pub(super) fn block(evidence: &Evidence, page: &mut Page) {
    page.raw("<div class=\"seen\">");
    if !reply(evidence, page) {
        page.element("<p class=\"request\">", &evidence.observation, "</p>");
        if !evidence.value.is_null() {
            body(&evidence.value, page);
        }
    }
    if !evidence.read.is_empty() {
        let read: Vec<_> = evidence.read.iter().map(|facet| facet.0.as_str()).collect();
        page.element("<p class=\"source\">looked at: ", &read.join(", "), "</p>");
    }
    if evidence.truncated {
        page.raw("<p class=\"source\">cut to its bounds</p>");
    }
    page.raw("</div>");
}

/// Whether it is a reply of HTTP, and if so, shows it as one.
fn reply(evidence: &Evidence, page: &mut Page) -> bool {
    let value = &evidence.value;
    let (Some(status), Some(headers)) = (
        value.get("status").and_then(Value::as_u64),
        value.get("headers").and_then(Value::as_array),
    ) else {
        return false;
    };
    let request = evidence.observation.strip_prefix("http ");
    page.element(
        "<p class=\"request\">",
        request.unwrap_or(&evidence.observation),
        "</p>",
    );
    page.raw("<p class=\"reply\"><b>")
        .number(status)
        .raw("</b>");
    if let Some(micros) = value.get("elapsed_us").and_then(Value::as_u64) {
        page.element(" after ", &duration(micros), "");
    }
    if let Some(url) = value.get("url").and_then(Value::as_str) {
        page.element(" from ", url, "");
    }
    page.raw("</p>");
    if !headers.is_empty() {
        page.raw("<table class=\"headers\"><tbody>");
        for header in headers {
            let (name, content) = match header.as_array().map(Vec::as_slice) {
                Some([name, content]) => (plain(name), plain(content)),
                _ => (plain(header), String::new()),
            };
            page.element("<tr><th scope=\"row\">", &name, "</th><td>")
                .element("", &content, "</td></tr>");
        }
        page.raw("</tbody></table>");
    }
    match value.get("body") {
        None | Some(Value::Null) => {}
        Some(Value::String(text)) if text.is_empty() => {}
        Some(content) => body(content, page),
    }
    true
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn body(value: &Value, page: &mut Page) {
    let text = match value {
        Value::String(text) => text.clone(),
        other => serde_json::to_string_pretty(other).unwrap_or_default(),
    };
    let mut ends = text.char_indices().skip(MOST);
    match ends.next() {
        Some((end, _)) => page
            .element("<pre>", &text[..end], "")
            .raw("\n… and ")
            .number((text.len() - end) as u64)
            .raw(" bytes more</pre>"),
        None => page.element("<pre>", &text, "</pre>"),
    };
}
