//! Recording, sharing across processes, releases, tasks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::*;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::exec::block_on;
use crate::harness::panics;
use crate::observation::env::EnvVar;
use crate::observation::json::Json;
use crate::observation::measurement::Measurement;
use crate::observation::setting::Setting;
use crate::observation::{Facet, Mutant, Observation, Reads};
use crate::redact::Redactor;
use crate::registry::Body;
use crate::run::{ProveSettings, invoke};

/// A process's part of the run in a folder.
fn process(folder: &std::path::Path) -> Arc<Run> {
    panics::install(&Redactor::default(), false);
    let settings = ProveSettings {
        enabled: true,
        budget: 64,
        seed: 0,
    };
    let config = Arc::new(Config::default());
    Run::new(
        folder.to_owned(),
        "r-1".into(),
        config,
        Redactor::default(),
        settings,
    )
}

fn trial(run: &Arc<Run>) -> Context {
    Context::for_trial(run, "T-1::t", "T-1")
}

async fn number(cx: &Context, key: &str, value: i64) -> Result<i64> {
    let json = cx
        .observe(key, || async move { Ok(Json::new(value.into())) })
        .await?;
    json.i64()
}

#[test]
fn occurrences_are_counted_when_a_look_begins() {
    let folder = tempfile::tempdir().unwrap();
    let cx = trial(&process(folder.path()));
    block_on(async {
        // Made first, polled last.
        let late = number(&cx, "a", 1);
        number(&cx, "a", 2).await.unwrap();
        number(&cx, "b", 3).await.unwrap();
        late.await.unwrap();
    });
    let names: Vec<_> = cx
        .recording()
        .entries()
        .iter()
        .map(|e| e.identity.to_string())
        .collect();
    assert_eq!(names, ["json a #1", "json b #1", "json a #2"]);
}

#[test]
fn a_replay_serves_what_was_seen_and_never_looks() {
    let folder = tempfile::tempdir().unwrap();
    let cx = trial(&process(folder.path()));
    block_on(number(&cx, "a", 1)).unwrap();
    let failed = cx.observe_now::<Json>("b", || Err(Error::unavailable("no route")));
    assert_eq!(failed.unwrap_err().to_string(), "no route");
    let time = cx.now();
    let nonce = cx.nonce();

    let replay = Replay::new(cx.recording(), None, Duration::from_secs(60));
    let again = cx.for_replay(&replay);
    assert!(again.is_replay() && !cx.is_replay());
    assert_eq!(block_on(number(&again, "a", 99)).unwrap(), 1);
    let looked = again.observe_now::<Json>("b", || panic!("it looked"));
    let error = looked.unwrap_err();
    assert_eq!(error.to_string(), "no route");
    assert_eq!(error.class(), crate::error::Class::Unavailable);
    assert_eq!(again.now(), time);
    again.sleep_now(Duration::from_secs(3_600));
    assert_eq!(again.now(), time + Duration::from_secs(3_600));
    assert_eq!(again.nonce(), nonce);
    assert_ne!(again.nonce(), nonce);
    assert_eq!(replay.diverged(), None);
    assert_eq!(cx.recording().len(), 4, "a replay records nothing");

    let unknown = again.observe_now::<Json>("c", || panic!("it looked"));
    assert!(unknown.is_err());
    assert_eq!(replay.diverged(), Some("`json c #1` was not recorded"));
}

#[test]
fn a_value_of_another_kind_under_one_key_is_another_observation() {
    let folder = tempfile::tempdir().unwrap();
    let cx = trial(&process(folder.path()));
    cx.observe_now("x", || Ok(Json::new(1.into()))).unwrap();
    cx.observe_now("x", || Ok(Measurement::new("ms", vec![1.0])))
        .unwrap();
    let names: Vec<_> = cx
        .recording()
        .entries()
        .iter()
        .map(|e| e.identity.to_string())
        .collect();
    assert_eq!(names, ["json x #1", "measurement x #1"]);
}

