//! Canaries: test values that must not be found in a log, sent on purpose.
//!
//! Each set of canaries goes once through every channel that a service usually logs: the query, the
//! path, the User-Agent and a body that is not JSON. A nonce beside it tells whether the channel is
//! logged at all; a control value that only looks similar tells whether too much is taken out.

use readiness::observation::log_lines::LogLines;
use readiness::{Context, Error, Result, Verdict};

use crate::http::Client;
use crate::{about, worst};

/// A set of values of one class. All of them are published for tests; they belong to nobody.
#[derive(Debug, Clone)]
pub struct Canaries {
    /// What they are, in words.
    pub class: &'static str,
    /// Each value as it stands in a text, what of it must not be logged, and the marker that has to
    /// stand there instead.
    pub values: Vec<Canary>,
    /// Texts that have to be logged as they are.
    pub controls: Vec<&'static str>,
}

/// One value.
#[derive(Debug, Clone)]
pub struct Canary {
    /// As it is sent, keyword included.
    pub text: String,
    /// What must not be in the log.
    pub secret: String,
    /// What has to be there instead.
    pub marker: &'static str,
    /// Where missing this one alone is a warning.
    pub lenient: bool,
}

impl Canary {
    /// A value that speaks for itself.
    pub fn plain(secret: &str, marker: &'static str) -> Canary {
        Canary::with_keyword("", secret, marker)
    }

    /// A value after its keyword; the two together are what must not be logged, since a short value
    /// alone may stand anywhere.
    pub fn with_keyword(keyword: &str, secret: &str, marker: &'static str) -> Canary {
        Canary {
            text: format!("{keyword}{secret}"),
            secret: format!("{keyword}{secret}"),
            marker,
            lenient: false,
        }
    }

    /// Missing this one is a warning only.
    #[must_use]
    pub fn lenient(mut self) -> Canary {
        self.lenient = true;
        self
    }

    /// The forms in which the secret may be in a log: as sent, encoded, and without separators.
    fn forms(&self) -> Vec<String> {
        let plain = &self.secret;
        let mut forms = vec![
            plain.clone(),
            plain.replace('"', "\\\""),
            encoded(plain),
            encoded(plain).replace("%20", "+"),
            base64(plain.as_bytes()),
        ];
        let digits: String = plain.chars().filter(char::is_ascii_digit).collect();
        if digits.len() >= 12
            && plain
                .chars()
                .all(|c| c.is_ascii_digit() || " -".contains(c))
        {
            forms.push(digits);
        }
        forms.sort();
        forms.dedup();
        forms
    }
}

/// The channels, by name.
pub const CHANNELS: [&str; 4] = ["query", "path", "user-agent", "body"];

/// Sends the canaries through every channel; returns the nonce of each.
///
/// # Errors
/// Those of the exchanges.
pub async fn send(
    client: &Client,
    cx: &Context,
    canaries: &Canaries,
    post_to: &str,
) -> Result<Vec<(&'static str, String)>> {
    let mut texts: Vec<&str> = canaries
        .values
        .iter()
        .map(|canary| canary.text.as_str())
        .collect();
    texts.extend(&canaries.controls);
    let text = texts.join(" ; ");
    let mut sent = Vec::new();
    for channel in CHANNELS {
        let nonce = cx.nonce();
        let marked = format!("{nonce} ; {text}");
        let request = match channel {
            "query" => client.request(
                "GET",
                &format!("/exploits?page_size=1&q={}", encoded(&marked)),
            ),
            "path" => client.request("GET", &format!("/exploits/{}", encoded(&marked))),
            "user-agent" => client
                .request("GET", "/exploits?page_size=1")
                .header("user-agent", marked),
            _ => client
                .request("POST", post_to)
                .header("content-type", "application/json")
                .body(format!("{{\"note\": {marked}")),
        };
        request
            .label(&format!("{} through the {channel}", canaries.class))
            .send()
            .await?;
        sent.push((channel, nonce));
    }
    Ok(sent)
}

/// No value of the set is in the log in any form, its marker stands in the record of each channel
/// that is logged, and the controls are as they were.
///
/// # Errors
/// Unavailable if no channel is logged.
pub fn redacted(
    log: &LogLines,
    canaries: &Canaries,
    sent: &[(&'static str, String)],
) -> Result<Verdict> {
    let mut verdicts = Vec::new();
    let mut logged = 0;
    for canary in &canaries.values {
        if let Some(form) = canary.forms().iter().find(|form| !log.lacks(form)) {
            let reason = format!(
                "a {} is in the log as it is ({} bytes)",
                canaries.class,
                form.len()
            );
            verdicts.push(if canary.lenient {
                Verdict::Warn(reason)
            } else {
                Verdict::Fail(reason)
            });
        }
    }
    for (channel, nonce) in sent {
        let lines = log.containing(nonce);
        if lines.is_empty() {
            continue;
        }
        logged += 1;
        verdicts.push(about(channel, record_of(&lines, canaries)));
    }
    if logged == 0 {
        return Err(Error::unavailable(
            "no channel of the requests is in the log, so nothing can be said about redaction",
        ));
    }
    Ok(worst(verdicts))
}

fn record_of(lines: &[&str], canaries: &Canaries) -> Verdict {
    let count = |text: &str| {
        lines
            .iter()
            .map(|line| line.matches(text).count())
            .sum::<usize>()
    };
    let mut markers: Vec<&str> = canaries.values.iter().map(|canary| canary.marker).collect();
    markers.sort_unstable();
    for marker in markers.chunk_by(|a, b| a == b) {
        let seen = count(marker[0]);
        if seen == 0 {
            return Verdict::Warn(format!(
                "{} is not there: not logged rather than redacted",
                marker[0]
            ));
        }
        if seen < marker.len() {
            return Verdict::Warn(format!(
                "{} is there {seen} times, {} values were sent",
                marker[0],
                marker.len()
            ));
        }
    }
    // JSON and percent-encoding may stand between what was sent and what is written.
    let there =
        |text: &str| count(text) + count(&text.replace('"', "\\\"")) + count(&encoded(text)) > 0;
    match canaries.controls.iter().find(|control| !there(control)) {
        Some(control) => Verdict::Fail(format!(
            "`{control}` was taken out, which is no {}",
            canaries.class
        )),
        None => Verdict::Pass,
    }
}

/// Percent-encoding of everything that is not unreserved (RFC 3986).
pub(crate) fn encoded(text: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
    out
}

/// Base64 (RFC 4648) without padding, which a part of a longer text would not have either.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk
            .iter()
            .fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
        let word = word << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            let index = (word >> (18 - 6 * place)) & 63;
            out.push(char::from(LETTERS[index as usize]));
        }
    }
    out
}
