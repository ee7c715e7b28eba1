//! A record as a line, byte for byte what `serde_json` makes of it.
//!
//! Two lines are written per trial, and test crates are built without optimisation, where the
//! serialiser's generic code costs several times as much as the rest of the harness. So the few
//! shapes that every trial writes are put together here from their fields; whatever is rare or deep
//! goes through `serde_json`. A property test holds the two to the same bytes.
//!
//! Each line is *one* `format!`: that runs within the standard library, which is always optimised. The
//! same pieces pushed one by one cost five times as much, because pushing is compiled with us.

use std::borrow::Cow;

use serde::Serialize;

use super::record::{
    Evidence, Finished, Part, Proof, ProofStrength, Record, Registered, TrialInfo, TrialOutcome,
};
use crate::verdict::Origin;

/// The line, with its end.
pub(super) fn line(record: &Record) -> serde_json::Result<String> {
    Ok(match record {
        Record::Started(line) => started(Text::of(&line.trial), line.attempt, Text::of(&line.at)),
        Record::Finished(line) => finished(&FinishedLine::from(&**line))?,
        Record::Registered(registered) => self::registered(registered),
        rare => serde_json::to_string(rare)? + "\n",
    })
}

/// A text, and whether its JSON form is itself. A trial's name is written three times and looked
/// through once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text<'a> {
    text: &'a str,
    plain: bool,
}

impl<'a> Text<'a> {
    /// Looks through `text`.
    pub(crate) fn of(text: &'a str) -> Self {
        Self::known(text, plain(text.as_bytes()))
    }

    /// A text of which somebody knows already whether it is [`plain`].
    pub(crate) fn known(text: &'a str, plain: bool) -> Self {
        Self { text, plain }
    }

    /// What stands between the quotes.
    fn inside(self) -> Cow<'a, str> {
        if self.plain {
            return Cow::Borrowed(self.text);
        }
        let quoted = serde_json::to_string(self.text).unwrap_or_default();
        let inside = quoted.get(1..quoted.len().saturating_sub(1));
        Cow::Owned(inside.unwrap_or_default().to_owned())
    }
}

/// A `started` line.
pub(super) fn started(trial: Text<'_>, attempt: u32, at: Text<'_>) -> String {
    let (trial, at): (&str, &str) = (&trial.inside(), &at.inside());
    format!(
        "{{\"record\":\"started\",\"trial\":\"{trial}\",\"attempt\":{attempt},\"at\":\"{at}\"}}\n"
    )
}

/// A [`Finished`] that is put together where it is written: what it says lives elsewhere.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FinishedLine<'a> {
    pub(crate) trial: Text<'a>,
    pub(crate) id: Text<'a>,
    pub(crate) attempt: u32,
    pub(crate) outcome: TrialOutcome,
    pub(crate) reason: Option<&'a str>,
    pub(crate) origin: Option<Origin>,
    pub(crate) location: Option<&'a str>,
    pub(crate) at: Text<'a>,
    pub(crate) micros: u64,
    pub(crate) parts: &'a [Part],
    pub(crate) proof: Option<&'a Proof>,
    pub(crate) evidence: &'a [Evidence],
    pub(crate) digest: Text<'a>,
    pub(crate) process: Option<&'a str>,
}

impl<'a> From<&'a Finished> for FinishedLine<'a> {
    fn from(finished: &'a Finished) -> Self {
        Self {
            trial: Text::of(&finished.trial),
            id: Text::of(&finished.id),
            attempt: finished.attempt,
            outcome: finished.outcome,
            reason: finished.reason.as_deref(),
            origin: finished.origin,
            location: finished.location.as_deref(),
            at: Text::of(&finished.at),
            micros: finished.micros,
            parts: &finished.parts,
            proof: finished.proof.as_ref(),
            evidence: &finished.evidence,
            digest: Text::of(&finished.digest),
            process: finished.process.as_deref(),
        }
    }
}

/// A `finished` line.
pub(super) fn finished(finished: &FinishedLine<'_>) -> serde_json::Result<String> {
    let FinishedLine {
        attempt, micros, ..
    } = *finished;
    let trial: &str = &finished.trial.inside();
    let id: &str = &finished.id.inside();
    let at: &str = &finished.at.inside();
    let digest: &str = &finished.digest.inside();
    let outcome = outcome_name(finished.outcome);
    let (why, found): (&str, &str) = (&why(finished), &found(finished)?);
    let process: &str = &optional(",\"process\":\"", finished.process);
    Ok(format!(
        "{{\"record\":\"finished\",\"trial\":\"{trial}\",\"id\":\"{id}\",\"attempt\":{attempt},\
         \"outcome\":\"{outcome}\"{why},\"at\":\"{at}\",\"micros\":{micros}{found},\
         \"digest\":\"{digest}\"{process}}}\n"
    ))
}

