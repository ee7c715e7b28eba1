//! The second table: what is written for an item, by what stands in the document and what is known.
//!
//! | in the document | no result for the item | not verified | verdict |
//! |---|---|---|---|
//! | empty, or not-run | untouched | untouched | written |
//! | written by us | untouched, with its age; stale past its limit | SKIP, unless its pass is still fresh and the run was partial | written |
//! | claimed by a person | untouched, reported | untouched, reported | written, a disagreement is reported |

use readiness_checklist::{Code, Item, Shape, State, Status};

use crate::ledger::Entry;

/// Who put what stands in the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Nothing, or a word for not-run.
    Empty,
    /// We did, and the ledger says so.
    Ours,
    /// A person, with no record behind it.
    Claimed,
}

/// What is known about the item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Known {
    /// No result: no check took part, or all of them were left out.
    Nothing,
    /// Somebody tried to look, or is known not to have.
    NotVerified,
    /// A verdict, a statement that counts, or a pass that has gone stale.
    Verdict,
}

/// What happens to the item in the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Not touched.
    Untouched,
    /// Not touched; reported as a claim.
    UntouchedClaim,
    /// The outcome's status is written.
    Write,
    /// The outcome's status is written over a claim; reported if they disagree.
    WriteOverClaim,
}

impl Action {
    /// Whether the status is written.
    pub fn writes(self) -> bool {
        matches!(self, Self::Write | Self::WriteOverClaim)
    }
}

/// What the document says for an item. Where it is in doubt which cell holds the status of a row, or
/// where none does, it says nothing: whatever was read is no claim of anybody.
pub fn stated(item: &Item) -> State {
    let in_doubt = item.read_only().is_some_and(|fault| {
        matches!(
            fault.code,
            Code::RowPipeInCode
                | Code::PipeAmbiguous
                | Code::StatusColumnAmbiguous
                | Code::StatusColumnMissing
        )
    });
    if in_doubt {
        State::NotRun
    } else {
        item.state()
    }
}

/// Who put what stands in the document: the ledger's word counts only while the document still
/// shows what it says. Without a ledger, or with a broken one, `entry` is none.
pub fn standing(state: State, shape: Shape, entry: Option<&Entry>) -> Standing {
    if entry.is_some_and(|entry| shows(state, shape, entry.status)) {
        Standing::Ours
    } else if state == State::NotRun {
        Standing::Empty
    } else {
        Standing::Claimed
    }
}

/// Whether a document that was given `status` reads back as `state`.
pub fn shows(state: State, shape: Shape, status: Status) -> bool {
    match (status, state) {
        (Status::Pass, State::Pass)
        | (Status::Warn, State::Warn)
        | (Status::Fail, State::Fail)
        | (Status::Skip, State::NotRun | State::NotApplicable) => true,
        // A box without a Status bullet cannot say more than "not ticked".
        (Status::Warn | Status::Fail, State::NotRun) => shape == Shape::Box,
        _ => false,
    }
}

