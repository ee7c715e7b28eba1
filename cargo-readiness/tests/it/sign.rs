//! Sign-offs, with real keys and the real `ssh-keygen`.

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
    let arguments = [
        "-Y",
        "verify",
        "-f",
        "allowed_signers",
        "-I",
        "ann@example.com",
        "-n",
        NAMESPACE,
        "-s",
        SIG,
    ];
    ssh_keygen(&place, &arguments, Some(TEXT))
        .exits(0)
        .says("Good \"readiness@cargo-readiness\" signature");
    // And the other way round: OpenSSH signs the statement, we verify it.
    std::fs::remove_file(place.path(SIG)).unwrap();
    place
        .readiness(&["verify", "Engineering Lead"])
        .exits(1)
        .says("a statement and no signature");
    ssh_keygen(
        &place,
        &["-q", "-Y", "sign", "-n", NAMESPACE, "-f", "ann", TEXT],
        None,
    )
    .exits(0);
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

/// Refused by `verify` with these words, and not ticked by a report.
#[track_caller]
fn refused(place: &Place, why: &str) {
    place
        .readiness(&["verify", "Engineering Lead"])
        .exits(1)
        .says("refused  Engineering Lead")
        .says(why);
    place
        .readiness(&["report"])
        .exits(0)
        .says("warning[sign-off-refused]")
        .says(why);
    assert!(!box_of(place), "{why}");
}

#[test]
fn forged_foreign_truncated_and_replayed_signatures_are_refused() {
    if !has_ssh_keygen() {
        return;
    }
    let place = place();
    sign(&place).exits(0);
    let (text, sig) = (place.read(TEXT), place.read(SIG));
    let restore = || {
        place.write(TEXT, &text);
        place.write(SIG, &sig);
        place.readiness(&["verify", "Engineering Lead"]).exits(0);
    };
    // Forged: another statement under the same signature.
    place.write(TEXT, text.replace("gate=met", "gate=not met"));
    refused(&place, "does not fit its statement");
    place.write(TEXT, text.replace('\n', "\r\n"));
    refused(&place, "line ends");
    restore();
    // Truncated.
    for cut in [0, 30, sig.len() / 2, sig.len() - 30] {
        place.write(SIG, &sig[..cut]);
        refused(&place, "no whole SSH signature");
    }
    place.write(SIG, vec![b'A'; 70_000]);
    refused(&place, "is larger than");
    // Of another namespace: what the same key signed for git or for a file.
    std::fs::remove_file(place.path(SIG)).unwrap();
    ssh_keygen(
        &place,
        &["-q", "-Y", "sign", "-n", "git", "-f", "ann", TEXT],
        None,
    )
    .exits(0);
    refused(&place, "made for `git`");
    // Signed well, and not a statement.
    place.write(TEXT, "all of it is fine\n");
    std::fs::remove_file(place.path(SIG)).unwrap();
    ssh_keygen(
        &place,
        &["-q", "-Y", "sign", "-n", NAMESPACE, "-f", "ann", TEXT],
        None,
    )
    .exits(0);
    refused(&place, "its statement: it does not begin with");
    // Dated after now.
    let year: u32 = text.split("\nat=").nth(1).unwrap()[..4].parse().unwrap();
    place.write(
        TEXT,
        text.replace(&format!("at={year}"), &format!("at={}", year + 1)),
    );
    std::fs::remove_file(place.path(SIG)).unwrap();
    ssh_keygen(
        &place,
        &["-q", "-Y", "sign", "-n", NAMESPACE, "-f", "ann", TEXT],
        None,
    )
    .exits(0);
    refused(&place, "after now");
    restore();
    // Replayed for another role.
    place.write("readiness.signatures/security-lead.txt", &text);
    place.write("readiness.signatures/security-lead.txt.sig", &sig);
    place
        .readiness(&["verify", "Security Lead"])
        .exits(1)
        .says("made for the role `Engineering Lead`");
    // Replayed for another checklist.
    let other = Place::new();
    other.write(
        "READINESS.md",
        place
            .read("CHECKLIST.md")
            .replace("# Shop", "# Bank")
            .replace("| A-", "| B-"),
    );
    std::fs::remove_file(other.path("CHECKLIST.md")).unwrap();
    for file in [TEXT, SIG, "allowed_signers"] {
        other.write(file, place.read(file));
    }
    other
        .readiness(&["verify", "Engineering Lead"])
        .exits(1)
        .says("made for another checklist, Shop (CHECKLIST.md)");
}