#[test]
fn what_is_shared_is_made_once_across_processes() {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let folder = tempfile::tempdir().unwrap();
    let look = |run: Arc<Run>| {
        let cx = trial(&run);
        let sum = block_on(cx.once("burst", async |cx: Context| {
            let mut sum = 0;
            for _ in 0..3 {
                let made = i64::from(MADE.fetch_add(u32::from(!cx.is_replay()), Ordering::SeqCst));
                // Of another trial the calls differ; what is shared must be what was looked at.
                sum += number(&cx, "a", 10 + made).await?;
                cx.sleep(Duration::from_millis(2)).await;
            }
            Ok(sum)
        }));
        (sum.unwrap(), cx.recording().len())
    };
    // Each `Run` opens the lock file anew, as a process would.
    let results: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..6)
            .map(|_| scope.spawn(|| look(process(folder.path()))))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    let made_live = std::fs::read_dir(folder.path().join("shared"))
        .unwrap()
        .count();
    assert_eq!(made_live, 2, "one recording and its lock");
    assert!(
        results.iter().all(|result| *result == results[0]),
        "{results:?}"
    );
    assert_eq!(
        results[0].1, 3,
        "each trial has the observations as its own"
    );
}

/// Of every sort there is: what one process stored, another has to be able to read.
#[test]
fn another_process_reads_times_nonces_and_failures_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let looks = AtomicU32::new(0);
    let look = || {
        let cx = trial(&process(folder.path()));
        let seen = block_on(cx.once("everything", async |cx: Context| {
            let failed = cx
                .observe::<Json, _, _>("gone", || async {
                    looks.fetch_add(1, Ordering::SeqCst);
                    Err(Error::other("reset by peer"))
                })
                .await;
            Ok((cx.now(), cx.nonce(), failed.unwrap_err().to_string()))
        }));
        seen.unwrap()
    };
    let first = look();
    assert_eq!(look(), first);
    assert_eq!(looks.load(Ordering::SeqCst), 1);
}

#[test]
fn trials_of_one_process_wait_for_the_one_that_looks() {
    let folder = tempfile::tempdir().unwrap();
    let run = process(folder.path());
    let looks = AtomicU32::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let cx = trial(&run);
                let value = block_on(cx.once("page", async |cx: Context| {
                    cx.observe("a", || async {
                        crate::exec::sleep(Duration::from_millis(5)).await;
                        looks.fetch_add(1, Ordering::SeqCst);
                        Ok(Json::new(5.into()))
                    })
                    .await?
                    .i64()
                }));
                assert_eq!(value.unwrap(), 5);
            });
        }
    });
    assert_eq!(looks.load(Ordering::SeqCst), 1);
}

#[test]
fn everyone_reads_the_redacted_form_the_first_included() {
    let folder = tempfile::tempdir().unwrap();
    let run = process(folder.path());
    let read = |cx: Context| {
        cx.secret("canary-5137");
        let text = block_on(cx.once("page", async |cx: Context| {
            let body = serde_json::json!({"token": "abc-123", "text": "has canary-5137 and a@example.com"});
            let json = cx.observe("a", || async { Ok(Json::new(body)) }).await?;
            cx.observe::<Json, _, _>("b", || async { Err(Error::other("refused for canary-5137")) })
                .await
                .map_err(|error| Error::other(format!("{} / {error}", json.peek().unwrap())))
        }));
        text.unwrap_err().to_string()
    };
    let first = read(trial(&run));
    assert_eq!(
        first,
        r#"{"text":"has [redacted] and [redacted e-mail]","token":"[redacted]"} / refused for [redacted]"#
    );
    assert_eq!(first, read(trial(&run)));
    for file in std::fs::read_dir(folder.path().join("shared")).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        assert!(
            !text.contains("canary") && !text.contains("abc-123"),
            "{text}"
        );
    }
}

#[test]
fn a_recording_that_is_torn_or_foreign_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let made = AtomicU32::new(0);
    let look = || {
        let cx = trial(&process(folder.path()));
        block_on(cx.once("page", async |cx: Context| {
            cx.observe("a", || async {
                made.fetch_add(1, Ordering::SeqCst);
                Ok(Json::new(5.into()))
            })
            .await?
            .i64()
        }))
    };
    assert_eq!(look().unwrap(), 5);
    let shared = folder.path().join("shared");
    let file = std::fs::read_dir(&shared)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|e| e == "json"))
        .unwrap();
    let whole = std::fs::read(&file).unwrap();
    let foreign = String::from_utf8(whole.clone())
        .unwrap()
        .replace("\"page\"", "\"other\"");
    let newer = String::from_utf8(whole.clone())
        .unwrap()
        .replace("\"format\":1", "\"format\":2");
    let hostile: [&[u8]; 7] = [
        b"",
        &whole[..whole.len() / 2],
        b"\xff\xfe\x00",
        b"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
        b"{\"format\":1,\"key\":\"page\",\"entries\":[{\"scope\":1}]}",
        foreign.as_bytes(),
        newer.as_bytes(),
    ];
    for (at, bytes) in hostile.into_iter().enumerate() {
        std::fs::write(&file, bytes).unwrap();
        let before = made.load(Ordering::SeqCst);
        assert_eq!(look().unwrap(), 5, "{at}");
        assert_eq!(made.load(Ordering::SeqCst), before + 1, "{at}");
    }
    let before = made.load(Ordering::SeqCst);
    assert_eq!(look().unwrap(), 5);
    assert_eq!(made.load(Ordering::SeqCst), before, "a whole one is used");
}

