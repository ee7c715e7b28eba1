//! `cargo readiness import k6`: a summary of k6, judged by the rules of `[[import.k6]]`.

use std::time::{Duration, SystemTime};

use anyhow::bail;
use readiness::config::import::K6Rule;
use readiness::journal::import::ImportedResult;

use super::Source;
use crate::cli::ImportK6Options;
use crate::codes::Exit;
use crate::documents::shown;
use crate::ui::Ui;

mod judge;
mod summary;

/// No summary of a load test is larger: it holds a few numbers for each metric.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// An older summary says nothing about what is deployed today.
const MOST_AGE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

pub(crate) fn run(options: &ImportK6Options, ui: &mut Ui) -> anyhow::Result<Exit> {
    let source = super::read(&options.summary, MOST_BYTES)?;
    let summary =
        summary::parse(&source.bytes).map_err(|error| error.context(shown(&options.summary)))?;
    let place = super::place(&options.source)?;
    let config = &place.located.config;
    if config.rules.import.k6.is_empty() {
        bail!(
            "{} has no [[import.k6]]: nothing says which items the summary answers\n  \
             hint: [[import.k6]] id = \"PERF-1\", metric = \"http_req_duration\", \
             threshold = \"p(95)<500\"",
            shown(config.name())
        );
    }
    for (metric, threshold) in unasked(&summary, &config.rules.import.k6) {
        ui.line(format!(
            "note: k6 reports `{metric}` {threshold} as crossed, and no rule asks for it"
        ));
    }
    let stale = stale(&source);
    let name = config.name().display().to_string();
    let results: Vec<ImportedResult> = config
        .rules
        .import
        .k6
        .iter()
        .map(|rule| judge::judge(rule, &summary, stale.as_deref(), &name))
        .collect();
    super::write(&place, "k6", true, vec![(&source, results)], ui)
}

/// Why the summary is too old to say anything.
fn stale(source: &Source) -> Option<String> {
    let age = SystemTime::now().duration_since(source.written).ok()?;
    (age > MOST_AGE).then(|| {
        format!(
            "the summary is {} days old; at most {} count",
            age.as_secs() / 86_400,
            MOST_AGE.as_secs() / 86_400
        )
    })
}

/// Thresholds of the k6 script itself that were crossed and that no rule repeats.
fn unasked<'a>(
    summary: &'a summary::Summary,
    rules: &'a [K6Rule],
) -> impl Iterator<Item = (&'a str, &'a str)> {
    let crossed = summary.metrics.iter().flat_map(|(name, metric)| {
        let crossed = metric.thresholds.iter().filter(|(_, held)| !**held);
        crossed.map(move |(threshold, _)| (name.as_str(), threshold.as_str()))
    });
    crossed.filter(|(name, _)| rules.iter().all(|rule| rule.metric != *name))
}
