//! The scenes: what is done to a service, step by step.

use readiness_reference::{StoreState, Window};
use reqwest::Method;
use serde_json::{Value, json};

use super::transcript::Transcript;
use crate::client::{Reply, Target, jwt_parts, resign};

/// The scenes with the requirements that they are about.
pub const SCENES: &[(&str, &[&str])] = &[
    ("environment", &["ENV-", "COR-", "DPLY-"]),
    ("headers", &["HDR-", "COR-", "CACHE-004", "ERR-", "SEC-002"]),
    (
        "data",
        &[
            "DATA-",
            "FILT-",
            "DB-001",
            "DB-002",
            "RT-FREE-001",
            "RT-PRO-001",
        ],
    ),
    (
        "health",
        &[
            "HLTH-",
            "CACHE-001",
            "CACHE-002",
            "CACHE-003",
            "CACHE-005",
            "DB-004",
            "PERF-005",
        ],
    ),
    (
        "objects",
        &[
            "RT-FREE-005",
            "RT-FREE-006",
            "RT-PRO-005",
            "RT-TEAM-004",
            "RT-TEAM-005",
            "RT-ENT-002",
            "RT-ENT-003",
            "ERR-003",
            "ERR-004",
        ],
    ),
    (
        "limits",
        &[
            "RT-FREE-002",
            "RT-FREE-003",
            "RT-FREE-004",
            "RT-PRO-002",
            "RT-PRO-003",
            "RT-PRO-004",
            "RT-TEAM-001",
            "RT-TEAM-002",
            "RT-TEAM-003",
            "RT-ENT-001",
            "RL-",
            "ERR-005",
            "ERR-007",
        ],
    ),
    ("tokens", &["SEC-001", "SEC-004", "SEC-005"]),
    ("logs", &["PCI-", "LOG-", "ERR-006", "ERR-008"]),
    ("documents", &["DOC-"]),
    ("load", &["PERF-006", "PERF-007"]),
];

pub async fn play(scene: &str, target: &Target, seen: &mut Transcript) {
    match scene {
        "headers" => headers(target, seen).await,
        "data" => data(target, seen).await,
        "health" => health(target, seen).await,
        "limits" => limits(target, seen).await,
        "tokens" => tokens(target, seen).await,
        "objects" => objects(target, seen).await,
        "logs" => logs(target, seen).await,
        "documents" => documents(target, seen).await,
        "environment" => environment(target, seen),
        "load" => load(target, seen).await,
        _ => panic!("no scene {scene}"),
    }
}

async fn headers(target: &Target, seen: &mut Transcript) {
    let key = target.key("enterprise");
    let bearer = format!("Bearer {key}");
    let ok = target.get("/exploits?page_size=1").await;
    seen.reply("anonymous", &ok);
    seen.reply(
        "key",
        &target.get_with("/chains", &[("x-api-key", &key)]).await,
    );
    seen.reply(
        "bearer",
        &target
            .get_with("/chains", &[("authorization", &bearer)])
            .await,
    );
    let etag = ok.header("etag").unwrap_or("none").to_owned();
    let again = target
        .get_with("/exploits?page_size=1", &[("if-none-match", &etag)])
        .await;
    seen.reply("not modified", &again);
    seen.reply(
        "unknown key",
        &target.get_with("/chains", &[("x-api-key", "wrong")]).await,
    );
    let in_query = format!("/chains?api_key={key}");
    seen.reply("key in the query", &target.get(&in_query).await);
    target.service.seed_limiter("pro", Window::Minute, 35);
    seen.reply("over the limit", &target.get_as("pro", "/chains").await);
    seen.reply("nowhere", &target.get_as("enterprise", "/nowhere").await);
    seen.reply(
        "unknown row",
        &target.get_as("enterprise", "/exploits/0xnothing").await,
    );
    seen.reply(
        "invalid",
        &target.get_as("enterprise", "/exploits?page=0").await,
    );
    seen.reply(
        "invalid days",
        &target.get_as("enterprise", "/stats?days=0").await,
    );
    seen.reply("no credential", &target.get("/api/v1/account").await);
    let basic = [("authorization", "Basic YTpi")];
    seen.reply(
        "malformed",
        &target.get_with("/api/v1/account", &basic).await,
    );
    for origin in [
        "https://app.kamiyo.example",
        "http://app.kamiyo.example",
        "https://elsewhere.example",
        "https://evil-app.kamiyo.example",
        "null",
    ] {
        let simple = target.get_with("/health", &[("origin", origin)]).await;
        seen.reply(&format!("simple {}", origin.replace('/', "")), &simple);
        let asked = [("origin", origin), ("access-control-request-method", "GET")];
        let preflight = target
            .send(Method::OPTIONS, "/exploits", &asked, None)
            .await;
        seen.reply(
            &format!("preflight {}", origin.replace('/', "")),
            &preflight,
        );
    }
}

