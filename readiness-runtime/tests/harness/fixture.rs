//! Checks that do what their names say. Each has an id of its own; tests choose them by filters.

use std::io::Write;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Barrier;
use std::time::Duration;

use readiness::__private::{Body, CheckFuture, answer, registration, submit};
use readiness::registry::{Phase, Registration};
use readiness::{Context, Error, Result, Verdict};

/// Registers a blocking function for an id, with options as fields of [`Registration`].
macro_rules! check {
    ($id:literal, $function:ident $(, $field:ident = $value:expr)* $(,)?) => {
        check!(@ $id, $function, Body::Sync(|cx| answer($function(cx))) $(, $field = $value)*);
    };
    (async $id:literal, $function:ident $(, $field:ident = $value:expr)* $(,)?) => {
        check!(@ $id, $function, {
            fn boxed(cx: Context) -> CheckFuture {
                Box::pin(async move { answer($function(cx).await) })
            }
            Body::Async(boxed)
        } $(, $field = $value)*);
    };
    (@ $id:literal, $function:ident, $body:expr $(, $field:ident = $value:expr)*) => {
        submit! {
            {
                #[allow(unused_mut, reason = "not every check has options")]
                let mut made: Registration = registration(
                    &[$id], module_path!(), stringify!($function), "fixture", "0.0.0", "/fixture",
                    file!(), line!(), column!(), "digest-1", $body,
                );
                $(made.$field = $value;)*
                made
            }
        }
    };
}

/// How long a check is given that is meant to time out.
const SHORT: Option<Duration> = Some(Duration::from_millis(50));

/// Sleeps for longer than any test waits.
const FOR_EVER: Duration = Duration::from_secs(3600);

fn folder() -> PathBuf {
    readiness_driver::project().unwrap()
}

fn leave(name: &str) {
    std::fs::write(folder().join(name), "").unwrap();
}

check!("PASS-1", limit_is_five);
fn limit_is_five(cx: &Context) -> Result {
    assert_eq!(cx.setting("limit").require_i64()?, 5);
    Ok(())
}

check!(async "PASS-2", limit_is_five_async);
async fn limit_is_five_async(cx: Context) -> Result<Verdict> {
    match cx.setting("limit").require_i64()? {
        5 => Ok(Verdict::Pass),
        other => Ok(Verdict::Fail(format!("{other}"))),
    }
}

check!("VAC-1", looks_at_nothing);
fn looks_at_nothing(_: &Context) {}

check!("WARN-1", warns);
fn warns(_: &Context) -> Verdict {
    Verdict::Warn("close to the limit".into())
}

check!("FAIL-1", fails);
fn fails(_: &Context) -> Verdict {
    Verdict::Fail("expected 429, got 200".into())
}

check!("FAIL-2", panics);
fn panics(_: &Context) {
    panic!("not what was expected");
}

check!("FAIL-3", passes_an_error_up);
fn passes_an_error_up(_: &Context) -> Result {
    Err(Error::other("connection reset"))
}

check!("FAIL-4", tells_a_secret);
fn tells_a_secret(cx: &Context) {
    cx.secret("hunter2-hunter2");
    panic!("the password is hunter2-hunter2");
}

check!("NA-1", does_not_apply);
fn does_not_apply(_: &Context) -> Verdict {
    Verdict::NotApplicable("no cards are taken".into())
}

check!("UN-1", cannot_look);
fn cannot_look(_: &Context) -> Result {
    Err(Error::unavailable(
        "no address is configured:\nset target.base_url",
    ))
}

check!("IGN-1", is_ignored, ignore = Some("needs hardware"));
fn is_ignored(_: &Context) {
    leave("ignored-ran");
}

check!("HANG-1", blocks, timeout = SHORT);
fn blocks(cx: &Context) {
    cx.on_release(async { leave("released") });
    std::thread::sleep(FOR_EVER);
}

check!(async "HANG-2", never_resolves, timeout = SHORT);
async fn never_resolves(cx: Context) {
    cx.on_release(async { leave("released") });
    std::future::pending::<()>().await;
}

check!(
    "GROUP-1",
    blocks_in_its_group,
    timeout = SHORT,
    exclusive = Some("g")
);
fn blocks_in_its_group(_: &Context) {
    std::thread::sleep(FOR_EVER);
}

check!(
    "GROUP-2",
    waits_for_the_group,
    timeout = Some(Duration::from_secs(2)),
    exclusive = Some("g"),
    // After the other one, which has timed out by then.
    phase = Phase::Write,
);
fn waits_for_the_group(_: &Context) {
    leave("group-2-ran");
}

check!("MANY-1", is_alone_in_its_group, exclusive = Some("many"));
check!("MANY-2", is_alone_in_its_group, exclusive = Some("many"));
check!("MANY-3", is_alone_in_its_group, exclusive = Some("many"));
fn is_alone_in_its_group(cx: &Context) -> Result {
    if cx.is_replay() {
        return limit_is_five(cx);
    }
    let inside = folder().join("inside");
    // Fails if it is there: two trials inside at once see each other.
    let made = std::fs::File::options()
        .write(true)
        .create_new(true)
        .open(&inside);
    made.map_err(|_| Error::finding("another trial of the group is inside"))?;
    for _ in 0..1000 {
        std::thread::yield_now();
    }
    std::fs::remove_file(&inside)?;
    limit_is_five(cx)
}

