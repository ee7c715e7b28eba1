//! Keys of every kind: in files, locked, in an agent; several people at once.

use std::process::{Command, Stdio};

use super::{SIG, TEXT, has_ssh_keygen, new_key, openssh_verifies, place, public, ssh_keygen};
use crate::place::Place;

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
        openssh_verifies(&place).exits(0);
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
