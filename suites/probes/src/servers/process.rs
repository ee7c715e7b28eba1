//! One server process in a group of its own, which does not outlive us.
//!
//! A value that is dropped kills its group. If this process dies without dropping anything, a
//! *keeper* does it: a small shell that reads from a pipe which only we hold open. The group of its
//! own also means that Ctrl-C at the terminal reaches us first, not the server.

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use readiness::Unavailable;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// How long a server may take to end before it is killed. PostgreSQL needs well under a second for
/// an empty database; the rest is for a busy machine.
const GRACE: Duration = Duration::from_secs(10);

/// How often a state is asked for while waiting.
pub(super) const POLL: Duration = Duration::from_millis(20);

/// Reads until we are gone, then ends the group `$1` with signal `$3` and removes the directory `$2`.
const KEEPER: &str =
    r#"read -r _; kill -s "$3" -- -"$1"; sleep 1; kill -s KILL -- -"$1"; rm -rf -- "$2""#;

/// How a server is told to end at once, by a signal that still lets it give back what the kernel
/// would otherwise keep (PostgreSQL's shared memory).
#[derive(Debug, Clone, Copy)]
pub(super) struct EndWith {
    /// Everything written and closed.
    pub orderly: Signal,
    /// As soon as possible.
    pub abrupt: Signal,
}

/// A running server.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    keeper: Option<Child>,
    end: EndWith,
}

impl Process {
    /// Starts `command` with its output going to `log`; `dir` is removed should we die.
    pub fn spawn(
        command: &mut Command,
        end: EndWith,
        dir: &Path,
        log: &Path,
    ) -> Result<Process, Unavailable> {
        let program = command.get_program().to_string_lossy().into_owned();
        let cannot =
            |error: std::io::Error| Unavailable::new(format!("cannot start {program}: {error}"));
        let out = File::options()
            .create(true)
            .append(true)
            .open(log)
            .map_err(cannot)?;
        let err = out.try_clone().map_err(cannot)?;
        let child = command
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err)
            .process_group(0)
            .spawn()
            .map_err(cannot)?;
        let mut process = Process {
            child,
            keeper: None,
            end,
        };
        // Without a keeper the server could stay for ever: better none at all.
        process.keeper = Some(process.keeper(dir).map_err(cannot)?);
        Ok(process)
    }

    fn keeper(&self, dir: &Path) -> std::io::Result<Child> {
        Command::new("sh")
            .arg("-c")
            .arg(KEEPER)
            .arg("keeper")
            .arg(self.child.id().to_string())
            .arg(dir)
            .arg(name(self.end.abrupt))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Sends a signal to the server and its children.
    pub fn signal(&self, signal: Signal) -> std::io::Result<()> {
        let leader = Pid::from_child(&self.child);
        kill_process_group(leader, signal)?;
        // PostgreSQL's backends have left the group for sessions of their own. A stopped leader makes
        // no more of them, so none is missed.
        for child in children(leader) {
            // One that has ended meanwhile needs no signal.
            let _ = kill_process(child, signal);
        }
        Ok(())
    }

    /// Ends it in order, and kills it if it takes too long.
    pub fn stop(mut self) {
        self.end_with(self.end.orderly);
    }

    fn end_with(&mut self, signal: Signal) {
        if let Some(mut keeper) = self.keeper.take() {
            // First the keeper: it must not signal a group number that somebody else has by then.
            let _ = keeper.kill();
            let _ = keeper.wait();
        }
        if self.ended().is_none() {
            // To the leader alone: PostgreSQL ends its children itself, in the right order.
            let leader = Pid::from_child(&self.child);
            // An error says that it has ended meanwhile, which is what the loop below finds out.
            let _ = kill_process(leader, signal);
            // A paused process takes the signal only when it runs again.
            let _ = self.signal(Signal::CONT);
            let deadline = Instant::now() + GRACE;
            while self.ended().is_none() && Instant::now() < deadline {
                thread::sleep(POLL);
            }
        }
        let _ = self.signal(Signal::KILL);
        let _ = self.child.wait();
    }
}

/// The processes whose parent is `parent`, as far as `/proc` tells: none where there is no such thing.
fn children(parent: Pid) -> Vec<Pid> {
    let parent = parent.as_raw_nonzero().to_string();
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let number = entry.file_name().to_str()?.parse().ok()?;
            let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
            // The name in parentheses may hold spaces; state and parent come after it. See proc(5).
            let found = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?;
            (found == parent).then_some(number)
        })
        .filter_map(Pid::from_raw)
        .collect()
}

/// A signal as a shell names it.
fn name(signal: Signal) -> &'static str {
    match signal {
        Signal::QUIT => "QUIT",
        Signal::TERM => "TERM",
        Signal::INT => "INT",
        _ => "KILL",
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.keeper.is_some() || self.ended().is_none() {
            self.end_with(self.end.abrupt);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::process::test_kill_process;

    const END: EndWith = EndWith {
        orderly: Signal::TERM,
        abrupt: Signal::TERM,
    };

    fn sleeper(dir: &Path) -> Process {
        // The shell stays the leader and has a child, as a server has.
        let mut command = Command::new("sh");
        command.arg("-c").arg("sleep 600; exit 1");
        Process::spawn(&mut command, END, dir, &dir.join("log")).unwrap()
    }

    #[test]
    fn a_dropped_process_is_gone_and_reaped() {
        let dir = tempfile::tempdir().unwrap();
        let process = sleeper(dir.path());
        let pid = Pid::from_child(&process.child);
        assert!(test_kill_process(pid).is_ok());
        drop(process);
        assert!(test_kill_process(pid).is_err());
        assert!(dir.path().exists(), "only the keeper removes the directory");
    }

    #[test]
    fn a_paused_process_can_be_dropped() {
        let dir = tempfile::tempdir().unwrap();
        let process = sleeper(dir.path());
        process.signal(Signal::STOP).unwrap();
        let pid = Pid::from_child(&process.child);
        drop(process);
        assert!(test_kill_process(pid).is_err());
    }

    #[test]
    fn the_keeper_ends_what_nobody_dropped() {
        let dir = tempfile::tempdir().unwrap();
        let kept = dir.path().join("kept");
        std::fs::create_dir(&kept).unwrap();
        let mut process = sleeper(&kept);
        // What the kernel does when a process dies: its end of the pipe closes.
        let mut keeper = process.keeper.take().unwrap();
        drop(keeper.stdin.take());
        assert!(keeper.wait().unwrap().success());
        assert!(process.ended().is_some(), "the server still runs");
        assert!(!kept.exists());
    }
}