async fn data(target: &Target, seen: &mut Transcript) {
    let list = async |query: &str| {
        target
            .get_as("enterprise", &format!("/exploits?{query}"))
            .await
    };
    let first = list("").await;
    for (step, query) in [
        ("page 2", "page=2"),
        ("page 3 of 10", "page=3&page_size=10"),
        ("last page", "page=13"),
        ("beyond", "page=14"),
        ("page of 500", "page_size=500"),
        ("page of 501", "page_size=501"),
        ("page of 100000", "page_size=100000"),
        ("page 5001", "page=5001"),
        ("page 10001", "page=10001"),
        ("page 20001", "page=20001"),
        ("chain", "chain=ETHEREUM&page_size=5"),
        ("foreign chain", "chain=Tron&page_size=500"),
        ("unknown chain", "chain=Atlantis"),
        ("protocol", "protocol=CURVE&page_size=5"),
        ("amount", "min_amount=250000&page_size=5"),
        ("high amount", "min_amount=9000000&page_size=500"),
        ("dates", "start_date=2025-06-01&end_date=2025-06-03"),
        (
            "all",
            "chain=BSC&protocol=curve&min_amount=250000&page_size=5",
        ),
        ("some", "chain=BSC&protocol=curve&page_size=5"),
    ] {
        seen.reply(step, &list(query).await);
    }
    seen.reply("page 1", &first);
    let rows = first.json()["data"].as_array().cloned().unwrap_or_default();
    let time = |row: &Value| row["timestamp"].as_str().unwrap_or_default().to_owned();
    let ends = format!(
        "start_date={}&end_date={}",
        time(&rows[90]),
        time(&rows[85])
    );
    seen.reply("inclusive", &list(&ends).await);

    let recent = rows[0]["tx_hash"].as_str().unwrap_or("none").to_owned();
    let chain = rows[0]["chain"].as_str().unwrap_or("none").to_owned();
    seen.reply("free list", &target.get("/exploits?page_size=5").await);
    let of_chain = target
        .get(&format!("/exploits?page_size=5&chain={chain}"))
        .await;
    seen.reply("free chain", &of_chain);
    seen.reply(
        "free detail",
        &target.get(&format!("/exploits/{recent}")).await,
    );
    seen.reply("free chains", &target.get("/chains").await);
    seen.reply(
        "pro list",
        &target.get_as("pro", "/exploits?page_size=5").await,
    );
    seen.reply(
        "pro detail",
        &target.get_as("pro", &format!("/exploits/{recent}")).await,
    );
    seen.reply(
        "totals",
        &target.get_as("enterprise", "/stats?days=30").await,
    );
}

async fn health(target: &Target, seen: &mut Transcript) {
    let service = &target.service;
    seen.note("start", "cache", cache(target));
    for round in ["first", "second"] {
        seen.reply(&format!("{round} health"), &target.get("/health").await);
        seen.reply(&format!("{round} ready"), &target.get("/ready").await);
        let stats = target.get_as("enterprise", "/stats?days=3").await;
        seen.reply(&format!("{round} stats"), &stats);
    }
    seen.note("later", "cache", cache(target));
    for _ in 0..3 {
        target.get_as("enterprise", "/exploits?page_size=1").await;
    }
    seen.note("connections", "opened", service.connections_opened());

    service.set_cache(StoreState::Down);
    seen.reply("without cache: ready", &target.get("/ready").await);
    seen.reply(
        "without cache: stats",
        &target.get_as("enterprise", "/stats?days=3").await,
    );
    let list = target.get_as("enterprise", "/exploits?page_size=2").await;
    seen.reply("without cache: list", &list);
    service.set_cache(StoreState::Up);
    service.set_database(StoreState::Down);
    seen.reply("without database: ready", &target.get("/ready").await);
    seen.reply("without database: health", &target.get("/health").await);
    let list = target.get_as("enterprise", "/exploits?page_size=2").await;
    seen.reply("without database: list", &list);
    service.set_database(StoreState::Up);
    seen.reply("again: ready", &target.get("/ready").await);
    seen.reply(
        "again: stats",
        &target.get_as("enterprise", "/stats?days=4").await,
    );
    seen.reply(
        "again: stats twice",
        &target.get_as("enterprise", "/stats?days=4").await,
    );
    service.restart().await;
    seen.note("restart", "cache", cache(target));
}

