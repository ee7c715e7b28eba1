//! CAIO-SEC-001: every documented operation, and every method beside it, asks for a key; what only
//! administrators may do asks for their role.

use std::sync::Arc;

use readiness::{Context, Error, Result, Verdict, requirement};
use readiness_probes::http::{Client, HttpReply};
use readiness_probes::openapi::Document;
use readiness_probes::{about, errors, worst};

use crate::target::Target;

/// What is below here needs a key.
const PROTECTED: &str = "/api/v1/";
/// What stands for the parameters of a path. No such thing exists.
const NOTHING: &str = "readiness-probe";

#[requirement("CAIO-SEC-001", timeout = "120s")]
async fn every_route_asks_for_a_key(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let nobody = target.anonymous(&cx);
    let document = Document::read(&nobody.get(target.openapi_url()).await?)?;
    let operations: Vec<(String, String)> = document
        .operations()
        .into_iter()
        .filter(|(_, path)| path.starts_with(PROTECTED))
        .collect();
    if operations.is_empty() {
        return Ok(Verdict::Fail(format!(
            "no operation below {PROTECTED} is documented"
        )));
    }
    let mut verdicts = Vec::new();
    for (method, path) in &operations {
        verdicts.extend(refuses(&nobody, method, path).await?);
    }
    let mut paths: Vec<&String> = operations.iter().map(|(_, path)| path).collect();
    paths.dedup();
    for path in paths {
        for method in ["HEAD", "PATCH"] {
            let reply = ask(&nobody, method, path, "without a key").await?;
            verdicts.push(about(&format!("{method} {path}"), unserved(&reply)));
        }
    }
    verdicts.extend(roles(&cx, &target, &operations).await?);
    Ok(worst(verdicts))
}

/// Without a key, and with one that nobody has: 401 for both.
async fn refuses(nobody: &Client, method: &str, path: &str) -> Result<Vec<Verdict>> {
    let without = ask(nobody, method, path, "without a key").await?;
    let garbage = nobody
        .request(method, &concrete(path))
        .header("x-api-key", "readiness-probe-unknown-key")
        .label("with an unknown key")
        .send()
        .await?;
    let subject = format!("{method} {path}");
    let judged =
        |how: &str, reply: &HttpReply| about(&subject, about(how, errors::is_error(reply, 401)));
    limited(&without)?;
    limited(&garbage)?;
    Ok(vec![
        judged("without a key", &without),
        judged("with an unknown key", &garbage),
    ])
}

/// A method that nobody documented does nothing for nobody.
fn unserved(reply: &HttpReply) -> Verdict {
    match reply.status() {
        401 | 403 | 404 | 405 => Verdict::Pass,
        status => Verdict::Fail(format!("without a key it is answered with {status}")),
    }
}

/// What administrators alone may do is refused to a viewer, and open to an administrator. One role
/// alone shows nothing about roles.
async fn roles(
    cx: &Context,
    target: &Target,
    operations: &[(String, String)],
) -> Result<Vec<Verdict>> {
    let admin = target.client(cx, "admin")?;
    let mut verdicts = Vec::new();
    // The control: what is refused to others is served to somebody.
    for (method, path) in operations {
        if method == "GET" && !path.contains('{') {
            let reply = ask(&admin, method, path, "as an administrator").await?;
            limited(&reply)?;
            verdicts.push(about(
                &format!("{method} {path} as an administrator"),
                match reply.status() {
                    200 => Verdict::Pass,
                    status => Verdict::Fail(format!("it is answered with {status}")),
                },
            ));
        }
    }
    if verdicts.is_empty() {
        verdicts.push(Verdict::Warn(
            "no operation could be asked for as an administrator".to_owned(),
        ));
    }
    if !target.has("viewer") || target.admin_only().is_empty() {
        verdicts.push(Verdict::Warn(
            "roles were not looked at: `identities.viewer` and `access.admin_only` are needed"
                .to_owned(),
        ));
        return Ok(verdicts);
    }
    let viewer = target.client(cx, "viewer")?;
    for operation in target.admin_only() {
        let Some((method, path)) = operation.split_once(' ') else {
            return Err(Error::unavailable(format!(
                "`access.admin_only` holds `{}`, which is no METHOD /path",
                operation.escape_debug()
            )));
        };
        let reply = ask(&viewer, method, path, "as a viewer").await?;
        limited(&reply)?;
        verdicts.push(about(
            &format!("{operation} as a viewer"),
            errors::is_error(&reply, 403),
        ));
    }
    Ok(verdicts)
}

async fn ask(client: &Client, method: &str, path: &str, label: &str) -> Result<HttpReply> {
    client
        .request(method, &concrete(path))
        .label(label)
        .send()
        .await
}

/// A path with its parameters filled in.
fn concrete(path: &str) -> String {
    let mut out = String::new();
    for (at, part) in path.split(['{', '}']).enumerate() {
        out.push_str(if at % 2 == 1 { NOTHING } else { part });
    }
    out
}

/// A limit that is used up says nothing about keys.
fn limited(reply: &HttpReply) -> Result<()> {
    match reply.retry_after_if_limited() {
        None => Ok(()),
        Some(seconds) => Err(Error::unavailable(format!(
            "rate limited for another {seconds} s: run it when nobody else asks from this address"
        ))),
    }
}
