//! Checks that cannot fail, as they are found in real suites, and sound ones beside them. All of the
//! first have to be caught, all of the second proven.
//!
//! Adding a case is one function and its name in the list at the end of its file.

mod property;
mod reply;
mod sound;
mod vacuous;

use std::sync::Arc;

use super::prove;
use crate::config::Config;
use crate::context::Context;
use crate::harness::panics;
use crate::journal::record::{Proof, ProofStrength};
use crate::redact::Redactor;
use crate::registry::{Body, Phase, Registration};
use crate::run::{ProveSettings, Run, invoke};
use crate::verdict::CheckResult;

/// One check of the gallery.
pub(super) struct Case {
    name: &'static str,
    body: Body,
}

/// The list of a file's cases: each name is that of an `async fn(Context)` or, after `now`, of a
/// `fn(&Context)`.
macro_rules! cases {
    ($($name:ident),* $(,)? ; now $($blocking:ident),* $(,)?) => {
        pub(super) fn cases() -> Vec<crate::prove::gallery::Case> {
            use crate::verdict::IntoCheckResult;
            vec![
                $(crate::prove::gallery::Case {
                    name: stringify!($name),
                    body: crate::registry::Body::Async(|cx| Box::pin(async move {
                        $name(cx).await.into_check_result()
                    })),
                },)*
                $(crate::prove::gallery::Case {
                    name: stringify!($blocking),
                    body: crate::registry::Body::Sync(|cx| $blocking(cx).into_check_result()),
                },)*
            ]
        }
    };
}
use cases;

/// What the checks of the galleries compare with.
const TARGET: &str = r#"
base_url = "http://service.example"
limits.free.minute = 10
limits.pro.minute = 35
latency.p95_ms = 200
"#;

/// A run in a folder of its own.
pub(super) fn run(settings: ProveSettings) -> (Arc<Run>, tempfile::TempDir) {
    panics::install(&Redactor::default(), false);
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::default();
    config.target = Some(crate::config::value::parsed(TARGET));
    let redactor = Redactor::default();
    let path = folder.path().to_owned();
    let run = Run::new(path, "r-1".into(), Arc::new(config), redactor, settings);
    (run, folder)
}

/// The settings of a run without configuration.
pub(super) fn settings() -> ProveSettings {
    ProveSettings {
        enabled: true,
        budget: 64,
        seed: 0,
    }
}

/// A registration of a body under the name of its function.
pub(super) fn registration(name: &'static str, body: Body) -> Registration {
    let mut registration = crate::expansion::registration(
        &["G-001"],
        "gallery",
        name,
        "readiness-runtime",
        "0.0.0",
        "/",
        file!(),
        1,
        1,
        "00",
        body,
    );
    registration.phase = Phase::Probe;
    registration
}

/// Held for writing by the test that counts requests.
static ALONE: std::sync::RwLock<()> = std::sync::RwLock::new(());

/// Runs a check and proves it if it passes, as the harness does.
pub(super) fn run_and_prove(
    run: &Arc<Run>,
    registration: &Registration,
) -> (CheckResult, Option<Proof>) {
    let cx = Context::for_trial(run, registration.function, "G-001");
    let answer = invoke(&registration.body, &cx, None);
    let proof = answer.is_pass().then(|| prove(registration, &cx));
    assert_eq!(cx.release(), Vec::<String>::new());
    (answer, proof)
}

fn proof_of(run: &Arc<Run>, case: &Case) -> Proof {
    let _among_others = ALONE.read().unwrap();
    let (answer, proof) = run_and_prove(run, &registration(case.name, case.body));
    assert_eq!(answer, CheckResult::Passed, "{}", case.name);
    proof.unwrap()
}

#[test]
fn every_vacuous_check_is_caught() {
    let (run, _folder) = run(settings());
    for case in vacuous::cases() {
        let proof = proof_of(&run, &case);
        assert_eq!(
            proof.strength,
            ProofStrength::Vacuous,
            "{}: {proof:#?}",
            case.name
        );
        assert_eq!(proof.fine.killed, 0, "{}", case.name);
        assert!(proof.reason.is_some(), "{}", case.name);
    }
}