fn cache(target: &Target) -> String {
    let entry = |entry: readiness_reference::CacheEntry| format!("{} {:?}", entry.key, entry.life);
    let entries: Vec<String> = target
        .service
        .cache_entries()
        .into_iter()
        .map(entry)
        .collect();
    entries.join(", ")
}

async fn limits(target: &Target, seen: &mut Transcript) {
    for number in 0..13 {
        let reply = target.get("/chains").await;
        seen.reply(
            if number < 9 {
                "free"
            } else {
                "free at the limit"
            },
            &reply,
        );
    }
    let forged = [("x-forwarded-for", "203.0.113.9")];
    seen.reply("forged", &target.get_with("/chains", &forged).await);
    let refusal = target.get("/chains").await;
    let body: Value = serde_json::from_str(&refusal.text).unwrap_or_default();
    if let Some(path) = body["upgrade_url"]
        .as_str()
        .filter(|path| path.starts_with('/'))
    {
        seen.note(
            "upgrade",
            "status",
            target.get_as("enterprise", path).await.status,
        );
    }
    for _ in 0..5 {
        let reply = target.get_as("pro", "/chains").await;
        seen.reply("pro", &reply);
    }
    for (account, window, used) in [
        ("anonymous", Window::Hour, 98),
        ("anonymous", Window::Day, 498),
        ("burst.pro", Window::Minute, 33),
        ("burst.pro", Window::Hour, 2_081),
        ("burst.pro", Window::Day, 49_998),
        ("burst.team", Window::Minute, 68),
        ("burst.team", Window::Hour, 4_165),
        ("burst.team", Window::Day, 99_998),
        ("burst.enterprise", Window::Minute, 998),
        ("burst.enterprise", Window::Hour, 1_498),
    ] {
        let step = format!("{account} {}", window.as_str());
        target.service.reset_limiter(account);
        target.service.seed_limiter(account, window, used);
        for _ in 0..4 {
            let reply = match account {
                "anonymous" => target.get("/chains").await,
                account => target.get_as(account, "/chains").await,
            };
            seen.reply(&step, &reply);
        }
    }
    target.advance(24 * 60 * 60);
    seen.reply("free the day after", &target.get("/chains").await);
}

async fn tokens(target: &Target, seen: &mut Transcript) {
    let second = target.second().await;
    let login = target.login("ref-user", "a-long-walk-home-1").await;
    seen.reply("login", &login);
    let (access, refresh) = tokens_of(&login);
    let other = tokens_of(&target.login("ref-user", "a-long-walk-home-1").await).0;
    let (header, claims, signature) = jwt_parts(&access);
    seen.json("claims", "access", &claims);
    let use_token = async |target: &Target, token: &str| {
        let bearer = format!("Bearer {token}");
        target
            .get_with("/api/v1/account", &[("authorization", &bearer)])
            .await
    };
    let mut higher = claims.clone();
    higher["tier"] = json!("enterprise");
    let none = json!({ "alg": "none", "typ": "JWT" });
    for (step, token) in [
        ("access", access.clone()),
        ("refresh as access", refresh.clone()),
        ("alg none", resign(&none, &claims, None)),
        ("no signature", resign(&header, &claims, None)),
        (
            "tampered",
            format!("{}{signature}", resign(&header, &higher, None)),
        ),
        ("default secret", resign(&header, &claims, Some("secret"))),
        ("empty secret", resign(&header, &claims, Some(""))),
    ] {
        seen.reply(step, &use_token(target, &token).await);
    }
    let bearer = format!("Bearer {access}");
    let headers = [("authorization", bearer.as_str())];
    let logout = target
        .send(Method::POST, "/api/v1/auth/logout", &headers, None)
        .await;
    seen.reply("logout", &logout);
    seen.note(
        "logout",
        "cache",
        target
            .service
            .cache_entries()
            .iter()
            .fold(String::new(), |text, entry| {
                text + if entry.key.contains("revoked") && entry.life.is_none() {
                    "for ever "
                } else {
                    ""
                }
            }),
    );
    seen.reply("revoked", &use_token(target, &access).await);
    seen.reply("revoked at the second", &use_token(&second, &access).await);
    seen.reply("other token", &use_token(target, &other).await);
    target.service.set_cache(StoreState::Down);
    seen.reply(
        "revoked without the list",
        &use_token(target, &access).await,
    );
    target.service.set_cache(StoreState::Up);

    let body = json!({ "refresh_token": refresh }).to_string();
    let refreshing = async || {
        target
            .send(
                Method::POST,
                "/api/v1/auth/refresh",
                &[],
                Some(body.clone()),
            )
            .await
    };
    target.service.reset_limiter("anonymous");
    seen.reply("refresh", &refreshing().await);
    seen.reply("refresh twice", &refreshing().await);
    brute_force(target, seen).await;
    target.advance(15 * 60);
    seen.reply("expired", &use_token(target, &other).await);
}

