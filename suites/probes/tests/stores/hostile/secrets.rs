//! A target that says every secret back, in every encoding, beside secrets of its own; and checks
//! that quote all of it.

use std::io;
use std::net::TcpStream;

use readiness::__private::{Body, CheckFuture, answer, registration, submit};
use readiness::{Context, Error, Resource, Result, check, ensure};
use readiness_probes::http::{Client, HttpReply};

/// The requirement of these checks.
pub const ID: &str = "H1-SECRETS";

/// Below `[target]`.
pub const TARGET: &str = r#"
webhook_secret = "canary-4711-setting"
identities.pro = { tier = "pro", api_key_env = "CANARY_API_KEY" }
"#;

/// What the checks are started with.
pub const ENVIRONMENT: [(&str, &str); 2] = [
    ("CANARY_API_KEY", KEY),
    ("CANARY_TOKEN", "canary-4712-variable"),
];

/// With characters that each encoding writes in its own way.
const KEY: &str = "kmy\"canary-4713+key/0815";
/// `user:` and the key.
const KEY_BASE64: &str = "dXNlcjprbXkiY2FuYXJ5LTQ3MTMra2V5LzA4MTU=";
const KEY_PERCENT: &str = "kmy%22canary-4713%2Bkey%2F0815";

/// Nothing that names a secret is in `text`.
#[track_caller]
pub fn are_not_in(place: &str, text: &str) {
    // In base64 the key begins at the sixth letter; each part of it gives it away.
    let parts = [
        &KEY_BASE64[8..16],
        &KEY_BASE64[16..24],
        "4111 1111",
        "canary-47",
        "key/0815",
    ];
    for part in parts {
        if let Some(at) = text.find(part) {
            let start = (0..=at.saturating_sub(120))
                .rev()
                .find(|&at| text.is_char_boundary(at));
            panic!(
                "{place} shows {part}: {}",
                &text[start.unwrap_or(0)..at + part.len()]
            );
        }
    }
}

/// The server's side.
pub fn echo(head: &str, out: &mut TcpStream) -> io::Result<()> {
    let sent = head
        .lines()
        .find_map(|line| line.strip_prefix("x-api-key: "));
    let key = sent.unwrap_or("no key came");
    let body = serde_json::json!({
        "status": "echoed",
        "plain": key,
        "line": format!("echoed {key}, {KEY_PERCENT} and Basic {KEY_BASE64}"),
        "within": serde_json::json!({"key": key}).to_string(),
        "token": "canary-4714-token",
        "nested": {"password": {"old": "canary-4715", "all": [{"n": "canary-4716"}]}},
        "text": "card 4111 1111 1111 1111, postgresql://app:canary-4717@db/x",
    });
    let headers = format!(
        "set-cookie: sid=canary-4718-cookie; HttpOnly\r\n\
         location: https://app:canary-4719@host.example/cb?access_token=canary-4720&x=1\r\n\
         authorization: Bearer canary-4721-bearer\r\n\
         x-echo: {key} {KEY_PERCENT}"
    );
    super::service::whole(out, "200 OK", &headers, body.to_string().as_bytes())
}

macro_rules! check_secrets {
    ($($function:ident),+) => {$(
        submit! {
            registration(
                &[ID], module_path!(), stringify!($function), "store-checks", "0.0.0", "/checks",
                file!(), line!(), column!(), "digest", {
                    fn boxed(cx: Context) -> CheckFuture {
                        Box::pin(async move { answer($function(cx).await) })
                    }
                    Body::Async(boxed)
                },
            )
        }
    )+};
}

check_secrets!(quotes_secrets, panics_with_secrets, passes_over_secrets);

async fn reply(cx: &Context) -> Result<HttpReply> {
    let client = match Client::replay(cx).filter(|_| cx.is_replay()) {
        Some(replay) => replay,
        None => Client::acquire(cx).await?,
    };
    client.as_identity("pro")?.get("/h1-secrets").await
}

async fn said(cx: &Context) -> Result<String> {
    let shared = cx
        .once("secrets", async |cx: Context| {
            Ok(reply(&cx).await?.text().to_owned())
        })
        .await?;
    let reply = reply(cx).await?;
    let mut said = format!("{shared}\n{}\n", reply.text());
    for name in ["set-cookie", "location", "authorization", "x-echo"] {
        said.push_str(reply.header(name).unwrap_or_default());
        said.push('\n');
    }
    said.push_str(cx.setting("webhook_secret").require_str()?);
    said.push_str(cx.env("CANARY_TOKEN").require()?);
    let log = cx.log_lines(
        "app",
        [
            "login with password=canary-4722-log",
            "got Authorization: Bearer canary-4723-log",
            r#"{"level":"info","api_key":"canary-4724-log"}"#,
            KEY,
        ],
    );
    for line in log.iter() {
        said.push_str(line);
        said.push('\n');
    }
    check!(said == "nothing", "echoed: {said}");
    Ok(said)
}

async fn quotes_secrets(cx: Context) -> Result<()> {
    Err(Error::finding(said(&cx).await?))
}

async fn panics_with_secrets(cx: Context) -> Result<()> {
    let said = said(&cx).await?;
    panic!("{said}");
}

/// Its proof quotes what it altered.
async fn passes_over_secrets(cx: Context) -> Result<()> {
    let reply = reply(&cx).await?;
    for name in ["set-cookie", "location", "authorization", "x-echo"] {
        ensure!(
            reply.header(name).is_some(),
            "{name} is missing: {}",
            reply.text()
        );
    }
    let body = reply.json()?;
    ensure!(body.get("status").str()? == "echoed", "not echoed");
    let whole = body.whole().map(ToString::to_string).unwrap_or_default();
    ensure!(whole.contains("canary-4714"), "echoed {whole}");
    let secret = cx.setting("webhook_secret");
    ensure!(
        secret.require_str()?.len() == 19,
        "another secret: {:?}",
        secret.value()
    );
    let variable = cx.env("CANARY_TOKEN");
    ensure!(
        variable.require()?.len() == 20,
        "another token: {:?}",
        variable.as_str()
    );
    Ok(())
}
