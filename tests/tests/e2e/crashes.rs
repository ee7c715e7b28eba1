//! Checks that take their process down with them. What had finished stays; the one trial that was in
//! flight failed; of several, nothing is known until they are run one by one.

use std::fmt::Write as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use readiness_tests::document::statuses;
use readiness_tests::{Project, toolchain};

/// A crash, by the end of its id.
const CRASHES: [(&str, &str); 4] = [
    ("2", "std::process::abort();"),
    ("3", "std::process::exit(0);"),
    ("4", "overflow(0);"),
    ("5", "kill();"),
];

fn project(name: &str) -> Project {
    let mut checklist =
        String::from("# Crashes\n\n| ID | Requirement | Status | Notes |\n|--|--|--|--|\n");
    let mut checks = String::from(
        r#"use readiness::{Context, Result, ensure, requirement};
readiness::main!();

#[requirement("C-1", "C-6")]
fn holds(cx: &Context) -> Result {
    ensure!(cx.setting("there").require_bool()?, "it is not there");
    Ok(())
}

#[allow(unconditional_recursion, reason = "the point")]
fn overflow(depth: u64) -> u64 {
    std::hint::black_box([depth; 64])[0] + overflow(depth + 1)
}

fn kill() {
    let process = std::process::id().to_string();
    drop(std::process::Command::new("kill").args(["-9", &process]).status());
    loop {
        std::thread::park();
    }
}
"#,
    );
    for (n, body) in CRASHES {
        write!(
            checks,
            "\n#[requirement(\"C-{n}\")]\nfn crashes_{n}() {{\n    {body}\n}}\n"
        )
        .expect("a string takes everything");
    }
    for n in 1..=6 {
        writeln!(checklist, "| C-{n} | Number {n} holds | | |").expect("a string takes everything");
    }
    Project::of_checks(env!("CARGO_TARGET_TMPDIR"), name, &checklist, &checks).built()
}

#[test]
fn one_in_flight_failed_and_what_had_finished_stays() {
    let project = project("crash-of-one");
    let checklist = project.read("CHECKLIST.md");
    let expected = ["✅❌····", "✅·❌···", "✅··❌··", "✅···❌·"];
    for ((n, body), expected) in CRASHES.into_iter().zip(expected) {
        project.reset(&[("CHECKLIST.md", &checklist)]);
        let crash = format!("C-{n}");
        let ran = project
            .cargo_test(&["--test-threads=1", "C-1", &crash])
            .run();
        // Nothing can keep a process from saying that all is well; the journal knows better.
        assert_eq!(ran.code == Some(0), n == "3", "{body}\n{ran}");
        assert_eq!(project.reported(), expected, "{body}");
        insta::assert_snapshot!(format!("note-{n}"), project.read("CHECKLIST.md"));
    }
}

#[test]
fn a_process_for_each_trial_keeps_the_others() {
    if !toolchain::nextest() {
        eprintln!("skipped: nextest is not installed");
        return;
    }
    let project = project("crash-under-nextest");
    project.nextest(&[]).run().exits(100);
    assert_eq!(project.reported(), "✅❌❌❌❌✅");
}

#[test]
fn isolation_keeps_the_others_under_cargo_test() {
    let project = project("crash-isolated");
    project.cargo_test(&["--isolate"]).run().exits(101);
    assert_eq!(project.reported(), "✅❌❌❌❌✅");
}

/// Three trials that wait for each other, so that all are in flight when one of them aborts. Alone,
/// in a process of its own, none waits.
const TOGETHER: &str = r#"
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use readiness::{Context, Result, ensure, requirement};

readiness::main!();

/// Whether the others came.
fn meet() -> bool {
    static THERE: AtomicU32 = AtomicU32::new(0);
    if std::env::args().any(|argument| argument == "--exact") {
        return false;
    }
    THERE.fetch_add(1, Ordering::SeqCst);
    while THERE.load(Ordering::SeqCst) < 3 {
        std::thread::sleep(Duration::from_millis(5));
    }
    true
}

#[requirement("C-1", "C-6")]
fn holds(cx: &Context) -> Result {
    ensure!(cx.setting("there").require_bool()?, "it is not there");
    while meet() {
        std::thread::park();
    }
    Ok(())
}

#[requirement("C-2")]
fn aborts() {
    meet();
    std::process::abort();
}
"#;

fn together(name: &str) -> Project {
    let project = project(name);
    project.write("tests/readiness.rs", TOGETHER);
    project.built()
}

#[test]
fn of_several_in_flight_nothing_is_known() {
    let project = together("crash-of-several-plain");
    let ran = project.cargo_test(&[]).run();
    assert_ne!(ran.code, Some(0), "{ran}");
    assert_eq!(project.reported(), "······");
    insta::assert_snapshot!("several", project.readiness(&["report"]).run());
}

#[test]
fn the_command_names_the_culprit_among_several() {
    let project = project("crash-of-several");
    let checklist = project.read("CHECKLIST.md");
    // The second says to whoever looks at exit codes that all is well.
    for end in ["std::process::abort();", "std::process::exit(0);"] {
        let checks = TOGETHER.replace("std::process::abort();", end);
        project.reset(&[
            ("CHECKLIST.md", &checklist),
            ("tests/readiness.rs", &checks),
        ]);
        let ran = project.readiness(&["run", "--offline"]).run().exits(1);
        assert!(ran.stderr.contains("running them one by one"), "{ran}");
        let all = statuses(&project.read("CHECKLIST.md"));
        let all: Vec<_> = all.iter().map(|(_, status)| &**status).collect();
        assert_eq!(all, ["✅", "❌", "", "", "", "✅"], "{end}\n{ran}");
    }
}

