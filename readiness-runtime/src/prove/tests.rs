//! The rules of proof, one by one.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::gallery::{registration, run, run_and_prove, settings};
use super::prove;
use crate::context::Context;
use crate::error::{Error, Result, Unavailable};
use crate::journal::record::{Fate, Proof, ProofStrength};
use crate::observation::{Altered, Facet, Mutant, Observation, Reads, Strength};
use crate::registry::{Body, Registration};
use crate::resource::Resource;
use crate::run::invoke;
use crate::verdict::{CheckResult, IntoCheckResult, Origin, Verdict};
use crate::{check, ensure};

/// A number whose alterations a test chooses: each is (operator, strength, other number or failure).
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Dial {
    number: i64,
    #[serde(skip)]
    offers: Vec<(&'static str, Strength, Option<i64>)>,
    #[serde(skip)]
    reads: Reads,
}

impl Dial {
    fn read(&self) -> i64 {
        self.reads.note("number");
        self.number
    }
}

impl Observation for Dial {
    const KIND: &'static str = "dial";

    fn attach(&mut self, reads: Reads) {
        self.reads = reads;
    }

    fn mutants(&self, read: &BTreeSet<Facet>) -> Vec<Mutant<Self>> {
        assert!(
            !self.offers.iter().any(|offer| offer.0 == "panics"),
            "the operator is broken"
        );
        let mutant =
            |&(operator, strength, number): &(&'static str, Strength, Option<i64>)| Mutant {
                operator,
                facet: Facet("number".to_owned()),
                words: number.map_or("the dial is gone".to_owned(), |n| {
                    format!("the dial is {n}")
                }),
                strength,
                altered: number.map_or(Altered::Failure, |number| {
                    Altered::Value(Dial {
                        number,
                        ..self.clone()
                    })
                }),
            };
        let offered = read.contains(&Facet("number".to_owned()));
        self.offers.iter().filter(|_| offered).map(mutant).collect()
    }
}

const FINE: Strength = Strength::Fine;
const GROSS: Strength = Strength::Gross;

fn dial(cx: &Context, offers: &[(&'static str, Strength, Option<i64>)]) -> Result<Dial> {
    let offers = offers.to_vec();
    cx.observe_now("front", move || {
        Ok(Dial {
            number: 7,
            offers,
            reads: Reads::default(),
        })
    })
}

/// The proof of a blocking check that passes.
fn proof(name: &'static str, check: fn(&Context) -> CheckResult) -> Proof {
    proof_of(&registration(name, Body::Sync(check)))
}

fn proof_of(registration: &Registration) -> Proof {
    let (run, _folder) = run(settings());
    let (answer, proof) = run_and_prove(&run, registration);
    assert_eq!(answer, CheckResult::Passed);
    proof.unwrap()
}

fn fates(proof: &Proof) -> Vec<Fate> {
    proof.mutants.iter().map(|mutant| mutant.fate).collect()
}

#[test]
fn only_the_checks_own_verdict_kills() {
    fn answer(cx: &Context, of: impl Fn(i64) -> CheckResult) -> CheckResult {
        match dial(cx, &[("turned", FINE, Some(8))]) {
            Ok(dial) => of(dial.read()),
            Err(error) => Err::<(), _>(error).into_check_result(),
        }
    }
    fn turned(number: i64, red: CheckResult) -> CheckResult {
        if number == 7 {
            CheckResult::Passed
        } else {
            red
        }
    }
    let own: [fn(&Context) -> CheckResult; 4] = [
        |cx| {
            answer(cx, |n| {
                turned(n, Verdict::Fail("red".into()).into_check_result())
            })
        },
        |cx| {
            answer(cx, |n| {
                turned(n, Verdict::Warn("red".into()).into_check_result())
            })
        },
        |cx| {
            answer(cx, |n| {
                turned(n, Err::<(), _>(Error::finding("red")).into_check_result())
            })
        },
        |cx| {
            answer(cx, |n| {
                assert_eq!(n, 7, "red");
                CheckResult::Passed
            })
        },
    ];
    for check in own {
        let proof = proof("own", check);
        assert_eq!(proof.strength, ProofStrength::Proven, "{proof:?}");
        assert_eq!((proof.fine.killed, fates(&proof)), (1, vec![Fate::Killed]));
        assert!(proof.mutants[0].reason.as_ref().unwrap().contains("red"));
    }
    let others: [fn(&Context) -> CheckResult; 4] = [
        |cx| {
            answer(cx, |n| {
                turned(n, Err::<(), _>(Error::other("broke")).into_check_result())
            })
        },
        |cx| {
            answer(cx, |n| {
                turned(
                    n,
                    Err::<(), _>(Unavailable::new("gone")).into_check_result(),
                )
            })
        },
        |cx| answer(cx, |n| turned(n, CheckResult::NotApplicable("no".into()))),
        |cx| {
            answer(cx, |n| {
                turned(n, Err::<(), _>(std::fmt::Error).into_check_result())
            })
        },
    ];
    for check in others {
        let proof = proof("other", check);
        assert_eq!(proof.strength, ProofStrength::Unproven, "{proof:?}");
        assert_eq!(
            (proof.fine.diverged, fates(&proof)),
            (1, vec![Fate::Errored])
        );
    }
}

#[test]
fn a_kill_by_a_gross_alteration_proves_nothing() {
    let proof = proof("gross", |cx| {
        let dial = dial(
            cx,
            &[
                ("turned", FINE, Some(8)),
                ("broken", GROSS, Some(-1)),
                ("gone", GROSS, None),
            ],
        );
        assert!(dial.unwrap().read() > 0);
        CheckResult::Passed
    });
    assert_eq!(proof.strength, ProofStrength::Vacuous);
    assert_eq!(
        proof.reason.as_deref(),
        Some("still passes when the dial is 8")
    );
    assert_eq!((proof.fine.survived, proof.gross.killed), (1, 2));
}

#[test]
fn a_vacuous_check_is_told_what_it_did_not_notice() {
    let proof = proof("blind", |cx| {
        let offers = [
            ("a", FINE, Some(1)),
            ("b", FINE, Some(2)),
            ("c", FINE, Some(3)),
            ("d", FINE, Some(4)),
            ("same words", FINE, Some(4)),
            ("e", GROSS, None),
        ];
        let _ = dial(cx, &offers).map(|dial| dial.read());
        CheckResult::Passed
    });
    assert_eq!(
        proof.reason.as_deref(),
        Some(
            "still passes when the dial is 1, when the dial is 2, when the dial is 3, \
             when the dial is gone, and 1 more"
        )
    );
}

#[test]
fn an_alteration_that_changes_nothing_is_an_error_of_its_operator() {
    let both = proof("both", |cx| {
        let dial = dial(cx, &[("still", FINE, Some(7)), ("turned", FINE, Some(8))]);
        assert_eq!(dial.unwrap().read(), 7);
        CheckResult::Passed
    });
    assert_eq!(both.strength, ProofStrength::Proven);
    assert_eq!(fates(&both), [Fate::NotApplied, Fate::Killed]);
    assert_eq!(
        (both.fine.killed, both.fine.survived, both.fine.diverged),
        (1, 0, 0)
    );
    assert_eq!(
        both.reason.as_deref(),
        Some("1 alterations changed nothing, an error of their operator: `still` of dial front #1")
    );
    let alone = proof("alone", |cx| {
        let _ = dial(cx, &[("still", FINE, Some(7))]).map(|dial| dial.read());
        CheckResult::Passed
    });
    assert_eq!(alone.strength, ProofStrength::Unproven);
}

#[test]
fn an_operator_that_panics_leaves_the_check_unproven() {
    let proof = proof("operator", |cx| {
        assert_eq!(dial(cx, &[("panics", FINE, Some(8))]).unwrap().read(), 7);
        CheckResult::Passed
    });
    assert_eq!(proof.strength, ProofStrength::Unproven);
    assert!(proof.reason.unwrap().contains("the operator is broken"));
}

#[test]
fn a_replay_that_asks_for_more_diverges_whatever_the_check_makes_of_it() {
    let proof = proof("more", |cx| {
        let first = dial(cx, &[("turned", FINE, Some(8))]).unwrap().read();
        if first != 7 {
            // Too many of one: swallowed, and then called a failure.
            let again = dial(cx, &[]);
            assert!(again.is_ok(), "a verdict on nothing");
        }
        CheckResult::Passed
    });
    assert_eq!(proof.strength, ProofStrength::Unproven);
    assert_eq!(fates(&proof), [Fate::Diverged]);
    assert_eq!(
        proof.reason.as_deref(),
        Some("no alteration got a verdict: when the dial is 8, `dial front #2` was not recorded")
    );
}

// A body captures nothing, so its loop is chosen by a number.
static CHOSEN: AtomicU32 = AtomicU32::new(0);
static LOOPS: std::sync::OnceLock<[fn(&Context); 6]> = std::sync::OnceLock::new();

/// Loops that would never end: each is stopped by its number of calls.
#[test]
fn a_replay_that_does_not_end_is_ended() {
    let loops: [fn(&Context); 6] = [
        |cx| drop(dial(cx, &[])),
        |cx| drop(cx.setting("x")),
        |cx| drop(cx.nonce()),
        |cx| assert!(cx.now() >= std::time::SystemTime::UNIX_EPOCH),
        |cx| cx.sleep_now(Duration::from_secs(3_600)),
        |cx| drop(cx.block_on(cx.once("key", async |_| Ok(())))),
    ];
    LOOPS.get_or_init(|| loops);
    for chosen in 0..6u32 {
        CHOSEN.store(chosen, Ordering::SeqCst);
        let proof = proof("endless", |cx| {
            let number = dial(cx, &[("turned", FINE, Some(8))]).unwrap().read();
            let step = LOOPS.get().unwrap()[CHOSEN.load(Ordering::SeqCst) as usize];
            if number == 7 {
                return CheckResult::Passed;
            }
            loop {
                step(cx);
            }
        });
        assert_eq!(
            proof.strength,
            ProofStrength::Unproven,
            "{chosen}: {proof:?}"
        );
        assert_eq!(fates(&proof), [Fate::Diverged], "{chosen}");
    }
}

#[test]
fn an_asynchronous_replay_is_ended_too() {
    let body = Body::Async(|cx| {
        Box::pin(async move {
            let number = dial(&cx, &[("turned", FINE, Some(8))]).unwrap().read();
            if number == 7 {
                return CheckResult::Passed;
            }
            loop {
                cx.sleep(Duration::from_secs(1)).await;
            }
        })
    });
    let proof = proof_of(&registration("endless", body));
    assert_eq!(fates(&proof), [Fate::Diverged]);
}

#[test]
fn a_check_that_remembers_is_not_replayable() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let proof = proof("remembers", |cx| {
        assert_eq!(dial(cx, &[("turned", FINE, Some(8))]).unwrap().read(), 7);
        if RUNS.fetch_add(1, Ordering::SeqCst) == 0 {
            CheckResult::Passed
        } else {
            CheckResult::failed("only once")
        }
    });
    assert_eq!(proof.strength, ProofStrength::Unproven);
    assert_eq!(
        proof.reason.as_deref(),
        Some("not replayable: on its own recording it fails: only once")
    );
    assert_eq!((proof.fine.killed, proof.mutants.len()), (0, 0));
}

#[test]
fn what_observed_nothing_is_never_run_again() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let proof = proof("effects", |cx| {
        RUNS.fetch_add(1, Ordering::SeqCst);
        assert!(cx.now() > std::time::SystemTime::UNIX_EPOCH);
        CheckResult::Passed
    });
    assert_eq!(proof.strength, ProofStrength::Vacuous);
    assert_eq!(proof.reason.as_deref(), Some("it observed nothing"));
    assert_eq!(RUNS.load(Ordering::SeqCst), 1);
}

struct Socket;

impl Resource for Socket {
    async fn acquire(_: &Context) -> Result<Self, Unavailable> {
        Ok(Socket)
    }
}

#[test]
fn a_resource_without_a_replay_form_leaves_the_check_unproven() {
    let checks: [Body; 2] = [
        Body::Async(|cx| {
            Box::pin(async move {
                let Ok(_socket) = crate::expansion::obtain::<Socket>(&cx).await else {
                    return CheckResult::Unavailable("no socket".into());
                };
                assert_eq!(dial(&cx, &[("turned", FINE, Some(8))]).unwrap().read(), 7);
                CheckResult::Passed
            })
        }),
        Body::Sync(|cx| {
            let socket = crate::expansion::obtain_now::<std::sync::Arc<Socket>>(cx);
            // Whatever the check makes of it.
            drop(socket);
            assert_eq!(dial(cx, &[("turned", FINE, Some(8))]).unwrap().read(), 7);
            CheckResult::Passed
        }),
    ];
    for body in checks {
        let proof = proof_of(&registration("socket", body));
        assert_eq!(proof.strength, ProofStrength::Unproven);
        let reason = proof.reason.unwrap();
        assert!(reason.contains("Socket` has no replay form"), "{reason}");
    }
}

/// A page, looked at while it is acquired.
struct Page(Dial);

impl Resource for Page {
    const REPLAYABLE: bool = true;

    async fn acquire(cx: &Context) -> Result<Self, Unavailable> {
        dial(cx, &[("turned", FINE, Some(8))])
            .map(Page)
            .map_err(|error| Unavailable::new(error.to_string()))
    }
}

#[test]
fn what_a_resource_observed_counts_for_the_check_and_is_altered() {
    let checks: [fn(&Context) -> CheckResult; 2] = [
        |cx| {
            let page =
                crate::expansion::obtain_now::<Page>(cx).unwrap_or_else(|_| panic!("no page"));
            assert_eq!(page.0.read(), 7);
            CheckResult::Passed
        },
        |cx| {
            let page = crate::expansion::obtain_now::<std::sync::Arc<Page>>(cx);
            assert_eq!(page.unwrap_or_else(|_| panic!("no page")).0.read(), 7);
            CheckResult::Passed
        },
    ];
    for check in checks {
        let proof = proof("page", check);
        assert_eq!(proof.strength, ProofStrength::Proven, "{proof:?}");
    }
}

#[test]
fn a_negative_control_decides() {
    let body = Body::Sync(|_| CheckResult::Passed);
    let of = |control: Body| {
        proof_of(&Registration {
            control: Some(control),
            ..registration("controlled", body)
        })
    };
    let red = of(Body::Sync(|_| panic!("leaks")));
    assert_eq!((red.strength, red.reason), (ProofStrength::Proven, None));
    let warned = of(Body::Async(|_| {
        Box::pin(async { CheckResult::Warned("leaks".into()) })
    }));
    assert_eq!(warned.strength, ProofStrength::Proven);
    let green = of(Body::Sync(|_| CheckResult::Passed));
    assert_eq!(green.strength, ProofStrength::Vacuous);
    assert!(green.reason.unwrap().contains("negative control"));
    let lost = of(Body::Sync(|_| CheckResult::Unavailable("no log".into())));
    assert_eq!(lost.strength, ProofStrength::Unproven);
    assert!(lost.reason.unwrap().contains("no log"));
    // Where a check passes on what is known to be bad, noticing something else does not help.
    let noticing = Registration {
        control: Some(Body::Sync(|_| CheckResult::Passed)),
        ..registration(
            "noticing",
            Body::Sync(|cx| {
                assert_eq!(dial(cx, &[("turned", FINE, Some(8))]).unwrap().read(), 7);
                CheckResult::Passed
            }),
        )
    };
    let proof = proof_of(&noticing);
    assert_eq!(
        (proof.strength, proof.fine.killed),
        (ProofStrength::Vacuous, 1)
    );
}

#[test]
fn what_a_control_made_is_released() {
    static RELEASED: AtomicU32 = AtomicU32::new(0);
    let controlled = Registration {
        control: Some(Body::Sync(|cx| {
            cx.on_release(async { RELEASED.store(1, Ordering::SeqCst) });
            CheckResult::failed("bad")
        })),
        ..registration("releases", Body::Sync(|_| CheckResult::Passed))
    };
    assert_eq!(proof_of(&controlled).strength, ProofStrength::Proven);
    assert_eq!(RELEASED.load(Ordering::SeqCst), 1);
}

#[test]
fn an_excuse_stands_beside_the_pass() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let excused = Registration {
        no_proof: Some("the drill cannot be recorded"),
        ..registration(
            "excused",
            Body::Sync(|_| {
                RUNS.fetch_add(1, Ordering::SeqCst);
                CheckResult::Passed
            }),
        )
    };
    let proof = proof_of(&excused);
    assert_eq!(proof.strength, ProofStrength::Excused);
    assert_eq!(
        proof.reason.as_deref(),
        Some("the drill cannot be recorded")
    );
    assert_eq!(RUNS.load(Ordering::SeqCst), 1);
}

