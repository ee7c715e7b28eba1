//! The JSON report: [`super::model`] as it stands, indented.
//!
//! ```json
//! {
//!   "format": "readiness-report",
//!   "version": 1,
//!   "title": "Shop",
//!   "score": { "passed": 114, "applicable": 121, "hundredths": 9421, "words": "114/121 = 94.21 %" },
//!   "…": "…"
//! }
//! ```
//!
//! The schema is `schemas/report-1.schema.json` of this crate; tests hold every report against it.

use anyhow::Context as _;

use super::model::Report;

pub(crate) fn render(report: &Report) -> anyhow::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(report).context("failed to write the report")?;
    bytes.push(b'\n');
    Ok(bytes)
}
