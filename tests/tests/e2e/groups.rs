//! What holds between trials whether they are threads or processes: groups, phases, and what is looked
//! at once for the whole run.

use std::fs;

use readiness_tests::document::statuses;
use readiness_tests::{Project, Ran, Runner, toolchain};

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
    let project =
        Project::of_checks(env!("CARGO_TARGET_TMPDIR"), "groups", CHECKLIST, CHECKS).built();
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

/// Of the trials of a group, four die inside of it.
const DYING: &str = r#"
#[requirement("G-1", args("w1"), exclusive = "db")]
#[requirement("G-1", args("w2"), exclusive = "db")]
#[requirement("G-1", args("w3"), exclusive = "db")]
#[requirement("G-1", args("w4"), exclusive = "db")]
#[requirement("G-1", args("w5"), exclusive = "db")]
#[requirement("G-1", args("w6"), exclusive = "db")]
fn writes(cx: &Context, name: &str) -> Result {
    stay(cx, name)
}

#[requirement("G-2", args("w-abort"), exclusive = "db")]
#[requirement("G-2", args("w-exit"), exclusive = "db")]
#[requirement("G-2", args("w-kill"), exclusive = "db")]
#[requirement("G-2", args("w-child"), exclusive = "db")]
fn dies(cx: &Context, name: &str) -> Result {
    stay(cx, name)?;
    match name {
        "w-abort" => std::process::abort(),
        "w-exit" => std::process::exit(0),
        "w-child" => {
            // It outlives the trial, and holds nothing of the trial's.
            std::process::Command::new("sleep").arg("5").spawn()?;
        }
        _ => {}
    }
    let process = std::process::id().to_string();
    std::process::Command::new("kill").args(["-9", &process]).status()?;
    loop {
        std::thread::park();
    }
}

#[requirement("G-3", shared = "db")]
fn reads(cx: &Context) -> Result {
    stay(cx, "r1")
}
"#;

/// The checks of a project, with those that note when they come and go in front.
fn noting(checks: &str) -> String {
    let (helpers, _) = CHECKS
        .split_once("#[requirement")
        .expect("helpers, then checks");
    let unused = "use readiness::observation::log_lines::LogLines;\n";
    format!("{}{checks}", helpers.replace(unused, ""))
}

fn noted(name: &str, checks: &str) -> Project {
    Project::of_checks(
        env!("CARGO_TARGET_TMPDIR"),
        name,
        CHECKLIST,
        &noting(checks),
    )
    .built()
}

/// What was noted of a run, and what became of the document.
fn notes_of(project: &Project, run: impl FnOnce() -> Ran) -> (String, Vec<String>) {
    project.reset(&[("CHECKLIST.md", CHECKLIST), ("notes", "")]);
    run();
    project.readiness(&["report"]).run().exits(0);
    let found = statuses(&project.read("CHECKLIST.md"));
    let found = found.into_iter().map(|(_, status)| status).collect();
    (project.read("notes"), found)
}

#[cfg(unix)]
#[test]
fn whoever_dies_gives_its_group_back() {
    let project = noted("groups-dying", DYING);
    let notes = project.path("notes");
    let isolated = || {
        let step = project.cargo_test(&["--isolate"]);
        step.env("NOTES", &notes).run().exits(101)
    };
    let nextest = || {
        let step = project.nextest(&["--test-threads=11"]);
        step.env("NOTES", &notes).run().exits(100)
    };
    let mut runs: Vec<&dyn Fn() -> Ran> = vec![&isolated];
    if toolchain::nextest() {
        runs.push(&nextest);
    }
    for run in runs {
        let (notes, found) = notes_of(&project, run);
        alone(&notes);
        let came = notes.lines().filter(|line| line.starts_with("in ")).count();
        assert_eq!(came, 11, "everyone had the group\n{notes}");
        assert_eq!(found, ["✅", "❌", "✅"], "{notes}");
    }
}

