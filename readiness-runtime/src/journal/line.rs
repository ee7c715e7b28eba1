//! A record as a line, byte for byte what `serde_json` makes of it.
//!
//! Two lines are written per trial, and test crates are built without optimisation, where the
//! serialiser's generic code costs several times as much as the rest of the harness. So the few
//! shapes that every trial writes are put together here from their fields; whatever is rare or deep
//! goes through `serde_json`. A property test holds the two to the same bytes.

use serde::Serialize;

use super::record::{
    Finished, Proof, ProofStrength, Record, Registered, Started, TrialInfo, TrialOutcome,
};
use crate::verdict::Origin;

/// The line, with its end.
pub(super) fn line(record: &Record) -> serde_json::Result<Vec<u8>> {
    let mut out = Vec::with_capacity(512);
    match record {
        Record::Started(started) => self::started(&mut out, started),
        Record::Finished(finished) => self::finished(&mut out, finished)?,
        Record::Registered(registered) => self::registered(&mut out, registered),
        rare => serde_json::to_writer(&mut out, rare)?,
    }
    out.push(b'\n');
    Ok(out)
}

fn started(out: &mut Vec<u8>, started: &Started) {
    put(out, "{\"record\":\"started\",\"trial\":");
    text(out, &started.trial);
    put(out, ",\"attempt\":");
    number(out, u64::from(started.attempt));
    put(out, ",\"at\":");
    text(out, &started.at);
    put(out, "}");
}

fn finished(out: &mut Vec<u8>, finished: &Finished) -> serde_json::Result<()> {
    let Finished {
        trial,
        id,
        attempt,
        outcome,
        reason,
        origin,
        location,
        at,
        micros,
        parts,
        proof,
        evidence,
        digest,
        process,
    } = finished;
    put(out, "{\"record\":\"finished\",\"trial\":");
    text(out, trial);
    put(out, ",\"id\":");
    text(out, id);
    put(out, ",\"attempt\":");
    number(out, u64::from(*attempt));
    put(out, ",\"outcome\":\"");
    put(out, outcome_name(*outcome));
    put(out, "\"");
    optional(out, ",\"reason\":", reason.as_deref());
    optional(out, ",\"origin\":", origin.map(origin_name));
    optional(out, ",\"location\":", location.as_deref());
    put(out, ",\"at\":");
    text(out, at);
    put(out, ",\"micros\":");
    number(out, *micros);
    deep(out, ",\"parts\":", (!parts.is_empty()).then_some(parts))?;
    if let Some(proof) = proof {
        self::proof(out, proof)?;
    }
    deep(
        out,
        ",\"evidence\":",
        (!evidence.is_empty()).then_some(evidence),
    )?;
    put(out, ",\"digest\":");
    text(out, digest);
    optional(out, ",\"process\":", process.as_deref());
    put(out, "}");
    Ok(())
}

fn proof(out: &mut Vec<u8>, proof: &Proof) -> serde_json::Result<()> {
    let Proof {
        strength,
        reason,
        fine,
        gross,
        mutants,
    } = proof;
    put(out, ",\"proof\":{\"strength\":\"");
    put(out, strength_name(*strength));
    put(out, "\"");
    optional(out, ",\"reason\":", reason.as_deref());
    deep(out, ",\"fine\":", (!fine.is_empty()).then_some(fine))?;
    deep(out, ",\"gross\":", (!gross.is_empty()).then_some(gross))?;
    deep(
        out,
        ",\"mutants\":",
        (!mutants.is_empty()).then_some(mutants),
    )?;
    put(out, "}");
    Ok(())
}

fn registered(out: &mut Vec<u8>, registered: &Registered) {
    put(out, "{\"record\":\"registered\",\"trials\":[");
    for (index, info) in registered.trials.iter().enumerate() {
        let TrialInfo {
            trial,
            id,
            selected,
            ignored,
            digest,
            source,
        } = info;
        put(
            out,
            if index > 0 {
                ",{\"trial\":"
            } else {
                "{\"trial\":"
            },
        );
        text(out, trial);
        put(out, ",\"id\":");
        text(out, id);
        put(
            out,
            if *selected {
                ",\"selected\":true"
            } else {
                ",\"selected\":false"
            },
        );
        optional(out, ",\"ignored\":", ignored.as_deref());
        put(out, ",\"digest\":");
        text(out, digest);
        put(out, ",\"source\":");
        text(out, source);
        put(out, "}");
    }
    put(out, "]}");
}

fn outcome_name(outcome: TrialOutcome) -> &'static str {
    match outcome {
        TrialOutcome::Passed => "passed",
        TrialOutcome::Warned => "warned",
        TrialOutcome::Failed => "failed",
        TrialOutcome::NotApplicable => "not-applicable",
        TrialOutcome::Unavailable => "unavailable",
    }
}

fn strength_name(strength: ProofStrength) -> &'static str {
    match strength {
        ProofStrength::Proven => "proven",
        ProofStrength::Vacuous => "vacuous",
        ProofStrength::Unproven => "unproven",
        ProofStrength::Excused => "excused",
        ProofStrength::Off => "off",
        ProofStrength::Imported => "imported",
    }
}

fn origin_name(origin: Origin) -> &'static str {
    match origin {
        Origin::Verdict => "verdict",
        Origin::Panic => "panic",
        Origin::Error => "error",
        Origin::Timeout => "timeout",
    }
}

