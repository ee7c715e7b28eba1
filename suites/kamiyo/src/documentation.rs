//! DOC: what the documentation says is what the service does.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use readiness::observation::json::Json;
use readiness::{Context, Error, Result, Unavailable, Verdict, requirement};
use readiness_probes::http::HttpReply;
use readiness_probes::openapi::{self, Document, Limits};
use readiness_probes::rate_limit::Window;
use readiness_probes::worst;
use serde_json::json;

use crate::shared::{self, WATCHLISTS, WEBHOOKS};
use crate::target::Target;

/// What the product promises to have.
const CONTRACT: [&str; 9] = [
    "/exploits",
    "/exploits/{tx_hash}",
    "/stats",
    "/chains",
    "/health",
    "/ready",
    WEBHOOKS,
    WATCHLISTS,
    "/api/v1/auth/token",
];
/// What needs a credential.
const PROTECTED: [(&str, &str); 5] = [
    ("GET", WEBHOOKS),
    ("POST", WEBHOOKS),
    ("GET", WATCHLISTS),
    ("POST", WATCHLISTS),
    ("GET", "/api/v1/account"),
];
/// What a deployment cannot do without.
const VARIABLES: [&str; 7] = [
    "ENVIRONMENT",
    "ALLOWED_ORIGINS",
    "REDIS_URL",
    "DATABASE_URL",
    "SECRET_KEY",
    "STRIPE_API_KEY",
    "LOG_LEVEL",
];
const TIERS: [&str; 4] = ["free", "pro", "team", "enterprise"];

#[requirement("DOC-001")]
async fn documentation_is_there(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let client = target.keyed(&cx)?;
    let (page, document) = documentation(&cx, &target).await?;
    let (_, address) = target.documentation();
    let parsed = Document::read(&document)?;
    let mut verdicts = vec![openapi::page(&page, address), parsed.has_paths(&CONTRACT)];
    for path in parsed.plain_gets() {
        let status = client.get(&path).await?.status();
        if status == 404 {
            verdicts.push(Verdict::Fail(format!("{path} is documented and not there")));
        }
    }
    Ok(worst(verdicts))
}

#[requirement("DOC-002")]
async fn authentication(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let (page, document) = documentation(&cx, &target).await?;
    let document = Document::read(&document)?;
    let text = prose(&page, &document);
    let tells = text.lines().any(|line| {
        let line = line.to_lowercase();
        let ways = [
            "get a key",
            "create an api key",
            "api key",
            "sign up",
            "your account",
        ];
        line.contains("key") && ways.iter().any(|way| line.contains(way))
    });
    Ok(worst([
        document.has_key_schemes(),
        document.are_protected(&PROTECTED),
        if tells {
            Verdict::Pass
        } else {
            Verdict::Fail("nothing says how to get a key".to_owned())
        },
    ]))
}

#[requirement("DOC-003")]
async fn limits(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let (page, document) = documentation(&cx, &target).await?;
    let document = Document::read(&document)?;
    let text = prose(&page, &document);
    let mut verdicts = Vec::new();
    for tier in TIERS {
        verdicts.push(openapi::limits_documented(&text, &promised(&cx, tier)?));
    }
    let names = [
        "Retry-After",
        "X-RateLimit-Limit",
        "X-RateLimit-Remaining",
        "X-RateLimit-Reset",
    ];
    let in_prose = names.iter().all(|name| text.contains(name));
    verdicts.push(
        if in_prose || document.documents_headers("GET", "/exploits", 429, &names) {
            Verdict::Pass
        } else {
            Verdict::Fail("the headers of a 429 are not described".to_owned())
        },
    );
    Ok(worst(verdicts))
}

#[requirement("DOC-004", exclusive = "anonymous", phase = "burst", timeout = "300s")]
async fn errors(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let (_, document) = documentation(&cx, &target).await?;
    let document = Document::read(&document)?;
    let client = target.keyed(&cx)?;
    let mut seen = vec![
        (
            "/exploits/{tx_hash}",
            client
                .get("/exploits/readiness-no-such-transaction")
                .await?,
        ),
        ("/exploits", client.get("/exploits?page=0").await?),
        (
            WEBHOOKS,
            crate::error_replies::unknown_key(&cx, &target).await?,
        ),
    ];
    if let Ok(pro) = target.client(&cx, "pro") {
        seen.push((WATCHLISTS, pro.get(WATCHLISTS).await?));
    }
    let mut verdicts = Vec::new();
    for (path, reply) in &seen {
        verdicts.push(document.documents_error("GET", path, reply.status(), &reply.json()?));
    }
    let burst = shared::burst(&cx, &target, "free").await?;
    match burst.refused().first() {
        Some(refusal) => {
            verdicts.push(document.documents_error("GET", "/exploits", 429, &refusal.json()?));
        }
        None => verdicts.push(Verdict::Warn(
            "no 429 could be provoked to compare with".to_owned(),
        )),
    }
    Ok(worst(verdicts))
}

