//! SEC: access tokens open what they should, for as long as they should, and nothing forged does.
//!
//! Each check has a service of its own, so that a locked login or a moved clock is nobody else's.

use std::sync::Arc;
use std::time::Duration;

use readiness::{Context, Error, Result, Unavailable, Verdict, requirement};
use readiness_probes::http::{ANONYMOUS, Client, HttpReply, shown};
use readiness_probes::{about, auth, errors, worst};
use readiness_reference::StoreState;
use serde_json::json;

use crate::embedded;
use crate::own::Own;
use crate::target::Target;

const LOGIN: &str = "/api/v1/auth/token";
const LOGOUT: &str = "/api/v1/auth/logout";
const ACCOUNT: &str = "/api/v1/account";
/// Where revoked tokens are remembered.
const REVOKED: &str = "kamiyo:revoked:";
/// The longest that an access token may be remembered: the longest that one may live.
const TOKEN_LIFE_S: i64 = 86_400;
/// Past the end of any access token that SEC-001 accepts.
const EXPIRED_AFTER: Duration = Duration::from_secs(86_400);

#[requirement("SEC-001")]
async fn forged_tokens_are_refused(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let own = target.own().await?;
    let session = Session::open(&cx, &own, "jwt", "first").await?;
    let client = &session.client;
    let mut verdicts = vec![
        auth::limited(&auth::claims(&session.access)?),
        about(
            "a genuine token",
            auth::opens(&account(client, &session.access, "genuine").await?),
        ),
    ];
    for forgery in auth::forgeries(&session.access) {
        let reply = account(client, &forgery.token, &forgery.name).await?;
        verdicts.push(about(&forgery.name, errors::is_error(&reply, 401)));
    }
    let refresh = account(client, &session.refresh, "a refresh token").await?;
    verdicts.push(about(
        "a refresh token used as an access token",
        errors::is_error(&refresh, 401),
    ));
    let still = account(client, &session.access, "genuine, after the forged ones").await?;
    verdicts.push(about(
        "the genuine token after the forged ones",
        auth::opens(&still),
    ));
    logout(client, &session.access).await?;
    let revoked = account(client, &session.access, "revoked").await?;
    verdicts.push(about("a revoked token", errors::is_error(&revoked, 401)));
    let other = Session::open(&cx, &own, "jwt", "second").await?;
    own.wait(EXPIRED_AFTER).await;
    let expired = account(client, &other.access, "expired").await?;
    verdicts.push(about("an expired token", errors::is_error(&expired, 401)));
    Ok(worst(verdicts))
}

#[requirement("SEC-004")]
async fn guessing_is_slowed_down(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let least = bound(&cx, "auth.failures_min", 3)?;
    let most = bound(&cx, "auth.failures_max", 20)?;
    let own = target.own().await?;
    let client = own.client(&cx, ANONYMOUS)?;
    let (victim, password) = credentials("jwt.victim")?;
    let mut closed: Option<(i64, HttpReply)> = None;
    for attempt in 1..=most {
        let reply =
            attempt_login(&own, &client, &victim, "wrong", &format!("guess {attempt}")).await?;
        if reply.status() == 429 {
            closed = Some((attempt, reply));
            break;
        }
        if reply.status() != 401 {
            return Ok(Verdict::Fail(format!(
                "a wrong password is answered with {}",
                reply.status()
            )));
        }
    }
    let Some((attempt, refusal)) = closed else {
        return Ok(Verdict::Fail(format!(
            "{most} wrong passwords in a row were let through"
        )));
    };
    let wait = refusal
        .header("retry-after")
        .and_then(|value| value.trim().parse::<u64>().ok());
    let Some(wait) = wait.filter(|wait| (1..=3_600).contains(wait)) else {
        return Ok(Verdict::Fail(
            "the refusal does not say how long to wait".to_owned(),
        ));
    };
    let spoofed = client
        .request("POST", LOGIN)
        .json(&json!({ "username": victim, "password": "wrong" }))
        .header("x-forwarded-for", "203.0.113.9")
        .label("with a forged address")
        .send()
        .await?;
    let (other, other_password) = credentials("jwt.other")?;
    let elsewhere =
        attempt_login(&own, &client, &other, &other_password, "another account").await?;
    own.wait(Duration::from_secs(wait + 1)).await;
    let after = attempt_login(&own, &client, &victim, &password, "after waiting").await?;
    Ok(worst([
        if attempt <= least {
            Verdict::Fail(format!(
                "the login closes after {} wrong passwords",
                attempt - 1
            ))
        } else {
            Verdict::Pass
        },
        match spoofed.status() {
            429 => Verdict::Pass,
            status => Verdict::Fail(format!(
                "a forged X-Forwarded-For gets {status} instead of 429"
            )),
        },
        about("another account", auth::opens(&elsewhere)),
        about("the right password after the wait", auth::opens(&after)),
    ]))
}