#[test]
fn only_an_allowed_signer_counts() {
    if !has_ssh_keygen() {
        return;
    }
    let place = place();
    new_key(&place, "eve", &["-t", "ed25519"]);
    place
        .readiness(&[
            "sign",
            "Engineering Lead",
            "--key",
            "eve",
            "--as",
            "eve@example.com",
        ])
        .exits(2)
        .says("eve@example.com may not sign with eve: its key is not in")
        .says(&format!(
            "eve@example.com namespaces=\"{NAMESPACE}\" {}",
            public(&place, "eve")
        ));
    place
        .readiness(&[
            "sign",
            "Engineering Lead",
            "--key",
            "ann",
            "--as",
            "eve@example.com",
        ])
        .exits(2);
    assert!(!place.path("readiness.signatures").exists());
}

#[test]
fn the_options_of_a_signer_are_honoured_to_the_letter() {
    if !has_ssh_keygen() {
        return;
    }
    let place = place();
    sign(&place).exits(0);
    for (options, why) in [
        ("namespaces=\"git\"", "not allowed for the namespace"),
        (
            "valid-before=\"20200101Z\"",
            "valid only before 2020-01-01T00:00:00Z (allowed_signers:1)",
        ),
        (
            "valid-after=\"29990101Z\"",
            "valid only after 2999-01-01T00:00:00Z",
        ),
    ] {
        allow(&place, options);
        place
            .readiness(&["verify", "Engineering Lead"])
            .exits(1)
            .says("refused  Engineering Lead")
            .says(why);
        let arguments = [
            "-Y",
            "verify",
            "-f",
            "allowed_signers",
            "-I",
            "ann@example.com",
            "-n",
            NAMESPACE,
            "-s",
            SIG,
        ];
        assert_ne!(
            ssh_keygen(&place, &arguments, Some(TEXT)).code,
            Some(0),
            "{options}"
        );
    }
    for (options, why) in [
        (
            "cert-authority",
            "certificate authorities are not supported",
        ),
        (
            "valid-before=\"29990101\"",
            "it would be another one in each time zone",
        ),
        ("colour=\"red\"", "unknown option `colour`"),
    ] {
        allow(&place, options);
        place
            .readiness(&["verify", "Engineering Lead"])
            .exits(1)
            .says("warning[signers-invalid]")
            .says("allowed_signers:1: ")
            .says(why);
    }
    allow(
        &place,
        &format!(
            "namespaces=\"git,{NAMESPACE}\",valid-after=\"20200101Z\",valid-before=\"29990101000000Z\""
        ),
    );
    place.readiness(&["verify", "Engineering Lead"]).exits(0);
}

#[test]
fn a_stranger_brings_their_own_signers_and_roles_have_theirs() {
    if !has_ssh_keygen() {
        return;
    }
    let place = place();
    sign(&place).exits(0);
    place.write("mine", "");
    place
        .readiness(&["verify", "Engineering Lead", "--allowed-signers", "mine"])
        .exits(1)
        .says("its key is not in mine");
    // Who may sign for which role; the change of that rule is a change, too.
    place.write(
        "readiness.toml",
        "checklist = \"CHECKLIST.md\"\n[sign-off.roles]\n\"Engineering Lead\" = [\"*@lead.example.com\"]\n",
    );
    place
        .readiness(&["verify", "Engineering Lead"])
        .exits(1)
        .says("ann@example.com may not sign for `Engineering Lead`");
    sign(&place).exits(2).says("nothing written");
}

