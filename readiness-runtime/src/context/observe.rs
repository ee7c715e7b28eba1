//! The seam: observations live and replayed, and the runtime's own kinds.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::Context;
use super::lane::Source;
use super::recording::{Encoded, Erased, Failure, Identity, Stored, Typed};
use crate::error::{Error, Result};
use crate::observation::env::EnvVar;
use crate::observation::log_lines::LogLines;
use crate::observation::measurement::Measurement;
use crate::observation::setting::Setting;
use crate::observation::{Observation, Reads};
use crate::run::lock;

/// An observation that is served, or has to be made.
enum Next<T> {
    Served(Result<T>),
    Look,
}

impl Context {
    /// Looks at the world through `look`, and records what was seen under the kind of `T` and
    /// `key`. Repeated keys are told apart by their occurrence, counted when the future is first
    /// polled; requests that run concurrently should differ in their keys.
    ///
    /// Under replay the recorded observation, or an altered one, is served and `look` never runs.
    ///
    /// # Errors
    /// What `look` said. A replay also fails where nothing was recorded.
    ///
    /// ```
    /// # use readiness::{Context, Result, ensure};
    /// # use readiness::observation::json::Json;
    /// async fn build_is_a_release(cx: Context) -> Result<()> {
    ///     let manifest: Json = cx
    ///         .observe("dist/manifest.json", || async {
    ///             let bytes = std::fs::read("dist/manifest.json")?;
    ///             Ok(Json::new(serde_json::from_slice(&bytes)?))
    ///         })
    ///         .await?;
    ///     ensure!(manifest.get("profile").str()? == "release", "not a release build");
    ///     Ok(())
    /// }
    /// # let _ = build_is_a_release;
    /// ```
    pub async fn observe<T, F, Fut>(&self, key: impl Into<String>, look: F) -> Result<T>
    where
        T: Observation,
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T>>,
    {
        let identity = self.lane.identify(T::KIND, Arc::from(key.into()));
        match self.next(&identity) {
            Next::Served(served) => served,
            Next::Look => {
                self.still_looking()?;
                self.keep(identity, look().await)
            }
        }
    }

    /// [`Context::observe`] for blocking code.
    ///
    /// # Errors
    /// As there.
    pub fn observe_now<T: Observation>(
        &self,
        key: impl Into<String>,
        look: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        let identity = self.lane.identify(T::KIND, Arc::from(key.into()));
        match self.next(&identity) {
            Next::Served(served) => served,
            Next::Look => {
                self.still_looking()?;
                self.keep(identity, look())
            }
        }
    }

    /// Nothing is begun after a signal: what a trial made since then would be left behind.
    fn still_looking(&self) -> Result<()> {
        if self.trial.over.load(Ordering::Relaxed) {
            return Err(Error::unavailable("the run was interrupted"));
        }
        Ok(())
    }

    /// From here on nothing is looked at: every observation that is asked for is unavailable.
    pub(crate) fn stop_looking(&self) {
        self.trial.over.store(true, Ordering::Relaxed);
    }

    /// A key of the `[target]` table in readiness.toml by its path, e.g. `limits.pro.minute`, or
    /// what `READINESS_LIMITS_PRO_MINUTE` says instead. It may be unset.
    pub fn setting(&self, path: &str) -> Setting {
        self.given(path, || Setting::read(&self.trial.run.target, path))
    }

    /// An environment variable of this process. It may be unset.
    pub fn env(&self, name: &str) -> EnvVar {
        self.given(name, || EnvVar::read(name))
    }

    /// Records measured samples, e.g. latencies in milliseconds, and returns them as an
    /// observation. Under replay `samples` is ignored; measure inside of [`Context::observe`]
    /// where measuring itself reaches out.
    pub fn measure(&self, name: &str, unit: &str, samples: Vec<f64>) -> Measurement {
        self.given(name, || Measurement::new(unit, samples))
    }

    /// Records lines of a log and returns them as an observation. Under replay `lines` is ignored;
    /// fetch inside of [`Context::observe`] where fetching itself reaches out.
    pub fn log_lines<L: Into<String>>(
        &self,
        source: &str,
        lines: impl IntoIterator<Item = L>,
    ) -> LogLines {
        self.given(source, || LogLines::new(lines))
    }