async fn brute_force(target: &Target, seen: &mut Transcript) {
    for attempt in 1..=7 {
        target.service.reset_limiter("anonymous");
        let reply = target.login("ref-victim", "wrong").await;
        seen.reply(&format!("failed login {attempt}"), &reply);
    }
    let forged = [("x-forwarded-for", "203.0.113.9")];
    let body = json!({ "username": "ref-victim", "password": "wrong" }).to_string();
    let path = "/api/v1/auth/token";
    let reply = target.send(Method::POST, path, &forged, Some(body)).await;
    seen.reply("failed login with a forged address", &reply);
    let reply = target.login("ref-other", "a-long-walk-home-2").await;
    seen.reply("login of another", &reply);
    target.advance(5 * 60);
    let reply = target.login("ref-victim", "a-long-walk-home-3").await;
    seen.reply("login after the wait", &reply);
}

fn tokens_of(reply: &Reply) -> (String, String) {
    let body: Value = serde_json::from_str(&reply.text).unwrap_or_default();
    let token = |name: &str| body[name].as_str().unwrap_or("a.b.c").to_owned();
    (token("access_token"), token("refresh_token"))
}

async fn objects(target: &Target, seen: &mut Transcript) {
    let webhooks = "/api/v1/user-webhooks";
    let watchlists = "/api/v1/watchlists";
    let webhook = json!({ "url": "https://hooks.example/x", "chains": ["Base"] });
    let watchlist = json!({ "name": "mine", "protocols": ["Curve"] });
    for (path, body) in [(webhooks, &webhook), (watchlists, &watchlist)] {
        let step = path.rsplit('/').next().unwrap_or(path);
        seen.reply(&format!("free list {step}"), &target.get(path).await);
        let reply = target
            .send(Method::POST, path, &[], Some(body.to_string()))
            .await;
        seen.reply(&format!("free create {step}"), &reply);
    }
    for (account, most) in [("pro", 2), ("team", 5), ("enterprise", 50)] {
        let mut ids = Vec::new();
        for number in 0..=most {
            let reply = target.post_as(account, webhooks, &webhook).await;
            let step = if number < most { "within" } else { "beyond" };
            seen.reply(&format!("{account} webhook {step}"), &reply);
            ids.extend(
                serde_json::from_str::<Value>(&reply.text)
                    .ok()
                    .and_then(|body| body["id"].as_str().map(str::to_owned)),
            );
        }
        let Some(id) = ids.first() else { continue };
        let path = format!("{webhooks}/{id}");
        seen.reply(
            &format!("{account} webhook"),
            &target.get_as(account, &path).await,
        );
        let gone = target.send_as(account, Method::DELETE, &path, None).await;
        seen.reply(&format!("{account} webhook deleted"), &gone);
        seen.reply(
            &format!("{account} webhook gone"),
            &target.get_as(account, &path).await,
        );
        let reply = target.post_as(account, webhooks, &webhook).await;
        seen.reply(&format!("{account} webhook again"), &reply);
        let list = target.get_as(account, webhooks).await;
        let body: Value = serde_json::from_str(&list.text).unwrap_or_default();
        seen.note(&format!("{account} webhooks"), "total", &body["total"]);
        seen.note(
            &format!("{account} webhooks"),
            "secret",
            body["webhooks"][0].get("secret").is_some(),
        );
    }
    for account in ["pro", "team", "enterprise"] {
        seen.reply(
            &format!("{account} account"),
            &target.get_as(account, "/api/v1/account").await,
        );
        let created = target.post_as(account, watchlists, &watchlist).await;
        seen.reply(&format!("{account} watchlist"), &created);
        seen.reply(
            &format!("{account} watchlists"),
            &target.get_as(account, watchlists).await,
        );
    }
    let unreadable = target.key("team");
    let headers = [("x-api-key", unreadable.as_str())];
    let reply = target
        .send(Method::POST, watchlists, &headers, Some("{".to_owned()))
        .await;
    seen.reply("unreadable", &reply);
    seen.reply(
        "invalid",
        &target.get_as("team", "/exploits?page_size=0").await,
    );
    seen.reply(
        "unknown row",
        &target.get_as("team", "/exploits/0xnothing").await,
    );
    seen.reply("nowhere", &target.get_as("team", "/nowhere").await);
    seen.reply("days", &target.get_as("team", "/stats?days=0").await);
}

