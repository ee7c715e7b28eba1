//! A badge for a README: an SVG of its own, and the JSON that shields.io asks an endpoint for.
//!
//! ```json
//! {"schemaVersion":1,"label":"readiness","message":"94.21 % · not met","color":"red"}
//! ```
//!
//! The colour is the gate's: green for met, red for not met, grey for a demonstration. The message
//! carries both the score and the decision, so the colour is never the only sign.

use anyhow::Context as _;
use serde::Serialize;

use super::escape::markup;
use super::model::{Decision, Report};

const LABEL: &str = "readiness";

/// Width of a character of Verdana 11 px, rounded up: a badge may be a little wide, never cut.
const CHARACTER: usize = 7;

/// Space on both sides of a text.
const PADDING: usize = 10;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Endpoint {
    schema_version: u32,
    label: &'static str,
    message: String,
    color: &'static str,
}

/// The JSON of an endpoint badge.
pub(crate) fn endpoint(report: &Report) -> anyhow::Result<Vec<u8>> {
    let endpoint = Endpoint {
        schema_version: 1,
        label: LABEL,
        message: message(report),
        color: match report.gate.decision {
            Decision::Met => "brightgreen",
            Decision::NotMet => "red",
            Decision::Demonstration => "lightgrey",
        },
    };
    let mut bytes = serde_json::to_vec(&endpoint).context("failed to write the badge")?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The SVG.
pub(crate) fn svg(report: &Report) -> Vec<u8> {
    let message = message(report);
    let left = LABEL.len() * CHARACTER + PADDING;
    let right = message.chars().count() * CHARACTER + PADDING;
    let width = left + right;
    // White on these has a contrast of at least 4.5 to 1.
    let colour = match report.gate.decision {
        Decision::Met => "#1a7f37",
        Decision::NotMet => "#c62828",
        Decision::Demonstration => "#5c6370",
    };
    let title = markup(&format!("{LABEL}: {message}")).into_owned();
    let message = markup(&message);
    let (label_at, message_at) = (left / 2, left + right / 2);
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-label="{title}">
<title>{title}</title>
<clipPath id="r"><rect width="{width}" height="20" rx="3"/></clipPath>
<g clip-path="url(#r)"><rect width="{left}" height="20" fill="#3b4048"/><rect x="{left}" width="{right}" height="20" fill="{colour}"/></g>
<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11"><text x="{label_at}" y="14">{LABEL}</text><text x="{message_at}" y="14">{message}</text></g>
</svg>
"##
    )
    .into_bytes()
}

fn message(report: &Report) -> String {
    let decision = match report.gate.decision {
        Decision::Met => "met",
        Decision::NotMet => "not met",
        Decision::Demonstration => "demonstration",
    };
    format!("{} · {decision}", report.score.percent())
}
