//! Statements in `readiness.toml`.

use crate::place::{CHECKLIST, Place, process};

/// `printf 'It is backed up' | sha256sum`
const TEXT: &str = "dc65e7ba10b9b5a2ed4d0638bf5af88fb76a401c6c17f3e336daf7cf30f0aff0";

fn attestation(days: &str, text: &str) -> String {
    format!(
        "[[attestation]]\nid = \"A-5\"\nby = \"dba@example.com\"\non = {days}\ntext = \"sha256:{text}\"\n"
    )
}

/// In date for as long as the clock of the machine is sane.
fn today_and(days: u32) -> String {
    let now = std::process::Command::new("date")
        .args(["-u", "+%Y-%m-%d"])
        .output()
        .unwrap();
    let today = String::from_utf8(now.stdout).unwrap();
    format!("{}\nexpires = \"{days}d\"", today.trim())
}

#[test]
fn an_attestation_in_date_counts_and_is_marked() {
    let place = Place::new();
    place.write("readiness.toml", attestation(&today_and(5), TEXT));
    place.journal(&process(&[("A-1", "proven")]));
    place
        .readiness(&["report"])
        .exits(0)
        .says("2 pass (1 proven able to fail, 1 attested)");
    assert!(
        place
            .read("CHECKLIST.md")
            .contains("| A-5 | It is backed up | ✅ | |")
    );
    assert!(
        place
            .read("readiness.lock")
            .contains("A-5\tstatus=PASS\toutcome=attested\tbase=not-verified")
    );
}

#[test]
fn one_that_expired_is_reported_and_does_not_count() {
    let place = Place::new();
    place.write(
        "readiness.toml",
        attestation("2020-02-01\nexpires = 2020-03-01", TEXT),
    );
    place
        .readiness(&["report"])
        .exits(0)
        .says("warning[statement-expired]")
        .says("the attestation expired on 2020-03-01");
    assert_eq!(place.read("CHECKLIST.md"), CHECKLIST);
}

#[test]
fn one_without_the_texts_hash_says_what_to_add() {
    let place = Place::new();
    let toml = attestation(&today_and(5), TEXT).replace(&format!("text = \"sha256:{TEXT}\"\n"), "");
    place.write("readiness.toml", toml);
    place
        .readiness(&["report"])
        .exits(0)
        .says("warning[attestation-text-missing]")
        .says(&format!("add text = \"sha256:{TEXT}\""));
}

#[test]
fn an_unknown_id_is_an_error() {
    let place = Place::new();
    place.write(
        "readiness.toml",
        attestation(&today_and(5), TEXT).replace("A-5", "A-55"),
    );
    place
        .readiness(&["check", "--checklist", "CHECKLIST.md"])
        .exits(2)
        .says("error[statement-id-unknown]")
        .says("nearest: A-5");
}

#[test]
fn an_excluded_item_leaves_the_denominator_and_a_waived_one_does_not() {
    let place = Place::new();
    place.write(
        "readiness.toml",
        format!(
            "[[not-applicable]]\nid = \"A-5\"\nreason = \"nothing is stored\"\n[[waiver]]\nid = \"A-2\"\nowner = \"ops\"\nreason = \"next release\"\non = {}\n",
            today_and(5)
        ),
    );
    place.journal(&process(&[("A-1", "proven"), ("A-2", "failed: 500")]));
    place
        .readiness(&["report"])
        .exits(0)
        .says("score 1/4 = 25.00 %")
        .says("1 warn (1 waived), 0 fail");
}

#[test]
fn check_finds_what_is_wrong_with_the_document_alone() {
    let place = Place::new();
    let ran = place
        .readiness(&["check", "--checklist", "CHECKLIST.md"])
        .exits(0);
    assert!(ran.err.contains("warning[status-claimed]"), "{}", ran.err);
    place
        .readiness(&["check", "--checklist", "CHECKLIST.md", "--strict"])
        .exits(2);
    let json = place.readiness(&[
        "check",
        "--checklist",
        "CHECKLIST.md",
        "--message-format",
        "json",
    ]);
    assert!(
        json.out
            .lines()
            .all(|line| line.starts_with('{') && line.ends_with('}'))
    );
    assert!(
        json.out.contains(r#""code":"status-claimed""#),
        "{}",
        json.out
    );
}
