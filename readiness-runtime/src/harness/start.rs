//! The `main` of a test target: from the command line to the exit code.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use super::args::Args;
use super::engine::{Engine, Row};
use super::groups::Groups;
use super::isolate::{self, Isolation};
use super::phases::{Phases, Slots};
use super::plan::{self, MOST_WAITING, Trial};
use super::printer::Printer;
use super::session::{Counts, Session, Settings};
use super::shard::Sharding;
use super::{notice, opening, panics, pool, serve, signals, summary};
use crate::config::ConfigSchema;
use crate::describe::Description;
use crate::diagnostic::{Code, Diagnostic};
use crate::document::{self, Located};
use crate::registry::Registration;
use crate::run::lock;

/// Trials at once unless configured: checks wait for the network, so the number of cores says
/// nothing. It bounds what a target has to bear, and is about what a browser opens to a site.
const DEFAULT_THREADS: usize = 32;

/// Where a test target is, as its `main!()` knows it.
#[derive(Debug, Clone, Copy)]
pub struct Site {
    /// `CARGO_MANIFEST_DIR` of the test target.
    pub manifest_dir: &'static str,
    /// `CARGO_PKG_NAME` of it.
    pub package: &'static str,
    /// `CARGO_TARGET_TMPDIR`, which only integration tests and benches have.
    pub tmp_dir: Option<&'static str>,
    /// Whether it is built with `panic = "abort"`; its dependencies may not be.
    pub aborts: bool,
}

/// Why nothing runs: a text for people. The exit code is 2.
pub(crate) struct Refusal(pub(crate) String);

impl From<Diagnostic> for Refusal {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(diagnostic.to_string())
    }
}

impl From<crate::journal::JournalError> for Refusal {
    fn from(error: crate::journal::JournalError) -> Self {
        Self(format!("error: {error}"))
    }
}

/// Runs this test target.
pub fn main(site: Site) -> ExitCode {
    let args = match Args::parse_from(std::env::args_os()) {
        Ok(args) => args,
        Err(exit) => {
            if exit.code == 0 {
                drop(std::io::stdout().write_all(exit.text.as_bytes()));
            } else {
                notice::print(&exit.text);
            }
            return ExitCode::from(exit.code);
        }
    };
    // It is asked for its trials as well, and says then what is wrong.
    let is_quiet = args.readiness_serve.is_some();
    match Start::new(site, args).and_then(Start::go) {
        Ok(code) => code,
        Err(Refusal(text)) => {
            if !is_quiet {
                notice::print(&format!("{}\n", text.trim_end()));
            }
            ExitCode::from(2)
        }
    }
}

/// Everything that is known before anything runs.
pub(crate) struct Start {
    pub(crate) site: Site,
    pub(crate) args: Args,
    pub(crate) sharding: Sharding,
    pub(crate) trials: Vec<Trial>,
    /// How many trials are not run.
    left_out: usize,
}

impl Start {
    fn new(site: Site, args: Args) -> Result<Self, Refusal> {
        let sharding =
            Sharding::of_this_process().map_err(|error| Refusal(format!("error: {error}")))?;
        Ok(Self {
            site,
            args,
            sharding,
            trials: plan::trials(Registration::all()),
            left_out: 0,
        })
    }

    fn go(mut self) -> Result<ExitCode, Refusal> {
        if self.args.readiness_describe {
            return self.describe();
        }
        let located = document::find(Path::new(self.site.manifest_dir))
            .map_err(|error| Refusal(error.to_string()))?;
        if let Some(running) = &self.args.readiness_serve {
            return serve::serve(&self, &located, running);
        }
        self.refuse(&located)?;
        let selected = plan::select(&mut self.trials, &self.args, &self.sharding);
        plan::order(&mut self.trials);
        if self.args.list {
            return self.list();
        }
        if selected == 0 && self.one_process_per_trial() {
            return Err(no_match(&self.args));
        }
        self.refuse_abort()?;
        self.sharding
            .acknowledge()
            .map_err(|error| Refusal(format!("error: {error}")))?;
        let printer = self.printer()?;
        let opened = opening::open(&self, &located)?;
        panics::install(&opened.run.redactor, self.site.aborts);
        Ok(self.run(located, opened, printer))
    }

    /// Prints the registry as it is; judging it is up to whoever asked.
    fn describe(&self) -> Result<ExitCode, Refusal> {
        let Site {
            manifest_dir,
            package,
            ..
        } = self.site;
        let located = document::find(Path::new(manifest_dir)).ok();
        let checklist = located.as_ref().map(|located| located.path.as_path());
        let description = Description::of(Registration::all(), package, manifest_dir, checklist);
        let mut out = std::io::stdout().lock();
        serde_json::to_writer(&mut out, &description)
            .map_err(std::io::Error::from)
            .and_then(|()| out.write_all(b"\n"))
            .map_err(|error| Refusal(format!("error: the registry cannot be printed: {error}")))?;
        Ok(ExitCode::SUCCESS)
    }

    /// Whether a runner starts this executable once per trial.
    pub(crate) fn one_process_per_trial(&self) -> bool {
        let mode = std::env::var_os("NEXTEST_EXECUTION_MODE");
        // A `cargo test` that a test of nextest started inherits the variable, not the argument.
        self.args.readiness_child.is_some()
            || (self.args.exact && mode.is_some_and(|mode| mode == "process-per-test"))
    }

