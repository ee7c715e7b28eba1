//! Checks of the hostile server: each reads all that there is, and is careless with what it read.

use std::time::Duration;

use readiness::__private::{Body, CheckFuture, answer, registration, submit};
use readiness::{Context, Error, Resource, Result, check, ensure};
use readiness_probes::http::{Client, HttpReply};
use readiness_probes::{errors, headers, health};

/// Registers the three checks for each way of answering.
macro_rules! ways {
    ($($id:literal),+ $(,)?) => {
        /// The requirements of this file.
        pub const IDS: &[&str] = &[$($id),+];
        $(
            ways!(@ $id, quotes);
            ways!(@ $id, panics);
            ways!(@ $id, passes);
        )+
    };
    (@ $id:literal, $function:ident) => {
        submit! {
            registration(
                &[$id], module_path!(), stringify!($function), "store-checks", "0.0.0", "/checks",
                file!(), line!(), column!(), "digest", {
                    fn boxed(cx: Context) -> CheckFuture {
                        Box::pin(async move { answer($function(cx).await) })
                    }
                    Body::Async(boxed)
                },
            )
        }
    };
}

ways!(
    "H1-BODY-ENDLESS",
    "H1-CHUNKS-ENDLESS",
    "H1-HEADS-GIGABYTE",
    "H1-HEAD-ONE",
    "H1-CONTINUE",
    "H1-HINTS",
    "H1-DRIP-HEAD",
    "H1-DRIP-BODY",
    "H1-RESET",
    "H1-SHORT",
    "H1-LONG",
    "H1-LENGTHS",
    "H1-GARBAGE",
    "H1-SILENCE",
    "H1-REDIRECT",
    "H1-NOT-UTF8",
    "H1-STATUS",
    "H1-HEADER",
    "H1-HEADER-CONTROLS",
    "H1-HEADER-NAME",
    "H1-TEXT",
    "H1-JSON",
    "H1-JSON-DEEP",
    "H1-JSON-WIDE",
    "H1-JSON-KEYS",
);

async fn reply(cx: &Context) -> Result<HttpReply> {
    let client = match Client::replay(cx).filter(|_| cx.is_replay()) {
        Some(replay) => replay,
        None => Client::acquire(cx).await?,
    };
    let path = format!("/{}", cx.requirement().to_ascii_lowercase());
    client.get(&path).await
}

/// Names of the headers that hold something.
const NAMES: [&str; 6] = [
    "x-evil",
    "x-more",
    "x-long",
    "x-bytes",
    "location",
    "set-cookie",
];

/// All that was answered, as it came, and what the probes make of it.
async fn said(cx: &Context) -> Result<String> {
    let reply = reply(cx).await?;
    let mut said = format!(
        "{} in {:?}",
        reply.status(),
        reply.elapsed() > Duration::ZERO
    );
    for name in NAMES {
        said.push_str(&reply.header_all(name).concat());
    }
    let judged = [
        headers::frame_options(&reply),
        headers::cacheable(&reply),
        errors::names_the_error(&reply),
        health::alive(&reply, cx.now(), Duration::from_secs(60))?,
    ];
    for verdict in judged {
        let told = format!("{verdict:?}");
        said.push_str(&told);
    }
    said.push_str(reply.text());
    if let Ok(body) = reply.json()
        && let Some(body) = body.whole()
    {
        said.push_str(&body.to_string());
    }
    check!(said.is_empty(), "nothing was said: {said}");
    Ok(said)
}

/// A reason that is whatever came.
async fn quotes(cx: Context) -> Result<()> {
    Err(Error::finding(said(&cx).await?))
}

/// A panic with whatever came.
async fn panics(cx: Context) -> Result<()> {
    let said = said(&cx).await?;
    panic!("{said}");
}

/// A pass that read everything: its proof alters all of it, and quotes what it altered.
async fn passes(cx: Context) -> Result<()> {
    let reply = reply(&cx).await?;
    ensure!(reply.status() < 400, "the status is {}", reply.status());
    for name in NAMES {
        let length: usize = reply.header_all(name).iter().map(|value| value.len()).sum();
        ensure!(length != 1, "{name} has one character");
    }
    if let Ok(body) = reply.json()
        && let Some(body) = body.whole()
    {
        let status = body.get("status");
        ensure!(
            status.is_none_or(|status| !status.is_null()),
            "no status in {body}"
        );
    }
    Ok(())
}
