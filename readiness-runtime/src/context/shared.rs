//! Observations that a run makes once, whatever the number of its processes.
//!
//! The first trial that asks holds a file lock, looks live and stores what it saw, redacted, in the
//! run's folder; everybody, the first included, then works on what was stored. So one burst or one
//! page serves many rows, each trial has the observations as its own, and each can be replayed.
//!
//! `shared/<digest of the key>.json`, beside a `.lock` of the same name:
//!
//! ```json
//! {"format":1,"key":"burst of anonymous","entries":[
//!   {"scope":"","kind":"http","key":"GET /exploits","occurrence":1,"seen":{"status":200}},
//!   {"scope":"","kind":"http","key":"GET /exploits","occurrence":2,"failed":{"class":"other","message":"reset"}}]}
//! ```
//!
//! Masking may change the type of a value: a number that passes for a card number becomes a text. What
//! cannot be read back then was not looked at, and the error names the place. Kinds whose numbers are
//! their own keep them ([`Observation::MEASURED`](crate::observation::Observation::MEASURED)).
//!
//! A file that is torn, foreign or of another format is made again, under the lock.

use std::borrow::Cow;
use std::fmt;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::digest::{hex, sha256};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::lane::{Lane, Source};
use super::recording::{Entry, Failure, Identity, Recording, Stored};
use super::{Context, observe};
use crate::error::{Class, Error, Result};
use crate::redact::Redactor;

const FORMAT: u32 = 1;
/// Longer recordings are not read back: what makes them is bounded far below.
const MAX_FILE: u64 = 256 << 20;
/// How often a waiting process looks whether the one that looks live is done.
const POLL: Duration = Duration::from_millis(20);

impl Context {
    /// Makes observations once per run and shares them: across trials, threads and processes.
    ///
    /// The first trial of the run that asks for `key` runs `f` live; what it observed is stored,
    /// redacted, in the run's folder. Then every trial, the first included, runs `f` on what was
    /// stored. So `f` must be a function of its observations alone, and is called more than once.
    /// A target that could not be reached is shared as well: it is not asked again by each trial.
    ///
    /// # Errors
    /// What `f` said on the shared observations; or that the run's folder cannot be used.
    ///
    /// ```
    /// # use readiness::{Context, Result};
    /// # use readiness::observation::measurement::Measurement;
    /// async fn latencies(cx: &Context) -> Result<Measurement> {
    ///     cx.once("latencies of the home page", async |cx: Context| {
    ///         cx.observe("home page", || async { Ok(Measurement::new("ms", vec![12.0, 15.5])) })
    ///             .await
    ///     })
    ///     .await
    /// }
    /// # let _ = latencies;
    /// ```
    pub async fn once<R, F, Fut>(&self, key: &str, f: F) -> Result<R>
    where
        F: Fn(Context) -> Fut,
        Fut: Future<Output = Result<R>>,
    {
        if let Source::Replay(replay) = &self.lane.source {
            replay.step();
        }
        if let Some(inner) = self.lane.inner(key) {
            return f(self.along(inner)).await;
        }
        let cell = self.trial.run.shared.cell(key.to_owned());
        let shared = cell
            .get_or_init(async || self.load_or_make(key, &f).await)
            .await;
        let from = shared.map_err(|problem| Error::other(problem.to_string()))?;
        let into = self.recording_of_lane();
        let scope = super::recording::nested(&self.lane.scope, key);
        f(self.along(Lane::shared(from, into, &scope))).await
    }

    /// The recording that a live lane writes.
    fn recording_of_lane(&self) -> Arc<Recording> {
        match &self.lane.source {
            Source::Live(into) | Source::Shared { into, .. } => Arc::clone(into),
            Source::Replay(replay) => Arc::clone(replay.recording()),
        }
    }

    async fn load_or_make<R, F, Fut>(&self, key: &str, f: &F) -> Stock
    where
        F: Fn(Context) -> Fut,
        Fut: Future<Output = Result<R>>,
    {
        let place = Place::of(&self.trial.run.folder, key)?;
        let _held = place.lock().await?;
        if let Some(recording) = place.read(key) {
            return Ok(Arc::new(recording));
        }
        let live = Arc::new(Recording::default());
        let cx = self.along(Lane::live(Arc::clone(&live)));
        // Its value, or its error, comes again from the recording.
        drop(f(cx).await);
        let document = Document::of(key, &live.entries(), &self.trial.run.redactor);
        place.write(&document)?;
        Ok(Arc::new(document.recording()))
    }
}

/// The shared recording, or why there is none. Cloned to everyone who waits.
pub(crate) type Stock = std::result::Result<Arc<Recording>, Arc<Problem>>;

/// The run's folder cannot be used.
#[derive(Debug)]
pub(crate) struct Problem {
    path: PathBuf,
    what: &'static str,
    source: io::Error,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, what, source } = self;
        let path = path.display();
        write!(
            f,
            "the run's shared recording {path} cannot be {what}: {source}"
        )
    }
}