#[test]
fn a_folder_that_cannot_be_used_is_an_error_with_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let cx = trial(&process(&file));
    let error = block_on(cx.once("page", async |_| Ok(()))).unwrap_err();
    assert!(error.to_string().contains("file"), "{error}");
    assert!(
        error.to_string().starts_with("the run's shared recording"),
        "{error}"
    );
}

#[test]
fn shared_recordings_nest() {
    let folder = tempfile::tempdir().unwrap();
    let look = || {
        let cx = trial(&process(folder.path()));
        let sum = block_on(cx.once("outer", async |cx: Context| {
            let inner = cx
                .once("inner", async |cx: Context| number(&cx, "a", 20).await)
                .await?;
            Ok(inner + number(&cx, "a", 1).await?)
        }));
        let names: Vec<_> = cx
            .recording()
            .entries()
            .iter()
            .map(|e| e.identity.to_string())
            .collect();
        (sum.unwrap(), names)
    };
    let expected = vec![
        "json a #1 of outer/inner".to_owned(),
        "json a #1 of outer".to_owned(),
    ];
    assert_eq!(look(), (21, expected.clone()));
    assert_eq!(look(), (21, expected));
}

#[test]
fn what_is_shared_has_to_be_a_function_of_its_observations() {
    let folder = tempfile::tempdir().unwrap();
    let cx = trial(&process(folder.path()));
    let calls = AtomicU32::new(0);
    let error = block_on(cx.once("page", async |cx: Context| {
        let key = format!("key {}", calls.fetch_add(1, Ordering::SeqCst));
        number(&cx, &key, 1).await
    }))
    .unwrap_err();
    assert!(
        error.to_string().contains("has no `json key 1 #1 of page`"),
        "{error}"
    );
}