/// The rule. `keeps_fresh_pass` holds when the run was partial and the ledger's pass is fresh.
pub fn action(standing: Standing, known: Known, keeps_fresh_pass: bool) -> Action {
    match (standing, known) {
        (Standing::Empty, Known::Nothing | Known::NotVerified)
        | (Standing::Ours, Known::Nothing) => Action::Untouched,
        (Standing::Ours, Known::NotVerified) if keeps_fresh_pass => Action::Untouched,
        (Standing::Empty, Known::Verdict)
        | (Standing::Ours, Known::NotVerified | Known::Verdict) => Action::Write,
        (Standing::Claimed, Known::Nothing | Known::NotVerified) => Action::UntouchedClaim,
        (Standing::Claimed, Known::Verdict) => Action::WriteOverClaim,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assess::Outcome;
    use crate::ledger::{Ledger, LedgerState};

    /// Standing, then the action for: nothing, not verified, not verified beside a fresh pass in a
    /// partial run, verdict.
    const TABLE: &[(Standing, [Action; 4])] = {
        use Action::{Untouched, UntouchedClaim, Write, WriteOverClaim};
        &[
            (Standing::Empty, [Untouched, Untouched, Untouched, Write]),
            (Standing::Ours, [Untouched, Write, Untouched, Write]),
            (
                Standing::Claimed,
                [
                    UntouchedClaim,
                    UntouchedClaim,
                    UntouchedClaim,
                    WriteOverClaim,
                ],
            ),
        ]
    };

    #[test]
    fn every_cell_of_the_table() {
        for &(standing, [nothing, not_verified, kept, verdict]) in TABLE {
            assert_eq!(
                action(standing, Known::Nothing, false),
                nothing,
                "{standing:?}"
            );
            assert_eq!(
                action(standing, Known::Nothing, true),
                nothing,
                "{standing:?}"
            );
            assert_eq!(
                action(standing, Known::NotVerified, false),
                not_verified,
                "{standing:?}"
            );
            assert_eq!(
                action(standing, Known::NotVerified, true),
                kept,
                "{standing:?}"
            );
            assert_eq!(
                action(standing, Known::Verdict, false),
                verdict,
                "{standing:?}"
            );
            assert_eq!(
                action(standing, Known::Verdict, true),
                verdict,
                "{standing:?}"
            );
        }
    }

    fn entry(status: Status) -> Entry {
        Entry {
            status,
            outcome: Outcome::Passed,
            base: None,
            run: None,
            target: None,
            version: None,
            commit: None,
            day: jiff::civil::date(2026, 1, 1),
            text: String::new(),
            check: None,
            config: None,
            strength: None,
        }
    }

    /// State in the document, the ledger's status for it, and whose it is in a table; a box that
    /// differs is in the next test.
    const STANDINGS: &[(State, Option<Status>, Standing)] = {
        use Standing::{Claimed, Empty, Ours};
        &[
            (State::Pass, None, Claimed),
            (State::Warn, None, Claimed),
            (State::Fail, None, Claimed),
            (State::InProgress, None, Claimed),
            (State::NotRun, None, Empty),
            (State::NotApplicable, None, Claimed),
            (State::Unknown, None, Claimed),
            (State::Pass, Some(Status::Pass), Ours),
            (State::Warn, Some(Status::Warn), Ours),
            (State::Fail, Some(Status::Fail), Ours),
            (State::NotRun, Some(Status::Skip), Ours),
            (State::NotApplicable, Some(Status::Skip), Ours),
            // A person changed it since.
            (State::Pass, Some(Status::Fail), Claimed),
            (State::Pass, Some(Status::Skip), Claimed),
            (State::NotRun, Some(Status::Pass), Empty),
            (State::NotRun, Some(Status::Fail), Empty),
            (State::InProgress, Some(Status::Warn), Claimed),
            (State::Unknown, Some(Status::Pass), Claimed),
        ]
    };

    #[test]
    fn a_status_is_ours_only_while_it_stands_as_the_ledger_says() {
        for &(state, status, expected) in STANDINGS {
            let mut ledger = Ledger::default();
            if let Some(status) = status {
                ledger.entries.insert("A-1".to_owned(), entry(status));
            }
            let present = LedgerState::Present(ledger);
            assert_eq!(
                standing(state, Shape::Row, present.entry("A-1")),
                expected,
                "{state:?} with {status:?}"
            );
        }
    }

    #[test]
    fn without_a_ledger_or_with_a_broken_one_everything_typed_is_claimed() {
        let broken = LedgerState::parse("<<<<<<< HEAD\n");
        assert!(matches!(broken, LedgerState::Broken { .. }));
        for ledger in [LedgerState::Absent, broken] {
            for state in [State::Pass, State::Warn, State::Fail, State::InProgress] {
                let standing = standing(state, Shape::Row, ledger.entry("A-1"));
                assert_eq!(standing, Standing::Claimed, "{state:?}");
            }
            let standing = standing(State::NotRun, Shape::Row, ledger.entry("A-1"));
            assert_eq!(standing, Standing::Empty);
        }
    }

    #[test]
    fn an_open_box_is_what_a_box_shows_for_anything_but_a_pass() {
        for status in [Status::Warn, Status::Fail, Status::Skip] {
            assert!(shows(State::NotRun, Shape::Box, status));
        }
        assert!(!shows(State::NotRun, Shape::Box, Status::Pass));
    }
}
