//! `--isolate`: each trial in a process of its own, of this same executable.
//!
//! The child runs one attempt of one trial, with its own journal in the same run, and is quiet. The
//! parent schedules, holds the groups, captures the output, kills what does not end, and reads the
//! child's journal: that is where the answer is. Without an end there, the trial killed its process,
//! and the parent records that with the way it died.
//!
//! The child watches its stdin: when the parent dies, the pipe closes and the child ends, so that no
//! trial goes on without the groups that its parent held.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::plan::Trial;
use super::report::Ended;
use super::session::Session;
use crate::document;
use crate::journal::lines::{self, Left};
use crate::journal::process;
use crate::journal::{folder, run_id};
use crate::verdict::Origin;

/// Beyond the limit of the body a child may need this long for its start, its releases and its
/// proof, each of which it bounds itself. After that it is killed.
const BEYOND_LIMIT: Duration = Duration::from_secs(100);

/// How much of the end of a trial's output is kept, in bytes.
const KEPT_OUTPUT: usize = 64 * 1024;

/// How long output is waited for when the child is gone and something it started still holds its
/// end of the pipe.
const DRAINING: Duration = Duration::from_secs(1);

/// What it takes to start a child.
#[derive(Debug, Clone)]
pub(crate) struct Isolation {
    /// This executable.
    pub(crate) exe: PathBuf,
    /// The run that the children join.
    pub(crate) run: String,
    /// The folder of all runs.
    pub(crate) root: PathBuf,
    /// This run's folder.
    pub(crate) folder: PathBuf,
    /// Distinguishes the children of this process.
    pub(crate) token: String,
    /// The children's output goes to the terminal.
    pub(crate) nocapture: bool,
}

impl Isolation {
    /// Runs one attempt in a child.
    pub(crate) fn run(
        &self,
        session: &Session,
        trial: &Arc<Trial>,
        attempt: u32,
        limit: Duration,
    ) -> Ended {
        let token = format!("{}{:x}", self.token, fresh());
        let mut command = self.command(trial, attempt, &token);
        let started = Instant::now();
        let _in_flight = session.fly(trial, None);
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => {
                let why = format!("no process could be started: {error}");
                return report(session, trial, attempt, None, Ended::unavailable(why));
            }
        };
        let journal = process::of(child.id()).map(|own| {
            self.folder
                .join(format!("{}.jsonl", run_id::with_token(&own, &token)))
        });
        let output = Output::capture(session, &mut child);
        let status = wait(&mut child, limit.saturating_add(BEYOND_LIMIT));
        let took = started.elapsed();
        drop(child.stdin.take());
        let output = output.text();
        let journal = journal
            .filter(|path| path.exists())
            .or_else(|| self.find(&token));
        let left = journal.as_deref().map_or(Left::Nothing, |journal| {
            lines::left(journal, &trial.name, attempt)
        });
        match left {
            Left::Finished(finished) => {
                let mut ended = Ended::of_record(&finished);
                ended.details = Some(output).filter(|text| !text.is_empty());
                // Masked by the child already, which knows secrets that this process does not.
                ended.redact(&session.run.redactor, None);
                ended
            }
            Left::Interrupted => Ended::unavailable("the run was interrupted".to_owned()),
            Left::Nothing => {
                let mut ended = Ended::failed(Origin::Panic, died(&status, took), took);
                ended.details = Some(output).filter(|text| !text.is_empty());
                report(session, trial, attempt, journal.as_deref(), ended)
            }
        }
    }

    fn command(&self, trial: &Trial, attempt: u32, token: &str) -> Command {
        let mut command = Command::new(&self.exe);
        run_id::detach(&mut command)
            .args(["--exact", &trial.name, "--include-ignored"])
            .args(["--readiness-child", token])
            .args(["--readiness-attempt", &attempt.to_string()])
            .env(run_id::RUN_ID, &self.run)
            .env(folder::DIR, &self.root)
            .stdin(Stdio::piped());
        if let Some(config) = std::env::var_os(document::CONFIG_VARIABLE) {
            command.env(document::CONFIG_VARIABLE, config);
        }
        for bazel in [
            "TEST_TOTAL_SHARDS",
            "TEST_SHARD_INDEX",
            "TESTBRIDGE_TEST_ONLY",
        ] {
            command.env_remove(bazel);
        }
        if !self.nocapture {
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
        }
        command
    }

    /// A child's journal by its token, where its name cannot be known from outside.
    fn find(&self, token: &str) -> Option<PathBuf> {
        let suffix = format!("-{token}.jsonl");
        let entries = std::fs::read_dir(&self.folder).ok()?;
        entries
            .flatten()
            .map(|entry| entry.path())
            .find(|path| path.to_string_lossy().ends_with(&suffix))
    }
}