#[requirement("DOC-005")]
async fn tier_features(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let address = cx.setting("docs.pricing_url");
    let address = address.require_str()?;
    let reply = match address.strip_prefix("file:") {
        Some(path) => page_of_file(&cx, path)?,
        None => target.keyed(&cx)?.get(address).await?,
    };
    if reply.status() != 200 {
        return Ok(Verdict::Fail(format!(
            "the prices are answered with {}",
            reply.status()
        )));
    }
    let page = reply.text();
    let mut verdicts = Vec::new();
    for tier in TIERS {
        let webhooks = cx
            .setting(&format!("limits.{tier}.webhooks"))
            .require_i64()?;
        let watchlists = cx
            .setting(&format!("limits.{tier}.watchlists"))
            .require_bool()?;
        let limits = Limits {
            webhooks: u32::try_from(webhooks).ok(),
            ..promised(&cx, tier)?
        };
        verdicts.push(openapi::priced(page, &limits, watchlists));
    }
    Ok(worst(verdicts))
}

/// The checklist itself is no guide: it says what must be, not how to get there.
#[requirement("DOC-006")]
fn deployment_guide(cx: &Context, target: &Arc<Target>) -> Result<Verdict> {
    let address = cx.setting("docs.deployment_guide");
    let address = address.require_str()?;
    if address.to_lowercase().ends_with("checklist.md") {
        return Ok(Verdict::Warn(format!(
            "{} is a checklist, not a guide",
            address.escape_debug()
        )));
    }
    let path = found(address);
    let summary: Json = cx.observe_now(format!("guide {address}"), || {
        let guide = target
            .guide(path.clone())
            .map_err(|error| unreadable("docs.deployment_guide", &path, &error))?;
        let path = guide.path();
        if !path.exists() {
            return Ok(Json::new(json!({ "exists": false })));
        }
        let text = std::fs::read_to_string(&path)
            .map_err(|error| unreadable("docs.deployment_guide", &path, &error))?;
        let changed = std::fs::metadata(&path).and_then(|data| data.modified());
        let age = changed
            .ok()
            .and_then(|at| SystemTime::now().duration_since(at).ok());
        let headings: Vec<&str> = text
            .lines()
            .filter(|line| line.starts_with('#'))
            .map(|line| line.trim_start_matches('#').trim())
            .collect();
        let mentioned: Vec<&str> = VARIABLES
            .into_iter()
            .filter(|name| text.contains(name))
            .collect();
        Ok(Json::new(json!({
            "exists": true,
            "headings": headings,
            "mentioned": mentioned,
            "age_days": age.map_or(0, |age| age.as_secs() / 86_400),
        })))
    })?;
    if summary.get("exists").as_bool() != Some(true) {
        return Ok(Verdict::Fail(format!(
            "there is no guide at {}",
            address.escape_debug()
        )));
    }
    Ok(openapi::guide(&summary, &VARIABLES.map(str::to_owned)))
}

/// The page for people and the document for programs. Not shared between rows: a document about keys
/// and tokens would be redacted on the way.
async fn documentation(cx: &Context, target: &Target) -> Result<(HttpReply, HttpReply)> {
    let (page, document) = target.documentation();
    let client = target.keyed(cx)?;
    Ok((
        shared::patient(&client, page).await?,
        shared::patient(&client, document).await?,
    ))
}

/// All that is said in words, one paragraph a line.
fn prose(page: &HttpReply, document: &Document) -> String {
    let paragraphs = page
        .text()
        .replace("<p", "\n<p")
        .replace("<d", "\n<d")
        .replace("<tr", "\n<tr");
    format!(
        "{}\n{}",
        openapi::plain_text(&paragraphs),
        document.description()
    )
}

/// What the configuration promises to a tier. The largest one has no limit an hour or a day.
///
/// # Errors
/// Unavailable if a figure is not configured.
fn promised(cx: &Context, tier: &str) -> Result<Limits> {
    let windows: &[Window] = match tier {
        "enterprise" => &[Window::Minute],
        _ => &[Window::Minute, Window::Hour, Window::Day],
    };
    let figure = |window: &Window| Ok((*window, shared::limit(cx, tier, *window)?));
    Ok(Limits {
        tier: tier.to_owned(),
        requests: windows.iter().map(figure).collect::<Result<_>>()?,
        webhooks: None,
    })
}

fn page_of_file(cx: &Context, path: &str) -> Result<HttpReply> {
    let path = found(path);
    cx.observe_now(format!("page {}", path.display()), || {
        let bytes =
            std::fs::read(&path).map_err(|error| unreadable("docs.pricing_url", &path, &error))?;
        let url = format!("file:{}", path.display());
        Ok(HttpReply::new(200, Vec::new(), url).with_body(&bytes, false))
    })
}

/// A path as it was given, else beside this suite's own configuration.
fn found(path: &str) -> PathBuf {
    let given = PathBuf::from(path);
    if given.exists() || given.is_absolute() {
        return given;
    }
    Path::new(env!("CARGO_MANIFEST_DIR")).join(given)
}

fn unreadable(key: &str, path: &Path, error: &std::io::Error) -> Error {
    Unavailable::new(format!(
        "{} cannot be read ({error}): correct `{key}` under [target] in readiness.toml",
        path.display()
    ))
    .into()
}
