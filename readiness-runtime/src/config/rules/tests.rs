use super::*;
use crate::config::tests::{found, parse};

#[test]
fn a_percentage_is_exact_or_refused() {
    let minimum = |text: &str| {
        parse(&format!("[gate]\nminimum = {text}\n"))
            .map(|c| c.rules.gate.minimum.unwrap().hundredths)
    };
    assert_eq!(minimum("95"), Ok(9500));
    assert_eq!(minimum("99.95"), Ok(9995));
    assert_eq!(minimum("100.0"), Ok(10_000));
    assert_eq!(minimum("0"), Ok(0));
    for wrong in [
        "99.999", "-1", "100.01", "1e2", "nan", "inf", "0x5f", "\"95%\"",
    ] {
        assert!(minimum(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn every_misuse_of_a_statement_has_its_own_code() {
    let attestation = |rest: &str| format!("[[attestation]]\nid = \"A-1\"\n{rest}");
    let cases = [
        ("[[attestation]]\nby = \"me\"\non = 2026-01-01\nexpires = \"9d\"\n".to_owned(), "statement-no-id"),
        (attestation("on = 2026-01-01\nexpires = \"9d\"\n"), "attestation-no-author"),
        (attestation("by = \" \"\non = 2026-01-01\nexpires = \"9d\"\n"), "attestation-no-author"),
        (attestation("by = \"me\"\nexpires = 2026-02-01\n"), "statement-no-date"),
        (attestation("by = \"me\"\non = 2026-01-01\n"), "statement-no-expiry"),
        (attestation("by = \"me\"\non = 2026-01-01T00:00:00Z\nexpires = 2026-02-01\n"), "date-invalid"),
        (attestation("by = \"me\"\non = \"1 January\"\nexpires = 2026-02-01\n"), "date-invalid"),
        (attestation("by = \"me\"\non = 2026-01-01\nexpires = \"3 months\"\n"), "date-invalid"),
        (attestation("by = \"me\"\non = 2026-02-01\nexpires = 2026-01-31\n"), "date-order"),
        (attestation("by = \"me\"\non = 2026-01-01\nexpires = \"366d\"\n"), "statement-too-long"),
        (attestation("by = \"me\"\non = 2026-01-01\nexpires = \"9d\"\ntext = \"sha256:12\"\n"), "text-hash-invalid"),
        ("[[waiver]]\nid = \"A-1\"\nreason = \"r\"\non = 2026-01-01\nexpires = \"9d\"\n".to_owned(), "waiver-no-owner"),
        ("[[waiver]]\nid = \"A-1\"\nowner = \"o\"\non = 2026-01-01\nexpires = \"9d\"\n".to_owned(), "statement-no-reason"),
        ("[[waiver]]\nid = \"A-1\"\nowner = \"o\"\nreason = \"r\"\non = 2026-01-01\n".to_owned(), "statement-no-expiry"),
        ("[[not-applicable]]\nid = \"A-1\"\n".to_owned(), "statement-no-reason"),
        ("[[waiver]]\nid = \"A-1\"\nowner = \"o\"\nreason = \"r\"\non = 2026-01-01\nexpires = \"9d\"\nbye = 1\n".to_owned(), "config-unknown-key"),
    ];
    for (text, code) in cases {
        let codes: Vec<_> = found(&text).into_iter().map(|(code, _)| code).collect();
        assert_eq!(codes, [code], "{text}");
    }
}

#[test]
fn the_longest_validity_is_configurable() {
    let text = "[statements]\nmaximum = \"30d\"\n[[attestation]]\nid = \"A-1\"\nby = \"me\"\non = 2026-01-01\nexpires = \"31d\"\n";
    assert_eq!(found(text), [("statement-too-long", 7)]);
}

#[test]
fn a_statement_holds_from_its_day_to_the_end_of_its_last() {
    let text = "[[waiver]]\nid = \"A-1\"\nowner = \"o\"\nreason = \"r\"\non = 2028-02-28\nexpires = \"1d\"\n";
    let waiver = parse(text).unwrap().rules.waiver.remove(0);
    let on = |text| waiver.in_date(date::parse_day(text).unwrap());
    assert!(!on("2028-02-27"));
    assert!(on("2028-02-28"));
    assert!(on("2028-02-29"));
    assert!(!on("2028-03-01"));
}
