//! A record as a line, byte for byte what `serde_json` makes of it.
//!
//! Two lines are written per trial, and test crates are built without optimisation, where the
//! serialiser's generic code costs several times as much as the rest of the harness. So the few
//! shapes that every trial writes are put together here from their fields; whatever is rare or deep
//! goes through `serde_json`. A property test holds the two to the same bytes.

use serde::Serialize;

use super::record::{
    Evidence, Finished, Part, Proof, ProofStrength, Record, Registered, TrialInfo, TrialOutcome,
};
use crate::buffer::Buffer;
use crate::verdict::Origin;

/// The line, with its end.
pub(super) fn line(record: &Record) -> serde_json::Result<Vec<u8>> {
    let mut out = Buffer::with_room(512);
    match record {
        Record::Started(line) => started(&mut out, &line.trial, line.attempt, &line.at),
        Record::Finished(line) => finished(&mut out, &FinishedLine::from(&**line))?,
        Record::Registered(registered) => out = self::registered(registered),
        rare => serde_json::to_writer(&mut out, rare)?,
    }
    out.put("\n");
    Ok(out.take())
}

/// A `started` line without its end.
pub(super) fn started(out: &mut Buffer, trial: &str, attempt: u32, at: &str) {
    put(out, "{\"record\":\"started\",\"trial\":");
    text(out, trial);
    put(out, ",\"attempt\":");
    number(out, u64::from(attempt));
    put(out, ",\"at\":");
    text(out, at);
    put(out, "}");
}

/// A [`Finished`] that is put together where it is written: what it says lives elsewhere.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FinishedLine<'a> {
    pub(crate) trial: &'a str,
    pub(crate) id: &'a str,
    pub(crate) attempt: u32,
    pub(crate) outcome: TrialOutcome,
    pub(crate) reason: Option<&'a str>,
    pub(crate) origin: Option<Origin>,
    pub(crate) location: Option<&'a str>,
    pub(crate) at: &'a str,
    pub(crate) micros: u64,
    pub(crate) parts: &'a [Part],
    pub(crate) proof: Option<&'a Proof>,
    pub(crate) evidence: &'a [Evidence],
    pub(crate) digest: &'a str,
    pub(crate) process: Option<&'a str>,
}

impl<'a> From<&'a Finished> for FinishedLine<'a> {
    fn from(finished: &'a Finished) -> Self {
        Self {
            trial: &finished.trial,
            id: &finished.id,
            attempt: finished.attempt,
            outcome: finished.outcome,
            reason: finished.reason.as_deref(),
            origin: finished.origin,
            location: finished.location.as_deref(),
            at: &finished.at,
            micros: finished.micros,
            parts: &finished.parts,
            proof: finished.proof.as_ref(),
            evidence: &finished.evidence,
            digest: &finished.digest,
            process: finished.process.as_deref(),
        }
    }
}

/// A `finished` line without its end.
pub(super) fn finished(out: &mut Buffer, finished: &FinishedLine<'_>) -> serde_json::Result<()> {
    let FinishedLine {
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
    } = *finished;
    put(out, "{\"record\":\"finished\",\"trial\":");
    text(out, trial);
    put(out, ",\"id\":");
    text(out, id);
    put(out, ",\"attempt\":");
    number(out, u64::from(attempt));
    put(out, ",\"outcome\":\"");
    put(out, outcome_name(outcome));
    put(out, "\"");
    optional(out, ",\"reason\":", reason);
    optional(out, ",\"origin\":", origin.map(origin_name));
    optional(out, ",\"location\":", location);
    put(out, ",\"at\":");
    text(out, at);
    put(out, ",\"micros\":");
    number(out, micros);
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
    optional(out, ",\"process\":", process);
    put(out, "}");
    Ok(())
}

fn proof(out: &mut Buffer, proof: &Proof) -> serde_json::Result<()> {
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

/// A [`Registered`] that is put together trial by trial.
#[derive(Debug)]
pub(crate) struct RegisteredLine(Buffer);

/// One trial of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct InfoLine<'a> {
    pub(crate) trial: &'a str,
    pub(crate) id: &'a str,
    pub(crate) selected: bool,
    pub(crate) ignored: Option<&'a str>,
    pub(crate) digest: &'a str,
    pub(crate) source: &'a str,
}

