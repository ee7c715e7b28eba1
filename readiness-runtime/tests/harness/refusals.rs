//! Runs that refuse to start, with exit code 2, the place and the way out.

use readiness_driver::finish;

use crate::new_project;

readiness_driver::tests![
    an_id_that_the_document_lacks,
    no_checklist,
    a_mistyped_key,
    a_run_folder_that_cannot_be_written,
];

fn an_id_that_the_document_lacks() {
    let project = new_project();
    let text = std::fs::read_to_string(project.path().join("CHECKLIST.md")).unwrap();
    project.write("CHECKLIST.md", &text.replace("| PASS-1 |", "| PASS-11 |"));
    for args in [&["PASS-2"][..], &["--list"]] {
        let ran = project.run(args).code(2);
        ran.says("error[id-unknown] ")
            .says("fixture.rs:")
            .says("PASS-1: ");
        ran.says("nearest: ").says("(line ");
        assert_eq!(ran.stdout, "");
    }
    assert!(!project.runs().exists());
}

fn no_checklist() {
    let project = new_project();
    std::fs::remove_file(project.path().join("CHECKLIST.md")).unwrap();
    project
        .run(&[])
        .code(2)
        .says("error[checklist-not-found]")
        .says("CHECKLIST.md");
}

fn a_mistyped_key() {
    let project = new_project();
    project.write("readiness.toml", "[gate]\nminimun = 95\n");
    project
        .run(&[])
        .code(2)
        .says("error[config-unknown-key]")
        .says("readiness.toml:2")
        .says("did you mean");
}

fn a_run_folder_that_cannot_be_written() {
    let project = new_project();
    project.write("in-the-way", "");
    let mut command = project.command(&["PASS-1"]);
    command.env("READINESS_DIR", project.path().join("in-the-way"));
    let ran = finish(command).code(2);
    ran.says("journal-read-only")
        .says("READINESS_DIR")
        .says("in-the-way");
}