/// One check that holds, and one that takes more memory than there is.
const HOARDING: &str = r#"
use readiness::{Context, Result, ensure, requirement};

readiness::main!();

#[requirement("C-1")]
fn holds(cx: &Context) -> Result {
    ensure!(cx.setting("there").require_bool()?, "it is not there");
    Ok(())
}

#[requirement("C-2")]
fn hoards() {
    drop(std::hint::black_box(Vec::<u8>::with_capacity(64 << 30)));
}
"#;

#[cfg(unix)]
#[test]
fn running_out_of_memory_is_a_crash_of_that_trial() {
    let project = project("crash-out-of-memory");
    project.write("tests/readiness.rs", HOARDING);
    let project = project.built();
    let checklist = project.read("CHECKLIST.md");
    let harness = project.harness(&[]).into_command();
    let harness = harness
        .get_program()
        .to_str()
        .expect("a path in UTF-8")
        .to_owned();
    // Of address space, in kilobytes: threads reserve some, the check asks for four times as much.
    let limited = "ulimit -v 16000000 && exec \"$@\"";
    for mode in ["--test-threads=1", "--isolate"] {
        project.reset(&[("CHECKLIST.md", &checklist)]);
        let ran = project
            .step("sh", &["-c", limited, "sh", &harness, mode])
            .run();
        assert!(!matches!(ran.code, Some(0 | 2)), "{mode}\n{ran}");
        assert!(ran.all().contains("memory allocation of"), "{mode}\n{ran}");
        assert_eq!(project.reported(), "✅❌····", "{mode}\n{ran}");
    }
}

#[test]
fn a_process_that_says_all_is_well_too_early_is_no_success() {
    let project = project("crash-exit-zero");
    let checks = HOARDING.replace(
        "drop(std::hint::black_box(Vec::<u8>::with_capacity(64 << 30)));",
        "std::process::exit(0);",
    );
    project.write("tests/readiness.rs", checks);
    let run = ["run", "--offline", "--", "--test-threads=1"];
    let ran = project.readiness(&run).run().exits(1);
    let all = statuses(&project.read("CHECKLIST.md"));
    let all: Vec<_> = all.iter().map(|(_, status)| &**status).collect();
    assert_eq!(all, ["✅", "❌", "", "", "", ""], "{ran}");
}

/// One check that holds, and one that waits for ever.
const WAITING: &str = r#"
use readiness::{Context, Result, ensure, requirement};

readiness::main!();

#[requirement("C-1")]
fn holds(cx: &Context) -> Result {
    ensure!(cx.setting("there").require_bool()?, "it is not there");
    Ok(())
}

#[requirement("C-2")]
fn waits() {
    loop {
        std::thread::park();
    }
}
"#;

/// Ctrl-C reaches every process of the terminal's group: the runner and the target.
#[cfg(unix)]
#[test]
fn an_interrupt_is_written_down() {
    use std::os::unix::process::CommandExt;

    let project = project("interrupted");
    let checklist = project.read("CHECKLIST.md");
    project.write("tests/readiness.rs", WAITING);
    let project = project.built();
    let mut ways = vec![
        ("cargo test", project.cargo_test(&[])),
        ("isolated", project.cargo_test(&["--isolate"])),
    ];
    if toolchain::nextest() {
        ways.push(("nextest", project.nextest(&[])));
    }
    for (way, step) in ways {
        project.reset(&[("CHECKLIST.md", &checklist)]);
        let mut command = step.into_command();
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut runner = command.process_group(0).spawn().expect("the runner starts");
        let journal = wait_for(&project, |journal| {
            journal.contains("\"record\":\"finished\"")
                && journal.matches("\"record\":\"started\"").count() == 2
        });
        let group = format!("-{}", runner.id());
        let mut kill = std::process::Command::new("kill");
        let kill = kill.args(["-INT", "--", &group]).status();
        assert!(
            kill.is_ok_and(|status| status.success()),
            "{way}\n{journal}"
        );
        let status = runner.wait().expect("it ends");
        assert_ne!(status.code(), Some(0), "{way}");
        // Cargo does not wait for its target.
        let journal = wait_for(&project, |journal| {
            journal.contains("\"record\":\"interrupted\"")
        });
        let report = project.readiness(&["report"]).run();
        let said = "was ended by a signal (interrupt)";
        assert!(report.stdout.contains(said), "{way}\n{report}\n{journal}");
        if way == "cargo test" {
            insta::assert_snapshot!("interrupted", report);
        }
        assert_eq!(project.reported(), "✅·····", "{way}\n{journal}");
    }
}

/// The journals, as soon as they say so.
fn wait_for(project: &Project, says: impl Fn(&str) -> bool) -> String {
    let patience = Instant::now() + Duration::from_secs(60);
    loop {
        let journal = project.journal();
        if says(&journal) || Instant::now() > patience {
            return journal;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
