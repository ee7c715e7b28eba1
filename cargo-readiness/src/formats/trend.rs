//! What the history says of a document and of each of its items: the runs on the target that a report
//! is about, and where items came to something else.
//!
//! In: the lines of `readiness.history` and the assessment. Out: plain data for [`super::model`], of
//! bounded size whatever the file holds. A result that is not in the history yet is the last point, so
//! that a trend always ends with what the rest of the report shows; a demonstration's never is.

use std::collections::{BTreeMap, HashMap, VecDeque};

use readiness::Redactor;
use readiness::assess::{Assessment, Outcome};
use readiness_checklist::{Percent, Status};

use super::model::{Change, ItemHistory, Move, Point, Trend};
use crate::history::{Entry, History};

/// Runs that a trend has at most, the latest ones.
const MOST_POINTS: usize = 1_000;

/// Changes of one run that are named; the rest is counted.
const MOST_MOVES: usize = 12;

/// Changes of one item that are named, the latest ones; the rest is counted.
const MOST_CHANGES: usize = 20;

/// Longest name of a run, a version, a commit or an item, in characters.
const MOST_NAME: usize = 120;

/// The trend, and by id what is known of each item that a run had.
pub(super) fn collect(
    history: &History,
    assessment: &Assessment,
    minimum: Percent,
    redactor: &Redactor,
) -> (Trend, BTreeMap<String, ItemHistory>) {
    let run = assessment.run.as_ref();
    let target = match (run, history.entries.last()) {
        (Some(run), _) => run.target.as_ref().map(|target| target.name.clone()),
        (None, last) => last.and_then(|last| last.target.clone()),
    };
    let same = |entry: &&Entry| entry.target == target;
    let current = Entry::new(assessment, String::new).filter(|entry| {
        let known = |known: &Entry| known.run == entry.run && known.is_like(entry);
        !assessment.demonstration && !history.entries.iter().any(known)
    });
    let mut of_items = Items::new(redactor);
    let mut points: VecDeque<Point> = VecDeque::new();
    let mut earlier = 0;
    let mut add = |mut point: Point, moves: Vec<Move>| {
        point.moves = moves.len() as u64;
        point.moved = moves.into_iter().take(MOST_MOVES).collect();
        points.push_back(point);
        if points.len() > MOST_POINTS {
            points.pop_front();
            earlier += 1;
        }
    };
    for entry in history.entries.iter().filter(same) {
        add(
            recorded(entry, redactor),
            of_items.next(entry.items(), &entry.day(), &entry.run),
        );
    }
    let elsewhere = history.entries.iter().filter(|entry| !same(entry)).count();
    if let Some(entry) = &current {
        let day = assessment.day.to_string();
        let moves = of_items.next(entry.items(), &day, &entry.run);
        let recorded = recorded(entry, redactor);
        let at = None;
        add(
            Point {
                at,
                day,
                ..recorded
            },
            moves,
        );
    }
    let trend = Trend {
        target: target.as_deref().map(|target| name(target, redactor)),
        minimum: u64::from(minimum.hundredths),
        points: points.into(),
        earlier,
        elsewhere: elsewhere as u64,
    };
    (trend, of_items.finish())
}

fn recorded(entry: &Entry, redactor: &Redactor) -> Point {
    let own = |text: &str| name(text, redactor);
    let of = |status| {
        let own = entry.items().filter(|(_, o)| o.status() == status);
        own.count() as u64
    };
    Point {
        at: Some(entry.at.clone()),
        day: entry.day(),
        run: name(&entry.run, redactor),
        commit: entry.commit.as_deref().map(own),
        target_version: entry.version.as_deref().map(own),
        partial: entry.partial,
        score: entry.score().into(),
        pass: of(Status::Pass),
        warn: of(Status::Warn),
        fail: of(Status::Fail),
        skip: of(Status::Skip),
        moved: Vec::new(),
        moves: 0,
    }
}

/// A name without secrets, of bounded length: masked before it is cut, or half a secret stayed.
fn name(text: &str, redactor: &Redactor) -> String {
    redactor.text(text).chars().take(MOST_NAME).collect()
}

/// What each item came to in the runs so far.
struct Items<'a> {
    redactor: &'a Redactor,
    known: HashMap<&'a str, Known>,
    runs: u64,
    alive: usize,
}

struct Known {
    outcome: Option<Outcome>,
    /// The run that had it last, from 1.
    seen: u64,
    /// Runs that had it.
    runs: u64,
    changes: VecDeque<Change>,
    earlier: u64,
}

impl<'a> Items<'a> {
    fn new(redactor: &'a Redactor) -> Self {
        Self {
            redactor,
            known: HashMap::new(),
            runs: 0,
            alive: 0,
        }
    }

    /// Takes the items of one more run, and says what came to something else; nothing of the first.
    fn next(
        &mut self,
        items: impl Iterator<Item = (&'a str, Outcome)>,
        day: &str,
        run: &str,
    ) -> Vec<Move> {
        self.runs += 1;
        let run = name(run, self.redactor);
        let mut moves = Vec::new();
        let mut present = 0;
        for (id, outcome) in items {
            let known = self.known.entry(id).or_insert_with(|| Known {
                outcome: None,
                seen: 0,
                runs: 0,
                changes: VecDeque::new(),
                earlier: 0,
            });
            if known.seen == self.runs {
                // Twice in one line: the first one counts.
                continue;
            }
            known.seen = self.runs;
            known.runs += 1;
            present += 1;
            if known.outcome != Some(outcome) {
                moves.push(known.turn(id, Some(outcome), day, &run, self.redactor));
            }
        }
        if present < self.alive + moves.iter().filter(|moved| moved.from.is_none()).count() {
            let gone = |known: &Known| known.outcome.is_some() && known.seen < self.runs;
            for (id, known) in self.known.iter_mut().filter(|(_, known)| gone(known)) {
                moves.push(known.turn(id, None, day, &run, self.redactor));
            }
        }
        self.alive = present;
        if self.runs == 1 {
            moves.clear();
        }
        // What got worse first; within it by id, whatever the order of a map.
        moves.sort_by(|a, b| (a.to.is_none(), a.to, &a.id).cmp(&(b.to.is_none(), b.to, &b.id)));
        moves
    }

    fn finish(self) -> BTreeMap<String, ItemHistory> {
        let of = |(id, known): (&str, Known)| {
            let history = ItemHistory {
                runs: known.runs,
                changes: known.changes.into(),
                earlier: known.earlier,
            };
            (id.to_owned(), history)
        };
        self.known.into_iter().map(of).collect()
    }
}

impl Known {
    fn turn(
        &mut self,
        id: &str,
        to: Option<Outcome>,
        day: &str,
        run: &str,
        redactor: &Redactor,
    ) -> Move {
        let from = std::mem::replace(&mut self.outcome, to);
        self.changes.push_back(Change {
            day: day.to_owned(),
            run: run.to_owned(),
            outcome: to,
        });
        if self.changes.len() > MOST_CHANGES {
            self.changes.pop_front();
            self.earlier += 1;
        }
        Move {
            id: name(id, redactor),
            from,
            to,
        }
    }
}

#[cfg(test)]
#[path = "trend_tests.rs"]
mod tests;