    /// An observation that cannot fail to be made.
    fn given<T: Observation>(&self, key: &str, make: impl FnOnce() -> T) -> T {
        let identity = self.lane.identify(T::KIND, Arc::from(key));
        match self.next(&identity) {
            Next::Served(Ok(value)) => value,
            Next::Look => self.seen(identity, make()),
            Next::Served(Err(error)) => match self.lane.as_replay() {
                Some(replay) => replay.diverge_now(&identity),
                // A shared recording without it: no error can be returned from here, and a guess
                // would be a false observation.
                None => panic!("{error}"),
            },
        }
    }

    fn next<T: Observation>(&self, identity: &Identity) -> Next<T> {
        match &self.lane.source {
            Source::Live(_) => Next::Look,
            Source::Shared { from, .. } => {
                let mut original = identity.clone();
                original.scope = Arc::clone(&self.lane.within);
                Next::Served(match from.find(&original).map(|(_, stored)| stored) {
                    Some(Stored::Seen(value)) => match decode::<T>(&*value, identity) {
                        Ok(value) => Ok(self.seen(identity.clone(), value)),
                        Err(error) => Err(error),
                    },
                    Some(Stored::Failed(failure)) => {
                        self.keep(identity.clone(), Err(failure.error()))
                    }
                    _ => Err(Error::other(format!(
                        "the recording that this run shares has no `{identity}`: what is shared under \
                         one key must be a function of its observations alone"
                    ))),
                })
            }
            Source::Replay(replay) => {
                replay.step();
                Next::Served(match replay.serve(identity) {
                    Some(Stored::Seen(value)) => match value.as_any().downcast_ref::<T>() {
                        Some(value) => Ok(with_notes(value.clone(), Reads::default())),
                        None => Err(replay.diverge(identity)),
                    },
                    Some(Stored::Failed(failure)) => Err(failure.error()),
                    _ => Err(replay.diverge(identity)),
                })
            }
        }
    }

    /// Records what was seen, and hands it on with the note-taker attached.
    fn keep<T: Observation>(&self, identity: Identity, seen: Result<T>) -> Result<T> {
        match seen {
            Ok(value) => Ok(self.seen(identity, value)),
            Err(error) => {
                if let Some(into) = self.lane.written() {
                    into.keep(identity, Stored::Failed(Failure::of(&error)));
                }
                Err(error)
            }
        }
    }

    fn seen<T: Observation>(&self, identity: Identity, value: T) -> T {
        let Some(into) = self.lane.written() else {
            return value;
        };
        let reads = into.keep(identity, Stored::Seen(Arc::new(Typed(value.clone()))));
        with_notes(value, reads)
    }
}

impl super::lane::Lane {
    /// The recording that live and shared observations go into.
    fn written(&self) -> Option<&Arc<super::Recording>> {
        match &self.source {
            Source::Live(into) | Source::Shared { into, .. } => Some(into),
            Source::Replay(_) => None,
        }
    }

    /// Keeps something that is not an observation: a time, a nonce.
    pub(super) fn keep_aside(&self, identity: Identity, stored: Stored) {
        if let Some(into) = self.written() {
            into.keep(identity, stored);
        }
    }

    /// How long this lane has slept under replay.
    pub(super) fn pass(&self, duration: std::time::Duration) {
        let mut clock = lock(&self.virtual_clock);
        clock.slept = clock.slept.saturating_add(duration);
    }
}

fn with_notes<T: Observation>(mut value: T, reads: Reads) -> T {
    value.attach(reads);
    value
}

/// A value of a shared recording, by the type that is asked for.
fn decode<T: Observation>(value: &dyn Erased, identity: &Identity) -> Result<T> {
    let encoded = value.as_any().downcast_ref::<serde_json::Value>();
    let Some(encoded) = encoded else {
        return Err(Error::other(format!("`{identity}` is not encoded")));
    };
    serde::Deserialize::deserialize(encoded).map_err(|error| match crate::redact::first_mask(encoded) {
        Some(place) => Error::unavailable(format!(
            "`{identity}` cannot be read back from the recording that this run shares: `{place}` looks \
             like a secret and was masked ({error}); observe it outside of `Context::once`, or as a \
             text, or say that the numbers of its kind are its own (`Observation::MEASURED`)"
        )),
        None => Error::other(format!("`{identity}` cannot be read back: {error}")),
    })
}

/// Wraps what a file holds.
pub(super) fn encoded(value: serde_json::Value) -> Stored {
    Stored::Seen(Arc::new(Encoded(value)))
}