#[test]
fn a_broken_part_fails_the_check_live_and_kills_under_replay() {
    let proof = proof("parts", |cx| {
        let number = dial(cx, &[("turned", FINE, Some(8))]).unwrap().read();
        check!(number == 7, "the dial stands at seven");
        CheckResult::Passed
    });
    assert_eq!(proof.strength, ProofStrength::Proven);
    assert_eq!(
        proof.mutants[0].reason.as_deref(),
        Some("fails: the dial stands at seven: 8 == 7 does not hold")
    );
    let (run, _folder) = run(settings());
    let broken = Body::Sync(|_| {
        check!(1 + 1 == 3, "arithmetic");
        check!(true, "holds");
        CheckResult::Passed
    });
    let cx = Context::for_trial(&run, "t", "T-1");
    let answer = invoke(&broken, &cx, None);
    assert_eq!(
        answer,
        CheckResult::failed("arithmetic: 2 == 3 does not hold")
    );
    assert_eq!(cx.parts().len(), 2);
}

/// The budget bounds how much is tried; what is tried is in the record.
#[test]
fn the_budget_holds_once_something_was_noticed() {
    let many: fn(&Context) -> CheckResult = |cx| {
        let body = serde_json::json!(
            (0..40)
                .map(|n| (format!("f{n}"), n))
                .collect::<std::collections::BTreeMap<_, _>>()
        );
        let json = cx.observe_now("many", || Ok(crate::observation::json::Json::new(body)));
        let json = json.unwrap();
        for n in 0..40i64 {
            assert_eq!(json.get(&format!("f{n}")).as_i64(), Some(n));
        }
        CheckResult::Passed
    };
    let (run, _folder) = run(crate::run::ProveSettings {
        budget: 10,
        ..settings()
    });
    let (_, proof) = run_and_prove(&run, &registration("many", Body::Sync(many)));
    assert_eq!(proof.unwrap().fine.killed, 10);
}

