//! What a run spends of other people's budgets, counted at the service.

use readiness_reference::{Clock, RefConfig, RefService};

use crate::suite::{LIMITS, Outcome, Suite};

/// Nobody's limit a minute.
const ANONYMOUS_MINUTE: u64 = 10;

/// A row that uses up nobody's limit, which is the subject of most of [`LIMITS`].
const BURST: &str = "DOC-004";

/// Runs everything but the bursts against one service whose clock stands still, so that the whole
/// run falls into one minute.
async fn within_the_budget(how: &'static [&'static str]) {
    let service = RefService::start(RefConfig::new().clock(Clock::frozen_now()))
        .await
        .unwrap();
    let address = service.base_url();
    let bursts = LIMITS.into_iter().chain([BURST]);
    let skip: Vec<&str> = bursts.flat_map(|row| ["--skip", row]).collect();
    let ran = tokio::task::spawn_blocking(move || {
        Suite::new()
            .env("READINESS_BASE_URL", &address)
            .args(&[how, &skip].concat())
            .run()
    })
    .await
    .unwrap();
    let failed: Vec<_> = ran
        .rows()
        .into_iter()
        // How quick the service is beside all other tests is not the question here.
        .filter(|(id, outcome)| *outcome == Outcome::Fail && !id.starts_with("PERF-"))
        .collect();
    assert!(failed.is_empty(), "{failed:?}\n{}", ran.output);
    let spent = service.requests().remove("anonymous").unwrap_or_default();
    assert!(spent.received > 0, "the run did not come by");
    assert_eq!(spent.refused, 0, "{spent:?}");
    assert!(spent.busiest_minute <= ANONYMOUS_MINUTE, "{spent:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_anonymous_budget_is_never_exceeded_outside_of_the_burst() {
    within_the_budget(&[]).await;
}

/// Each trial in a process of its own, as under nextest: what was looked at once is shared by file.
#[tokio::test(flavor = "multi_thread")]
async fn the_budget_holds_across_processes() {
    within_the_budget(&["--isolate"]).await;
}
