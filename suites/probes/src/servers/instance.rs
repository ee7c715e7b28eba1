//! A server with its directory, port and life cycle: what the three kinds have in common.

use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use readiness::Unavailable;
use rustix::process::Signal;
use tempfile::TempDir;

use super::process::{EndWith, POLL, Process};

/// How long a server may take until it answers. Started servers answer within two seconds on an
/// idle machine; tests of a whole workspace run beside them.
const START: Duration = Duration::from_secs(60);

/// Bytes of a server's log that are shown when it does not come up.
const LOG_SHOWN: u64 = 600;

/// What it takes to start a server and to know that it is there.
pub(super) trait Server: Send + Sync {
    /// Name for messages.
    fn name(&self) -> &'static str;
    /// The command line.
    fn command(&self) -> Command;
    /// Its signals.
    fn end(&self) -> EndWith;
    /// Whether it answers its own protocol.
    fn answers(&self) -> bool;
}

/// A server in its directory. Stopping keeps the directory, so that starting again finds the data.
#[derive(Debug)]
pub(super) struct Instance {
    // Declared before the directory: the process ends first.
    process: Mutex<Option<Process>>,
    dir: TempDir,
}

impl Instance {
    /// An empty directory in the temporary directory, readable by its owner alone.
    pub fn new(name: &str) -> Result<Instance, Unavailable> {
        let dir = tempfile::Builder::new()
            .prefix(&format!("readiness-{name}-"))
            .tempdir()
            .map_err(|e| Unavailable::new(format!("no temporary directory for {name}: {e}")))?;
        Ok(Instance {
            process: Mutex::default(),
            dir,
        })
    }

    /// Its directory.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Starts the server and waits until it answers; does nothing if it runs.
    pub fn start(&self, server: &dyn Server) -> Result<(), Unavailable> {
        let mut slot = self.process();
        if slot
            .as_mut()
            .is_some_and(|process| process.ended().is_none())
        {
            return Ok(());
        }
        let log = self.log();
        let mut process = Process::spawn(&mut server.command(), server.end(), self.dir(), &log)?;
        let deadline = Instant::now() + START;
        loop {
            if let Some(status) = process.ended() {
                let tail = tail(&log);
                return Err(Unavailable::new(format!(
                    "{} ended at once ({status}): {tail}",
                    server.name()
                )));
            }
            if server.answers() {
                break;
            }
            if Instant::now() > deadline {
                let tail = tail(&log);
                return Err(Unavailable::new(format!(
                    "{} does not answer after {} s: {tail}",
                    server.name(),
                    START.as_secs()
                )));
            }
            thread::sleep(POLL);
        }
        *slot = Some(process);
        Ok(())
    }

    /// Ends the server in order; its port is closed afterwards.
    pub fn stop(&self) {
        if let Some(process) = self.process().take() {
            process.stop();
        }
    }

    /// Freezes the server: connections stay open and nothing answers.
    pub fn pause(&self) -> Result<(), Unavailable> {
        self.signal(Signal::STOP)
    }

    /// Lets a paused server go on.
    pub fn resume(&self) -> Result<(), Unavailable> {
        self.signal(Signal::CONT)
    }

    fn signal(&self, signal: Signal) -> Result<(), Unavailable> {
        match self.process().as_ref() {
            Some(process) => process
                .signal(signal)
                .map_err(|e| Unavailable::new(format!("cannot signal the server: {e}"))),
            None => Err(Unavailable::new("the server is stopped")),
        }
    }

    fn process(&self) -> MutexGuard<'_, Option<Process>> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log(&self) -> PathBuf {
        self.dir.path().join("log")
    }
}

/// The end of a log, on one line.
fn tail(log: &Path) -> String {
    let text = read_tail(log).unwrap_or_default();
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    if lines.is_empty() {
        "its log is empty".to_owned()
    } else {
        lines.join(" | ")
    }
}

fn read_tail(log: &Path) -> std::io::Result<String> {
    let mut file = fs::File::open(log)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(LOG_SHOWN)))?;
    let mut bytes = Vec::new();
    file.take(LOG_SHOWN).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A port that was free a moment ago. Another process may take it before the server does; then the
/// server ends at once and [`with_free_port`] tries another one.
pub(super) fn free_port() -> Result<u16, Unavailable> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|e| Unavailable::new(format!("no free port on loopback: {e}")))
}

/// Runs `start` with free ports until it comes up, at most three times.
pub(super) fn with_free_port<T>(
    mut start: impl FnMut() -> Result<T, Unavailable>,
) -> Result<T, Unavailable> {
    let mut last = start();
    for _ in 0..2 {
        match &last {
            Err(error)
                if error
                    .reason()
                    .to_lowercase()
                    .contains("address already in use") =>
            {
                last = start();
            }
            _ => break,
        }
    }
    last
}

/// Runs a helper program to its end.
pub(super) fn run(command: &mut Command) -> Result<String, Unavailable> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .map_err(|e| Unavailable::new(format!("cannot run {program}: {e}")))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let error = String::from_utf8_lossy(&output.stderr);
    let shown: String = error.trim().chars().take(400).collect();
    Err(Unavailable::new(format!(
        "{program} failed ({}): {shown}",
        output.status
    )))
}

/// Writes a file.
pub(super) fn write(path: &Path, content: &str) -> Result<(), Unavailable> {
    fs::write(path, content)
        .map_err(|e| Unavailable::new(format!("cannot write {}: {e}", path.display())))
}

/// A password for one server: 32 hexadecimal digits from the seeds that the standard library draws
/// for its hash maps. It guards throw-away data on loopback.
pub(super) fn secret() -> String {
    use std::hash::{BuildHasher, RandomState};
    let mut digits = String::new();
    for _ in 0..2 {
        let _ = write!(digits, "{:016x}", RandomState::new().hash_one(0_u8));
    }
    digits
}
