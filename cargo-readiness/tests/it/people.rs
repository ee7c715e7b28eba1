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

#[test]
fn attesting_shows_the_effect_writes_and_can_be_taken_back() {
    let place = Place::new();
    place.journal(&process(&[("A-1", "proven")]));
    place
        .readiness(&[
            "attest",
            "A-5",
            "--by",
            "dba@example.com",
            "--expires",
            "30d",
        ])
        .exits(0)
        .says("A-5: not verified (SKIP) -> attested (PASS)")
        .says("score: 1/5 = 20.00 % -> 2/5 = 40.00 %");
    let toml = place.read("readiness.toml");
    assert!(
        toml.starts_with("checklist = \"CHECKLIST.md\"\n\n[[attestation]]\nid = \"A-5\"\n"),
        "{toml}"
    );
    assert!(
        toml.contains(&format!("text = \"sha256:{TEXT}\"")),
        "{toml}"
    );
    place.readiness(&["gate"]).says("1 attested");
    place
        .readiness(&["revoke", "A-5"])
        .exits(0)
        .says("A-5: attested (PASS) -> not verified (SKIP)");
    assert_eq!(
        place.read("readiness.toml"),
        "checklist = \"CHECKLIST.md\"\n"
    );
    place
        .readiness(&["revoke", "A-5"])
        .exits(2)
        .says("nothing is stated about `A-5`");
}

#[test]
fn what_is_missing_is_named_where_nobody_can_be_asked() {
    let place = Place::new();
    for (arguments, flag) in [
        (&["attest", "A-5", "--expires", "9d"][..], "--by"),
        (&["attest", "A-5", "--by", "me"], "--expires"),
        (
            &["waive", "A-5", "--owner", "me", "--expires", "9d"],
            "--reason",
        ),
        (
            &["waive", "A-5", "--reason", "r", "--expires", "9d"],
            "--owner",
        ),
        (&["exclude", "A-5"], "--reason"),
    ] {
        place
            .readiness(arguments)
            .exits(2)
            .says(&format!("{flag} is missing"));
    }
    assert!(!place.path("readiness.toml").exists());
}

#[test]
fn a_statement_that_would_be_wrong_is_not_written() {
    let place = Place::new();
    let attest = |id: &str, expires: &str| {
        place.readiness(&["attest", id, "--by", "me", "--expires", expires])
    };
    attest("A-55", "9d").exits(2).says("nearest: A-5");
    attest("A-5", "next year")
        .exits(2)
        .says("error[date-invalid]");
    attest("A-5", "366d")
        .exits(2)
        .says("error[statement-too-long]");
    attest("A-5", "2020-01-01")
        .exits(2)
        .says("error[date-order]");
    assert!(!place.path("readiness.toml").exists());
    attest("A-5", "9d").exits(0);
    let one = place.read("readiness.toml");
    // The same day again would tie.
    attest("A-5", "10d").exits(2).says("error[statement-tied]");
    assert_eq!(place.read("readiness.toml"), one);
    place
        .readiness(&["exclude", "A-1", "--reason", "r", "--dry-run"])
        .exits(0)
        .says("nothing written");
    assert_eq!(place.read("readiness.toml"), one);
}

#[test]
fn a_changed_text_takes_the_attestation_until_it_is_acknowledged() {
    let place = Place::new();
    place
        .readiness(&["attest", "A-5", "--by", "me", "--expires", "9d"])
        .exits(0);
    let changed = CHECKLIST.replace("It is backed up", "It is backed up daily");
    place.write("CHECKLIST.md", changed);
    place
        .readiness(&["gate"])
        .says("warning[statement-text-changed]")
        .says("0 attested");
    place
        .readiness(&["ack", "A-5"])
        .exits(0)
        .says("not verified (SKIP) -> attested (PASS)");
    place.readiness(&["gate"]).says("1 attested");
    place.readiness(&["ack", "A-5"]).exits(2);
}

#[test]
fn what_is_acknowledged_is_shown_word_by_word_one_at_a_time() {
    let place = Place::new();
    place.journal(&process(&[("A-1", "proven"), ("A-2", "proven")]));
    place.readiness(&["report"]).exits(0);
    place
        .readiness(&["attest", "A-5", "--by", "me", "--expires", "9d"])
        .exits(0);
    place.readiness(&["report"]).exits(0);
    std::fs::remove_dir_all(place.path("runs")).unwrap();
    place.git(&["init", "-q"]);
    place.git(&["add", "-A"]);
    place.git(&["commit", "-qm", "begin"]);
    let changed = place
        .read("CHECKLIST.md")
        .replace("It is backed up", "It is **not** backed")
        .replace("It starts", "It starts at once")
        .replace("It stops", "It stops at once");
    place.write("CHECKLIST.md", changed);
    // A later commit that holds the new wording alone.
    place.git(&["commit", "-qam", "changed"]);
    place
        .readiness(&["report"])
        .exits(0)
        .says("A-1  stale: the requirement's text changed since the pass of 2026-11-20")
        .says("`cargo readiness ack A-5` shows what changed");
    place
        .readiness(&["ack", "A-5"])
        .exits(0)
        .says("A-5: It is {+not+} backed [-up-]")
        .says("not verified (SKIP) -> attested (PASS)");
    place
        .readiness(&["ack", "A-1"])
        .exits(0)
        .says("A-1: It starts {+at once+}")
        .says("stale (WARN) -> passed (PASS)");
    place.readiness(&["report"]).exits(0).says("A-2  stale");
    assert!(
        place
            .read("CHECKLIST.md")
            .contains("| A-1 | It starts at once | ✅ | |")
    );
    place
        .readiness(&["ack", "A-1"])
        .exits(2)
        .says("for another wording");
    place.readiness(&["ack", "A-4"]).exits(2);
    // All at once is not to be had.
    place.readiness(&["ack", "A-1", "A-2"]).exits(2);
    place.readiness(&["ack", "*"]).exits(2);
}