#[test]
fn keys_of_every_kind_sign_and_nothing_of_them_is_written_or_printed() {
    if !has_ssh_keygen() {
        return;
    }
    let place = place();
    place.write("ask", "#!/bin/sh\necho canary-passphrase\n");
    make_executable(&place, "ask");
    new_key(&place, "p256", &["-t", "ecdsa", "-b", "256"]);
    new_key(&place, "rsa", &["-t", "rsa", "-b", "2048"]);
    ssh_keygen(
        &place,
        &[
            "-q",
            "-t",
            "ed25519",
            "-N",
            "canary-passphrase",
            "-f",
            "locked",
        ],
        None,
    )
    .exits(0);
    let ask = place.path("ask").display().to_string();
    let environment = [
        ("SSH_ASKPASS", ask.as_str()),
        ("SSH_ASKPASS_REQUIRE", "force"),
    ];
    for key in ["ann", "p256", "rsa", "locked"] {
        place.write(
            "allowed_signers",
            format!("ann@example.com {}\n", public(&place, key)),
        );
        let signed = place
            .readiness_with(&["sign", "Engineering Lead", "--key", key], &environment)
            .exits(0);
        let verified = place.readiness(&["verify", "Engineering Lead"]).exits(0);
        let arguments = [
            "-Y",
            "verify",
            "-f",
            "allowed_signers",
            "-I",
            "ann@example.com",
            "-n",
            NAMESPACE,
            "-s",
            SIG,
        ];
        ssh_keygen(&place, &arguments, Some(TEXT)).exits(0);
        let key = place.read(key);
        let secret = key.lines().nth(3).unwrap();
        let written = [
            place.read("CHECKLIST.md"),
            place.read(TEXT),
            place.read(SIG),
        ];
        for text in [signed.out, signed.err, verified.out, verified.err]
            .iter()
            .chain(&written)
        {
            for canary in [secret, "canary-passphrase", "secret-note"] {
                assert!(!text.contains(canary), "{canary} in {text}");
            }
        }
    }
    let wrong = [
        ("SSH_ASKPASS", "/bin/false"),
        ("SSH_ASKPASS_REQUIRE", "force"),
    ];
    let before = place.read(SIG);
    place
        .readiness_with(&["sign", "Engineering Lead", "--key", "locked"], &wrong)
        .exits(2)
        .says("ssh-keygen did not sign with locked");
    assert_eq!(place.read(SIG), before);
}