check!(
    "DIES-1",
    holds_a_group_until_it_is_killed,
    exclusive = Some("dies")
);
fn holds_a_group_until_it_is_killed(_: &Context) {
    leave("waiting");
    std::thread::sleep(FOR_EVER);
}

check!("DIES-2", runs_after_it, exclusive = Some("dies"));
fn runs_after_it(cx: &Context) -> Result {
    limit_is_five(cx)
}

check!("FLAKY-1", passes_on_the_second_attempt, retries = 1);
fn passes_on_the_second_attempt(cx: &Context) -> Result {
    if !folder().join("second").exists() && !cx.is_replay() {
        leave("second");
        return Err(Error::finding("not yet"));
    }
    limit_is_five(cx)
}

check!("RETRY-1", fails_each_time, retries = 2);
fn fails_each_time(_: &Context) -> Verdict {
    Verdict::Fail("again".into())
}

check!("PHASE-1", bursts, phase = Phase::Burst);
fn bursts(_: &Context) {
    assert!(
        folder().join("written").exists(),
        "the burst ran before the write"
    );
}

check!("PHASE-2", writes, phase = Phase::Write);
fn writes(_: &Context) {
    leave("written");
}

check!("CRASH-1", aborts);
fn aborts(_: &Context) {
    std::process::abort();
}

check!("CRASH-2", overflows_its_stack);
fn overflows_its_stack(_: &Context) {
    fn deeper(depth: u64) -> u64 {
        let page = std::hint::black_box([depth; 512]);
        if depth == u64::MAX {
            return page[7];
        }
        deeper(depth + 1) + page[7]
    }
    std::hint::black_box(deeper(0));
}

check!("CRASH-3", exits_with_zero);
fn exits_with_zero(_: &Context) {
    std::process::exit(0);
}

check!("CRASH-4", is_killed);
fn is_killed(_: &Context) {
    let pid = std::process::id().to_string();
    Command::new("kill").args(["-9", &pid]).status().unwrap();
    std::thread::sleep(FOR_EVER);
}

check!("CRASH-5", crashes_beside_another);
fn crashes_beside_another(_: &Context) {
    while !folder().join("beside").exists() {
        std::thread::yield_now();
    }
    std::process::abort();
}

check!("CRASH-6", runs_beside_a_crash);
fn runs_beside_a_crash(_: &Context) {
    leave("beside");
    if !folder().join("no-crash").exists() {
        std::thread::sleep(FOR_EVER);
    }
}

check!("THREAD-1", its_thread_panics);
fn its_thread_panics(cx: &Context) -> Result {
    let joined = std::thread::spawn(|| panic!("in a thread of its own")).join();
    assert!(joined.is_err());
    limit_is_five(cx)
}

check!("PRINT-1", prints_and_fails);
#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "its output is what is looked at"
)]
fn prints_and_fails(_: &Context) -> Verdict {
    println!("noise on stdout");
    eprintln!("noise on stderr");
    Verdict::Fail("quiet reason".into())
}

check!("INT-1", waits_for_a_signal);
fn waits_for_a_signal(cx: &Context) {
    cx.on_release(async { leave("released") });
    leave("waiting");
    std::thread::sleep(FOR_EVER);
}

check!("NEST-1", starts_a_nested_run);
fn starts_a_nested_run(_: &Context) {
    let exe = std::env::current_exe().unwrap();
    let nested = Command::new(exe).args(["PASS-1"]).output().unwrap();
    std::io::stderr().write_all(&nested.stderr).unwrap();
    assert!(nested.status.success());
}

check!("FULL-1", fills_the_disk);
fn fills_the_disk(_: &Context) -> Verdict {
    Verdict::Fail("x".repeat(10_000))
}

/// As many as run at once where nobody says how many, on a machine with one core as well.
static MEETING: [&str; 32] = [
    "MEET-01", "MEET-02", "MEET-03", "MEET-04", "MEET-05", "MEET-06", "MEET-07", "MEET-08",
    "MEET-09", "MEET-10", "MEET-11", "MEET-12", "MEET-13", "MEET-14", "MEET-15", "MEET-16",
    "MEET-17", "MEET-18", "MEET-19", "MEET-20", "MEET-21", "MEET-22", "MEET-23", "MEET-24",
    "MEET-25", "MEET-26", "MEET-27", "MEET-28", "MEET-29", "MEET-30", "MEET-31", "MEET-32",
];
static MEET: Barrier = Barrier::new(MEETING.len());

check!(
    "MEET-01",
    meets,
    ids = &MEETING,
    timeout = Some(Duration::from_secs(60)),
    no_proof = Some("it looks at the harness")
);
fn meets(_: &Context) {
    MEET.wait();
}

check!("DELAY-1", goes_on_when_it_is_told);
fn goes_on_when_it_is_told(cx: &Context) -> Result {
    while !cx.is_replay() && !folder().join("go-on").exists() {
        std::thread::sleep(Duration::from_millis(1));
    }
    limit_is_five(cx)
}
