//! The checks answer as the requirement that they are for says.

use std::sync::atomic::{AtomicU32, Ordering};

use readiness::{Context, Resource, Result, Unavailable, Verdict, check, ensure, requirement};

readiness::main!();

#[requirement("FAIL-1")]
fn a_verdict(cx: &Context) -> Verdict {
    Verdict::Fail(format!("{:?} a minute", cx.setting("limits.minute").as_i64()))
}

#[requirement("FAIL-2")]
fn a_panic() {
    let limits: [u8; 0] = [];
    drop(limits.first().expect("there is a limit"));
}

#[requirement("FAIL-3")]
fn a_failed_assertion(cx: &Context) -> Result {
    let minute = cx.setting("limits.minute").require_i64()?;
    ensure!(minute > 1000, "only {minute} a minute");
    Ok(())
}

#[requirement("FAIL-4")]
fn parts(cx: &Context) {
    check!(cx.setting("limits.minute").as_i64() == Some(100), "a limit per minute");
    check!(cx.setting("limits.hour").as_i64() == Some(1), "a limit per hour");
    check!(cx.setting("limits.day").is_set(), "a limit per day");
}

#[requirement("FAIL-5", timeout = "200ms")]
fn blocking_code_out_of_time() {
    loop {
        std::thread::park();
    }
}

#[requirement("FAIL-6", timeout = "200ms")]
async fn a_future_out_of_time() {
    std::future::pending().await
}

#[requirement("FAIL-7")]
fn an_error_passed_up() -> Result {
    let text = std::fs::read_to_string("no-such-file")?;
    ensure!(text.is_empty(), "not empty");
    Ok(())
}

#[requirement("FAIL-8")]
fn holds(cx: &Context) -> Result {
    ensure!(cx.setting("limits.hour").require_i64()? == 1000, "another limit");
    Ok(())
}

#[requirement("FAIL-8", args("day"))]
#[requirement("FAIL-8", args("week"))]
fn is_set(cx: &Context, limit: &str) -> Result {
    ensure!(cx.setting(&format!("limits.{limit}")).is_set(), "no limit per {limit}");
    Ok(())
}

#[requirement("FAIL-9")]
async fn a_panic_of_a_task(cx: Context) {
    drop(cx.spawn(async { panic!("the task gave up") }).await);
}

#[requirement("WARN-1")]
fn a_warning() -> Verdict {
    Verdict::Warn("close to the limit".to_owned())
}

#[requirement("WARN-2", retries = 2)]
fn flaky(cx: &Context) -> Result {
    static ATTEMPTS: AtomicU32 = AtomicU32::new(0);
    ensure!(cx.setting("limits.minute").require_i64()? == 100, "another limit");
    ensure!(ATTEMPTS.fetch_add(1, Ordering::SeqCst) > 0, "the first attempt fails");
    Ok(())
}

#[requirement("WARN-3")]
fn observes_nothing() {}

#[requirement("WARN-4")]
fn passes_on_whatever_it_sees(cx: &Context) {
    drop(cx.setting("limits.minute").as_i64());
}

#[requirement("WARN-5")]
fn fails_for_now() -> Verdict {
    Verdict::Fail("the limiter counts per process".to_owned())
}

struct Page(&'static str);

impl Resource for Page {
    async fn acquire(_: &Context) -> Result<Self, Unavailable> {
        Ok(Page("Welcome"))
    }
}

fn page_with_an_error() -> Page {
    Page("Internal Server Error")
}

#[requirement("WARN-6", control = page_with_an_error)]
fn a_control_that_passes(page: &Page) {
    assert!(!page.0.is_empty());
}

struct Standby;

impl Resource for Standby {
    async fn acquire(_: &Context) -> Result<Self, Unavailable> {
        Err(Unavailable::new("no standby is configured: target.standby"))
    }
}

#[requirement("SKIP-2")]
fn a_resource_that_is_not_there(_: Standby) {
    panic!("a check without its resource is not called");
}

#[requirement("SKIP-3", ignore = "the store is being moved")]
fn ignored() {
    panic!("an ignored check is not called");
}

#[requirement("SKIP-4")]
fn does_not_apply() -> Verdict {
    Verdict::NotApplicable("the shop takes no cards".to_owned())
}

#[requirement("SKIP-5")]
fn fails_beside_an_exclusion() -> Verdict {
    Verdict::Fail("there is no webhook".to_owned())
}

#[requirement("SKIP-7", "PASS-1")]
fn a_limit_per_hour(cx: &Context) -> Result {
    ensure!(cx.setting("limits.hour").require_i64()? == 1000, "another limit per hour");
    Ok(())
}

#[requirement("SKIP-7")]
fn of_the_standby(_: Standby) {}

#[requirement("PASS-2", no_proof = "it looks at the compiler")]
fn excused() {
    assert_ne!(env!("CARGO_PKG_NAME"), "");
}

#[requirement("PASS-4", control = page_with_an_error)]
fn proven_by_a_control(page: &Page) {
    assert!(!page.0.contains("Error"), "the page shows an error");
}

#[requirement("PASS-5")]
async fn later(cx: Context) -> Result {
    ensure!(cx.setting("limits.minute").require_i64()? == 100, "another limit");
    Ok(())
}

#[requirement("PASS-5")]
async fn later_still(cx: &Context) -> Result<Verdict> {
    let minute = cx.setting("limits.minute").require_i64()?;
    Ok(if minute <= 100 { Verdict::Pass } else { Verdict::Warn("too many".to_owned()) })
}
