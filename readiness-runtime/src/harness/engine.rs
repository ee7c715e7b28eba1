//! Workers that run trials, and the watcher that looks after them.
//!
//! A worker takes the next trial, runs it on its own thread and says how it ended. The watcher (the
//! thread that called [`Engine::run`]) wakes now and then and does what no worker should wait for:
//! it writes the lines that were printed meanwhile, takes trials away from workers that are over
//! their limit, and starts more workers while trials wait and those that run do not get on. Checks
//! of a network wait most of the time, so all the workers that are allowed run soon; trivial ones
//! are run by one worker, faster than several could hand them to each other.
//!
//! A trial that waits for its phase or its groups holds a worker and no slot: there are more workers
//! than slots by as many as may wait.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::attempt::{Attempt, Late};
use super::phases::{InPhase, Slot};
use super::plan::Trial;
use super::printer::{Printed, to_stdout};
use super::report::Answer;
use super::session::Session;
use super::{notice, panics};
use crate::run::lock;

/// How often the watcher looks: lines appear and limits are kept as exactly as this.
const LOOK: Duration = Duration::from_millis(10);

/// How often it looks while more workers may be needed.
const LOOK_FOR_MORE: Duration = Duration::from_millis(1);

/// A worker that ends fewer trials than this in a millisecond waits for something, and others can
/// run meanwhile. Below 100 µs a trial the threads would cost more than they save.
const BUSY_ENOUGH: u128 = 10;

/// A trial of the queue.
pub(crate) struct Row {
    pub(crate) trial: Arc<Trial>,
    /// Whether it is run, or only said to be ignored.
    pub(crate) runs: bool,
}

/// Runs the rows of a session.
pub(crate) struct Engine {
    session: Arc<Session>,
    rows: Vec<Row>,
    /// The next row that nobody has taken.
    next: AtomicUsize,
    /// Most workers at once.
    most: usize,
    /// Who runs at present.
    workers: Mutex<Vec<Arc<Worker>>>,
    /// Rows without an answer.
    left: Mutex<usize>,
    all_over: Condvar,
}

/// A thread that runs trials, as the watcher sees it.
#[derive(Default)]
pub(crate) struct Worker(Mutex<Busy>);

/// What a worker is at.
#[derive(Default)]
struct Busy {
    attempt: Option<Arc<Attempt>>,
    place: Option<Place>,
}

/// What a trial occupies while it runs. Whoever concludes the trial gives it back.
pub(crate) struct Place {
    pub(crate) _slot: Slot,
    pub(crate) _phase: InPhase,
}

impl Worker {
    /// Keeps the place of a trial until it is concluded.
    pub(crate) fn occupies(&self, place: Place) {
        lock(&self.0).place = Some(place);
    }

    /// Shows the watcher what runs.
    pub(crate) fn runs(&self, attempt: &Arc<Attempt>) {
        lock(&self.0).attempt = Some(Arc::clone(attempt));
    }

    /// Nothing runs any more that needs watching.
    pub(crate) fn is_through(&self) {
        let attempt = lock(&self.0).attempt.take();
        drop(attempt);
    }

    /// The trial is over: what it occupied is given back.
    fn is_free(&self) {
        // Dropped outside of the lock: the end of an attempt runs code of others.
        let Busy { attempt, place } = std::mem::take(&mut *lock(&self.0));
        drop(attempt);
        drop(place);
    }
}

impl Engine {
    /// Runs all rows, in order, on `most` workers at most; returns when each has its answer.
    pub(crate) fn run(session: &Arc<Session>, rows: Vec<Row>, most: usize) {
        let engine = Arc::new(Self {
            session: Arc::clone(session),
            next: AtomicUsize::new(0),
            most: most.max(1),
            workers: Mutex::default(),
            left: Mutex::new(rows.len()),
            all_over: Condvar::new(),
            rows,
        });
        engine.watch();
    }

    fn watch(self: &Arc<Self>) {
        let mut seen = (Instant::now(), 0);
        self.start(1);
        loop {
            let pause = if self.may_grow() { LOOK_FOR_MORE } else { LOOK };
            let left = lock(&self.left);
            let waited = self
                .all_over
                .wait_timeout_while(left, pause, |left| *left > 0);
            if *waited.unwrap_or_else(PoisonError::into_inner).0 == 0 {
                return;
            }
            self.write_lines();
            self.look_for_late();
            seen = self.grow(seen);
        }
    }

    /// Writes what was printed, without keeping workers from printing more.
    fn write_lines(&self) {
        let mut printer = lock(&self.session.printer);
        if !printer.is_on_stdout() {
            printer.flush();
            return;
        }
        let lines = printer.take();
        drop(printer);
        if !lines.is_empty() {
            let written = to_stdout(&lines);
            lock(&self.session.printer).note(written);
        }
    }

