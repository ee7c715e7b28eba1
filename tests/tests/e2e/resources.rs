//! What checks need: acquired for a trial or for the run, from one another, and given back whatever
//! becomes of the check, under every runner and with a process for each trial.

use readiness_tests::document::statuses;
use readiness_tests::{Project, Ran, Runner};

const CHECKLIST: &str = "\
# Resources

| ID | Requirement | Status | Notes |
|----|-------------|--------|-------|
| R-1 | A table holds | | |
| R-2 | A check that panics | | |
| R-3 | A check that blocks | | |
| R-4 | A check that never answers | | |
| R-5 | A check that fails | | |
| R-6 | What is needed for it is not there | | |
";

/// A store for the run, and a table in it for each trial. Whoever comes and goes writes it down.
const CHECKS: &str = r#"
use std::io::Write;
use std::sync::Arc;

use readiness::{Context, Resource, Result, Unavailable, ensure, requirement};

readiness::main!();

fn note(what: &str) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/notes");
    let file = std::fs::File::options().create(true).append(true).open(path);
    file.and_then(|mut file| file.write_all(what.as_bytes())).expect("a note");
}

struct Store;

impl Resource for Store {
    async fn acquire(cx: &Context) -> Result<Self, Unavailable> {
        note("run: opened\n");
        cx.on_release(async { note("run: closed\n") });
        Ok(Store)
    }
}

/// Needs the store; making and dropping it takes a while each.
struct Table(Arc<Store>);

impl Resource for Table {
    async fn acquire(cx: &Context) -> Result<Self, Unavailable> {
        let store = cx.run_scope::<Store>().await?;
        let id = cx.requirement().to_owned();
        let pause = std::time::Duration::from_millis(1);
        cx.sleep(pause).await;
        note(&format!("{id}: made\n"));
        let releasing = cx.clone();
        cx.on_release(async move {
            releasing.sleep(pause).await;
            note(&format!("{id}: dropped\n"));
        });
        Ok(Table(store))
    }
}

struct Standby;

impl Resource for Standby {
    async fn acquire(_: &Context) -> Result<Self, Unavailable> {
        Err(Unavailable::new("no standby is configured: target.standby"))
    }
}

/// Needs one that is not there.
struct Replica;

impl Resource for Replica {
    async fn acquire(cx: &Context) -> Result<Self, Unavailable> {
        Standby::acquire(cx).await?;
        Ok(Replica)
    }
}

#[requirement("R-1", no_proof = "a table of its own")]
async fn holds(table: Table, store: Arc<Store>) -> Result {
    ensure!(Arc::ptr_eq(&table.0, &store), "another store");
    Ok(())
}

#[requirement("R-2")]
fn panics(_: &Table) {
    panic!("gone wrong");
}

#[requirement("R-3", timeout = "3s")]
fn blocks(_: Table) {
    loop {
        std::thread::park();
    }
}

#[requirement("R-4", timeout = "3s")]
async fn never_answers(_: Table) {
    std::future::pending().await
}

#[requirement("R-5")]
fn fails(cx: &Context, _: Table) -> Result {
    ensure!(!cx.setting("there").require_bool()?, "it is there");
    Ok(())
}

#[requirement("R-6")]
fn is_not_called(_: Replica) {
    panic!("a check without its resource is not called");
}
"#;

#[test]
fn what_was_acquired_is_given_back_whatever_happens() {
    let project =
        Project::of_checks(env!("CARGO_TARGET_TMPDIR"), "resources", CHECKLIST, CHECKS).built();
    let one_process = once(&project, &|| project.cargo_test(&[]).run().exits(101));
    assert_eq!(one_process, 1, "one store for the run");
    let isolated = once(&project, &|| {
        project.cargo_test(&["--isolate"]).run().exits(101)
    });
    assert_eq!(isolated, 5, "one store for each process that needs it");
    if Runner::available().contains(&Runner::Nextest) {
        let nextest = once(&project, &|| project.nextest(&[]).run().exits(100));
        assert_eq!(nextest, 5);
    }
}

/// Runs everything and looks at what was noted and at what became of the document; how often the
/// store was opened.
#[track_caller]
fn once(project: &Project, run: &dyn Fn() -> Ran) -> usize {
    project.reset(&[("CHECKLIST.md", CHECKLIST), ("notes", "")]);
    let ran = run();
    let notes = project.read("notes");
    let of = |who: &str| -> Vec<&str> {
        let lines = notes.lines().filter_map(|line| line.split_once(": "));
        lines
            .filter(|(by, _)| *by == who)
            .map(|(_, what)| what)
            .collect()
    };
    for id in ["R-1", "R-2", "R-3", "R-4", "R-5"] {
        assert_eq!(of(id), ["made", "dropped"], "{id}\n{notes}\n{ran}");
    }
    assert_eq!(of("R-6"), [""; 0]);
    let store = of("run");
    let opened = store.iter().filter(|what| **what == "opened").count();
    assert_eq!(store.len(), 2 * opened, "{notes}");
    let last = notes.lines().last();
    assert_eq!(last, Some("run: closed"), "tables before their store");

    let report = project.readiness(&["report"]).run().exits(0);
    insta::assert_snapshot!("report", report);
    let document = project.read("CHECKLIST.md");
    let found = statuses(&document);
    let found: Vec<_> = found.iter().map(|(_, status)| &**status).collect();
    assert_eq!(found, ["✅", "❌", "❌", "❌", "❌", ""], "{document}");
    opened
}
