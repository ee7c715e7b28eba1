//! CAIO-REL-002: the deployment asks for JSON logs, and JSON is what is logged.

use std::sync::Arc;
use std::time::Duration;

use readiness::{Context, Error, Result, Verdict, requirement};
use readiness_probes::logs::records;
use readiness_probes::{about, worst};

use crate::target::Target;

/// Fewer records say nothing about all.
const LEAST: usize = 20;
/// How far the service's clock may be off.
const SKEW: Duration = Duration::from_secs(120);

#[requirement("CAIO-REL-002")]
async fn json_records(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let format = target.environment(&cx)?.plain("CAIO_LOG_FORMAT")?;
    let value = format.get("value");
    let configured = match value.as_str() {
        Some("json") => Verdict::Pass,
        other => Verdict::Fail(format!(
            "CAIO_LOG_FORMAT is {:?}, not \"json\"",
            other.unwrap_or("")
        )),
    };

    let tap = target.log()?;
    let client = target.client(&cx, "viewer")?;
    let mark = tap.mark()?;
    let word = cx.nonce();
    for number in 1..=LEAST {
        // A page that is not there: its path is in any record, however it is written.
        client.get(&format!("/readiness-{word}-{number}")).await?;
    }
    let last = format!("{word}-{LEAST}");
    let log = tap.window(&cx, mark, std::slice::from_ref(&last)).await?;
    if !log.contains(&last) {
        return Err(Error::unavailable(
            "the log does not carry this deployment's request records: correct `log.source` under \
             [target] in readiness.toml, or raise `log.lag_s`",
        ));
    }
    let now = cx.now();
    Ok(worst([
        configured,
        records::structured(&log)?,
        about("times", records::timed(&log, &word, now, SKEW)?),
        about("levels", records::levelled(&log, &word, None)?),
    ]))
}
