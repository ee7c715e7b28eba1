//! RT-FREE: what somebody without a key gets, and what not.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use readiness::{Context, Result, Unavailable, Verdict, requirement};
use readiness_probes::filters::{Filtered, Row};
use readiness_probes::http::HttpReply;
use readiness_probes::rate_limit::{self, Window};
use readiness_probes::{about, worst};

use crate::paid_tiers::algorithm;
use crate::shared::{self, WATCHLISTS, WEBHOOKS};
use crate::target::Target;

const HOUR: Duration = Duration::from_secs(60 * 60);
/// How old a row is before everybody sees it.
const DELAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Nothing younger than the delay is visible, by whatever way, and everything older is.
#[requirement("RT-FREE-001", exclusive = "anonymous")]
async fn a_day_behind(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let known = Filtered::read(&shared::newest_rows(&cx, &target).await?)?;
    let known = known.rows();
    let ages = Ages::at(cx.now(), shared::clock_skew(&cx));
    let Some(young) = known.iter().find(|row| ages.is_young(row)) else {
        return Err(
            Unavailable::new("no row is younger than a day, so no delay can be seen").into(),
        );
    };
    let list = shared::anonymous_list(&cx, &target).await?;
    let nobody = target.anonymous(&cx);
    let by_chain = format!("/exploits?page_size=100&chain={}", young.chain());
    let by_chain = shared::patient(&nobody, &by_chain).await?;
    let detail = shared::patient(&nobody, &format!("/exploits/{}", young.id()?)).await?;
    let old: Vec<&Row> = known
        .iter()
        .filter(|row| ages.is_just_old_enough(row))
        .collect();
    Ok(worst([
        about("the list", none_young(&list, &ages)?),
        about("the list of a chain", none_young(&by_chain, &ages)?),
        match detail.status() {
            404 => Verdict::Pass,
            status => Verdict::Fail(format!(
                "a row younger than a day is answered with {status} when asked for by itself"
            )),
        },
        all_visible(&list, &old)?,
    ]))
}

/// When a row may be seen.
struct Ages {
    now: SystemTime,
    skew: Duration,
}

impl Ages {
    fn at(now: SystemTime, skew: Duration) -> Ages {
        Ages { now, skew }
    }

    fn of(&self, row: &Row) -> Option<Duration> {
        self.now.duration_since(row.at()?.into()).ok()
    }

    /// Younger than the delay for sure, clocks that differ included.
    fn is_young(&self, row: &Row) -> bool {
        row.at().is_some() && self.of(row).is_none_or(|age| age + self.skew < DELAY)
    }

    /// Old enough for everybody for sure, and not so old that it is on a later page.
    fn is_just_old_enough(&self, row: &Row) -> bool {
        self.of(row)
            .is_some_and(|age| age > DELAY + HOUR && age < 2 * DELAY)
    }
}

fn none_young(reply: &HttpReply, ages: &Ages) -> Result<Verdict> {
    let shown = Filtered::read(reply)?;
    if shown.rows().iter().any(|row| row.at().is_none()) {
        return Ok(Verdict::Fail(
            "a row has no time, so its age cannot be told".to_owned(),
        ));
    }
    Ok(match shown.rows().iter().find(|row| ages.is_young(row)) {
        Some(row) => Verdict::Fail(format!(
            "{} is younger than a day",
            row.id()?.escape_debug()
        )),
        None => Verdict::Pass,
    })
}

fn all_visible(list: &HttpReply, old: &[&Row]) -> Result<Verdict> {
    let ids = Filtered::read(list)?.ids()?;
    if ids.is_empty() {
        return Ok(Verdict::Fail(
            "nobody sees any row without a key".to_owned(),
        ));
    }
    for row in old {
        let id = row.id()?;
        if !ids.contains(&id) {
            let id = id.escape_debug();
            return Ok(Verdict::Fail(format!(
                "{id} is older than 25 hours and not to be seen"
            )));
        }
    }
    Ok(Verdict::Pass)
}

#[requirement(
    "RT-FREE-002",
    exclusive = "anonymous",
    phase = "burst",
    timeout = "300s"
)]
async fn ten_a_minute(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let limit = shared::limit(&cx, "free", Window::Minute)?;
    let burst = shared::burst(&cx, &target, "free").await?;
    Ok(worst([
        rate_limit::exactly(&burst, limit, Window::Minute, algorithm(&cx)?),
        rate_limit::forged_address_changes_nothing(&burst),
        rate_limit::recovers(&burst),
    ]))
}

#[requirement(
    "RT-FREE-003",
    exclusive = "anonymous",
    phase = "burst",
    timeout = "120s"
)]
async fn a_hundred_an_hour(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let limit = shared::limit(&cx, "free", Window::Hour)?;
    let used = shared::window(&cx, &target, "free", Window::Hour, None).await?;
    rate_limit::exactly_left(&used, limit, Window::Hour)
}

#[requirement(
    "RT-FREE-004",
    exclusive = "anonymous",
    phase = "burst",
    timeout = "120s"
)]
async fn five_hundred_a_day(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let limit = shared::limit(&cx, "free", Window::Day)?;
    let used = shared::window(&cx, &target, "free", Window::Day, None).await?;
    rate_limit::exactly_left(&used, limit, Window::Day)
}

#[requirement("RT-FREE-005", exclusive = "anonymous", phase = "write")]
async fn no_webhooks(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let control = target.client(&cx, "pro")?.get(WEBHOOKS).await?;
    refused_to_nobody(&cx, &target, "user-webhooks", &control).await
}

#[requirement("RT-FREE-006", exclusive = "anonymous", phase = "write")]
async fn no_watchlists(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let control = target.client(&cx, "team")?.get(WATCHLISTS).await?;
    refused_to_nobody(&cx, &target, "watchlists", &control).await
}

/// Reading and writing is refused without a key, and granted with the right one.
async fn refused_to_nobody(
    cx: &Context,
    target: &Target,
    what: &str,
    control: &HttpReply,
) -> Result<Verdict> {
    if control.status() == 404 {
        return Err(Unavailable::new(format!("the service has no {what}")).into());
    }
    if control.status() != 200 {
        return Ok(Verdict::Fail(format!(
            "an entitled key gets {} for {what}, so a refusal means nothing",
            control.status()
        )));
    }
    let replies = shared::without_credential(cx, target).await?;
    let refusals = replies
        .iter()
        .filter(|(name, _)| name.ends_with(what))
        .map(|(name, reply)| match reply.status() {
            401 | 403 => Verdict::Pass,
            status => Verdict::Fail(format!("{name} without a key is answered with {status}")),
        });
    Ok(worst(refusals))
}
