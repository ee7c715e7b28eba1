//! Sign-offs, with real keys and the real `ssh-keygen`.

mod boxes;
mod keys;
mod refused;

use std::fs::File;
use std::process::{Command, Stdio};

use crate::place::{CHECKLIST, Place, Ran, process};

const NAMESPACE: &str = "readiness@cargo-readiness";
const TEXT: &str = "readiness.signatures/engineering-lead.txt";
const SIG: &str = "readiness.signatures/engineering-lead.txt.sig";

/// Whether there is an `ssh-keygen`; says so where there is none.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn has_ssh_keygen() -> bool {
    let there = Command::new("ssh-keygen").arg("-?").output().is_ok();
    let required = std::env::var_os("READINESS_REQUIRE_TOOLS").is_some();
    assert!(there || !required, "ssh-keygen is required and not there");
    if !there {
        eprintln!("skipped: ssh-keygen is not there");
    }
    there
}

fn ssh_keygen(place: &Place, arguments: &[&str], input: Option<&str>) -> Ran {
    let input = input.map_or_else(Stdio::null, |name| {
        File::open(place.path(name)).unwrap().into()
    });
    Command::new("ssh-keygen")
        .args(arguments)
        .current_dir(place.root())
        .env("HOME", place.root())
        .env_remove("SSH_AUTH_SOCK")
        .stdin(input)
        .output()
        .unwrap()
        .into()
}

/// Ann signs the statement anew with OpenSSH alone. It would ask before it writes over a signature.
fn openssh_signs(place: &Place, namespace: &str) {
    if place.path(SIG).exists() {
        std::fs::remove_file(place.path(SIG)).unwrap();
    }
    let arguments = ["-q", "-Y", "sign", "-n", namespace, "-f", "ann", TEXT];
    ssh_keygen(place, &arguments, None).exits(0);
}

/// What a stranger with OpenSSH alone is told of the signature.
fn openssh_verifies(place: &Place) -> Ran {
    let signer = ["-f", "allowed_signers", "-I", "ann@example.com"];
    let statement = ["-n", NAMESPACE, "-s", SIG];
    let arguments = [&["-Y", "verify"], &signer[..], &statement].concat();
    ssh_keygen(place, &arguments, Some(TEXT))
}

fn new_key(place: &Place, name: &str, kind: &[&str]) {
    let arguments = [&["-q", "-N", "", "-C", "secret-note", "-f", name], kind].concat();
    ssh_keygen(place, &arguments, None).exits(0);
}

fn public(place: &Place, name: &str) -> String {
    let text = place.read(&format!("{name}.pub"));
    text.split(' ')
        .take(2)
        .collect::<Vec<_>>()
        .join(" ")
        .trim()
        .to_owned()
}

/// A checklist with two sign-off boxes, a reported run, and Ann's key.
fn place() -> Place {
    let place = Place::new();
    place.write(
        "CHECKLIST.md",
        format!("{CHECKLIST}\n## Sign-off\n\n- [ ] **Engineering Lead** - all of it\n- [ ] Security Lead\n"),
    );
    place.write("readiness.toml", "checklist = \"CHECKLIST.md\"\n");
    place.journal(&process(&[
        ("A-1", "proven"),
        ("A-2", "proven"),
        ("A-3", "proven"),
    ]));
    place.readiness(&["report"]).exits(0);
    new_key(&place, "ann", &["-t", "ed25519"]);
    allow(&place, "");
    place
}

/// Ann's key is allowed, with these options.
fn allow(place: &Place, options: &str) {
    let line = format!("ann@example.com {options} {}\n", public(place, "ann"));
    place.write("allowed_signers", line);
}

fn sign(place: &Place) -> Ran {
    place.readiness(&["sign", "engineering lead", "--key", "ann"])
}

fn box_of(place: &Place) -> bool {
    let text = place.read("CHECKLIST.md");
    assert!(text.contains("] Security Lead"), "{text}");
    text.contains("- [x] **Engineering Lead**")
}

#[test]
fn what_is_signed_is_ticked_and_anybody_can_verify_it() {
    if !has_ssh_keygen() {
        return;
    }
    let place = place();
    place
        .readiness(&["verify"])
        .exits(1)
        .says("open     Engineering Lead");
    sign(&place)
        .exits(0)
        .says("score 3/5 = 60.00 %")
        .says("gate: met")
        .says("signing as ann@example.com with ann");
    assert!(box_of(&place));
    place
        .readiness(&["verify", "Engineering Lead"])
        .exits(0)
        .says("holds    Engineering Lead: ann@example.com, 2");
    // The other one has not signed.
    place
        .readiness(&["verify"])
        .exits(1)
        .says("open     Security Lead");
    // A stranger with OpenSSH alone.
    openssh_verifies(&place)
        .exits(0)
        .says("Good \"readiness@cargo-readiness\" signature");
    // And the other way round: OpenSSH signs the statement, we verify it.
    std::fs::remove_file(place.path(SIG)).unwrap();
    place
        .readiness(&["verify", "Engineering Lead"])
        .exits(1)
        .says("a statement and no signature");
    openssh_signs(&place, NAMESPACE);
    place.readiness(&["verify", "Engineering Lead"]).exits(0);
    // Reporting again changes nothing.
    let before = place.read("CHECKLIST.md");
    place.readiness(&["report", "--check"]).exits(0);
    place.readiness(&["report"]).exits(0);
    assert_eq!(place.read("CHECKLIST.md"), before);
}

#[test]
fn a_changed_word_unticks_the_box_and_is_named() {
    if !has_ssh_keygen() {
        return;
    }
    let place = place();
    sign(&place).exits(0);
    let changed = place
        .read("CHECKLIST.md")
        .replace("It is documented", "It is well documented");
    place.write("CHECKLIST.md", &changed);
    place
        .readiness(&["verify"])
        .exits(1)
        .says("changed  Engineering Lead: signed by ann@example.com")
        .says("item A-4: requirement: It is {+well+} documented");
    place
        .readiness(&["report", "--check"])
        .exits(1)
        .says("line 15: Engineering Lead: would be open again");
    assert!(box_of(&place), "--check writes nothing");
    place
        .readiness(&["report"])
        .exits(0)
        .says("warning[sign-off-changed]")
        .says("CHECKLIST.md:15: Engineering Lead: signed by ann@example.com")
        .says("It is {+well+} documented");
    assert!(!box_of(&place));
    // The old text again, and the signature is for what the files say.
    place.write(
        "CHECKLIST.md",
        changed.replace("well ", "").replace("[x]", "[ ]"),
    );
    place.readiness(&["report"]).exits(0);
    assert!(box_of(&place));
    // A statement of a person is a change as well.
    place
        .readiness(&["attest", "A-5", "--by", "me", "--expires", "9d"])
        .exits(0);
    place
        .readiness(&["verify"])
        .exits(1)
        .says("attestation A-5 1: is new")
        .says("score was `3/5`, is `4/5`");
    sign(&place)
        .exits(2)
        .says("does not show yet what is known");
    place.readiness(&["report"]).exits(0);
    assert!(!box_of(&place));
    sign(&place).exits(0);
    assert!(box_of(&place));
}
