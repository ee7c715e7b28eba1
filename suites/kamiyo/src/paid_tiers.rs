//! RT-PRO, RT-TEAM, RT-ENT: what each paid tier gets, and where it ends.

use std::sync::Arc;
use std::time::Duration;

use readiness::{Context, Error, Result, Unavailable, Verdict, requirement};
use readiness_probes::filters::{Filtered, Row};
use readiness_probes::http::{HttpReply, shown};
use readiness_probes::quota::{self, Shelf};
use readiness_probes::rate_limit::{self, Algorithm, Window};
use readiness_probes::{about, worst};
use serde_json::json;

use crate::shared::{self, WATCHLISTS, WEBHOOKS};
use crate::target::Target;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// How far the newest row of one tier may be behind that of another: rows arrive while we look.
const LAG: Duration = Duration::from_secs(5 * 60);
const SHELF: Shelf<'static> = Shelf {
    path: WEBHOOKS,
    field: "webhooks",
};
/// Requests that are left of a long window when its counter is set.
const LEFT: u32 = 5;

#[requirement("RT-PRO-001", exclusive = "anonymous")]
async fn pro_is_up_to_date(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let client = target.client(&cx, "pro")?;
    let pro = Filtered::read(&client.get("/exploits?page_size=100").await?)?;
    let known = Filtered::read(&shared::newest_rows(&cx, &target).await?)?;
    // The list is newest first, so the first row tells how far a tier is behind.
    let Some(newest) = pro.rows().first().and_then(Row::at) else {
        return Ok(Verdict::Fail(
            "the first row of the pro tier has no time".to_owned(),
        ));
    };
    let Some(other) = known.rows().first().and_then(Row::at) else {
        return Err(Unavailable::new("there is no row with a time to compare with").into());
    };
    let age = cx.now().duration_since(other.max(newest).into());
    if age.is_ok_and(|age| age >= DAY) {
        return Err(
            Unavailable::new("no row is younger than a day, so no delay can be seen").into(),
        );
    }
    let behind = Duration::try_from(other.duration_since(newest)).unwrap_or_default();
    let nobody = Filtered::read(&shared::anonymous_list(&cx, &target).await?)?;
    let (seen, open) = (pro.total()?, nobody.total()?);
    Ok(worst([
        if behind <= LAG {
            Verdict::Pass
        } else {
            Verdict::Fail(format!(
                "the newest row of the pro tier is {} s older than the newest there is",
                behind.as_secs()
            ))
        },
        if seen > open {
            Verdict::Pass
        } else {
            Verdict::Fail(format!(
                "the pro tier sees {seen} rows, nobody in particular {open}"
            ))
        },
    ]))
}

#[requirement(
    "RT-PRO-002",
    args("pro"),
    exclusive = "burst.pro",
    phase = "burst",
    timeout = "300s"
)]
#[requirement(
    "RT-TEAM-001",
    args("team"),
    exclusive = "burst.team",
    phase = "burst",
    timeout = "300s"
)]
async fn a_minute(cx: Context, target: Arc<Target>, tier: &str) -> Result<Verdict> {
    let limit = shared::limit(&cx, tier, Window::Minute)?;
    let burst = shared::burst(&cx, &target, tier).await?;
    let mut verdicts = vec![
        rate_limit::exactly(&burst, limit, Window::Minute, algorithm(&cx)?),
        rate_limit::recovers(&burst),
    ];
    // The limit belongs to the key: another key at the same address still has its own.
    if let Some(other) = burst.forged() {
        verdicts.push(match other.status() {
            200 => Verdict::Pass,
            status => Verdict::Fail(format!(
                "while one key of the tier is used up, another at the same address gets {status}"
            )),
        });
    }
    Ok(worst(verdicts))
}