/// Settings and variables whose names promise a secret leave the process as length and class.
#[test]
fn secrets_of_the_environment_are_stored_as_length_and_class() {
    let token = "sk_live_51Hcanary0000";
    let variable = EnvVar::new("STRIPE_API_KEY", Some(token.to_owned()));
    let json = serde_json::to_string(&variable).unwrap();
    assert_eq!(
        json,
        r#"{"name":"STRIPE_API_KEY","length":21,"class":"stripe-live-key"}"#
    );
    let back: EnvVar = serde_json::from_str(&json).unwrap();
    assert!(back.is_set() && !back.is_empty());
    assert_eq!(
        (back.len(), back.class(), back.as_str()),
        (21, "stripe-live-key", None)
    );
    assert_eq!(serde_json::to_string(&back).unwrap(), json);

    let plain = EnvVar::new("CAIO_ENV", Some("production".to_owned()));
    let json = serde_json::to_string(&plain).unwrap();
    assert_eq!(json, r#"{"name":"CAIO_ENV","value":"production"}"#);

    let setting = Setting::new("login.password", Some("hunter2".into()));
    let json = serde_json::to_string(&setting).unwrap();
    assert_eq!(
        json,
        r#"{"path":"login.password","length":7,"class":"text"}"#
    );
    let back: Setting = serde_json::from_str(&json).unwrap();
    assert!(back.is_set() && back.value().is_none());
}

#[test]
fn releases_run_latest_first_and_after_a_panic_of_one() {
    let folder = tempfile::tempdir().unwrap();
    let cx = trial(&process(folder.path()));
    let order = Arc::new(Mutex::new(Vec::new()));
    for name in ["first", "second"] {
        let order = Arc::clone(&order);
        cx.on_release(async move { order.lock().unwrap().push(name) });
    }
    cx.on_release(async { panic!("broken release") });
    let nested = cx.clone();
    let late = Arc::clone(&order);
    cx.on_release(
        async move { nested.on_release(async move { late.lock().unwrap().push("nested") }) },
    );
    assert_eq!(cx.release(), ["a release panicked: broken release"]);
    assert_eq!(*order.lock().unwrap(), ["nested", "second", "first"]);
    assert!(cx.release().is_empty());
}

#[test]
fn a_panic_of_a_task_fails_the_check_awaited_or_not() {
    let folder = tempfile::tempdir().unwrap();
    let run = process(folder.path());
    let body = Body::Async(|cx| {
        Box::pin(async move {
            let task = cx.spawn(async { panic!("in the task") });
            // Its error is swallowed: it counts all the same.
            drop::<Result<()>>(task.await);
            crate::verdict::CheckResult::Passed
        })
    });
    let answer = invoke(&body, &trial(&run), None);
    let crate::verdict::CheckResult::Failed { reason, origin } = answer else {
        panic!("{answer:?}")
    };
    assert!(
        reason.contains("in the task") && reason.contains("context/tests.rs"),
        "{reason}"
    );
    assert!(origin.is_own());
}

#[test]
fn a_task_notes_its_parts_in_its_trial() {
    let folder = tempfile::tempdir().unwrap();
    let run = process(folder.path());
    let body = Body::Async(|cx| {
        Box::pin(async move {
            let task = cx.spawn(async {
                crate::check!(1 > 2, "order holds");
                7
            });
            assert_eq!(task.await.unwrap(), 7);
            crate::verdict::CheckResult::Passed
        })
    });
    let cx = trial(&run);
    let answer = invoke(&body, &cx, None);
    assert_eq!(
        answer,
        crate::verdict::CheckResult::failed("order holds: 1 > 2 does not hold")
    );
}

#[test]
fn an_asynchronous_check_is_cancelled_at_its_limit() {
    let folder = tempfile::tempdir().unwrap();
    let run = process(folder.path());
    let body = Body::Async(|_| Box::pin(std::future::pending()));
    let answer = invoke(&body, &trial(&run), Some(Duration::from_millis(5)));
    let crate::verdict::CheckResult::Failed { reason, origin } = answer else {
        panic!("{answer:?}")
    };
    assert_eq!(
        (reason.as_str(), origin),
        ("timed out after 5ms", Origin::Timeout)
    );
}

struct Pool(u32);

static POOLS: AtomicU32 = AtomicU32::new(0);
static DRAINED: AtomicU32 = AtomicU32::new(0);

impl Resource for Pool {
    async fn acquire(cx: &Context) -> Result<Self, Unavailable> {
        cx.on_release(async { DRAINED.store(1, Ordering::SeqCst) });
        Ok(Pool(POOLS.fetch_add(1, Ordering::SeqCst) + 1))
    }
}

struct NoPool;

static REFUSALS: AtomicU32 = AtomicU32::new(0);

impl Resource for NoPool {
    async fn acquire(_: &Context) -> Result<Self, Unavailable> {
        REFUSALS.fetch_add(1, Ordering::SeqCst);
        Err(Unavailable::new("no server on port 1"))
    }
}

#[test]
fn a_run_scoped_resource_is_acquired_once_and_released_with_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let run = process(folder.path());
    for _ in 0..3 {
        let cx = trial(&run);
        assert_eq!(block_on(cx.run_scope::<Pool>()).unwrap().0, 1);
        assert!(cx.release().is_empty());
        let error = block_on(cx.run_scope::<NoPool>()).map(drop).unwrap_err();
        assert_eq!(error.reason(), "no server on port 1");
    }
    assert_eq!(REFUSALS.load(Ordering::SeqCst), 1, "a refusal is shared");
    assert_eq!(DRAINED.load(Ordering::SeqCst), 0);
    assert!(run.release().is_empty());
    assert_eq!(DRAINED.load(Ordering::SeqCst), 1);
}

#[test]
fn the_target_is_typed_by_the_suite() {
    #[derive(Debug, serde::Deserialize)]
    struct Target {
        base_url: String,
    }
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::default();
    let target = "base_url = \"http://x\"\nlimits.pro.minute = 35";
    config.target = Some(crate::config::value::parsed(target));
    let settings = ProveSettings::from_config(&config);
    let path = folder.path().to_owned();
    let run = Run::new(
        path,
        "r".into(),
        Arc::new(config),
        Redactor::default(),
        settings,
    );
    let cx = trial(&run);
    assert_eq!(cx.target::<Target>().unwrap().base_url, "http://x");
    assert_eq!(cx.setting("limits.pro.minute").as_i64(), Some(35));
    assert!(!cx.setting("limits.pro.hour").is_set());
    let error = cx.setting("limits.pro.hour").require_i64().unwrap_err();
    assert!(error.reason().contains("`limits.pro.hour`"), "{error}");

    let bare = trial(&process(folder.path()));
    let error = bare.target::<Target>().unwrap_err();
    assert!(error.reason().contains("`base_url`"), "{error}");
}

