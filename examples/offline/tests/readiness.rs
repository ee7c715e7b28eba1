//! Checks without a network: settings of `readiness.toml`, values in the program, a file of the repository.
//!
//! `JOB-005` has no check: no program can know. `cargo readiness attest JOB-005 --by … --expires 90d` is for it.

use std::path::Path;

use readiness::observation::log_lines::LogLines;
use readiness::{Context, Error, Result, ensure, requirement};

readiness::main!();

#[requirement("JOB-001")]
fn backups_are_kept(cx: &Context) -> Result<()> {
    let days = cx.setting("backup.retention_days").require_i64()?;
    ensure!(
        days >= 30,
        "backups are kept for {days} days, 30 are required"
    );
    Ok(())
}

#[requirement("JOB-002")]
fn the_export_waits_for_the_import(cx: &Context) -> Result<()> {
    let hour = cx.setting("schedule.start_hour_utc").require_i64()?;
    ensure!((0..24).contains(&hour), "{hour} is no hour of a day");
    ensure!(
        (2..22).contains(&hour),
        "starts at {hour}:00 UTC, while the import runs"
    );
    Ok(())
}

#[requirement("JOB-003")]
fn migrations_have_no_gap(cx: &Context) -> Result<()> {
    let names = example_offline::MIGRATIONS.iter().map(|(name, _)| *name);
    let names = cx.log_lines("names of the migrations", names);
    // An empty list has no gap and proves nothing.
    ensure!(!names.is_empty(), "there are no migrations");
    for (position, name) in names.iter().enumerate() {
        let number = name
            .split('_')
            .next()
            .and_then(|number| number.parse().ok());
        ensure!(
            number == Some(position + 1),
            "{name} stands at position {}",
            position + 1
        );
    }
    Ok(())
}

#[requirement("JOB-004")]
fn the_runbook_names_who_is_called(cx: &Context) -> Result<()> {
    let runbook = cx.observe_now("RUNBOOK.md", runbook)?;
    for field in ["Owner: ", "Escalation: "] {
        let named = runbook.containing(field);
        ensure!(
            named.len() == 1,
            "RUNBOOK.md has {} lines `{field}…`, not one",
            named.len()
        );
        ensure!(
            named.iter().all(|line| line.len() > field.len() + 2),
            "`{field}` names nobody"
        );
    }
    Ok(())
}

fn runbook() -> Result<LogLines> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("RUNBOOK.md");
    let text = std::fs::read_to_string(&path)
        .map_err(|error| Error::other(format!("{}: {error}", path.display())))?;
    Ok(LogLines::new(text.lines()))
}
