//! SEC: access tokens open what they should, for as long as they should, and nothing forged does.
//!
//! Embedded, each check has a service of its own, so that a locked login or a moved clock is nobody
//! else's. On a deployment it makes and revokes tokens of users that the configuration names.

use std::sync::Arc;
use std::time::Duration;

use readiness::{Context, Error, Result, Verdict, requirement};
use readiness_probes::http::{ANONYMOUS, Client, HttpReply};
use readiness_probes::{about, auth, errors, worst};
use readiness_reference::StoreState;
use serde_json::json;

use crate::stage::{Servers, Stage};
use crate::stores::CacheServer;
use crate::target::Target;

/// The longest that a revoked token may be remembered: the longest that one may live. Somebody else's
/// refresh token may be among them, which lives for days; a month is more than any of those.
const TOKEN_LIFE_S: i64 = 31 * 86_400;
/// Past the end of any access token that SEC-001 accepts.
const EXPIRED_AFTER: Duration = Duration::from_secs(86_400);
/// The longest wait after too many failures that is waited for.
const LONGEST_LOCK_S: u64 = 900;

#[requirement(
    "SEC-001",
    exclusive = "anonymous",
    phase = "disrupt",
    timeout = "300s"
)]
async fn forged_tokens_are_refused(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    target.allows_writes()?;
    let stage = target.stage().await?;
    let session = Session::open(&cx, &stage, "jwt", "first").await?;
    let client = &session.client;
    let mut verdicts = vec![
        auth::limited(&auth::claims(&session.access)?),
        about(
            "a genuine token",
            auth::opens(&account(&stage, client, &session.access, "genuine").await?),
        ),
    ];
    for forgery in auth::forgeries(&session.access) {
        let reply = account(&stage, client, &forgery.token, &forgery.name).await?;
        verdicts.push(about(&forgery.name, errors::is_error(&reply, 401)));
    }
    let refresh = account(&stage, client, &session.refresh, "a refresh token").await?;
    verdicts.push(about(
        "a refresh token used as an access token",
        errors::is_error(&refresh, 401),
    ));
    let label = "genuine, after the forged ones";
    let still = account(&stage, client, &session.access, label).await?;
    verdicts.push(about(
        "the genuine token after the forged ones",
        auth::opens(&still),
    ));
    logout(&stage, client, &session.access).await?;
    let revoked = account(&stage, client, &session.access, "revoked").await?;
    verdicts.push(about("a revoked token", errors::is_error(&revoked, 401)));
    verdicts.push(match expired(&cx, &stage).await? {
        Some(token) => {
            let reply = account(&stage, client, &token, "expired").await?;
            about("an expired token", errors::is_error(&reply, 401))
        }
        None => Verdict::Warn(
            "an expired token was not tried: set `auth.expired_token_env` under [target] to a \
             variable that holds one"
                .to_owned(),
        ),
    });
    Ok(worst(verdicts))
}

/// A token that was genuine once.
async fn expired(cx: &Context, stage: &Stage) -> Result<Option<String>> {
    if !stage.has_clock() {
        return Ok(stage.expired_token(cx)?);
    }
    let other = Session::open(cx, stage, "jwt", "second").await?;
    stage.wait(EXPIRED_AFTER).await;
    Ok(Some(other.access))
}