/// Blocking clients panic inside of asynchronous code; a blocking check is outside of it.
#[test]
fn a_blocking_check_runs_outside_of_the_runtime() {
    let folder = tempfile::tempdir().unwrap();
    let body = Body::Sync(|_cx| {
        #[cfg(feature = "async")]
        assert!(tokio::runtime::Handle::try_current().is_err());
        crate::verdict::CheckResult::Passed
    });
    assert!(invoke(&body, &trial(&process(folder.path())), None).is_pass());
}

/// Sums of this side: what a counter of bytes and a sum of nanoseconds look like.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
struct Sums {
    nanoseconds: u64,
    bytes: i64,
    took: Duration,
    /// A name that promises a secret, of a number that is none.
    password_age_s: u64,
    share: f64,
}

impl Observation for Sums {
    const KIND: &'static str = "sums";
    const MEASURED: bool = true;

    fn attach(&mut self, _: Reads) {}

    fn mutants(&self, _: &BTreeSet<Facet>) -> Vec<Mutant<Self>> {
        Vec::new()
    }
}

/// What `look` saw, as the trial that looked and one of another process get it from the recording.
fn shared_by_two<T: Observation>(look: impl Fn() -> T) -> [Result<T>; 2] {
    let folder = tempfile::tempdir().unwrap();
    let read = || {
        let cx = trial(&process(folder.path()));
        block_on(cx.once("sums", async |cx: Context| {
            cx.observe("a", || async { Ok(look()) }).await
        }))
    };
    [read(), read()]
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn what_was_measured_comes_back_from_a_shared_recording(
        nanoseconds: u64,
        bytes: i64,
        took in (0u64.., 0u32..1_000_000_000),
        password_age_s: u64,
        share in -1e300f64..1e300,
        mut samples: Vec<f64>,
    ) {
        let sums = Sums {
            nanoseconds,
            bytes,
            took: Duration::new(took.0, took.1),
            password_age_s,
            share,
        };
        for back in shared_by_two(|| sums.clone()) {
            assert_eq!(back.unwrap(), sums);
        }
        // A number that passes the test of card numbers, whole and in decimal places.
        samples.extend([4_111_111_111_111_111.0, 0.411_111_111_111_111_1, f64::INFINITY]);
        let bits = |samples: &[f64]| -> Vec<u64> {
            // NaN has many forms and is stored as its name.
            let plain = samples.iter().map(|s| if s.is_nan() { f64::NAN } else { *s });
            plain.map(f64::to_bits).collect()
        };
        for back in shared_by_two(|| Measurement::new("ns", samples.clone())) {
            let back: Vec<f64> = back.unwrap().samples().collect();
            assert_eq!(bits(&back), bits(&samples));
        }
    }
}

/// A number that passes for a card number, in a kind that does not say whose its numbers are.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
struct Order {
    number: u64,
}

impl Observation for Order {
    const KIND: &'static str = "order";

    fn attach(&mut self, _: Reads) {}

    fn mutants(&self, _: &BTreeSet<Facet>) -> Vec<Mutant<Self>> {
        Vec::new()
    }
}

#[test]
fn what_masking_made_unreadable_was_not_looked_at_and_says_so() {
    let number = 4_111_111_111_111_111;
    for back in shared_by_two(|| Order { number }) {
        let error = back.unwrap_err();
        assert_eq!(error.class(), crate::error::Class::Unavailable);
        let told = error.to_string();
        assert!(told.contains("`order a #1 of sums`"), "{told}");
        assert!(told.contains("`/number` looks like a secret"), "{told}");
        assert!(told.contains("outside of `Context::once`"), "{told}");
        assert!(!told.contains("4111"), "{told}");
    }
    for back in shared_by_two(|| Json::new(serde_json::json!({"id": number, "n": 7}))) {
        let json = back.unwrap();
        assert_eq!(json.get("n").i64().unwrap(), 7);
        let error = json.get("id").i64().unwrap_err();
        assert_eq!(error.class(), crate::error::Class::Unavailable, "{error}");
        let error = json.to::<BTreeMap<String, u64>>().unwrap_err();
        assert_eq!(error.class(), crate::error::Class::Unavailable, "{error}");
        // Nothing was masked here: the finding is the check's own.
        let error = json.get("n").str().unwrap_err();
        assert_eq!(error.class(), crate::error::Class::Finding, "{error}");
    }
}