#[cfg(unix)]
fn make_executable(place: &Place, name: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(place.path(name), std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[cfg(not(unix))]
fn make_executable(_: &Place, _: &str) {}

/// An agent that ends with the test.
struct Agent {
    socket: String,
    process: std::process::Child,
}

impl Agent {
    fn start(place: &Place) -> Self {
        let socket = place.path("agent.sock").display().to_string();
        let process = Command::new("ssh-agent")
            .args(["-D", "-a", &socket])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { socket, process }
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_key_in_an_agent_signs_by_its_public_half() {
    if !has_ssh_keygen() {
        return;
    }
    let place = place();
    let agent = Agent::start(&place);
    let add = || {
        let mut add = Command::new("ssh-add");
        add.args(["-q", "ann"])
            .current_dir(place.root())
            .env("SSH_AUTH_SOCK", &agent.socket);
        add.stderr(Stdio::null()).status().unwrap().success()
    };
    // The agent opens its socket when it gets to it.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while !add() {
        assert!(
            std::time::Instant::now() < deadline,
            "the agent does not answer"
        );
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    std::fs::remove_file(place.path("ann")).unwrap();
    let socket = [("SSH_AUTH_SOCK", agent.socket.as_str())];
    place
        .readiness_with(&["sign", "Engineering Lead", "--key", "ann.pub"], &socket)
        .exits(0);
    place.readiness(&["verify", "Engineering Lead"]).exits(0);
}

#[test]
fn people_who_sign_at_once_all_have_signed() {
    if !has_ssh_keygen() {
        return;
    }
    let place = place();
    std::thread::scope(|scope| {
        for role in ["Engineering Lead", "Security Lead"] {
            let place = &place;
            scope.spawn(move || place.readiness(&["sign", role, "--key", "ann"]).exits(0));
        }
    });
    place.readiness(&["verify"]).exits(0);
    let text = place.read("CHECKLIST.md");
    assert_eq!(text.matches("- [x] ").count(), 2, "{text}");
}

#[test]
fn a_box_ticked_by_hand_is_claimed_and_left() {
    let place = Place::new();
    place.write(
        "CHECKLIST.md",
        format!("{CHECKLIST}\n## Sign-off\n\n- [x] Security Lead\n"),
    );
    place.journal(&process(&[("A-1", "proven")]));
    place
        .readiness(&["report"])
        .exits(0)
        .says("warning[sign-off-claimed]")
        .says("CHECKLIST.md:15: Security Lead: ticked by hand");
    assert!(place.read("CHECKLIST.md").contains("- [x] Security Lead"));
    place
        .readiness(&["verify"])
        .exits(1)
        .says("claimed  Security Lead");
    let none = Place::new();
    none.readiness(&["verify"])
        .exits(2)
        .says("there is nothing to verify");
    none.readiness(&["sign", "QA"])
        .exits(2)
        .says("has no sign-off boxes");
}

#[test]
fn the_gate_asks_for_signatures_where_it_is_told_to() {
    if !has_ssh_keygen() {
        return;
    }
    let place = place();
    place.readiness(&["gate"]).exits(0);
    place.write(
        "readiness.toml",
        "checklist = \"CHECKLIST.md\"\n[gate]\nsign_offs = [\"Engineering Lead\"]\n",
    );
    place
        .readiness(&["gate"])
        .exits(1)
        .says("fails  `Engineering Lead` is to sign off: 1 of 1 open: Engineering Lead");
    // What is signed is the results; that signatures are open does not make them worse.
    sign(&place).exits(0).says("gate: met");
    place
        .readiness(&["gate"])
        .exits(0)
        .says("holds  `Engineering Lead` signed off: 1 of 1");
    place.readiness(&["verify"]).exits(0);
    place.write(
        "readiness.toml",
        "checklist = \"CHECKLIST.md\"\n[gate]\nsign_offs = [\"*\", \"Sales\"]\n",
    );
    place
        .readiness(&["gate"])
        .exits(1)
        .says("`*` is to sign off: 3 of 3 open")
        .says("`Sales` is to sign off: 1 of 1 open");
}

#[test]
fn nobody_signs_a_demonstration_or_a_role_that_is_not_there() {
    if !has_ssh_keygen() {
        return;
    }
    let place = place();
    place
        .readiness(&["sign", "Somebody Else", "--key", "ann"])
        .exits(2)
        .says("there are Engineering Lead, Security Lead");
    place
        .readiness(&["sign", "Engineering Led", "--key", "ann"])
        .exits(2)
        .says("did you mean `Engineering Lead`?");
    place
        .readiness(&["sign", "Engineering Lead", "--key", "nokey"])
        .exits(2)
        .says("there is no key");
    place
        .readiness(&["sign", "Engineering Lead"])
        .exits(2)
        .says("no SSH key found");
    place
        .readiness(&["sign", "Engineering Lead", "--key", "ann", "--dry-run"])
        .exits(0)
        .says("nothing signed");
    assert!(!place.path("readiness.signatures").exists());
    let all = [("A-1", "proven"), ("A-2", "proven"), ("A-3", "proven")];
    place.journal_of("embedded", "runs/r-1/1-1-a.jsonl", &process(&all));
    sign(&place)
        .exits(2)
        .says("a demonstration, which nobody can sign off");
    // One beside a signed document leaves it signed, and its own copy unsigned.
    place.journal(&process(&all));
    sign(&place).exits(0);
    let signed = place.read("CHECKLIST.md");
    place.journal_of("embedded", "runs/r-1/1-1-a.jsonl", &process(&all[..1]));
    let ran = place.readiness(&["report"]).exits(0);
    assert!(!ran.err.contains("sign-off"), "{}", ran.err);
    assert_eq!(place.read("CHECKLIST.md"), signed);
    let copy = place.read("runs/r-1/shop/CHECKLIST.md");
    assert!(copy.contains("- [ ] **Engineering Lead**"), "{copy}");
}
