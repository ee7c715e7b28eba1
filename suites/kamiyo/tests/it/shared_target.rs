//! One deployment that several runs look at, and runs that are cut short: nothing is left behind at
//! the service, nobody is blamed for the other's requests, and what is known stays known.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use readiness::assess::{TrialResult, summarise};
use readiness_reference::{Clock, RefConfig, RefHandle, RefService};

use crate::suite::{LIMITS, Outcome, Ran, Running, Suite};

/// A deployment as a user would configure it: remote, declared writable, with a key for each tier.
fn suite(service: &RefHandle) -> Suite {
    let key = |name: &str| {
        let mut accounts = service.accounts().into_iter();
        let account = accounts.find(|account| account.name == name);
        account.unwrap().api_key
    };
    Suite::new()
        .env("READINESS_KIND", "remote")
        .env("READINESS_NAME", "staging")
        .env("READINESS_BASE_URL", &service.base_url())
        .env("READINESS_ALLOW_WRITES", "true")
        .env("KAMIYO_PRO_API_KEY", &key("pro"))
        .env("KAMIYO_TEAM_API_KEY", &key("team"))
        .env("KAMIYO_ENTERPRISE_API_KEY", &key("enterprise"))
}

async fn service() -> RefHandle {
    let config = RefConfig::new().clock(Clock::frozen_now());
    RefService::start(config).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_at_once_blame_nobody_and_leave_nothing() {
    let service = Arc::new(service().await);
    // Limits are not the question here: they are forgotten all the time.
    let over = Arc::new(AtomicBool::new(false));
    let forgetting = {
        let (service, over) = (Arc::clone(&service), Arc::clone(&over));
        thread::spawn(move || {
            while !over.load(Ordering::Relaxed) {
                for caller in ["anonymous", "pro", "team", "enterprise"] {
                    service.reset_limiter(caller);
                }
                thread::sleep(Duration::from_millis(2));
            }
        })
    };
    let skip = LIMITS.map(|row| ["--skip", row]).concat();
    let runs: Vec<_> = (0..2)
        .map(|_| suite(&service).args(&skip).start())
        .collect();
    let ran = tokio::task::spawn_blocking(|| runs.into_iter().map(Running::wait).collect());
    let ran: Vec<Ran> = ran.await.unwrap();
    over.store(true, Ordering::Relaxed);
    forgetting.join().unwrap();
    for ran in &ran {
        let rows = ran.rows();
        let failed: Vec<_> = rows
            .iter()
            .filter(|(_, outcome)| **outcome == Outcome::Fail)
            .map(|(id, _)| (id, ran.of(id).unwrap().1))
            .collect();
        assert!(failed.is_empty(), "{failed:?}\n{}", ran.output);
        let passed = rows.values().filter(|outcome| **outcome == Outcome::Pass);
        assert!(passed.count() > 20, "{}", ran.output);
    }
    assert_eq!(service.objects_kept(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_run_cleans_up_and_keeps_what_is_known() {
    let service = service().await;
    // Fifty webhooks at this pace take longer than it takes to interrupt.
    service.slow("/api/v1/user-webhooks", Duration::from_millis(100));
    let running = suite(&service).args(&["HLTH-001", "RT-ENT-002"]).start();
    let patience = Instant::now();
    while service.objects_kept() < 3 {
        assert!(
            patience.elapsed() < Duration::from_secs(120),
            "no webhook was made"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    running.interrupt();
    let ran = tokio::task::spawn_blocking(|| running.wait())
        .await
        .unwrap();
    assert_eq!(ran.code, Some(130), "{}", ran.output);
    assert_eq!(service.objects_kept(), 0, "{}", ran.output);
    // As a report sees it: the row that was done is known, the other one is not verified.
    let summary = summarise(&ran.journals, false);
    let result = |id: &str| {
        let mut trials = summary.trials.iter();
        &trials.find(|trial| trial.id == id).unwrap().result
    };
    // Proof is off for this run; that the check passed is what is kept.
    assert!(
        matches!(result("HLTH-001"), TrialResult::Vacuous(why) if why.contains("switched off"))
    );
    assert!(
        matches!(result("RT-ENT-002"), TrialResult::NotVerified(why) if why.contains("interrupt")),
        "{:?}",
        result("RT-ENT-002")
    );
    assert!(
        summary
            .faults
            .iter()
            .any(|fault| fault.contains("interrupt")),
        "{:?}",
        summary.faults
    );
}