/// Records an attempt that its own process, which wrote `journal`, could not record.
fn report(
    session: &Session,
    trial: &Trial,
    attempt: u32,
    journal: Option<&Path>,
    mut ended: Ended,
) -> Ended {
    let process = journal.and_then(Path::file_stem);
    let process = process.map(|name| name.to_string_lossy());
    session.end(trial, attempt, &mut ended, None, process.as_deref());
    ended
}

/// A number that no other child of this process gets.
fn fresh() -> usize {
    static NEXT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}

/// How a child ended: by itself, or killed when its time was over.
enum End {
    Exited(ExitStatus),
    Killed,
    Lost(std::io::Error),
}

/// Waits for the child to end, and kills it when it does not. The standard library has no wait with
/// a deadline, so this looks again and again, less and less often.
fn wait(child: &mut Child, limit: Duration) -> End {
    const SELDOMMEST: Duration = Duration::from_millis(20);
    let started = Instant::now();
    let mut pause = Duration::from_micros(500);
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return End::Exited(status),
            Err(error) => return End::Lost(error),
            Ok(None) if started.elapsed() >= limit => {
                let _ = child.kill();
                let _ = child.wait();
                return End::Killed;
            }
            Ok(None) => {}
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(SELDOMMEST);
    }
}

/// How a process died that left no end of its trial.
fn died(end: &End, took: Duration) -> String {
    let how = match end {
        End::Exited(status) if status.success() => {
            "it exited with code 0 before the check returned; that is no pass".to_owned()
        }
        End::Exited(status) => status.to_string(),
        End::Killed => format!("it was killed after {took:?}, it did not end by itself"),
        End::Lost(error) => format!("it was lost: {error}"),
    };
    format!("the process of this trial died: {how}")
}

/// The end of what a child printed, stdout and stderr as they came.
struct Output {
    text: Arc<Mutex<Vec<u8>>>,
    /// Closed when both pipes are at their end.
    ended: std::sync::mpsc::Receiver<()>,
}

impl Output {
    fn capture(session: &Session, child: &mut Child) -> Self {
        let text = Arc::new(Mutex::new(Vec::new()));
        let (sender, ended) = std::sync::mpsc::channel::<()>();
        let stdout = child
            .stdout
            .take()
            .map(|pipe| Box::new(pipe) as Box<dyn Read + Send>);
        let stderr = child
            .stderr
            .take()
            .map(|pipe| Box::new(pipe) as Box<dyn Read + Send>);
        for pipe in [stdout, stderr].into_iter().flatten() {
            let (text, sender) = (Arc::clone(&text), sender.clone());
            // Without a thread to read it the child may block on a full pipe and be killed: said then.
            let _ = session.pool.run(move || {
                keep_end(pipe, &text);
                drop(sender);
            });
        }
        Self { text, ended }
    }

    fn text(self) -> String {
        let _ = self.ended.recv_timeout(DRAINING);
        let bytes = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).trim_end().to_owned()
    }
}

fn keep_end(mut pipe: impl Read, text: &Mutex<Vec<u8>>) {
    let mut chunk = [0_u8; 4096];
    while let Ok(read @ 1..) = pipe.read(&mut chunk) {
        let mut text = text.lock().unwrap_or_else(PoisonError::into_inner);
        text.extend_from_slice(&chunk[..read]);
        let surplus = text.len().saturating_sub(KEPT_OUTPUT);
        text.drain(..surplus);
    }
}

/// In a child: ends the process when the parent is gone.
pub(crate) fn end_with_parent(gone: impl FnOnce() + Send + 'static) {
    let watching = std::thread::Builder::new().name("readiness-parent".to_owned());
    let _ = watching.spawn(move || {
        let mut byte = [0_u8; 1];
        // The parent never writes: whatever comes is its end.
        while let Ok(1..) = std::io::stdin().read(&mut byte) {}
        gone();
    });
}
