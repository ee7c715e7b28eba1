//! One check for each way a trial can end.

use readiness::{Context, Error, Result, Unavailable, Verdict, ensure, requirement};

readiness::main!();

#[requirement("OPS-001", args("orders"))]
#[requirement("OPS-001", args("customers"))]
fn backups_are_kept(cx: &Context, store: &str) -> Result {
    let days = cx.setting(&format!("backup.{store}")).require_i64()?;
    ensure!(days >= 30, "backups of {store} are kept for {days} days");
    Ok(())
}

#[requirement("OPS-002")]
async fn error_budget(cx: Context) -> Result<Verdict> {
    let left = cx.setting("budget.left").require_f64()?;
    Ok(match left {
        left if left <= 0.0 => Verdict::Fail("the budget is used up".to_owned()),
        left if left < 10.0 => Verdict::Warn(format!("{left} % of the budget is left")),
        _ => Verdict::Pass,
    })
}

#[requirement("OPS-003")]
fn logs_are_clean(cx: &Context) -> Result {
    let lines = cx.log_lines("shop", ["paid 12.00", "password=hunter2"]);
    ensure!(!lines.contains("password="), "a password stands in the log of the shop");
    Ok(())
}

#[requirement("OPS-003")]
fn logs_are_there() {
    let lines: [&str; 0] = [];
    assert_eq!(lines.first(), Some(&"paid 12.00"), "the log is empty");
}

#[requirement("OPS-004")]
async fn standby_answers() -> Result<(), Unavailable> {
    Err(Unavailable::new("no address of a standby is configured: target.standby"))
}

#[requirement("PAY-001")]
async fn card_numbers_are_masked() -> Result<Verdict, Error> {
    Ok(Verdict::NotApplicable("the shop takes no cards".to_owned()))
}
