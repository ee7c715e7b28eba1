//! What `#[requirement]` registers: one [`Registration`] per attribute, submitted in a packed form
//! that `inventory` collects before `main`.

use std::sync::OnceLock;
use std::time::Duration;

use crate::context::Context;
use crate::verdict::CheckResult;

/// A check's future. It is polled on the one thread that runs the trial, so it need not be `Send`.
pub type CheckFuture = std::pin::Pin<Box<dyn Future<Output = CheckResult>>>;

/// The erased check function: resources are acquired, arguments bound, the answer converted.
#[derive(Debug, Clone, Copy)]
pub enum Body {
    /// A blocking function that takes nothing and passes when it returns.
    Plain(fn()),
    /// A blocking function.
    Sync(fn(&Context) -> CheckResult),
    /// An asynchronous one.
    Async(fn(Context) -> CheckFuture),
}

/// When a trial runs, relative to the others of its process. Earlier phases finish first.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Default,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Reads only.
    #[default]
    Probe,
    /// Reads only what no other trial of the run alters or uses up, and takes its time: it begins with
    /// the first phase and holds up none but the load.
    Aside,
    /// Creates and removes its own objects.
    Write,
    /// Stops dependencies, restarts services, moves clocks.
    Disrupt,
    /// Uses up a limit.
    Burst,
    /// Sends load.
    Load,
}

impl Phase {
    /// Whether a trial of this phase begins only when those of `other` are over.
    pub fn follows(self, other: Phase) -> bool {
        match (self, other) {
            (Phase::Aside, _) => false,
            (_, Phase::Aside) => self == Phase::Load,
            _ => other < self,
        }
    }
}

/// One check for one or more requirements, with one set of arguments.
#[derive(Debug, Clone)]
pub struct Registration {
    /// The requirements; one trial each.
    pub ids: &'static [&'static str],
    /// `module_path!()` of the function.
    pub module: &'static str,
    /// The function's name.
    pub function: &'static str,
    /// `CARGO_PKG_NAME` of the crate that was compiled.
    pub package: &'static str,
    /// `CARGO_PKG_VERSION` of it.
    pub version: &'static str,
    /// `CARGO_MANIFEST_DIR` of it, where the search for the checklist starts.
    pub manifest_dir: &'static str,
    /// Source file, as `file!()` has it.
    pub file: &'static str,
    /// 1-based line of the attribute.
    pub line: u32,
    /// 1-based column of the attribute.
    pub column: u32,
    /// Number of this attribute among those of the function that carry arguments, from 1.
    pub case: Option<u32>,
    /// The arguments as written, for listings; empty without.
    pub arguments: &'static str,
    /// Name of the group that this trial has to itself.
    pub exclusive: Option<&'static str>,
    /// Name of the group that this trial shares with other readers.
    pub shared: Option<&'static str>,
    /// When it runs.
    pub phase: Phase,
    /// Limit of one attempt; the run's default when `None`.
    pub timeout: Option<Duration>,
    /// How often a failure is tried again. A pass on a retry is a warning: flaky.
    pub retries: u32,
    /// Not run unless asked for, with the reason.
    pub ignore: Option<&'static str>,
    /// Excused from proof, with the reason.
    pub no_proof: Option<&'static str>,
    /// The same function on a known-bad resource; it has to fail.
    pub control: Option<Body>,
    /// Hexadecimal digest of the function's tokens: a pass is bound to the check that gave it.
    pub digest: &'static str,
    /// What runs.
    pub body: Body,
}

// The attribute submits `Packed` ones; these are put together by hand.
inventory::collect!(Registration);

impl Registration {
    /// Every registration that was linked into this process, sorted by id, file and line.
    pub fn all() -> Vec<&'static Registration> {
        static ALL: OnceLock<Vec<Registration>> = OnceLock::new();
        let all = ALL.get_or_init(|| {
            let mut all = crate::packed::all();
            all.extend(inventory::iter::<Registration>().cloned());
            all
        });
        let first = |at: usize| all[at].ids.first().copied().unwrap_or("");
        let order = crate::sorted::by_text(all.len(), first);
        let mut all: Vec<_> = order.into_iter().map(|at| &all[at]).collect();
        let of_one_id = |a: &&Registration, b: &&Registration| a.ids.first() == b.ids.first();
        for several in all.chunk_by_mut(of_one_id).filter(|ids| ids.len() > 1) {
            several.sort_by_key(|r| (r.ids, r.file, r.line, r.column));
        }
        all
    }

    /// The trial's name: `ID::module::path::function`, then `::case-N` where a function has several.
    /// The crate's own name is left out, so that a filter by id or module reads naturally.
    pub fn trial_name(&self, id: &str) -> String {
        let function = self.function;
        let mut name = match self.module.split_once("::") {
            Some((_, module)) => format!("{id}::{module}::{function}"),
            None => format!("{id}::{function}"),
        };
        if let Some(case) = self.case {
            name.push_str("::case-");
            name.push_str(&case.to_string());
        }
        name
    }
}