/// The first waits, with the group, for one that is in no group; the second waits for the group. With
/// two slots the third runs only if who waits for a group has none.
const WAITING: &str = r#"
#[requirement("G-1", exclusive = "db")]
fn has_the_group() -> Result {
    let free = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/free"));
    let patience = std::time::Instant::now() + Duration::from_secs(60);
    while !free.exists() {
        ensure!(std::time::Instant::now() < patience, "nobody came");
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

#[requirement("G-2", exclusive = "db")]
fn waits_for_it(cx: &Context) -> Result {
    stay(cx, "waited")
}

#[requirement("G-3")]
fn is_in_no_group(cx: &Context) -> Result {
    std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/free"), "")?;
    stay(cx, "free")
}
"#;

#[test]
fn who_waits_for_a_group_holds_nobody_else_up() {
    let project = noted("groups-waiting", WAITING);
    let notes = project.path("notes");
    let free = project.path("free");
    let cargo_test = || {
        let step = project.cargo_test(&["--test-threads=2"]);
        step.env("NOTES", &notes).run().exits(0)
    };
    let configured = ["nextest-config", "--offline", "--output", "nextest.toml"];
    project.readiness(&configured).run().exits(0);
    insta::assert_snapshot!("nextest-config", project.read("nextest.toml"));
    let nextest = || {
        let step = project.nextest(&["--test-threads=2", "--config-file=nextest.toml"]);
        step.env("NOTES", &notes).run().exits(0)
    };
    let mut runs: Vec<&dyn Fn() -> Ran> = vec![&cargo_test];
    if toolchain::nextest() {
        runs.push(&nextest);
    }
    for run in runs {
        drop(fs::remove_file(&free));
        let (notes, found) = notes_of(&project, run);
        // The first observes nothing.
        assert_eq!(found, ["⚠️", "✅", "✅"], "{notes}");
    }
}

/// In the order of their names the last phase would be first.
const PHASES: &str = r#"
#[requirement("G-1", args("load 1"), phase = "load")]
#[requirement("G-1", args("load 2"), phase = "load")]
fn load(cx: &Context, name: &str) -> Result {
    stay(cx, name)
}

#[requirement("G-2", args("burst 1"), phase = "burst")]
#[requirement("G-2", args("burst 2"), phase = "burst")]
fn burst(cx: &Context, name: &str) -> Result {
    stay(cx, name)
}

#[requirement("G-2", args("disrupt 1"), phase = "disrupt")]
fn disrupt(cx: &Context, name: &str) -> Result {
    stay(cx, name)
}

#[requirement("G-3", args("write 1"), phase = "write")]
#[requirement("G-3", args("write 2"), phase = "write")]
fn write(cx: &Context, name: &str) -> Result {
    stay(cx, name)
}

#[requirement("G-3", args("probe 1"))]
#[requirement("G-3", args("probe 2"))]
fn probe(cx: &Context, name: &str) -> Result {
    stay(cx, name)
}
"#;

#[test]
fn phases_follow_each_other() {
    let project = noted("phases", PHASES);
    let notes = project.path("notes");
    let cargo_test = || project.cargo_test(&[]).env("NOTES", &notes).run().exits(0);
    let isolated = || {
        let step = project.cargo_test(&["--isolate"]);
        step.env("NOTES", &notes).run().exits(0)
    };
    let configured = ["nextest-config", "--offline", "--output", "nextest.toml"];
    project.readiness(&configured).run().exits(0);
    // Priorities say who is started first, so only one slot makes an order of them.
    let nextest = || {
        let step = project.nextest(&["--test-threads=1", "--config-file=nextest.toml"]);
        step.env("NOTES", &notes).run().exits(0)
    };
    let mut runs: Vec<&dyn Fn() -> Ran> = vec![&cargo_test, &isolated];
    if toolchain::nextest() {
        runs.push(&nextest);
    }
    for run in runs {
        let (notes, found) = notes_of(&project, run);
        let mut order: Vec<&str> = notes
            .lines()
            .filter_map(|line| line.split(' ').nth(1))
            .collect();
        order.dedup();
        assert_eq!(
            order,
            ["probe", "write", "disrupt", "burst", "load"],
            "{notes}"
        );
        assert_eq!(found, ["✅", "✅", "✅"]);
    }
}
