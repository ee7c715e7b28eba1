//! Signatures that count for nothing, and why.

use super::{
    NAMESPACE, SIG, TEXT, allow, box_of, has_ssh_keygen, new_key, openssh_signs, openssh_verifies,
    place, public, sign,
};
use crate::place::Place;

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
    openssh_signs(&place, "git");
    refused(&place, "made for `git`");
    // Signed well, and not a statement.
    place.write(TEXT, "all of it is fine\n");
    openssh_signs(&place, NAMESPACE);
    refused(&place, "its statement: it does not begin with");
    // Dated after now.
    let year: u32 = text.split("\nat=").nth(1).unwrap()[..4].parse().unwrap();
    place.write(
        TEXT,
        text.replace(&format!("at={year}"), &format!("at={}", year + 1)),
    );
    openssh_signs(&place, NAMESPACE);
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
        assert_ne!(openssh_verifies(&place).code, Some(0), "{options}");
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