/// The last requests of an hour or a day are counted down from a counter that is set, so that the row
/// does not take that long; where it cannot be set it is not verified. For the day of the pro tier
/// there is no other way: 24 full hours hold 49,992 requests, so real traffic cannot use 50,000 up.
#[requirement(
    "RT-PRO-003",
    args("pro", Window::Hour),
    exclusive = "burst.pro",
    phase = "burst",
    timeout = "600s"
)]
#[requirement(
    "RT-PRO-004",
    args("pro", Window::Day),
    exclusive = "burst.pro",
    phase = "burst",
    timeout = "600s"
)]
#[requirement(
    "RT-TEAM-002",
    args("team", Window::Hour),
    exclusive = "burst.team",
    phase = "burst",
    timeout = "600s"
)]
#[requirement(
    "RT-TEAM-003",
    args("team", Window::Day),
    exclusive = "burst.team",
    phase = "burst",
    timeout = "600s"
)]
async fn a_long_window(
    cx: Context,
    target: Arc<Target>,
    tier: &str,
    window: Window,
) -> Result<Verdict> {
    let used = shared::window(&cx, &target, tier, window, Some(LEFT)).await?;
    shared::ended(&target, &used, LEFT, window)
}

#[requirement(
    "RT-ENT-001",
    exclusive = "burst.enterprise",
    phase = "burst",
    timeout = "300s"
)]
async fn enterprise_minute(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let limit = shared::limit(&cx, "enterprise", Window::Minute)?;
    let algorithm = algorithm(&cx)?;
    let (first, second) = shared::two_bursts(&cx, &target, "enterprise").await?;
    let mut verdicts = Vec::new();
    for (name, burst) in [("the first minute", &first), ("the second minute", &second)] {
        let allowed = burst.allowed_count();
        verdicts.push(if allowed < u64::from(limit) {
            Verdict::Fail(format!(
                "{name}: {allowed} requests were allowed, {limit} are promised"
            ))
        } else if burst.refused().is_empty() {
            Verdict::Warn(format!(
                "{name}: all {allowed} requests were allowed, there is no limit"
            ))
        } else {
            about(name, rate_limit::refusals_are_429(burst, algorithm))
        });
        let tiers = burst
            .allowed()
            .into_iter()
            .map(|reply| reply.header("x-ratelimit-tier"));
        verdicts.extend(
            tiers
                .filter(|tier| *tier != Some("enterprise"))
                .map(|tier| {
                    let tier = tier.unwrap_or("none").escape_debug();
                    Verdict::Fail(format!("{name}: a request is counted as tier `{tier}`"))
                }),
        );
    }
    Ok(worst(verdicts))
}

#[requirement("RT-PRO-005", exclusive = "webhooks.pro", phase = "write")]
async fn pro_webhooks(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let most = shared::webhooks(&cx, "pro")?;
    let filled = fill(&cx, &target, "pro", most).await?;
    Ok(worst([
        quota::exactly(&filled, SHELF, most)?,
        quota::secret_shown_once(&filled, SHELF, "secret")?,
    ]))
}

#[requirement("RT-TEAM-004", exclusive = "webhooks.team", phase = "write")]
async fn team_webhooks(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let most = shared::webhooks(&cx, "team")?;
    let filled = fill(&cx, &target, "team", most).await?;
    quota::exactly(&filled, SHELF, most)
}

/// "Unlimited" and a number stand in one row: fewer is a failure, no upper bound a warning.
#[requirement("RT-ENT-002", exclusive = "webhooks.enterprise", phase = "write")]
async fn enterprise_webhooks(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let most = shared::webhooks(&cx, "enterprise")?;
    let filled = fill(&cx, &target, "enterprise", most).await?;
    quota::at_least(&filled, SHELF, most)
}

async fn fill(cx: &Context, target: &Target, tier: &str, most: usize) -> Result<quota::Filled> {
    target.allows_writes()?;
    let client = target.client(cx, tier)?;
    quota::fill(&client, SHELF, most, |number| {
        json!({ "url": format!("https://readiness-probe.invalid/hook/{number}"), "chains": [] })
    })
    .await
}