#[requirement(
    "SEC-004",
    exclusive = "anonymous",
    phase = "disrupt",
    timeout = "1800s"
)]
async fn guessing_is_slowed_down(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    target.allows_disruption()?;
    let least = bound(&cx, "auth.failures_min", 3)?;
    let most = bound(&cx, "auth.failures_max", 20)?;
    let stage = target.stage().await?;
    let client = stage.client(&cx, ANONYMOUS)?;
    let (victim, password) = credentials(&cx, &stage, "jwt.victim")?;
    let (other, other_password) = credentials(&cx, &stage, "jwt.other")?;
    let mut closed: Option<(i64, HttpReply)> = None;
    for attempt in 1..=most {
        let label = format!("guess {attempt}");
        let reply = attempt_login(&stage, &client, &victim, "wrong", &label).await?;
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
        .request("POST", stage.login_path())
        .json(&json!({ "username": victim, "password": "wrong" }))
        .header("x-forwarded-for", "203.0.113.9")
        .label("with a forged address")
        .send()
        .await?;
    let elsewhere =
        attempt_login(&stage, &client, &other, &other_password, "another account").await?;
    if !stage.has_clock() && wait > LONGEST_LOCK_S {
        return Err(Error::unavailable(format!(
            "the login opens again after {wait} s, longer than is waited for"
        )));
    }
    stage.wait(Duration::from_secs(wait + 1)).await;
    let after = attempt_login(&stage, &client, &victim, &password, "after waiting").await?;
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

#[requirement(
    "SEC-005",
    exclusive = "anonymous",
    phase = "disrupt",
    timeout = "600s"
)]
async fn revocation_is_everywhere(
    cx: Context,
    target: Arc<Target>,
    cache: CacheServer,
) -> Result<Verdict> {
    target.allows_writes()?;
    let servers = Servers {
        database: None,
        cache: Some(Arc::new(cache)),
    };
    let stage = target.stage_on(servers).await?;
    if !stage.has_second() && !stage.has_cache() {
        // Says which key to set for the better of the two.
        stage.second().await?;
    }
    let session = Session::open(&cx, &stage, "jwt", "first").await?;
    let other = Session::open(&cx, &stage, "jwt", "of the same user").await?;
    let here = &session.client;
    let before = account(&stage, here, &session.access, "before, here").await?;
    let mut verdicts = vec![about("before logging out, here", auth::opens(&before))];
    let there = if stage.has_second() {
        let second = stage.second().await?;
        let there = second.client(&cx, ANONYMOUS)?;
        let before = account(&stage, &there, &session.access, "before, there").await?;
        verdicts.push(about(
            "before logging out, at the second instance",
            auth::opens(&before),
        ));
        Some((second, there))
    } else {
        None
    };
    logout(&stage, here, &session.access).await?;
    let after = account(&stage, here, &session.access, "after, here").await?;
    verdicts.push(about(
        "after logging out, here",
        errors::is_error(&after, 401),
    ));
    let elsewhere = match &there {
        Some((_, there)) => {
            let after = account(&stage, there, &session.access, "after, there").await?;
            verdicts.push(about(
                "after logging out, at the second instance",
                errors::is_error(&after, 401),
            ));
            there
        }
        None => here,
    };
    let kept = account(&stage, elsewhere, &other.access, "of the same user").await?;
    verdicts.push(about("another token of the same user", auth::opens(&kept)));
    verdicts.push(remembered(&cx, &stage).await?);
    verdicts.push(blind(&cx, &stage, here, &session.access).await?);
    Ok(worst(verdicts))
}

/// What the shared store remembers of revoked tokens, and for how long.
async fn remembered(cx: &Context, stage: &Stage) -> Result<Verdict> {
    if !stage.has_cache() {
        return Ok(Verdict::Pass);
    }
    let lives = stage.lives(cx, stage.revoked_prefix()).await?;
    let unseen = (!stage.has_second()).then(|| {
        if lives.is_empty() {
            Verdict::Fail("the shared store remembers no revocation".to_owned())
        } else {
            Verdict::Warn(
                "a second instance was not asked: set `second_url` under [target]".to_owned(),
            )
        }
    });
    let judged = lives.into_iter().map(|life| match life {
        Some(seconds) if (1..=TOKEN_LIFE_S).contains(&seconds) => Verdict::Pass,
        Some(seconds) => Verdict::Fail(format!("a revocation is remembered for {seconds} s")),
        None => Verdict::Fail("a revocation is remembered for ever".to_owned()),
    });
    Ok(worst(judged.chain(unseen)))
}

