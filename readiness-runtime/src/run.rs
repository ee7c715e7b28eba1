//! What all trials of a process share: the run's folder, the settings, the redactor, the resources
//! of run scope. One [`Run`] per process; trials hold it through their [`Context`].

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::config::Config;
use crate::config::target::{ConfigSchema, with_overrides};
use crate::context::once_cell::{Cell, Cells};
use crate::context::{Context, Recording};
use crate::error::Unavailable;
use crate::redact::Redactor;
use crate::registry::Body;
use crate::resource::Resource;
use crate::verdict::{CheckResult, Origin};

/// How passes are proven.
#[derive(Debug, Clone)]
pub(crate) struct ProveSettings {
    /// `false` for `READINESS_PROVE=off`.
    pub(crate) enabled: bool,
    /// How many mutants a check is replayed on, at most, once one of them was killed.
    pub(crate) budget: usize,
    /// Chooses among mutants where the budget does not allow all of them.
    pub(crate) seed: u64,
}

impl ProveSettings {
    /// As configured; `READINESS_PROVE=off` switches proving off for the run.
    pub(crate) fn from_config(config: &Config) -> Self {
        let off = std::env::var_os("READINESS_PROVE").is_some_and(|value| value == "off");
        let budget = config.prove.budget.unwrap_or(DEFAULT_BUDGET);
        Self {
            enabled: !off,
            budget: usize::try_from(budget).unwrap_or(usize::MAX),
            seed: config.prove.seed.unwrap_or(0),
        }
    }
}

/// Alterations tried on one pass unless configured: at some microseconds each they cost less than
/// one request, and most checks offer fewer.
const DEFAULT_BUDGET: u64 = 64;

/// One process's part of a run.
pub(crate) struct Run {
    /// Where the run's journals, locks and shared recordings live.
    pub(crate) folder: PathBuf,
    /// The run's id.
    pub(crate) id: String,
    /// The configuration.
    pub(crate) config: Arc<Config>,
    /// The `[target]` table, environment overrides applied.
    pub(crate) target: crate::config::Values,
    /// Masks secrets at every sink.
    pub(crate) redactor: Redactor,
    /// How passes are proven.
    pub(crate) prove: ProveSettings,
    /// In-process side of [`Context::once`]: one cell per key.
    pub(crate) shared: Cells<String, crate::context::Stock>,
    resources: Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
    /// Contexts of run-scoped resources, in the order of their acquisition.
    contexts: Mutex<Vec<Context>>,
}

/// A resource of run scope with what its acquisition observed.
struct Scoped<T> {
    value: Arc<T>,
    recording: Arc<Recording>,
}

type ScopedResult<T> = Result<Arc<Scoped<T>>, Unavailable>;

impl Run {
    /// Starts this process's part of the run `id`, whose files live in `folder`.
    ///
    /// Values of environment variables and of `[target]` that look secret by their name, or that are
    /// configured as secrets, are masked from here on.
    pub(crate) fn new(
        folder: PathBuf,
        id: String,
        config: Arc<Config>,
        redactor: Redactor,
        prove: ProveSettings,
    ) -> Arc<Self> {
        let environment: Vec<_> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        redactor.add_environment(&environment, &config.prove.redact);
        let schemas = inventory::iter::<ConfigSchema>();
        let (target, _) = with_overrides(config.target.as_ref(), environment, schemas);
        redactor.add_table(&target);
        Arc::new(Self {
            folder,
            id,
            config,
            target,
            redactor,
            prove,
            shared: Cells::default(),
            resources: Mutex::default(),
            contexts: Mutex::default(),
        })
    }

    /// The run-scoped `T`, acquired by whoever comes first; a refusal is shared as well.
    pub(crate) async fn resource<T>(
        self: &Arc<Self>,
    ) -> Result<(Arc<T>, Arc<Recording>), Unavailable>
    where
        T: Resource + Send + Sync,
    {
        let cell = self.cell::<T>();
        let made = cell
            .get_or_init(async || {
                let name = format!(
                    "{}{}",
                    crate::context::RUN_SCOPE,
                    std::any::type_name::<T>()
                );
                let cx = Context::for_trial(self, &name, "");
                lock(&self.contexts).push(cx.clone());
                let value = T::acquire(&cx).await?;
                Ok(Arc::new(Scoped {
                    value: Arc::new(value),
                    recording: cx.recording(),
                }))
            })
            .await;
        made.map(|scoped| (Arc::clone(&scoped.value), Arc::clone(&scoped.recording)))
    }

    fn cell<T>(&self) -> Arc<Cell<ScopedResult<T>>>
    where
        T: Resource + Send + Sync,
    {
        let mut resources = lock(&self.resources);
        let slot = resources
            .entry(TypeId::of::<T>())
            .or_insert_with(|| Arc::new(Cell::<ScopedResult<T>>::default()));
        Arc::clone(slot)
            .downcast()
            .unwrap_or_else(|_| unreachable!("the slot of a type holds a cell of that type"))
    }

    /// Releases what run-scoped resources registered, the latest first. What went wrong is returned.
    pub(crate) fn release(&self) -> Vec<String> {
        let contexts = std::mem::take(&mut *lock(&self.contexts));
        let problems = contexts.iter().rev().flat_map(Context::release).collect();
        lock(&self.resources).clear();
        problems
    }
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run")
            .field("id", &self.id)
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

/// Runs a check once on this thread, live or replayed as `cx` says: the only way a body is run.
///
/// Soft assertions that did not hold and panics of its tasks make a pass a failure. An asynchronous
/// body is cancelled after `limit`; a blocking one is for the caller's watchdog. Panics pass through.
pub(crate) fn invoke(body: &Body, cx: &Context, limit: Option<Duration>) -> CheckResult {
    let _current = cx.enter();
    let answer = match *body {
        Body::Plain(check) => {
            check();
            CheckResult::Passed
        }
        Body::Sync(check) => check(cx),
        Body::Async(check) => {
            let future = check(cx.clone());
            match limit {
                None => crate::exec::block_on(future),
                Some(limit) => {
                    crate::exec::block_on_for(future, limit).unwrap_or_else(|| timed_out(limit))
                }
            }
        }
    };
    cx.settle(answer)
}

fn timed_out(limit: Duration) -> CheckResult {
    CheckResult::Failed {
        reason: format!("timed out after {limit:?}"),
        origin: Origin::Timeout,
    }
}

/// Locks, also after a panic of another holder: all state behind these locks is whole at any time.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Every trial locks some twenty times: a plain match, where closures are not optimised away.
    match mutex.lock() {
        Ok(guard) => guard,
        Err(poisoned) => poisoned.into_inner(),
    }
}