/// A canary for each kind of secret. The Stripe ones are put together here, so that scanners of
/// source code do not take them for leaked ones.
fn canaries() -> Vec<(&'static str, String)> {
    let stripe = |kind: &str| format!("{kind}_4eC39HqLyjWDarjtT1zdp7dc");
    vec![
        ("pan", "4242424242424242".to_owned()),
        ("spaced", "4242%204242%204242%204242".to_owned()),
        ("amex", "378282246310005".to_owned()),
        ("no pan", "4242424242424241".to_owned()),
        ("cvv", "cvv=123".to_owned()),
        ("cvv4", "cvc=1234".to_owned()),
        ("count", "count=123".to_owned()),
        ("customer", stripe("cus")),
        ("method", stripe("pm")),
        ("intent", stripe("pi")),
        ("stripe", stripe("sk_live")),
        ("api key", "api_key=abcdef".to_owned()),
        ("token", "Bearer%20abcdefgh".to_owned()),
        ("email", "ann@example.com".to_owned()),
        ("plus", "ann%2Bx@example.com".to_owned()),
        ("account", "account_number=000123456789".to_owned()),
        ("routing", "routing_number=110000000".to_owned()),
        ("ssn", "123-45-6789".to_owned()),
        ("date", "2026-03-01".to_owned()),
    ]
}

async fn logs(target: &Target, seen: &mut Transcript) {
    for (name, canary) in canaries() {
        let path = format!("/exploits/x?note={canary}&kind={}", name.replace(' ', "-"));
        target.get_as("enterprise", &path).await;
    }
    target.get_as("enterprise", "/chains").await;
    target.service.fail_next("boom-1");
    let failed = target
        .get_as("enterprise", "/exploits?q=boom-1&mail=ann@example.com")
        .await;
    seen.reply("internal error", &failed);
    let unreadable = "{\"card\": \"4242424242424242\", oops".to_owned();
    let key = target.key("enterprise");
    let headers = [
        ("x-api-key", key.as_str()),
        ("user-agent", "agent ann@example.com"),
    ];
    target
        .send(
            Method::POST,
            "/api/v1/watchlists",
            &headers,
            Some(unreadable),
        )
        .await;
    let id = failed.header("x-request-id").unwrap_or("none").to_owned();
    for (number, line) in target.service.logs().since(0).into_iter().enumerate() {
        let step = format!("line {number}");
        match serde_json::from_str::<Value>(&line) {
            Ok(record) if record.is_object() => {
                if record["status"] == 500 || record["level"] == "ERROR" {
                    let same = record["request_id"].as_str() == Some(&id);
                    seen.note(&step, "names the reply's request", same);
                }
                seen.json(&step, "record", &record);
            }
            _ => seen.note(&step, "text", "not a JSON object"),
        }
    }
}

async fn documents(target: &Target, seen: &mut Transcript) {
    for path in ["/docs", "/openapi.json", "/pricing", "/metrics"] {
        let mut reply = target.get_as("enterprise", path).await;
        if path == "/metrics" {
            "counters".clone_into(&mut reply.text);
        }
        seen.reply(&path[1..], &reply);
    }
}

fn environment(target: &Target, seen: &mut Transcript) {
    for (name, value) in target.service.environment() {
        let value = if name == "SECRET_KEY" && value.len() == 64 {
            "random".to_owned()
        } else {
            value
        };
        let value = match value.split_once(':').and_then(|_| value.split_once('@')) {
            // The random password of the stores.
            Some((start, end)) if start.len() > 24 && !start.ends_with("postgres") => {
                format!("{}@{end}", &start[..start.len() - 24])
            }
            _ => value,
        };
        seen.note("variables", &name, format!("{value:?}"));
    }
}

async fn load(target: &Target, seen: &mut Transcript) {
    for _ in 0..50 {
        let reply = target.get_as("enterprise", "/chains").await;
        seen.reply("chains", &reply);
    }
}
