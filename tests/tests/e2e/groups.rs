//! What holds between trials whether they are threads or processes: groups, and what is looked at
//! once for the whole run.

use std::fs;

use readiness_tests::document::statuses;
use readiness_tests::{Project, Runner};

/// Each trial writes down when it comes and goes. A file that is only appended to is the one thing
/// that processes share without help.
const CHECKS: &str = r#"
use std::io::Write;
use std::time::Duration;

use readiness::observation::log_lines::LogLines;
use readiness::{Context, Result, ensure, requirement};

readiness::main!();

fn note(what: &str) -> std::io::Result<()> {
    let path = std::env::var("NOTES").map_err(std::io::Error::other)?;
    let mut file = std::fs::OpenOptions::new().append(true).create(true).open(path)?;
    file.write_all(format!("{what}\n").as_bytes())
}

/// Long enough for the others to come in, if nothing held them back.
fn stay(cx: &Context, name: &str) -> Result {
    ensure!(cx.setting("there").require_bool()?, "it is not there");
    if !cx.is_replay() {
        note(&format!("in {name}"))?;
        std::thread::sleep(Duration::from_millis(20));
        note(&format!("out {name}"))?;
    }
    Ok(())
}

#[requirement("G-1", args("w1"), exclusive = "db")]
#[requirement("G-1", args("w2"), exclusive = "db")]
#[requirement("G-1", args("w3"), exclusive = "db")]
fn writes(cx: &Context, name: &str) -> Result {
    stay(cx, name)
}

#[requirement("G-2", args("r1"), shared = "db")]
#[requirement("G-2", args("r2"), shared = "db")]
#[requirement("G-2", args("r3"), shared = "db")]
#[requirement("G-2", args("r4"), shared = "db")]
fn reads(cx: &Context, name: &str) -> Result {
    stay(cx, name)
}

#[requirement("G-3", args(1))]
#[requirement("G-3", args(2))]
#[requirement("G-3", args(3))]
#[requirement("G-3", args(4))]
async fn one_look_for_all(cx: Context, least: usize) -> Result {
    let limit = cx
        .once("the limit", |cx| async move {
            let look = || -> Result<LogLines> {
                note("looked")?;
                Ok(LogLines::new(["1", "2", "3", "4"]))
            };
            let lines = cx.observe_now("limits", look)?;
            Ok(lines.len())
        })
        .await?;
    ensure!(limit >= least, "{limit} lines, {least} are needed");
    Ok(())
}
"#;

const CHECKLIST: &str = "\
| ID | Requirement | Status |
|----|-------------|--------|
| G-1 | Writers are alone | |
| G-2 | Readers are among themselves | |
| G-3 | One look serves all | |
";

#[test]
fn groups_and_shared_looks_hold_across_threads_and_processes() {
    let project = Project::new(env!("CARGO_TARGET_TMPDIR"), "groups")
        .with("CHECKLIST.md", CHECKLIST)
        .with(
            "readiness.toml",
            "[target]\nkind = \"remote\"\nname = \"here\"\nthere = true\n",
        )
        .with_checks(CHECKS)
        .built();
    let notes = project.path("notes");
    for runner in Runner::available() {
        project.reset(&[("CHECKLIST.md", CHECKLIST), ("notes", "")]);
        let step = match runner {
            Runner::CargoTest => project.cargo_test(&[]),
            Runner::Nextest => project.nextest(&["--test-threads=8"]),
            Runner::Command => project.readiness(&["run", "--offline"]),
        };
        step.env("NOTES", &notes).run().exits(0);
        let notes = fs::read_to_string(&notes).expect("the trials wrote");
        let looks = notes.lines().filter(|line| *line == "looked").count();
        assert_eq!(looks, 1, "{runner:?}: one look for the run\n{notes}");
        alone(&notes);
        if runner != Runner::Command {
            project.readiness(&["report"]).run().exits(0);
        }
        let found = statuses(&project.read("CHECKLIST.md"));
        assert!(
            found.iter().all(|(_, status)| status == "✅"),
            "{runner:?} {found:?}"
        );
    }
}

/// No writer is in while anyone else is.
fn alone(notes: &str) {
    let mut inside: Vec<&str> = Vec::new();
    for line in notes.lines() {
        if let Some(name) = line.strip_prefix("in ") {
            inside.push(name);
        } else if let Some(name) = line.strip_prefix("out ") {
            inside.retain(|other| *other != name);
        }
        let writers = inside.iter().filter(|name| name.starts_with('w')).count();
        assert!(writers == 0 || inside.len() == 1, "{inside:?} in\n{notes}");
    }
    assert!(inside.is_empty(), "{inside:?} never left");
}