#[requirement("RT-TEAM-005", exclusive = "watchlists.team", phase = "write")]
async fn team_watchlists(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    target.allows_writes()?;
    let team = target.client(&cx, "team")?;
    let wanted = json!({ "name": "readiness-probe", "chains": ["Ethereum"], "protocols": [] });
    let created = team
        .request("POST", WATCHLISTS)
        .json(&wanted)
        .send()
        .await?;
    if created.status() != 201 {
        return Ok(Verdict::Fail(format!(
            "the team tier gets {} for a new watchlist",
            created.status()
        )));
    }
    let id = created.json()?.get("id").str()?.to_owned();
    let path = format!("{WATCHLISTS}/{id}");
    quota::remove_at_the_end(&team, &path);
    let read = team.get(&path).await?;
    let listed = team.get(WATCHLISTS).await?;
    let deleted = team.request("DELETE", &path).send().await?;
    let gone = team
        .request("GET", &path)
        .label("after deletion")
        .send()
        .await?;
    let pro = target.client(&cx, "pro")?.get(WATCHLISTS).await?;
    Ok(worst([
        same_watchlist(&read)?,
        is_listed(&listed, &id)?,
        expect("deleting it", &deleted, &[200, 204]),
        expect("reading it after deletion", &gone, &[404]),
        expect("the pro tier asking for watchlists", &pro, &[403]),
    ]))
}

fn same_watchlist(read: &HttpReply) -> Result<Verdict> {
    if read.status() != 200 {
        return Ok(Verdict::Fail(format!(
            "the new watchlist is answered with {}",
            read.status()
        )));
    }
    let body = read.json()?;
    let (name, chain) = (body.get("name"), body.at("/chains/0"));
    Ok(match (name.as_str(), chain.as_str()) {
        (Some("readiness-probe"), Some("Ethereum")) => Verdict::Pass,
        _ => Verdict::Fail(format!(
            "the new watchlist reads name {} and chain {}",
            shown(&name),
            shown(&chain)
        )),
    })
}

fn is_listed(listed: &HttpReply, id: &str) -> Result<Verdict> {
    let lists = listed.json()?.get("watchlists").items()?;
    let there = lists.iter().any(|list| list.get("id").as_str() == Some(id));
    Ok(if there {
        Verdict::Pass
    } else {
        Verdict::Fail("the new watchlist is not listed".to_owned())
    })
}

fn expect(what: &str, reply: &HttpReply, statuses: &[u16]) -> Verdict {
    let status = reply.status();
    if statuses.contains(&status) {
        return Verdict::Pass;
    }
    Verdict::Fail(format!("{what} is answered with {status}"))
}

#[requirement("RT-ENT-003")]
async fn enterprise_integrations(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let path = cx.setting("features.custom_integrations.path");
    let path = path.require_str()?;
    let pointer = cx.setting("features.custom_integrations.pointer");
    let pointer = pointer.require_str()?;
    let enterprise = target.client(&cx, "enterprise")?.get(path).await?;
    if enterprise.status() != 200 {
        return Ok(Verdict::Fail(format!(
            "the enterprise tier gets {} for {path}",
            enterprise.status()
        )));
    }
    let flag = enterprise.json()?.at(pointer);
    if flag.as_bool() != Some(true) {
        return Ok(Verdict::Fail(format!(
            "{pointer} of the enterprise tier is {}",
            shown(&flag)
        )));
    }
    let team = target.client(&cx, "team")?.get(path).await?;
    if team.status() == 403 {
        return Ok(Verdict::Pass);
    }
    let flag = team.json()?.at(pointer);
    Ok(match flag.as_bool() {
        Some(false) => Verdict::Pass,
        _ => Verdict::Fail(format!("{pointer} of the team tier is {}", shown(&flag))),
    })
}

/// How the limiter is declared to count. A bucket refills during a burst, and that is allowed for
/// only where it is declared.
pub(crate) fn algorithm(cx: &Context) -> Result<Algorithm> {
    match cx.setting("rate_limit.algorithm").as_str() {
        None | Some("auto" | "fixed" | "sliding") => Ok(Algorithm::Window),
        Some("token-bucket") => Ok(Algorithm::TokenBucket),
        Some(other) => Err(Error::unavailable(format!(
            "`rate_limit.algorithm` is `{}`: it takes auto, fixed, sliding or token-bucket",
            other.escape_debug()
        ))),
    }
}
