//! The order of phases, and how many bodies run at once.
//!
//! A phase begins in this process when the earlier ones are over; a trial that runs aside waits for
//! nobody, and only the load for it. Between processes the phases that
//! only read or write their own objects go together; one that disrupts, bursts or sends load has the
//! target to its process, by a lock on a file beside those of the groups.

use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::groups::{Mode, lock_file};
use super::notice;
use crate::registry::Phase;
use crate::run::lock;

/// The order of phases in this process.
#[derive(Debug)]
pub(crate) struct Phases {
    folder: Option<PathBuf>,
    state: Mutex<PhaseState>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct PhaseState {
    /// Trials still to end, by phase.
    left: [usize; PHASES.len()],
    /// The phase that has begun, and its lock.
    begun: Option<(Phase, Option<File>)>,
    beginning: bool,
}

const PHASES: [Phase; 6] = [
    Phase::Probe,
    Phase::Aside,
    Phase::Write,
    Phase::Disrupt,
    Phase::Burst,
    Phase::Load,
];

fn position(phase: Phase) -> usize {
    PHASES.iter().position(|&p| p == phase).unwrap_or(0)
}

impl Phases {
    /// The phases of the trials that will run.
    pub(crate) fn new(folder: Option<PathBuf>, trials: impl Iterator<Item = Phase>) -> Arc<Self> {
        let mut state = PhaseState::default();
        for phase in trials {
            state.left[position(phase)] += 1;
        }
        Arc::new(Self {
            folder,
            state: Mutex::new(state),
            changed: Condvar::new(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, PhaseState> {
        lock(&self.state)
    }

    /// Waits for the phase of `trial`.
    pub(crate) fn enter(self: &Arc<Self>, trial: &str, phase: Phase) -> InPhase {
        let mut state = self.lock();
        if phase == Phase::Aside {
            return InPhase {
                phases: Arc::clone(self),
                phase,
            };
        }
        loop {
            // The usual case comes first: every trial passes here.
            if matches!(&state.begun, Some((begun, _)) if *begun == phase) {
                return InPhase {
                    phases: Arc::clone(self),
                    phase,
                };
            }
            let earlier_are_over = PHASES
                .iter()
                .zip(state.left)
                .all(|(&other, left)| left == 0 || !phase.follows(other));
            if earlier_are_over && !state.beginning {
                // The lock may take long: the others wait on the condition, not on the mutex.
                state.beginning = true;
                state.begun = None;
                drop(state);
                let file = self.begin(trial, phase);
                state = self.lock();
                state.beginning = false;
                state.begun = Some((phase, file));
                self.changed.notify_all();
                continue;
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn begin(&self, trial: &str, phase: Phase) -> Option<File> {
        let mode = match phase {
            Phase::Probe | Phase::Aside | Phase::Write => Mode::Shared,
            Phase::Disrupt | Phase::Burst | Phase::Load => Mode::Exclusive,
        };
        let folder = self.folder.as_ref()?;
        match lock_file(folder, trial, "phase", mode) {
            Ok(file) => Some(file),
            Err(why) => {
                // Within this process the order holds all the same.
                notice::warn(&format!(
                    "phases are not kept apart from other processes: {why}"
                ));
                None
            }
        }
    }
}

/// A trial within its phase.
#[derive(Debug)]
pub(crate) struct InPhase {
    phases: Arc<Phases>,
    phase: Phase,
}

impl Drop for InPhase {
    fn drop(&mut self) {
        let mut state = self.phases.lock();
        let left = &mut state.left[position(self.phase)];
        *left = left.saturating_sub(1);
        if *left == 0 {
            if self.phase != Phase::Aside {
                state.begun = None;
            }
            self.phases.changed.notify_all();
        }
    }
}

/// How many bodies run at once.
#[derive(Debug)]
pub(crate) struct Slots {
    state: Mutex<SlotState>,
    freed: Condvar,
}

#[derive(Debug)]
struct SlotState {
    free: usize,
    /// Waking costs a system call, so it is done for somebody only.
    waiting: usize,
}

/// A slot, until it is dropped.
#[derive(Debug)]
pub(crate) struct Slot(Arc<Slots>);

impl Slots {
    /// At least one.
    pub(crate) fn new(slots: usize) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(SlotState {
                free: slots.max(1),
                waiting: 0,
            }),
            freed: Condvar::new(),
        })
    }

    /// Waits for a slot.
    pub(crate) fn take(self: &Arc<Self>) -> Slot {
        let mut state = lock(&self.state);
        while state.free == 0 {
            state.waiting += 1;
            state = self
                .freed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
            state.waiting -= 1;
        }
        state.free -= 1;
        Slot(Arc::clone(self))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut state = lock(&self.0.state);
        state.free += 1;
        if state.waiting > 0 {
            self.0.freed.notify_one();
        }
    }
}

#[cfg(test)]
#[path = "phases_tests.rs"]
mod tests;