    /// Ends with everything that is wrong at once.
    fn refuse(&self, located: &Located) -> Result<(), Refusal> {
        let mut faults = located
            .config
            .check_target(inventory::iter::<ConfigSchema>());
        faults.extend(plan::faults(
            &self.trials,
            &located.checklist,
            &located.path,
        ));
        if faults.is_empty() {
            return Ok(());
        }
        let texts: Vec<String> = faults.iter().map(Diagnostic::to_string).collect();
        Err(Refusal(texts.join("\n")))
    }

    /// Without unwinding the first failed assertion would end the process and every trial in it. A
    /// process of a trial's own loses nobody else's.
    fn refuse_abort(&self) -> Result<(), Refusal> {
        if !self.site.aborts || self.args.isolate || self.one_process_per_trial() {
            return Ok(());
        }
        let exe = std::env::current_exe().unwrap_or_default();
        Err(Diagnostic::new(
            Code::PanicAbort,
            &exe,
            "this test target is built with panic = \"abort\": a failed assertion would end the process",
        )
        .hint("run it with --isolate or nextest, or build tests with panic = \"unwind\"")
        .into())
    }

    fn printer(&self) -> Result<Printer, Refusal> {
        Printer::new(&self.args).map_err(|error| {
            let path = self.args.logfile.as_deref().unwrap_or_default();
            Refusal(format!("error: --logfile {path}: {error}"))
        })
    }

    fn list(&self) -> Result<ExitCode, Refusal> {
        let listed = |trial: &&Trial| trial.selected;
        let names = self.trials.iter().filter(listed);
        let mut printer = self.printer()?;
        printer.list(names.map(|trial| trial.name.as_str()));
        Ok(ExitCode::SUCCESS)
    }

    /// Whether a selected trial will run and not merely be listed.
    fn runs(&self, trial: &Trial) -> bool {
        !self.args.bench && (trial.ignored().is_none() || !self.args.heeds_ignore())
    }

    fn run(mut self, located: Located, opened: opening::Opened, printer: Printer) -> ExitCode {
        let rows = self.take_rows();
        let running = || rows.iter().filter(|row| row.runs).map(|row| &row.trial);
        let count = running().count();
        let threads = self.threads(&located);
        let waiting = running().filter(|t| !t.wanted.is_empty()).count();
        let workers = match threads {
            1 => 1,
            threads => count.min(threads + waiting.min(MOST_WAITING)),
        };
        let is_child = self.args.readiness_child.is_some();
        let groups = (!is_child).then(|| opened.root.join("groups"));
        let isolation = (self.args.isolate && !is_child).then(|| Isolation {
            exe: opened.exe.clone(),
            run: opened.run.id.clone(),
            root: opened.root.clone(),
            folder: opened.run.folder.clone(),
            token: opened.token.clone(),
            nocapture: self.args.nocapture,
        });
        let session = Arc::new(Session {
            phases: Phases::new(groups.clone(), running().map(|t| t.registration.phase)),
            groups: Groups::new(groups),
            slots: Slots::new(threads),
            printer: Mutex::new(if is_child { Printer::silent() } else { printer }),
            pool: pool::Pool::new(),
            counts: Counts::default(),
            in_flight: Mutex::default(),
            stopping: AtomicBool::new(false),
            results: self.sharding.xml.is_some().then(Mutex::default),
            settings: Settings {
                timeout: located.config.run.timeout,
                first_attempt: self.first_attempt(),
                alone: count == 1 && self.one_process_per_trial(),
                in_turn: workers == 1,
                no_retries: is_child,
                isolate: isolation,
            },
            run: opened.run,
            journal: opened.journal,
            located,
        });
        signals::install(&session);
        if is_child {
            end_with_parent(&session);
        }
        let started = Instant::now();
        let names = rows.iter().map(|row| row.trial.name.as_str());
        lock(&session.printer).begin(names, self.left_out);
        Engine::run(&session, rows, workers);
        lock(&session.printer).end(started.elapsed());
        summary::close(&session, &self)
    }

    /// The selected trials; the others are only counted.
    fn take_rows(&mut self) -> Vec<Row> {
        let all = self.trials.len();
        let trials = std::mem::take(&mut self.trials).into_iter();
        let rows: Vec<Row> = trials
            .filter(|trial| trial.selected)
            .map(|trial| Row {
                runs: self.runs(&trial),
                trial: Arc::new(trial),
            })
            .collect();
        self.left_out = all - rows.len();
        rows
    }

    fn threads(&self, located: &Located) -> usize {
        let from_env = || {
            std::env::var("RUST_TEST_THREADS")
                .ok()
                .and_then(|text| text.parse().ok())
        };
        self.args
            .test_threads
            .or_else(from_env)
            .or(located.config.run.threads)
            .unwrap_or(DEFAULT_THREADS)
            .max(1)
    }

    fn first_attempt(&self) -> u32 {
        let nextest = std::env::var("NEXTEST_ATTEMPT").ok();
        match nextest.and_then(|text| text.parse::<u32>().ok()) {
            // In-process retries of earlier nextest attempts have taken the numbers in between;
            // a requirement's retries are few.
            Some(attempt) if attempt > 1 && self.args.readiness_child.is_none() => {
                (attempt - 1).saturating_mul(1000).saturating_add(1)
            }
            _ => self.args.readiness_attempt.max(1),
        }
    }
}

/// Ends a child when its parent is gone.
fn end_with_parent(session: &Arc<Session>) {
    let watched = Arc::downgrade(session);
    isolate::end_with_parent(move || {
        if let Some(session) = watched.upgrade() {
            signals::interrupt(&session, "the parent process is gone");
        }
    });
}

fn no_match(args: &Args) -> Refusal {
    let wanted = args.filters.join(", ");
    Refusal(format!(
        "error: no trial is named {wanted} (--exact); it was renamed, or the list is of another build"
    ))
}
