//! Who may run beside whom: exclusive and shared groups.
//!
//! A group admits in the order of arrival, one exclusive trial or any number of shared ones. It
//! holds between the threads of this process by a queue, and between processes by a lock on a file
//! in `<readiness folder>/groups/`, which the system releases when its holder dies. Whoever waits
//! here holds no slot of a running trial, so unrelated trials go on.
//!
//! A trial that timed out and cannot be stopped keeps its groups. Those that wait for one of them
//! are refused after a while, so that the run ends.

use std::collections::{HashMap, VecDeque};
use std::fmt::Write;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::notice;
use crate::run::lock;

/// How a group is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Exclusive,
    Shared,
}

/// What a trial wants to hold, by name; sorted, so that no two trials wait for each other.
pub(crate) type Wanted = Vec<(&'static str, Mode)>;

/// The groups of a registration.
pub(crate) fn wanted(exclusive: Option<&'static str>, shared: Option<&'static str>) -> Wanted {
    if exclusive.is_none() && shared.is_none() {
        return Wanted::new();
    }
    let exclusive = exclusive.map(|name| (name, Mode::Exclusive));
    let shared = shared.map(|name| (name, Mode::Shared));
    let mut wanted: Wanted = exclusive.into_iter().chain(shared).collect();
    wanted.sort_by_key(|(name, _)| *name);
    // Exclusive and shared of one name is exclusive.
    wanted.dedup_by_key(|(name, _)| *name);
    wanted
}

/// Longest wait for a group whose holder timed out and goes on.
const LONGEST_PATIENCE: Duration = Duration::from_secs(10);

/// Every group of this process.
#[derive(Debug)]
pub(crate) struct Groups {
    /// Where the lock files are; none for a child whose parent holds the groups.
    folder: Option<PathBuf>,
    state: Mutex<HashMap<&'static str, Group>>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Group {
    shared: usize,
    exclusive: bool,
    /// Those who wait, the first to come first.
    queue: VecDeque<u64>,
    next: u64,
    /// The holder that timed out, and since when.
    abandoned: Option<(String, Instant)>,
}

impl Group {
    fn admits(&self, mode: Mode) -> bool {
        match mode {
            Mode::Exclusive => !self.exclusive && self.shared == 0,
            Mode::Shared => !self.exclusive,
        }
    }
}

/// Why a trial could not be admitted: a reason for *not verified*.
pub(crate) type Refused = String;

/// Groups that are held. Dropped, they are free.
#[derive(Debug)]
pub(crate) struct Held {
    groups: Arc<Groups>,
    wanted: Wanted,
    /// Closing a file releases its lock.
    files: Vec<File>,
}

impl Groups {
    /// Groups with lock files in `folder`.
    pub(crate) fn new(folder: Option<PathBuf>) -> Arc<Self> {
        Arc::new(Self {
            folder,
            state: Mutex::default(),
            changed: Condvar::new(),
        })
    }

    /// Waits until `trial` may hold what it wants.
    ///
    /// # Errors
    /// When one of them stays with a trial that timed out for longer than `limit`, or the lock file
    /// cannot be used.
    pub(crate) fn enter(
        self: &Arc<Self>,
        trial: &str,
        wanted: &Wanted,
        limit: Duration,
    ) -> Result<Held, Refused> {
        let mut held = Held {
            groups: Arc::clone(self),
            wanted: Vec::new(),
            files: Vec::new(),
        };
        for &(name, mode) in wanted {
            self.wait(name, mode, limit.min(LONGEST_PATIENCE))?;
            held.wanted.push((name, mode));
            if let Some(folder) = &self.folder {
                held.files.push(lock_file(folder, trial, name, mode)?);
            }
        }
        Ok(held)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<&'static str, Group>> {
        lock(&self.state)
    }

    fn wait(&self, name: &'static str, mode: Mode, patience: Duration) -> Result<(), Refused> {
        let mut state = self.lock();
        let group = state.entry(name).or_default();
        let ticket = group.next;
        group.next += 1;
        group.queue.push_back(ticket);
        loop {
            let group = state.entry(name).or_default();
            if group.queue.front() == Some(&ticket) && group.admits(mode) {
                group.queue.pop_front();
                match mode {
                    Mode::Exclusive => group.exclusive = true,
                    Mode::Shared => group.shared += 1,
                }
                // The next in the queue may be able to share.
                self.changed.notify_all();
                return Ok(());
            }
            let abandoned = group.abandoned.as_ref();
            let left = abandoned.map(|(_, since)| patience.saturating_sub(since.elapsed()));
            if left == Some(Duration::ZERO) {
                group.queue.retain(|&waiting| waiting != ticket);
                let holder = group.abandoned.as_ref().map_or("", |(holder, _)| holder);
                let refused = format!(
                    "the group `{name}` is still held by {holder}, which timed out and cannot be \
                     stopped inside this process; --isolate can stop it"
                );
                self.changed.notify_all();
                return Err(refused);
            }
            state = match left {
                None => self
                    .changed
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(left) => {
                    self.changed
                        .wait_timeout(state, left)
                        .unwrap_or_else(PoisonError::into_inner)
                        .0
                }
            };
        }
    }
}

impl Held {
    /// Tells those who wait that `trial` timed out and keeps its groups until it ends by itself.
    pub(crate) fn abandon(&self, trial: &str) {
        let mut state = self.groups.lock();
        for (name, _) in &self.wanted {
            if let Some(group) = state.get_mut(name) {
                group.abandoned = Some((trial.to_owned(), Instant::now()));
            }
        }
        self.groups.changed.notify_all();
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // The files first: whoever is admitted next must find them free.
        self.files.clear();
        let mut state = self.groups.lock();
        for (name, mode) in &self.wanted {
            if let Some(group) = state.get_mut(name) {
                match mode {
                    Mode::Exclusive => group.exclusive = false,
                    Mode::Shared => group.shared = group.shared.saturating_sub(1),
                }
                group.abandoned = None;
            }
        }
        self.groups.changed.notify_all();
    }
}

/// Locks the file of a group, and says so when that takes long.
pub(crate) fn lock_file(
    folder: &Path,
    trial: &str,
    name: &str,
    mode: Mode,
) -> Result<File, Refused> {
    let path = folder.join(file_name(name));
    let refused = |error: std::io::Error| format!("{}: {error}", path.display());
    std::fs::create_dir_all(folder).map_err(refused)?;
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(refused)?;
    let tried = match mode {
        Mode::Exclusive => file.try_lock(),
        Mode::Shared => file.try_lock_shared(),
    };
    match tried {
        Ok(()) => return Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => {}
        Err(std::fs::TryLockError::Error(error)) => return Err(refused(error)),
    }
    notice::note(&format!(
        "{trial} waits for `{name}`, which another process holds ({})",
        path.display()
    ));
    match mode {
        Mode::Exclusive => file.lock(),
        Mode::Shared => file.lock_shared(),
    }
    .map_err(refused)?;
    Ok(file)
}

/// A file name for a group: its name where that is harmless, and a hash where something was left out.
fn file_name(name: &str) -> String {
    let harmless = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    let mut plain: String = name.chars().filter(|&c| harmless(c)).take(60).collect();
    if plain != name {
        // FNV-1a: the same in every process and release.
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let _ = write!(plain, ".{hash:016x}");
    }
    plain.push_str(".lock");
    plain
}

#[cfg(test)]
#[path = "groups_tests.rs"]
mod tests;
