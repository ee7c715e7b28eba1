//! The services of a run: started once, before the test targets, and ended after them.
//!
//! A test target that registers services starts them when it is asked to, see the runtime's module
//! `service`. Every target is asked, in turn, and told what runs already. The processes that serve
//! end with their stdin, so that they do not outlive this one however it ends.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use readiness::journal::folder;
use readiness::journal::run_id::RUN_ID;
use readiness::service::{FORMAT, Serving};

use crate::execute::Binary;
use crate::ui::Ui;

/// How long the services of a target may take to start: a database that is made anew needs seconds.
const STARTING: Duration = Duration::from_secs(120);

/// How long they may take to end before they are killed.
const ENDING: Duration = Duration::from_secs(30);

/// Longest answer, in bytes: names and addresses.
const LONGEST: u64 = 1024 * 1024;

/// What runs for the time of a run.
#[derive(Debug, Default)]
pub(crate) struct Services {
    processes: Vec<Child>,
    names: Vec<String>,
    /// For every process of the run.
    pub(crate) environment: BTreeMap<String, String>,
}

impl Services {
    /// Starts the services of all binaries. What does not start is said, and the run goes on: the
    /// processes then help themselves.
    pub(crate) fn start(binaries: &[Binary], root: &Path, run: &str, ui: &mut Ui) -> Self {
        let mut services = Self::default();
        for binary in binaries {
            if let Err(why) = services.start_those_of(binary, root, run, ui) {
                ui.progress(format!(
                    "the services of {} cannot be started: {why:#}",
                    binary.target
                ));
            }
        }
        services
    }

    fn start_those_of(
        &mut self,
        binary: &Binary,
        root: &Path,
        run: &str,
        ui: &mut Ui,
    ) -> anyhow::Result<()> {
        let mut child = binary
            .command()
            .arg(format!("--readiness-serve={}", self.names.join(",")))
            .env(RUN_ID, run)
            .env(folder::DIR, root)
            .envs(&self.environment)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let answer = answer(&mut child);
        // From here on it is ended with the others.
        self.processes.push(child);
        let Some(serving) = answer? else {
            return Ok(());
        };
        if serving.services.is_empty() {
            return Ok(());
        }
        let names = serving.services.join(", ");
        ui.progress(format!("started for the run: {names}"));
        self.names.extend(serving.services);
        self.environment.extend(serving.environment);
        Ok(())
    }
}

/// The line that a process says when its services run; none from one that refuses to start, which
/// says why when its trials are asked for.
fn answer(child: &mut Child) -> anyhow::Result<Option<Serving>> {
    let Some(stdout) = child.stdout.take() else {
        return Ok(None);
    };
    let (sender, line) = channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let mut stdout = BufReader::new(stdout);
        let read = (&mut stdout).take(LONGEST).read_line(&mut line);
        // Nobody listens when it took too long.
        drop(sender.send(read.map(|_| line)));
        // What a service prints later goes nowhere, and must not break its pipe.
        drop(std::io::copy(&mut stdout, &mut std::io::sink()));
    });
    let Ok(line) = line.recv_timeout(STARTING) else {
        drop(child.kill());
        anyhow::bail!("no answer within {STARTING:?}");
    };
    let line = line?;
    if line.trim().is_empty() {
        return Ok(None);
    }
    let serving: Serving = serde_json::from_str(&line)?;
    anyhow::ensure!(serving.readiness == FORMAT, "an answer of another version");
    Ok(Some(serving))
}

impl Drop for Services {
    /// Ends what was started, the latest first.
    fn drop(&mut self) {
        for process in self.processes.iter_mut().rev() {
            drop(process.stdin.take());
            let patience = Instant::now() + ENDING;
            while let Ok(None) = process.try_wait() {
                if Instant::now() >= patience {
                    drop(process.kill());
                    drop(process.wait());
                    break;
                }
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    }
}
