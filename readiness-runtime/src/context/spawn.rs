//! Tasks of a trial, and what is released at its end.

use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use super::{Context, DivergedUnwind, Trial};
use crate::error::{Error, Result};
use crate::harness::panics;
use crate::run::lock;

/// What runs at the end of a trial.
pub(super) type Release = Pin<Box<dyn Future<Output = ()> + Send>>;

/// How long one release may take. It stands between a finished trial and the next one.
const RELEASE_LIMIT: Duration = Duration::from_secs(10);

/// Stops a task: the runtime does, or its thread at its next step.
#[cfg(feature = "async")]
pub(super) type Handle = tokio::task::AbortHandle;
#[cfg(not(feature = "async"))]
pub(super) type Handle = std::sync::Arc<std::sync::atomic::AtomicBool>;

/// A task of a check. Awaiting it gives its value, or an error when it panicked or was stopped.
///
/// A panic fails the trial whether the task is awaited or not. What still runs when the trial ends
/// is stopped.
#[derive(Debug)]
#[must_use = "a task that nobody awaits is stopped when its trial ends"]
pub struct Task<T> {
    #[cfg(feature = "async")]
    inner: tokio::task::JoinHandle<Option<T>>,
    #[cfg(not(feature = "async"))]
    inner: std::sync::mpsc::Receiver<Option<T>>,
}

impl Context {
    /// Runs `future` concurrently to the check, on the shared runtime. (Without the feature
    /// `async` on a thread of its own, which cannot be stopped.)
    pub fn spawn<F>(&self, future: F) -> Task<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        // Its panic would be noted as well.
        self.trial.notes();
        let watched = Watched {
            future: Box::pin(future),
            trial: Arc::downgrade(&self.trial),
            lane: Arc::downgrade(&self.lane),
        };
        #[cfg(feature = "async")]
        {
            let inner = crate::exec::runtime().spawn(watched);
            lock(&self.trial.tasks).push(inner.abort_handle());
            Task { inner }
        }
        #[cfg(not(feature = "async"))]
        {
            let (send, inner) = std::sync::mpsc::sync_channel(1);
            let stop = Handle::default();
            lock(&self.trial.tasks).push(Handle::clone(&stop));
            std::thread::spawn(move || {
                let mut watched = std::pin::pin!(watched);
                let value = crate::exec::block_on(std::future::poll_fn(|task| {
                    if stop.load(std::sync::atomic::Ordering::Relaxed) {
                        return Poll::Ready(None);
                    }
                    watched.as_mut().poll(task)
                }));
                // Nobody waits for a task that was stopped.
                drop(send.send(value));
            });
            Task { inner }
        }
    }

    /// Runs `future` when the trial has ended: after a panic and a timeout too, the latest first.
    /// Under replay there is nothing to release, and `future` is dropped.
    pub fn on_release(&self, future: impl Future<Output = ()> + Send + 'static) {
        if !self.is_replay() {
            self.trial.notes();
            lock(&self.trial.releases).push(Box::pin(future));
        }
    }

    /// Whether there is anything to release.
    pub(crate) fn holds_something(&self) -> bool {
        self.trial.has_noted()
            && (!lock(&self.trial.tasks).is_empty() || !lock(&self.trial.releases).is_empty())
    }

    /// Stops tasks and runs the releases, each for a bounded time. A panic of one does not keep the
    /// others from running; what went wrong is returned.
    pub(crate) fn release(&self) -> Vec<String> {
        self.stop_tasks();
        let mut problems = Vec::new();
        loop {
            // Taken out of the lock: a release may register another one.
            let Some(release) = lock(&self.trial.releases).pop() else {
                return problems;
            };
            let released = panics::catch(|| crate::exec::block_on_for(release, RELEASE_LIMIT));
            let problem = match released {
                Ok(Some(())) => continue,
                Ok(None) => format!("a release took longer than {RELEASE_LIMIT:?}"),
                Err(panic) => format!("a release panicked: {}", panic.message),
            };
            problems.push(problem);
        }
    }

    pub(crate) fn stop_tasks(&self) {
        for task in lock(&self.trial.tasks).drain(..) {
            #[cfg(feature = "async")]
            task.abort();
            #[cfg(not(feature = "async"))]
            task.store(true, std::sync::atomic::Ordering::Relaxed);
        }
    }
}

impl<T> Future for Task<T> {
    type Output = Result<T>;

    #[cfg(feature = "async")]
    fn poll(self: Pin<&mut Self>, task: &mut TaskContext<'_>) -> Poll<Self::Output> {
        let inner = Pin::new(&mut self.get_mut().inner);
        inner.poll(task).map(|joined| match joined {
            Ok(Some(value)) => Ok(value),
            Ok(None) => Err(Error::other("a task of the check panicked")),
            Err(error) => Err(Error::other(format!(
                "a task of the check ended early: {error}"
            ))),
        })
    }

    #[cfg(not(feature = "async"))]
    fn poll(self: Pin<&mut Self>, task: &mut TaskContext<'_>) -> Poll<Self::Output> {
        use std::sync::mpsc::RecvTimeoutError;
        match self.inner.recv_timeout(Duration::from_millis(5)) {
            Ok(Some(value)) => Poll::Ready(Ok(value)),
            Ok(None) | Err(RecvTimeoutError::Disconnected) => {
                Poll::Ready(Err(Error::other("a task of the check panicked")))
            }
            Err(RecvTimeoutError::Timeout) => {
                task.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }
}

/// Polls a task as part of its trial: soft assertions find it, panics are noted.
struct Watched<F> {
    future: Pin<Box<F>>,
    trial: Weak<Trial>,
    lane: Weak<super::lane::Lane>,
}

impl<F: Future> Future for Watched<F> {
    type Output = Option<F::Output>;

    fn poll(self: Pin<&mut Self>, task: &mut TaskContext<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let (Some(trial), Some(lane)) = (this.trial.upgrade(), this.lane.upgrade()) else {
            return Poll::Ready(None);
        };
        let cx = Context { trial, lane };
        let _current = cx.enter();
        let future = this.future.as_mut();
        match panics::catch_in(cx.is_replay(), || future.poll(task)) {
            Ok(poll) => poll.map(Some),
            Err(panic) => {
                if !panic.payload.is::<DivergedUnwind>() {
                    let place = panic.location.map(|place| format!(" at {place}"));
                    let words = panic.message + place.as_deref().unwrap_or_default();
                    lock(&cx.trial.panics).push(words);
                }
                Poll::Ready(None)
            }
        }
    }
}