#[test]
fn days_are_those_of_utc_wherever_the_clock_on_the_wall_is() {
    let utc = || today_and(1).split('\n').next().unwrap().to_owned();
    for zone in [
        "UTC",
        "Pacific/Kiritimati",
        "Etc/GMT+12",
        "<+14>-14",
        "<-12>12",
        ":nonsense",
    ] {
        let place = Place::new();
        // Once more if the day changed meanwhile.
        loop {
            let today = utc();
            place.write(
                "readiness.toml",
                attestation(&format!("{today}\nexpires = {today}"), TEXT),
            );
            let ran = place.readiness_with(&["gate"], &[("TZ", zone)]);
            let expiring = place.readiness_with(&["expiring", "--within", "1d"], &[("TZ", zone)]);
            if utc() == today {
                ran.says("1 attested");
                expiring.exits(1).says(&format!("ends today, {today}"));
                break;
            }
        }
    }
}

#[test]
fn what_is_wrong_with_a_statement_is_named_with_its_line() {
    let place = Place::new();
    let waiver =
        |rest: &str| format!("[[waiver]]\nid = \"A-2\"\nowner = \"o\"\nreason = \"r\"\n{rest}");
    for (text, code, line) in [
        (
            waiver("on = 2999-01-01\nexpires = \"9d\"\n"),
            "statement-future",
            1,
        ),
        (
            waiver("on = 2020-02-29\nexpires = 2020-02-29\n"),
            "statement-expired",
            1,
        ),
        (
            waiver("on = 2020-02-30\nexpires = \"9d\"\n"),
            "date-invalid",
            5,
        ),
        (
            waiver("on = 2020-01-01\nexpires = \"9 days\"\n"),
            "date-invalid",
            6,
        ),
        (
            waiver("on = 2020-01-01\nexpires = \"400d\"\n"),
            "statement-too-long",
            6,
        ),
        (
            waiver(&format!("on = {}\n", today_and(5))).replace("owner", "#"),
            "waiver-no-owner",
            1,
        ),
        (
            waiver(&format!("on = {}\n", today_and(5))).replace("reason", "#"),
            "statement-no-reason",
            1,
        ),
        (
            waiver(&format!("on = {}\n", today_and(5))).replace("A-2", "A-22"),
            "statement-id-unknown",
            1,
        ),
        (
            waiver(&format!("on = {}\n", today_and(5))).replace("A-2", "A-1"),
            "statement-unneeded",
            1,
        ),
        (
            waiver(&format!("on = {}\n\n", today_and(5))).repeat(2),
            "statement-tied",
            8,
        ),
    ] {
        place.write("readiness.toml", &text);
        place.journal(&process(&[("A-1", "proven"), ("A-2", "failed: 500")]));
        let ran = place.readiness(&["gate"]);
        assert_ne!(ran.code, Some(0), "{text}");
        ran.says(&format!("[{code}]"))
            .says(&format!("readiness.toml:{line}: "));
    }
}

#[test]
fn statements_made_for_another_checklist_do_not_count_here() {
    let place = Place::new();
    // The same id in another checklist, with another requirement behind it.
    place.write("readiness.toml", attestation(&today_and(5), TEXT));
    place.write(
        "CHECKLIST.md",
        CHECKLIST.replace("It is backed up", "It can be paid by card"),
    );
    place
        .readiness(&["gate"])
        .exits(1)
        .says("[statement-text-changed]")
        .says("0 attested");
    // A configuration that names another checklist is not this one's.
    place.write("OTHER.md", CHECKLIST);
    place.write(
        "readiness.toml",
        format!(
            "checklist = \"CHECKLIST.md\"\n{}",
            attestation(&today_and(5), TEXT)
        ),
    );
    place
        .readiness(&["gate", "--checklist", "OTHER.md"])
        .exits(1)
        .says("0 attested");
}

#[test]
fn what_ends_soon_is_listed_for_ci() {
    let place = Place::new();
    place
        .readiness(&["attest", "A-5", "--by", "me", "--expires", "9d"])
        .exits(0);
    place
        .readiness(&["expiring", "--within", "8d"])
        .exits(0)
        .says("nothing ends within 8 days");
    place
        .readiness(&["expiring", "--within", "9d"])
        .exits(1)
        .says("readiness.toml:3: A-5: [[attestation]] ends in 9 days");
    place.readiness(&["expiring", "--within", "soon"]).exits(2);
}

#[test]
fn many_people_at_once_lose_nothing() {
    let place = Place::new();
    let ids = ["A-1", "A-2", "A-3", "A-4", "A-5"];
    std::thread::scope(|scope| {
        for id in ids {
            let place = &place;
            scope.spawn(move || {
                place
                    .readiness(&["exclude", id, "--reason", "at once"])
                    .exits(0);
            });
        }
    });
    let toml = place.read("readiness.toml");
    for id in ids {
        assert_eq!(toml.matches(&format!("id = \"{id}\"")).count(), 1, "{toml}");
    }
    assert_eq!(toml.matches("checklist =").count(), 1);
}