#[requirement("SEC-005")]
async fn revocation_is_everywhere(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let own = target.own().await?;
    let second = own.second().await?;
    let session = Session::open(&cx, &own, "jwt", "first").await?;
    let other = Session::open(&cx, &own, "jwt", "of the same user").await?;
    let (here, there) = (&session.client, second.client(&cx, ANONYMOUS)?);
    let first_before = account(here, &session.access, "before, here").await?;
    let second_before = account(&there, &session.access, "before, there").await?;
    logout(here, &session.access).await?;
    let first_after = account(here, &session.access, "after, here").await?;
    let second_after = account(&there, &session.access, "after, there").await?;
    let kept = account(&there, &other.access, "of the same user").await?;
    let remembered = own.cached(&cx, REVOKED)?.get("entries").items()?;
    let mut verdicts = vec![
        about("before logging out, here", auth::opens(&first_before)),
        about(
            "before logging out, at the second instance",
            auth::opens(&second_before),
        ),
        about(
            "after logging out, here",
            errors::is_error(&first_after, 401),
        ),
        about(
            "after logging out, at the second instance",
            errors::is_error(&second_after, 401),
        ),
        about("another token of the same user", auth::opens(&kept)),
    ];
    for entry in remembered {
        let life = entry.get("life_s");
        verdicts.push(match life.as_i64() {
            Some(seconds) if (1..=TOKEN_LIFE_S).contains(&seconds) => Verdict::Pass,
            _ => Verdict::Fail(format!("a revocation is remembered for {} s", shown(&life))),
        });
    }
    own.set_store("redis", StoreState::Down);
    let blind = account(here, &session.access, "revoked, with the cache down").await?;
    own.set_store("redis", StoreState::Up);
    verdicts.push(match blind.status() {
        200 => Verdict::Fail("with the cache down a revoked token is valid again".to_owned()),
        401 | 403 | 503 => Verdict::Pass,
        status => Verdict::Fail(format!("with the cache down a revoked token gets {status}")),
    });
    Ok(worst(verdicts))
}

/// A user who is logged in.
struct Session {
    client: Client,
    access: String,
    refresh: String,
}

impl Session {
    async fn open(cx: &Context, own: &Own, user: &str, label: &str) -> Result<Session> {
        let client = own.client(cx, ANONYMOUS)?;
        let (username, password) = credentials(user)?;
        let reply = attempt_login(own, &client, &username, &password, label).await?;
        if reply.status() != 200 {
            return Err(Error::unavailable(format!(
                "logging in is answered with {}: there is no token to look at",
                reply.status()
            )));
        }
        let body = reply.json()?;
        let token = |field: &str| -> Result<String> {
            let token = body.get(field).str()?.to_owned();
            cx.secret(&token);
            Ok(token)
        };
        Ok(Session {
            access: token("access_token")?,
            refresh: token("refresh_token")?,
            client,
        })
    }
}

/// One attempt to log in. The limit on requests is not the one that is looked at: it is waited out.
async fn attempt_login(
    own: &Own,
    client: &Client,
    username: &str,
    password: &str,
    label: &str,
) -> Result<HttpReply> {
    let ask = async |label: &str| {
        let body = json!({ "username": username, "password": password });
        client
            .request("POST", LOGIN)
            .json(&body)
            .label(label)
            .send()
            .await
    };
    let reply = ask(label).await?;
    if reply.error_is("rate_limit_exceeded") {
        own.wait(Duration::from_secs(60)).await;
        return ask(&format!("{label}, a minute later")).await;
    }
    Ok(reply)
}

async fn account(client: &Client, token: &str, label: &str) -> Result<HttpReply> {
    client
        .request("GET", ACCOUNT)
        .header("authorization", format!("Bearer {token}"))
        .label(label)
        .send()
        .await
}

async fn logout(client: &Client, token: &str) -> Result<()> {
    let reply = client
        .request("POST", LOGOUT)
        .header("authorization", format!("Bearer {token}"))
        .send()
        .await?;
    match reply.status() {
        200 | 204 => Ok(()),
        status => Err(Error::finding(format!(
            "logging out is answered with {status}"
        ))),
    }
}

fn credentials(user: &str) -> Result<(String, String), Unavailable> {
    embedded::login(user).ok_or_else(|| Unavailable::new(format!("no login for `{user}` is known")))
}

/// How many wrong passwords are too few to close a login, and how many are too many to let through.
fn bound(cx: &Context, path: &str, default: i64) -> Result<i64> {
    let bound = cx.setting(path).as_i64().unwrap_or(default);
    if (1..=100).contains(&bound) {
        return Ok(bound);
    }
    Err(Error::unavailable(format!(
        "`{path}` is {bound}, not a number of failures"
    )))
}