impl std::error::Error for Problem {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

fn problem(path: &Path, what: &'static str) -> impl FnOnce(io::Error) -> Arc<Problem> {
    let path = path.to_owned();
    move |source| Arc::new(Problem { path, what, source })
}

/// Where the recording of a key lives.
struct Place {
    file: PathBuf,
    lock: PathBuf,
}

impl Place {
    fn of(run: &Path, key: &str) -> std::result::Result<Self, Arc<Problem>> {
        let folder = run.join("shared");
        fs::create_dir_all(&folder).map_err(problem(&folder, "made"))?;
        // Keys are for people and may hold anything; a digest is a file name everywhere.
        let name = hex(&sha256(key.as_bytes())[..12]);
        Ok(Self {
            file: folder.join(format!("{name}.json")),
            lock: folder.join(format!("{name}.lock")),
        })
    }

    /// Waits until no other process holds the lock. It is released when the file is closed, also by
    /// the death of the process.
    async fn lock(&self) -> std::result::Result<File, Arc<Problem>> {
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&self.lock)
            .map_err(problem(&self.lock, "locked"))?;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) => crate::exec::sleep(POLL).await,
                Err(TryLockError::Error(error)) => {
                    return Err(problem(&self.lock, "locked")(error));
                }
            }
        }
    }

    /// The stored recording; `None` where there is none that can be used.
    fn read(&self, key: &str) -> Option<Recording> {
        let file = File::open(&self.file).ok()?;
        let mut bytes = Vec::new();
        let read = file.take(MAX_FILE + 1).read_to_end(&mut bytes).ok()?;
        if u64::try_from(read).map_or(true, |read| read > MAX_FILE) {
            return None;
        }
        let document: Document = serde_json::from_slice(&bytes).ok()?;
        (document.format == FORMAT && document.key == key).then(|| document.recording())
    }

    /// Under a temporary name first: a reader never sees half a file.
    fn write(&self, document: &Document) -> std::result::Result<(), Arc<Problem>> {
        let temporary = self
            .file
            .with_extension(format!("{}.tmp", std::process::id()));
        serde_json::to_vec(document)
            .map_err(io::Error::from)
            .and_then(|bytes| fs::write(&temporary, bytes))
            .and_then(|()| fs::rename(&temporary, &self.file))
            .map_err(problem(&self.file, "written"))
    }
}

#[derive(Serialize, Deserialize)]
struct Document {
    format: u32,
    key: String,
    entries: Vec<Line>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    scope: String,
    kind: String,
    key: String,
    occurrence: u32,
    #[serde(flatten)]
    what: What,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum What {
    Seen(Value),
    Failed {
        class: Class,
        message: String,
    },
    /// Nanoseconds since 1970, negative before: 292 years either way. More bits cannot be read back,
    /// serde has none for what is flattened.
    Time(i64),
    Nonce(String),
}

impl Document {
    fn of(key: &str, entries: &[Entry], redactor: &Redactor) -> Self {
        let lines = entries.iter().map(|entry| Line {
            scope: entry.identity.scope.to_string(),
            kind: entry.identity.kind.to_string(),
            key: entry.identity.key.to_string(),
            occurrence: entry.identity.occurrence,
            what: What::of(&entry.stored, redactor),
        });
        Self {
            format: FORMAT,
            key: key.to_owned(),
            entries: lines.collect(),
        }
    }

    fn recording(self) -> Recording {
        let recording = Recording::default();
        for line in self.entries {
            let identity = Identity {
                scope: Arc::from(line.scope),
                kind: Cow::Owned(line.kind),
                key: Arc::from(line.key),
                occurrence: line.occurrence,
            };
            recording.keep(identity, line.what.stored());
        }
        recording
    }
}

impl What {
    fn of(stored: &Stored, redactor: &Redactor) -> Self {
        match stored {
            Stored::Seen(value) => match value.encode() {
                Ok(encoded) if value.is_measured() => What::Seen(redactor.texts(encoded)),
                Ok(encoded) => What::Seen(redactor.json(encoded)),
                Err(error) => What::Failed {
                    class: Class::Other,
                    message: format!("it cannot be stored: {error}"),
                },
            },
            Stored::Failed(failure) => What::Failed {
                class: failure.class,
                message: redactor.text(&failure.message),
            },
            Stored::Time(time) => What::Time(nanoseconds(*time)),
            Stored::Nonce(nonce) => What::Nonce(nonce.clone()),
        }
    }

    fn stored(self) -> Stored {
        match self {
            What::Seen(value) => observe::encoded(value),
            What::Failed { class, message } => Stored::Failed(Failure { class, message }),
            What::Time(nanoseconds) => Stored::Time(time(nanoseconds)),
            What::Nonce(nonce) => Stored::Nonce(nonce),
        }
    }
}

fn nanoseconds(time: SystemTime) -> i64 {
    let whole = |duration: Duration| i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX);
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => whole(since),
        Err(before) => -whole(before.duration()),
    }
}

fn time(nanoseconds: i64) -> SystemTime {
    let distance = Duration::from_nanos(nanoseconds.unsigned_abs());
    let time = if nanoseconds < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(distance)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(distance)
    };
    time.unwrap_or(SystemTime::UNIX_EPOCH)
}