#[test]
fn every_sound_check_is_proven() {
    for seed in [0, 1, 0xdead_beef] {
        let (run, _folder) = run(ProveSettings { seed, ..settings() });
        for case in sound::cases() {
            let proof = proof_of(&run, &case);
            assert_eq!(
                proof.strength,
                ProofStrength::Proven,
                "{}: {proof:#?}",
                case.name
            );
            assert!(proof.fine.killed > 0, "{}", case.name);
            assert_eq!(proof.reason, None, "{}", case.name);
        }
    }
}

/// A check may be accused wrongly by a small budget, and is not: who noticed nothing yet is given
/// more.
#[test]
fn a_small_budget_changes_no_conclusion() {
    let (run, _folder) = run(ProveSettings {
        budget: 2,
        ..settings()
    });
    for case in sound::cases() {
        let proof = proof_of(&run, &case);
        assert_eq!(
            proof.strength,
            ProofStrength::Proven,
            "{}: {proof:#?}",
            case.name
        );
    }
    for case in vacuous::cases() {
        let proof = proof_of(&run, &case);
        assert_eq!(
            proof.strength,
            ProofStrength::Vacuous,
            "{}: {proof:#?}",
            case.name
        );
    }
}

#[test]
fn the_verdict_never_depends_on_proving() {
    let off = ProveSettings {
        enabled: false,
        ..settings()
    };
    let (proving, _folder) = run(settings());
    let (not_proving, _other) = run(off);
    let _among_others = ALONE.read().unwrap();
    for case in sound::cases().into_iter().chain(vacuous::cases()) {
        let registration = registration(case.name, case.body);
        let (with, _) = run_and_prove(&proving, &registration);
        let (without, proof) = run_and_prove(&not_proving, &registration);
        assert_eq!(with, without, "{}", case.name);
        assert_eq!(proof.unwrap().strength, ProofStrength::Off, "{}", case.name);
    }
}

#[test]
fn proofs_of_one_recording_are_the_same_every_time() {
    let (run, _folder) = run(ProveSettings {
        budget: 4,
        ..settings()
    });
    let _among_others = ALONE.read().unwrap();
    for case in sound::cases().into_iter().chain(vacuous::cases()) {
        let registration = registration(case.name, case.body);
        let cx = Context::for_trial(&run, case.name, "G-001");
        assert!(invoke(&case.body, &cx, None).is_pass());
        let before = cx.recording().len();
        let first = prove(&registration, &cx);
        assert_eq!(first, prove(&registration, &cx), "{}", case.name);
        assert_eq!(
            cx.recording().len(),
            before,
            "{}: a replay recorded",
            case.name
        );
        cx.release();
    }
}

#[test]
fn no_request_leaves_the_process_while_proving() {
    use std::sync::atomic::Ordering;
    let (run, _folder) = run(settings());
    let _alone = ALONE.write().unwrap();
    for case in sound::cases().into_iter().chain(vacuous::cases()) {
        let registration = registration(case.name, case.body);
        let cx = Context::for_trial(&run, case.name, "G-001");
        assert!(invoke(&case.body, &cx, None).is_pass());
        let asked = reply::ASKED.load(Ordering::SeqCst);
        prove(&registration, &cx);
        assert_eq!(reply::ASKED.load(Ordering::SeqCst), asked, "{}", case.name);
        cx.release();
    }
}

/// A suite's worth of proofs. What it costs is measured in `benches/`; here it is what comes out.
#[test]
fn a_thousand_checks_of_twenty_alterations_each() {
    let body = Body::Async(|cx| {
        Box::pin(async move {
            let reply = reply::get(&cx, "/exploits", 1).await;
            let reply = reply.unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(reply.status(), 200);
            assert_eq!(reply.header("x-frame-options"), Some("DENY"));
            let body = reply.json();
            assert_eq!(body.get("total").as_i64(), Some(8));
            assert_eq!(body.at("/data/0/chain").as_str(), Some("solana"));
            CheckResult::Passed
        })
    });
    let _among_others = ALONE.read().unwrap();
    let (run, _folder) = run(settings());
    let registration = registration("cost", body);
    let mut tried = 0;
    for _ in 0..1_000 {
        let (_, proof) = run_and_prove(&run, &registration);
        let proof = proof.unwrap();
        tried += proof.fine.killed + proof.gross.killed + proof.gross.diverged;
    }
    assert_eq!(tried, 21_000);
}
