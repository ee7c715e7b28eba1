//! What a box says without a signature, and who asks for one.

use super::{has_ssh_keygen, place, sign};
use crate::place::{CHECKLIST, Place, process};

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