/// A revoked token while nobody can tell that it is one.
async fn blind(cx: &Context, stage: &Stage, client: &Client, token: &str) -> Result<Verdict> {
    if let Err(why) = stage.may("redis", StoreState::Down) {
        return Ok(Verdict::Warn(format!(
            "a revoked token was not tried with the cache down: {why}"
        )));
    }
    stage.take_away(cx, "redis", StoreState::Down)?;
    let blind = account(stage, client, token, "revoked, with the cache down").await;
    stage.give_back("redis", StoreState::Down)?;
    Ok(match blind?.status() {
        200 => Verdict::Fail("with the cache down a revoked token is valid again".to_owned()),
        401 | 403 | 503 => Verdict::Pass,
        status => Verdict::Fail(format!("with the cache down a revoked token gets {status}")),
    })
}

/// A user who is logged in.
struct Session {
    client: Client,
    access: String,
    refresh: String,
}

impl Session {
    async fn open(cx: &Context, stage: &Stage, user: &str, label: &str) -> Result<Session> {
        let client = stage.client(cx, ANONYMOUS)?;
        let (username, password) = credentials(cx, stage, user)?;
        let reply = attempt_login(stage, &client, &username, &password, label).await?;
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

/// Ends what a login began, once the check is over, however it ends: nobody else holds its tokens, but
/// they would be valid for days. One that the check has logged out still has its refresh token, which
/// is traded for a pair that can be logged out.
fn clear_up(stage: &Stage, client: &Client, reply: &HttpReply) {
    if client.context().is_replay() {
        return;
    }
    let Some((access, refresh)) = pair(reply) else {
        return;
    };
    let client = client.clone();
    let (login, trade) = (
        stage.logout_path().to_owned(),
        stage.refresh_path().to_owned(),
    );
    client.clone().context().on_release(async move {
        let log_out = async |access: &str, refresh: &str| {
            let request = client
                .request("POST", &login)
                .header("authorization", format!("Bearer {access}"))
                .json(&json!({ "refresh_token": refresh }));
            request
                .exchange()
                .await
                .is_ok_and(|reply| reply.has_status(204) || reply.has_status(200))
        };
        if log_out(&access, &refresh).await {
            return;
        }
        let traded = client
            .request("POST", &trade)
            .json(&json!({ "refresh_token": refresh }))
            .exchange()
            .await;
        if let Some((access, refresh)) = traded.ok().as_ref().and_then(pair) {
            log_out(&access, &refresh).await;
        }
    });
}

/// The tokens of a reply, unnoticed: no verdict depends on them here.
fn pair(reply: &HttpReply) -> Option<(String, String)> {
    Some((
        reply.raw_text("access_token")?,
        reply.raw_text("refresh_token")?,
    ))
}

/// One attempt to log in. The limit on requests is not the one that is looked at: it is waited out.
async fn attempt_login(
    stage: &Stage,
    client: &Client,
    username: &str,
    password: &str,
    label: &str,
) -> Result<HttpReply> {
    let ask = async |label: &str| {
        let body = json!({ "username": username, "password": password });
        client
            .request("POST", stage.login_path())
            .json(&body)
            .label(label)
            .send()
            .await
    };
    let reply = ask(label).await?;
    if reply.error_is("rate_limit_exceeded") {
        stage.wait(Duration::from_secs(60)).await;
        let reply = ask(&format!("{label}, a minute later")).await?;
        clear_up(stage, client, &reply);
        return Ok(reply);
    }
    clear_up(stage, client, &reply);
    Ok(reply)
}

async fn account(stage: &Stage, client: &Client, token: &str, label: &str) -> Result<HttpReply> {
    client
        .request("GET", stage.account_path())
        .header("authorization", format!("Bearer {token}"))
        .label(label)
        .send()
        .await
}

async fn logout(stage: &Stage, client: &Client, token: &str) -> Result<()> {
    let reply = client
        .request("POST", stage.logout_path())
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

fn credentials(cx: &Context, stage: &Stage, user: &str) -> Result<(String, String)> {
    let (username, password) = stage.login(user)?;
    cx.secret(&password);
    Ok((username, password))
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
