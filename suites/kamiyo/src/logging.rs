//! LOG: records that a machine can read and that say what happened.

use std::sync::Arc;

use readiness::observation::log_lines::LogLines;
use readiness::{Context, Error, Result, Verdict, requirement};
use readiness_probes::logs::detect;
use readiness_probes::logs::records::{self, Expected};
use readiness_probes::worst;

use crate::provoked::{Failure, provoke};
use crate::shared::{self, WEBHOOKS};
use crate::target::Target;

/// Fewer records than this say nothing about all of them.
const LEAST: usize = 20;
/// Fewer records than this say nothing about secrets.
const LEAST_SEARCHED: usize = 200;

#[requirement("LOG-001")]
async fn structured(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let (log, _) = marked(&cx, &target, LEAST).await?;
    records::structured(&log)
}

#[requirement("LOG-002")]
async fn timestamps(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let (log, word) = marked(&cx, &target, LEAST).await?;
    let now = cx.now();
    let skew = shared::clock_skew(&cx);
    let mut verdicts = vec![records::timed(&log, &word, now, skew)?];
    if let Some(failure) = failure(&cx, &target).await? {
        verdicts.push(records::timed(&failure.log, &failure.word, now, skew)?);
    }
    Ok(worst(verdicts))
}

#[requirement("LOG-003")]
async fn levels(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let (log, word) = marked(&cx, &target, LEAST).await?;
    let mut verdicts = vec![records::levelled(&log, &word, None)?];
    if let Some(failure) = failure(&cx, &target).await? {
        verdicts.push(records::levelled(&failure.log, &word, Some(&failure.word))?);
    }
    Ok(worst(verdicts))
}

#[requirement("LOG-004")]
async fn stack_traces(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let failure = provoke(&cx, &target, "").await?;
    Ok(records::traced(&failure.log, &failure.word))
}

#[requirement("LOG-005")]
async fn requests(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let tap = target.log()?;
    let client = target.keyed(&cx)?;
    let nobody = target.anonymous(&cx);
    let mark = tap.mark()?;
    let words = [cx.nonce(), cx.nonce(), cx.nonce()];
    let missing = format!("/exploits/rdy-{}", words[0]);
    client.get(&missing).await?;
    client
        .get(&format!("/exploits?page_size=1&q={}", words[1]))
        .await?;
    // With a key that nobody has, so that it costs nobody's budget.
    nobody
        .request("POST", &format!("{WEBHOOKS}?q={}", words[2]))
        .header("x-api-key", "readiness-probe-unknown-key")
        .label("with an unknown key")
        .send()
        .await?;
    let log = tap.window(&cx, mark, &words).await?;
    if !target.log_is_own() && words.iter().all(|word| !log.contains(word)) {
        return Err(unqualified());
    }
    let expected = |at: usize, method, path: &str, status| Expected {
        word: words[at].clone(),
        method,
        path: path.to_owned(),
        status,
    };
    Ok(records::requests(
        &log,
        &[
            expected(0, "GET", &missing, 404),
            expected(1, "GET", "/exploits", 200),
            expected(2, "POST", WEBHOOKS, 401),
        ],
    ))
}

/// Whatever was logged so far, and at least 200 records of it.
#[requirement("LOG-006", exclusive = "anonymous", phase = "burst", timeout = "120s")]
async fn nothing_sensitive(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let tap = target.log()?;
    let client = target.keyed(&cx)?;
    let start = target.log_start()?;
    let mut word = String::new();
    for _ in 0..LEAST_SEARCHED {
        word = cx.nonce();
        // A missing page: both the usual record and that of a caller's mistake.
        client.get(&format!("/exploits/rdy-{word}")).await?;
    }
    let log = tap.window(&cx, start, &[word]).await?;
    if log.len() < LEAST_SEARCHED {
        return Err(Error::unavailable(format!(
            "{} records are too few to search for secrets, {LEAST_SEARCHED} are needed",
            log.len()
        )));
    }
    Ok(worst([
        detect::proven(),
        detect::clean(&log, &target.secrets()),
    ]))
}

#[requirement("ERR-006")]
async fn internal_errors_are_logged(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let failure = provoke(&cx, &target, "").await?;
    let told = failure.reply.header("x-request-id").map(str::to_owned);
    let request = Expected {
        word: failure.word.clone(),
        method: "GET",
        path: failure.path.clone(),
        status: 500,
    };
    Ok(records::error_record(
        &failure.log,
        &request,
        told.as_deref(),
    ))
}

/// The records since a mark, with at least `least` of our own among them; the word they carry.
async fn marked(cx: &Context, target: &Target, least: usize) -> Result<(LogLines, String)> {
    let tap = target.log()?;
    let client = target.keyed(cx)?;
    let mark = tap.mark()?;
    let word = cx.nonce();
    for number in 1..=least {
        client
            .get(&format!("/exploits/rdy-{word}-{number}"))
            .await?;
    }
    let final_word = format!("{word}-{least}");
    let log = tap
        .window(cx, mark, std::slice::from_ref(&final_word))
        .await?;
    if !log.contains(&final_word) {
        return Err(unqualified());
    }
    if log.len() < least {
        return Err(Error::unavailable(format!(
            "{} records are too few to judge all by, {least} are needed",
            log.len()
        )));
    }
    Ok((log, word))
}

/// A provoked error, where the target offers one.
async fn failure(cx: &Context, target: &Target) -> Result<Option<Failure>> {
    if !target.can_fail() {
        return Ok(None);
    }
    provoke(cx, target, "").await.map(Some)
}

fn unqualified() -> Error {
    Error::unavailable(
        "the log does not carry this deployment's request records: correct `log.source` under \
         [target] in readiness.toml, or raise `log.lag_s`",
    )
}
