//! Services of a run: started once by the command, found by every process, ended in any case.

use readiness_tests::Project;
use readiness_tests::document::statuses;

const CHECKLIST: &str = "# Small\n\n| ID | Requirement | Status |\n|--|--|--|\n| A-1 | It answers | |\n| A-2 | It answers there too | |\n";

const CONFIG: &str = "[target]\nkind = \"remote\"\nname = \"here\"\ngreeter = \"nobody\"\n";

/// A server that notes its start and its end in a file; a check connects to it.
fn checks(id: &str) -> String {
    r#"use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use readiness::service::Settings;
use readiness::{Context, Result, Unavailable, ensure, requirement};

readiness::main!();
readiness::service!("greeter", greeter);

fn note(what: &str) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/notes");
    let file = std::fs::File::options().create(true).append(true).open(path);
    file.and_then(|mut file| file.write_all(what.as_bytes())).expect("a note");
}

async fn greeter(cx: Context) -> Result<Settings> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?.to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            drop(stream.and_then(|mut stream| stream.write_all(b"hello")));
        }
    });
    note("started ");
    cx.on_release(async { note("ended ") });
    Ok(Settings::from([("greeter".to_owned(), address)]))
}

#[requirement("ID", no_proof = "a connection")]
fn answers(cx: &Context) -> Result {
    let address = cx.setting("greeter").require_str()?.to_owned();
    if address == "nobody" {
        return Err(Unavailable::new("nobody started the greeter").into());
    }
    let mut word = String::new();
    TcpStream::connect(address)?.read_to_string(&mut word)?;
    ensure!(word == "hello", "it says {word}");
    Ok(())
}
"#
    .replace("ID", id)
}

#[test]
fn two_processes_find_the_one_service_of_their_run() {
    let project = Project::new(env!("CARGO_TARGET_TMPDIR"), "services")
        .with("CHECKLIST.md", CHECKLIST)
        .with("readiness.toml", CONFIG)
        .with_checks(&checks("A-1"))
        .target_of_checks("second", &checks("A-2"))
        .built();
    project.readiness(&["run", "--offline"]).run();
    let document = project.read("CHECKLIST.md");
    let found = statuses(&document);
    let found: Vec<_> = found.iter().map(|(_, status)| &**status).collect();
    assert_eq!(found, ["✅", "✅"], "{document}");
    assert_eq!(project.read("notes"), "started ended ");

    // Run bare, nobody starts it, and what cannot be looked at is not verified.
    let ran = project.harness(&[]).run().exits(0);
    assert!(ran.stdout.contains("nobody started the greeter"), "{ran}");
    assert_eq!(project.read("notes"), "started ended ");
}

#[test]
fn a_service_ends_with_whoever_asked_for_it() {
    let project = Project::new(env!("CARGO_TARGET_TMPDIR"), "service-alone")
        .with("CHECKLIST.md", CHECKLIST)
        .with("readiness.toml", CONFIG)
        .with_checks(&checks("A-1"))
        .built();
    // Its stdin is at its end from the beginning, as that of one whose parent has died.
    let ran = project
        .harness(&["--readiness-serve="])
        .env("READINESS_RUN_ID", "alone")
        .run()
        .exits(0);
    assert!(ran.stdout.contains("\"services\":[\"greeter\"]"), "{ran}");
    assert!(
        ran.stdout.contains("\"READINESS_GREETER\":\"127.0.0.1:"),
        "{ran}"
    );
    assert_eq!(project.read("notes"), "started ended ");
    let ran = project
        .harness(&["--readiness-serve=greeter"])
        .env("READINESS_RUN_ID", "alone")
        .run()
        .exits(0);
    assert!(ran.stdout.contains("\"services\":[]"), "{ran}");
    assert_eq!(project.read("notes"), "started ended ");
}