/// What a pass does not have.
fn why(finished: &FinishedLine<'_>) -> String {
    let mut why = optional(",\"reason\":\"", finished.reason);
    if let Some(origin) = finished.origin {
        why += &optional(",\"origin\":\"", Some(origin_name(origin)));
    }
    if finished.location.is_some() {
        why += &optional(",\"location\":\"", finished.location);
    }
    why
}

/// What supports it.
fn found(finished: &FinishedLine<'_>) -> serde_json::Result<String> {
    let mut found = String::new();
    if !finished.parts.is_empty() {
        found += &deep(",\"parts\":", finished.parts)?;
    }
    if let Some(proof) = finished.proof {
        found += &self::proof(proof)?;
    }
    if !finished.evidence.is_empty() {
        found += &deep(",\"evidence\":", finished.evidence)?;
    }
    Ok(found)
}

fn proof(proof: &Proof) -> serde_json::Result<String> {
    let Proof {
        strength,
        reason,
        fine,
        gross,
        mutants,
    } = proof;
    if !fine.is_empty() || !gross.is_empty() || !mutants.is_empty() {
        return deep(",\"proof\":", proof);
    }
    let strength = strength_name(*strength);
    Ok(match reason {
        None => format!(",\"proof\":{{\"strength\":\"{strength}\"}}"),
        Some(reason) => {
            let reason: &str = &Text::of(reason).inside();
            format!(",\"proof\":{{\"strength\":\"{strength}\",\"reason\":\"{reason}\"}}")
        }
    })
}

/// A [`Registered`] that is put together trial by trial.
#[derive(Debug)]
pub(crate) struct RegisteredLine(String);

/// One trial of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct InfoLine<'a> {
    pub(crate) trial: Text<'a>,
    pub(crate) id: Text<'a>,
    pub(crate) selected: bool,
    pub(crate) ignored: Option<&'a str>,
    pub(crate) digest: Text<'a>,
    pub(crate) source: &'a str,
}

const REGISTERED: &str = "{\"record\":\"registered\",\"trials\":[";

impl Default for RegisteredLine {
    fn default() -> Self {
        Self(REGISTERED.to_owned())
    }
}

impl RegisteredLine {
    /// Adds a trial.
    pub(crate) fn push(&mut self, info: &InfoLine<'_>) {
        let comma = if self.0.len() == REGISTERED.len() {
            ""
        } else {
            ","
        };
        let trial: &str = &info.trial.inside();
        let id: &str = &info.id.inside();
        let selected = info.selected;
        let ignored: &str = &optional(",\"ignored\":\"", info.ignored);
        let digest: &str = &info.digest.inside();
        let source: &str = &Text::of(info.source).inside();
        let listed = format!(
            "{comma}{{\"trial\":\"{trial}\",\"id\":\"{id}\",\"selected\":{selected}{ignored},\
             \"digest\":\"{digest}\",\"source\":\"{source}\"}}"
        );
        self.0.push_str(&listed);
    }

    /// The line, with its end.
    pub(super) fn close(mut self) -> String {
        self.0.push_str("]}\n");
        self.0
    }
}

fn registered(registered: &Registered) -> String {
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
            trial: Text::of(trial),
            id: Text::of(id),
            selected: *selected,
            ignored: ignored.as_deref(),
            digest: Text::of(digest),
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

/// A key and a text, where there is one; `key` ends in the quote that opens the text.
fn optional(key: &str, value: Option<&str>) -> String {
    let Some(value) = value else {
        return String::new();
    };
    let value: &str = &Text::of(value).inside();
    format!("{key}{value}\"")
}

/// A key and what is deep.
fn deep(key: &str, value: &(impl Serialize + ?Sized)) -> serde_json::Result<String> {
    Ok(format!("{key}{}", serde_json::to_string(value)?))
}

/// Whether a string is its own escaped form: no quote, no backslash, no control character. Sixteen
/// bytes at a time and without iterators, because this looks at most of what is written.
pub(crate) fn plain(text: &[u8]) -> bool {
    const ONES: u128 = u128::MAX / 0xff;
    const TOPS: u128 = ONES << 7;
    const QUOTES: u128 = ONES * 0x22;
    const BACKSLASHES: u128 = ONES * 0x5c;
    let mut rest = text;
    while let Some((word, further)) = rest.split_first_chunk::<16>() {
        rest = further;
        let word = u128::from_le_bytes(*word);
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::record::{Started, Tally};
    use super::*;

    fn same(record: &Record) -> Result<(), TestCaseError> {
        let expected = serde_json::to_string(record).unwrap() + "\n";
        let line = line(record).unwrap();
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