    fn may_grow(&self) -> bool {
        self.next.load(Ordering::Relaxed) < self.rows.len() && lock(&self.workers).len() < self.most
    }

    /// Starts more workers when those that run get through few trials; `seen` is how many were
    /// taken, and when that was looked at.
    fn grow(self: &Arc<Self>, seen: (Instant, usize)) -> (Instant, usize) {
        let (now, taken) = (Instant::now(), self.next.load(Ordering::Relaxed));
        let waiting = self.rows.len().saturating_sub(taken);
        let workers = lock(&self.workers).len();
        let ended = taken.saturating_sub(seen.1) as u128;
        let enough = now.duration_since(seen.0).as_millis().max(1) * BUSY_ENOUGH * workers as u128;
        if waiting > 0 && (workers == 0 || ended < enough) {
            self.start(
                workers
                    .max(1)
                    .min(waiting)
                    .min(self.most.saturating_sub(workers)),
            );
        }
        (now, taken)
    }

    fn start(self: &Arc<Self>, count: usize) {
        for _ in 0..count {
            let worker = Arc::new(Worker::default());
            lock(&self.workers).push(Arc::clone(&worker));
            let (engine, own) = (Arc::clone(self), Arc::clone(&worker));
            let started = self.session.pool.run(move || {
                engine.work(&own);
                engine.forget(&own);
            });
            if let Err(error) = started {
                self.forget(&worker);
                if lock(&self.workers).is_empty() {
                    // Nobody else would run them.
                    notice::warn(&format!("no thread could be started: {error}"));
                    self.work(&worker);
                }
                return;
            }
        }
    }

    fn forget(&self, worker: &Arc<Worker>) {
        lock(&self.workers).retain(|other| !Arc::ptr_eq(other, worker));
    }

    /// Takes one trial after the other, until there are none or one is taken away.
    fn work(&self, worker: &Worker) {
        while let Some(row) = self.rows.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            if !row.runs {
                let reason = row.trial.ignored().unwrap_or_default();
                self.said(&row.trial, &Printed::Ignored(reason));
                continue;
            }
            // What a check leaves behind is dropped here, and a drop may panic: nobody else would
            // ever answer for this trial.
            let answer = match panics::catch(|| self.session.run(&row.trial, worker)) {
                Ok(Some(answer)) => answer,
                Ok(None) => return,
                Err(panic) => self.session.broke(&panic),
            };
            worker.is_free();
            self.said(&row.trial, &Printed::Answered(&answer));
        }
    }

    fn said(&self, trial: &Trial, printed: &Printed<'_>) {
        lock(&self.session.printer).ended(&trial.name, printed);
        let mut left = lock(&self.left);
        *left = left.saturating_sub(1);
        if *left == 0 {
            self.all_over.notify_all();
        }
    }

    /// Concludes the trials whose worker is over a limit.
    fn look_for_late(self: &Arc<Self>) {
        let now = Instant::now();
        let workers = lock(&self.workers).clone();
        for worker in workers {
            let mut busy = lock(&worker.0);
            let Some(late) = busy.attempt.as_ref().and_then(|attempt| attempt.late(now)) else {
                continue;
            };
            let (attempt, place) = (busy.attempt.take(), busy.place.take());
            drop(busy);
            self.forget(&worker);
            if let Some(attempt) = attempt {
                self.take_over(late, &attempt, place);
            }
        }
    }

    /// Concludes a trial on a thread of its own, because that may wait for releases; on this one
    /// where no thread can be had.
    fn take_over(self: &Arc<Self>, late: Late, attempt: &Arc<Attempt>, place: Option<Place>) {
        let job = Arc::new(Mutex::new(Some((late, place))));
        let (engine, attempt) = (Arc::clone(self), Arc::clone(attempt));
        let conclude = move |job: &Mutex<Option<(Late, Option<Place>)>>| {
            let Some((late, place)) = lock(job).take() else {
                return;
            };
            let answer = panics::catch(|| engine.session.conclude_late(&attempt, late))
                .unwrap_or_else(|panic| engine.session.broke(&panic));
            engine.said(&attempt.trial, &Printed::Answered(&answer));
            drop(place);
        };
        let (own, there) = (conclude.clone(), Arc::clone(&job));
        if self.session.pool.run(move || own(&there)).is_err() {
            conclude(&job);
        }
    }
}

/// The answer of a trial that does not begin any more; nobody may be there to read it.
pub(crate) fn interrupted() -> Answer {
    Answer::NotVerified("the run was interrupted".to_owned())
}
