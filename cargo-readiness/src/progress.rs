//! What a long run is doing: said from time to time while nothing else is.
//!
//! ```text
//! 41 of 95 done, 52 waiting (40 for their phase, 12 for the group `redis`)
//!   for 35 s: PERF-001::load::a_hundred_users
//! ```
//!
//! Read from the journals that the test processes write anyway, so it is right whichever of them is
//! running, and costs them nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use readiness::describe::{DescribedTrial, Description};
use readiness::journal::{MergedRun, reader};

use crate::ui::Ui;

/// Silence that makes people wonder whether anything happens.
const PAUSE: Duration = Duration::from_secs(20);

/// Trials in flight that are named.
const NAMED: usize = 4;

/// Watches one test process.
pub(crate) struct Progress<'a> {
    folder: &'a Path,
    /// What is registered, by name: groups and phases.
    trials: BTreeMap<String, DescribedTrial>,
    said: Instant,
    last: Vec<String>,
}

impl<'a> Progress<'a> {
    /// Of the run in `folder`. Without a description nothing is said about what is waited for.
    pub(crate) fn new(folder: &'a Path, description: Option<Description>) -> Self {
        let trials = description.map(|d| d.trials).unwrap_or_default();
        Self {
            folder,
            trials: trials.into_iter().map(|t| (t.trial.clone(), t)).collect(),
            said: Instant::now(),
            last: Vec::new(),
        }
    }

    /// Says what is going on, if it is time to and something changed but the seconds.
    pub(crate) fn tick(&mut self, ui: &mut Ui) {
        if self.said.elapsed() < PAUSE || ui.is_quiet() {
            return;
        }
        self.said = Instant::now();
        // A journal in the making is read like any other; one that cannot be read is told about
        // when the run has ended.
        let Ok(run) = reader::read_folder(self.folder) else {
            return;
        };
        let lines = lines(&Snapshot::of(&run, Timestamp::now()), &self.trials);
        if lines != self.last {
            for line in &lines {
                ui.progress(line);
            }
            self.last = lines;
        }
    }
}

/// How far a run is.
#[derive(Debug, Default, PartialEq)]
struct Snapshot {
    selected: BTreeSet<String>,
    done: BTreeSet<String>,
    /// In flight, with the seconds since they began.
    running: BTreeMap<String, i64>,
}

impl Snapshot {
    fn of(run: &MergedRun, now: Timestamp) -> Self {
        let mut snapshot = Self::default();
        for process in run.processes() {
            let selected = process.registered().values().filter(|info| info.selected);
            snapshot
                .selected
                .extend(selected.map(|info| info.trial.clone()));
            for ((trial, _), attempt) in process.attempts() {
                if attempt.finished.is_some() {
                    snapshot.done.insert(trial.clone());
                    snapshot.running.remove(trial);
                } else if let (Some(started), None) = (&attempt.started, process.closed()) {
                    let began = started.at.parse::<Timestamp>().unwrap_or(now);
                    let seconds = now.as_second() - began.as_second();
                    snapshot.running.insert(trial.clone(), seconds.max(0));
                }
            }
        }
        snapshot
    }
}

fn lines(snapshot: &Snapshot, trials: &BTreeMap<String, DescribedTrial>) -> Vec<String> {
    let waiting: Vec<_> = snapshot
        .selected
        .iter()
        .filter(|trial| !snapshot.done.contains(*trial) && !snapshot.running.contains_key(*trial))
        .collect();
    let mut first = format!(
        "{} of {} done",
        snapshot.done.len(),
        snapshot.selected.len()
    );
    if !waiting.is_empty() {
        first = format!("{first}, {} waiting", waiting.len());
        let mut causes: BTreeMap<String, usize> = BTreeMap::new();
        for trial in &waiting {
            if let Some(cause) = cause(trial, snapshot, trials) {
                *causes.entry(cause).or_default() += 1;
            }
        }
        let causes: Vec<_> = causes
            .iter()
            .map(|(what, n)| format!("{n} for {what}"))
            .collect();
        if !causes.is_empty() {
            first = format!("{first} ({})", causes.join(", "));
        }
    }
    let mut running: Vec<_> = snapshot.running.iter().collect();
    running.sort_by_key(|(_, seconds)| std::cmp::Reverse(**seconds));
    let mut lines = vec![first];
    for (trial, seconds) in running.iter().take(NAMED) {
        lines.push(format!("  for {seconds} s: {trial}"));
    }
    if running.len() > NAMED {
        lines.push(format!("  and {} more", running.len() - NAMED));
    }
    lines
}

/// What a trial waits for, as far as its registration says: an earlier phase, or a group that one in
/// flight holds.
fn cause(
    trial: &str,
    snapshot: &Snapshot,
    trials: &BTreeMap<String, DescribedTrial>,
) -> Option<String> {
    let own = trials.get(trial)?;
    let mut open = snapshot
        .selected
        .iter()
        .filter(|t| !snapshot.done.contains(*t));
    if open.any(|other| {
        trials
            .get(other)
            .is_some_and(|other| own.phase.follows(other.phase))
    }) {
        return Some("their phase".to_owned());
    }
    let group = own.exclusive.as_ref().or(own.shared.as_ref())?;
    let held = snapshot
        .running
        .keys()
        .filter_map(|t| trials.get(t))
        .any(|other| {
            other.exclusive.as_ref() == Some(group)
                || (own.exclusive.is_some() && other.shared.as_ref() == Some(group))
        });
    held.then(|| format!("the group `{group}`"))
}

#[cfg(test)]
mod tests {
    use readiness::registry::Phase;

    use super::*;

    fn trial(name: &str, phase: Phase, exclusive: Option<&str>) -> (String, DescribedTrial) {
        let trial = DescribedTrial {
            trial: name.to_owned(),
            id: name.to_owned(),
            source: String::new(),
            digest: String::new(),
            phase,
            arguments: String::new(),
            exclusive: exclusive.map(str::to_owned),
            shared: None,
            ignored: None,
            no_proof: None,
        };
        (name.to_owned(), trial)
    }

    fn names(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn it_says_what_runs_and_what_the_rest_waits_for() {
        let trials: BTreeMap<_, _> = [
            trial("A-1", Phase::Probe, None),
            trial("A-2", Phase::Probe, Some("redis")),
            trial("A-3", Phase::Probe, Some("redis")),
            trial("A-4", Phase::Probe, None),
            trial("B-1", Phase::Load, Some("redis")),
        ]
        .into();
        let snapshot = Snapshot {
            selected: names(&["A-1", "A-2", "A-3", "A-4", "B-1"]),
            done: names(&["A-1"]),
            running: [("A-2".to_owned(), 35)].into(),
        };
        assert_eq!(
            lines(&snapshot, &trials),
            [
                "1 of 5 done, 3 waiting (1 for the group `redis`, 1 for their phase)",
                "  for 35 s: A-2",
            ]
        );
        // Without descriptions it does not guess.
        assert_eq!(
            lines(&snapshot, &BTreeMap::new())[0],
            "1 of 5 done, 3 waiting"
        );
    }
}
