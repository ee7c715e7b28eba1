//! One internal error, provoked: the reply to it and the log around it.

use readiness::observation::log_lines::LogLines;
use readiness::{Context, Error, Result};
use readiness_probes::http::HttpReply;

use crate::target::Target;

/// A provoked internal error.
pub(crate) struct Failure {
    /// A word that only this request carries.
    pub word: String,
    /// The path that was asked for, without the query.
    pub path: String,
    /// What the caller was told.
    pub reply: HttpReply,
    /// What was logged since.
    pub log: LogLines,
}

/// Makes a request fail inside that carries `extra` in its query.
///
/// # Errors
/// Unavailable if the service cannot be made to fail or its log cannot be read.
pub(crate) async fn provoke(cx: &Context, target: &Target, extra: &str) -> Result<Failure> {
    let tap = target.log()?;
    let word = cx.nonce();
    target.provoke(&word)?;
    let client = target.keyed(cx)?;
    let mark = tap.mark()?;
    let mut path = target.trigger_path(&word);
    if !extra.is_empty() {
        path.push_str("&note=");
        path.push_str(&encoded(extra));
    }
    let reply = client
        .request("GET", &path)
        .label("provoked")
        .send()
        .await?;
    if reply.status() != 500 {
        return Err(Error::unavailable(format!(
            "no internal error could be provoked: the service answers with {}",
            reply.status()
        )));
    }
    let log = tap.window(cx, mark, std::slice::from_ref(&word)).await?;
    let path = path.split('?').next().unwrap_or("").to_owned();
    Ok(Failure {
        word,
        path,
        reply,
        log,
    })
}

/// Percent-encoding for a value of a query.
pub(crate) fn encoded(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