impl Default for RegisteredLine {
    fn default() -> Self {
        let mut line = Buffer::with_room(4096);
        line.put("{\"record\":\"registered\",\"trials\":[");
        Self(line)
    }
}

impl RegisteredLine {
    /// Adds a trial.
    pub(crate) fn push(&mut self, info: &InfoLine<'_>) {
        let out = &mut self.0;
        if out.bytes().ends_with(b"}") {
            out.put(",");
        }
        put(out, "{\"trial\":");
        text(out, info.trial);
        put(out, ",\"id\":");
        text(out, info.id);
        put(
            out,
            if info.selected {
                ",\"selected\":true"
            } else {
                ",\"selected\":false"
            },
        );
        optional(out, ",\"ignored\":", info.ignored);
        put(out, ",\"digest\":");
        text(out, info.digest);
        put(out, ",\"source\":");
        text(out, info.source);
        put(out, "}");
    }

    /// The line, without its end.
    pub(super) fn close(mut self) -> Buffer {
        put(&mut self.0, "]}");
        self.0
    }
}

fn registered(registered: &Registered) -> Buffer {
    let mut line = RegisteredLine::default();
    for info in &registered.trials {
        let TrialInfo {
            trial,
            id,
            selected,
            ignored,
            digest,
            source,
        } = info;
        line.push(&InfoLine {
            trial,
            id,
            selected: *selected,
            ignored: ignored.as_deref(),
            digest,
            source,
        });
    }
    line.close()
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

fn put(out: &mut Buffer, text: &str) {
    out.put(text);
}

fn number(out: &mut Buffer, number: u64) {
    out.put_number(number);
}

fn optional(out: &mut Buffer, key: &str, value: Option<&str>) {
    if let Some(value) = value {
        put(out, key);
        text(out, value);
    }
}

fn deep(
    out: &mut Buffer,
    key: &str,
    value: Option<&(impl Serialize + ?Sized)>,
) -> serde_json::Result<()> {
    if let Some(value) = value {
        put(out, key);
        serde_json::to_writer(out, value)?;
    }
    Ok(())
}

/// A string with its quotes.
fn text(out: &mut Buffer, text: &str) {
    put(out, "\"");
    if plain(text.as_bytes()) {
        put(out, text);
    } else {
        for c in text.chars() {
            escaped(out, c);
        }
    }
    put(out, "\"");
}

/// Whether a string is its own escaped form: no quote, no backslash, no control character. Eight
/// bytes at a time and without iterators, because this looks at most of what is written.
fn plain(text: &[u8]) -> bool {
    const ONES: u64 = u64::MAX / 0xff;
    const TOPS: u64 = ONES << 7;
    const QUOTES: u64 = ONES * 0x22;
    const BACKSLASHES: u64 = ONES * 0x5c;
    let mut rest = text;
    while let Some((word, further)) = rest.split_first_chunk::<8>() {
        rest = further;
        let word = u64::from_le_bytes(*word);
        let (quoted, slashed) = (word ^ QUOTES, word ^ BACKSLASHES);
        // The classic test for a small byte in a word: subtracting the bound borrows from the top
        // bit of exactly the bytes below it. A false alarm (a byte above the true one) only costs
        // the slow way.
        let below = word.wrapping_sub(ONES * 0x20) & !word
            | quoted.wrapping_sub(ONES) & !quoted
            | slashed.wrapping_sub(ONES) & !slashed;
        if below & TOPS != 0 {
            return false;
        }
    }
    while let [byte, further @ ..] = rest {
        rest = further;
        if *byte < b' ' || *byte == b'"' || *byte == b'\\' {
            return false;
        }
    }
    true
}

fn escaped(out: &mut Buffer, c: char) {
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

    use super::super::record::{Started, Tally};
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
