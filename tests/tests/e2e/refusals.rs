//! What keeps a build or a run from starting: each says what, where, and how to put it right.

use readiness_tests::Project;
use readiness_tests::project::workspace;

const CHECKLIST: &str = "\
# Small

| ID | Requirement | Status |
|----|-------------|--------|
| A-1 | It starts | |
| A-2 | It stops | |
";

const CONFIG: &str = "[target]\nkind = \"remote\"\nname = \"here\"\nstarts = true\n";

const STARTS: &str = r#"
use readiness::{Context, Result, ensure, requirement};

#[requirement("A-1")]
fn starts(cx: &Context) -> Result {
    ensure!(cx.setting("starts").require_bool()?, "it does not start");
    Ok(())
}
"#;

fn empty(name: &str) -> Project {
    Project::new(env!("CARGO_TARGET_TMPDIR"), name)
        .with("CHECKLIST.md", CHECKLIST)
        .with("readiness.toml", CONFIG)
}

#[test]
fn a_target_without_checks() {
    let project = empty("no-checks")
        .with_checks("readiness::main!();\n")
        .built();
    insta::assert_snapshot!("no-checks", project.harness(&[]).run().exits(2));
    assert!(!project.runs().exists(), "and there is no run");
}

/// A crate of checks that is only listed as a dependency is dropped by the linker.
#[test]
fn checks_that_are_not_linked() {
    let library = format!(
        "[package]\nname = \"shop-checks\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
         [dependencies]\nreadiness = {{ package = \"readiness-runtime\", path = {:?} }}\n",
        workspace().join("readiness-runtime")
    );
    let project = empty("not-linked")
        .with("checks/Cargo.toml", library)
        .with("checks/CHECKLIST.md", CHECKLIST)
        .with("checks/src/lib.rs", STARTS)
        .with_checks("readiness::main!();\n");
    let manifest = project.read("Cargo.toml");
    let with_library = manifest.replace(
        "[dev-dependencies]\n",
        "[dev-dependencies]\nshop-checks = { path = \"checks\" }\n",
    );
    assert_ne!(manifest, with_library);
    project.write("Cargo.toml", with_library);
    let project = project.built();
    insta::assert_snapshot!("not-linked", project.harness(&[]).run().exits(2));

    project.write(
        "tests/readiness.rs",
        "use shop_checks as _;\nreadiness::main!();\n",
    );
    let project = project.built();
    let ran = project.harness(&["--test-threads=1"]).run().exits(0);
    insta::assert_snapshot!("linked", ran);
}

#[test]
fn two_trials_of_one_name() {
    // Under another name the attribute cannot see its sibling, so only the start can tell.
    let checks = "readiness::main!();\n\
                  use readiness::requirement as check;\n\
                  #[check(\"A-1\")]\n#[check(\"A-1\")]\nfn starts() {}\n";
    let project = empty("duplicate-trial").with_checks(checks).built();
    insta::assert_snapshot!("duplicate-trial", project.harness(&[]).run().exits(2));
}

#[test]
fn a_configuration_with_mistakes() {
    let project = empty("bad-config")
        .with_checks(&format!("readiness::main!();\n{STARTS}"))
        .built();
    let config = "\
checklist = \"CHECKLIST.md\"
status_bulets = false

[gate]
minimun = 95
deny = [\"failed\"]

[target]
kind = \"somewhere\"

[[waiver]]
id = \"A-1\"
reason = \"later\"
";
    project.write("readiness.toml", config);
    // A test target names what is for it, and every table that nobody knows; the rest is for the command.
    insta::assert_snapshot!("bad-config-test", project.harness(&[]).run().exits(2));
    insta::assert_snapshot!(
        "bad-config-report",
        project.readiness(&["report"]).run().exits(2)
    );
    project.write("readiness.toml", "checklist = \"CHECKLIST.md\n");
    insta::assert_snapshot!("torn-config-test", project.harness(&[]).run().exits(2));
}

#[test]
fn arguments_that_promise_what_is_not_done() {
    let project = empty("bad-arguments")
        .with_checks(&format!("readiness::main!();\n{STARTS}"))
        .built();
    for (name, argument) in [("shuffle", "--shuffle"), ("unknown", "--no-such-flag")] {
        insta::assert_snapshot!(name, project.harness(&[argument]).run().exits(2));
    }
    // Several filters, an order to capture nothing, and no threads at all are fine.
    let arguments = ["A-1", "A-2", "--nocapture", "--test-threads=0"];
    project.harness(&arguments).run().exits(0);
    let none = project.harness(&["no-such-trial"]).run().exits(0);
    assert!(none.stdout.contains("0 passed; 0 failed"), "{none}");
}

/// Two registries would lose half of the checks, so cargo is told to refuse two runtimes.
#[test]
fn two_versions_of_the_runtime() {
    let other = "[package]\nname = \"readiness-runtime\"\nversion = \"9.0.0\"\nedition = \"2024\"\n\
                 links = \"readiness-runtime\"\nbuild = \"build.rs\"\n";
    let project = empty("two-runtimes")
        .with("other/Cargo.toml", other)
        .with("other/build.rs", "fn main() {}\n")
        .with("other/src/lib.rs", "")
        .with_checks("readiness::main!();\n");
    let manifest = project.read("Cargo.toml").replace(
        "[dev-dependencies]\n",
        "[dev-dependencies]\nother = { package = \"readiness-runtime\", path = \"other\" }\n",
    );
    project.write("Cargo.toml", manifest);
    let ran = project.cargo_test(&[]).run().exits(101);
    assert!(
        ran.stderr
            .contains("links to the native library `readiness-runtime`"),
        "{ran}"
    );
}

/// The attribute itself, in a project: the compiler says what the test start would.
#[test]
fn ids_and_documents_while_compiling() {
    let checks = format!("readiness::main!();\n{}", STARTS.replace("A-1", "A-11"));
    let project = empty("unknown-id").with_checks(&checks);
    let build = ["test", "--quiet", "--offline", "--no-run"];
    insta::assert_snapshot!("compile-unknown-id", project.cargo(&build).run().exits(101));

    std::fs::remove_file(project.path("CHECKLIST.md")).expect("it was there");
    insta::assert_snapshot!(
        "compile-no-checklist",
        project.cargo(&build).run().exits(101)
    );
    std::fs::remove_file(project.path("readiness.toml")).expect("it was there");
    insta::assert_snapshot!(
        "compile-no-configuration",
        project.cargo(&build).run().exits(101)
    );
    project.write("CHECKLIST.md", b"\xff\xfe#\0 \0");
    insta::assert_snapshot!("compile-utf-16", project.cargo(&build).run().exits(101));
    project.write("CHECKLIST.md", "# Nothing here\n");
    insta::assert_snapshot!("compile-no-items", project.cargo(&build).run().exits(101));
    project.write("CHECKLIST.md", CHECKLIST.replace("A-2", "A-11"));
    project.cargo(&build).run().exits(0);

    // The document changes; nothing is compiled again, and the start says what is missing.
    project.write("CHECKLIST.md", CHECKLIST);
    insta::assert_snapshot!("start-unknown-id", project.cargo_test(&[]).run().exits(101));
}