fn put(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

fn number(out: &mut Vec<u8>, number: u64) {
    put(out, &number.to_string());
}

fn optional(out: &mut Vec<u8>, key: &str, value: Option<&str>) {
    if let Some(value) = value {
        put(out, key);
        text(out, value);
    }
}

fn deep(out: &mut Vec<u8>, key: &str, value: Option<&impl Serialize>) -> serde_json::Result<()> {
    if let Some(value) = value {
        put(out, key);
        serde_json::to_writer(out, value)?;
    }
    Ok(())
}

/// A string with its quotes.
fn text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    if plain(text) {
        put(out, text);
    } else {
        for c in text.chars() {
            escaped(out, c);
        }
    }
    out.push(b'"');
}

/// Whether a string is its own escaped form: no quote, no backslash, no control character. Eight
/// bytes at a time, because this looks at most of what is written.
fn plain(text: &str) -> bool {
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    words
        .iter()
        .all(|word| plain_word(u64::from_le_bytes(*word)))
        && rest
            .iter()
            .all(|&byte| byte >= b' ' && byte != b'"' && byte != b'\\')
}

/// The classic test for a small byte in a word: subtracting the bound borrows from the top bit of
/// exactly the bytes below it. A false alarm (a byte above the true one) only costs the slow way.
fn plain_word(word: u64) -> bool {
    const ONES: u64 = u64::MAX / 0xff;
    const TOPS: u64 = ONES << 7;
    let below = |word: u64, bound: u64| word.wrapping_sub(ONES * bound) & !word & TOPS;
    let quote = ONES * 0x22;
    let backslash = ONES * 0x5c;
    below(word, 0x20) | below(word ^ quote, 1) | below(word ^ backslash, 1) == 0
}

fn escaped(out: &mut Vec<u8>, c: char) {
    let short = match c {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\u{8}' => "\\b",
        '\t' => "\\t",
        '\n' => "\\n",
        '\u{c}' => "\\f",
        '\r' => "\\r",
        c if c < ' ' => {
            put(out, &format!("\\u{:04x}", u32::from(c)));
            return;
        }
        c => {
            put(out, c.encode_utf8(&mut [0; 4]));
            return;
        }
    };
    put(out, short);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::record::{Evidence, Part, Tally};
    use super::*;

    fn same(record: &Record) -> Result<(), TestCaseError> {
        let expected = serde_json::to_string(record).unwrap() + "\n";
        let line = String::from_utf8(line(record).unwrap()).unwrap();
        prop_assert_eq!(line, expected);
        Ok(())
    }

    fn any_text() -> impl Strategy<Value = String> {
        prop_oneof![
            "[ -~]{0,30}",
            any::<String>(),
            "[a-z]{5}[\\x00-\\x22\"\\\\]{0,6}[a-z]{5}"
        ]
    }

    fn outcomes() -> impl Strategy<Value = TrialOutcome> {
        prop::sample::select(vec![
            TrialOutcome::Passed,
            TrialOutcome::Warned,
            TrialOutcome::Failed,
            TrialOutcome::NotApplicable,
            TrialOutcome::Unavailable,
        ])
    }

    fn origins() -> impl Strategy<Value = Origin> {
        prop::sample::select(vec![
            Origin::Verdict,
            Origin::Panic,
            Origin::Error,
            Origin::Timeout,
        ])
    }

    fn proofs() -> impl Strategy<Value = Proof> {
        let strengths = prop::sample::select(vec![
            ProofStrength::Proven,
            ProofStrength::Vacuous,
            ProofStrength::Unproven,
            ProofStrength::Excused,
            ProofStrength::Off,
            ProofStrength::Imported,
        ]);
        (any_text(), 0..2_u32, strengths).prop_map(|(reason, killed, strength)| Proof {
            strength,
            reason: Some(reason),
            fine: Tally {
                killed,
                ..Tally::default()
            },
            gross: Tally::default(),
            mutants: Vec::new(),
        })
    }

    prop_compose! {
        fn any_finished()(
            [trial, id, at, digest] in [any_text(), any_text(), any_text(), any_text()],
            [reason, location, process] in prop::array::uniform3(prop::option::of(any_text())),
            (attempt, micros) in (any::<u32>(), any::<u64>()),
            outcome in outcomes(),
            origin in prop::option::of(origins()),
            proof in prop::option::of(proofs()),
            deep in any::<bool>(),
        ) -> Record {
            let part = Part { name: trial.clone(), held: false, detail: reason.clone() };
            let seen = Evidence {
                observation: id.clone(),
                value: serde_json::json!({"a": [1, null, at]}),
                read: Vec::new(),
                truncated: deep,
            };
            Record::Finished(Box::new(Finished {
                trial, id, attempt, outcome, reason, origin, location, at, micros,
                parts: if deep { vec![part] } else { Vec::new() },
                proof,
                evidence: if deep { vec![seen] } else { Vec::new() },
                digest, process,
            }))
        }
    }

    prop_compose! {
        fn any_info()(
            [trial, id, digest, source] in [any_text(), any_text(), any_text(), any_text()],
            ignored in prop::option::of(any_text()),
            selected in any::<bool>(),
        ) -> TrialInfo {
            TrialInfo { trial, id, selected, ignored, digest, source }
        }
    }

    proptest! {
        #[test]
        fn lines_are_those_of_serde_json(
            trial in any_text(),
            attempt in any::<u32>(),
            at in any_text(),
            finished in any_finished(),
            trials in prop::collection::vec(any_info(), 0..4),
        ) {
            same(&Record::Started(Started { trial, attempt, at }))?;
            same(&finished)?;
            same(&Record::Registered(Registered { trials }))?;
        }
    }
}