#[test]
fn secrets_are_masked_in_proofs() {
    let proof = proof("secret", |cx| {
        cx.secret("hunter2-hunter2");
        let log = cx.log_lines("app", ["quiet"]);
        assert!(
            log.lacks("hunter2-hunter2"),
            "hunter2-hunter2 is in the log"
        );
        CheckResult::Passed
    });
    assert_eq!(proof.strength, ProofStrength::Proven);
    let text = serde_json::to_string(&proof).unwrap();
    assert!(!text.contains("hunter2"), "{text}");
    assert!(text.contains("lacks [redacted]"), "{text}");
}

#[test]
fn a_proof_shows_the_altered_place_beside_the_original() {
    let proof = proof("shown", |cx| {
        assert_eq!(dial(cx, &[("turned", FINE, Some(8))]).unwrap().read(), 7);
        CheckResult::Passed
    });
    let change = proof.mutants[0].change.clone().unwrap();
    assert_eq!(change.at, "/number");
    assert_eq!(
        (change.was, change.now),
        (Some("7".to_owned()), Some("8".to_owned()))
    );
}

#[test]
fn a_live_failure_has_its_origin() {
    let (run, _folder) = run(settings());
    let body = Body::Sync(|cx| {
        let seen = cx.observe_now::<Dial>("gone", || Err(Error::other("reset by peer")));
        seen.map(drop).into_check_result()
    });
    let (answer, proof) = run_and_prove(&run, &registration("fails", body));
    assert!(proof.is_none());
    let CheckResult::Failed { reason, origin } = answer else {
        panic!("{answer:?}")
    };
    assert_eq!((reason.as_str(), origin), ("reset by peer", Origin::Error));
}

/// As the harness calls it: on a thread that is inside of a trial.
#[test]
fn proving_keeps_quiet_about_the_panics_it_causes() {
    let (run, _folder) = run(settings());
    let registration = registration(
        "asserts",
        Body::Sync(|cx| {
            assert_eq!(dial(cx, &[("turned", FINE, Some(8))]).unwrap().read(), 7);
            CheckResult::Passed
        }),
    );
    let cx = Context::for_trial(&run, "t", "T-1");
    assert!(invoke(&registration.body, &cx, None).is_pass());
    let caught = crate::harness::panics::catch(|| prove(&registration, &cx));
    assert_eq!(caught.unwrap().strength, ProofStrength::Proven);
    ensure_nothing_unattributed();
}

fn ensure_nothing_unattributed() {
    let all = crate::harness::panics::take_unattributed().join("\n");
    assert!(!all.contains("prove/tests.rs"), "{all}");
}

#[test]
fn ensure_reads_as_a_condition() -> Result<()> {
    ensure!(true, "not reached");
    Ok(())
}
