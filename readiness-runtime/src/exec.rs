//! The one place that drives futures.
//!
//! With the `async` feature all asynchronous code of the process runs on one shared multi-thread
//! tokio runtime, made on first use: clients that outlive a trial (a shared connection pool) lose
//! their connections when every trial brings a runtime of its own. Without the feature a minimal
//! executor parks the thread; it has neither timers nor sockets.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// Drives `future` to its end on this thread.
///
/// Inside of asynchronous code it falls back to parking the thread, where tokio would panic; the
/// runtime's own threads go on serving timers and sockets meanwhile.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    #[cfg(feature = "async")]
    if let Some(runtime) = runtime_unless_inside() {
        return runtime.block_on(future);
    }
    match park_until(future, None) {
        Some(output) => output,
        None => unreachable!("without a deadline the future runs to its end"),
    }
}

/// Drives `future` for `limit` at most; `None`, with the future dropped, when that is over.
///
/// The limit holds at the future's await points: blocking code in between is not interrupted.
pub(crate) fn block_on_for<F: Future>(future: F, limit: Duration) -> Option<F::Output> {
    #[cfg(feature = "async")]
    if let Some(runtime) = runtime_unless_inside() {
        return runtime.block_on(async { tokio::time::timeout(limit, future).await.ok() });
    }
    park_until(future, Instant::now().checked_add(limit))
}

/// How long a thread without timers sleeps before its other futures run.
const STEP: Duration = Duration::from_millis(5);

/// Lets `duration` pass without blocking other futures of this thread, where timers exist.
pub(crate) async fn sleep(duration: Duration) {
    #[cfg(feature = "async")]
    if tokio::runtime::Handle::try_current().is_ok() {
        tokio::time::sleep(duration).await;
        return;
    }
    // Without timers: sleep in short steps and let the other futures of this thread run in between.
    let end = Instant::now().checked_add(duration);
    std::future::poll_fn(move |cx| {
        let left = end.map_or(STEP, |end| end.saturating_duration_since(Instant::now()));
        if left.is_zero() {
            return Poll::Ready(());
        }
        thread::sleep(left.min(STEP));
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// The shared runtime, made on first use.
///
/// # Panics
/// When the operating system refuses to start its threads: nothing asynchronous could run then.
#[cfg(feature = "async")]
pub(crate) fn runtime() -> &'static tokio::runtime::Runtime {
    static RUNTIME: std::sync::OnceLock<tokio::runtime::Runtime> = std::sync::OnceLock::new();
    RUNTIME.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .thread_name("readiness-async")
            .build()
            .unwrap_or_else(|error| panic!("the asynchronous runtime cannot start: {error}"))
    })
}

#[cfg(feature = "async")]
fn runtime_unless_inside() -> Option<&'static tokio::runtime::Runtime> {
    tokio::runtime::Handle::try_current().is_err().then(runtime)
}

/// Wakes a parked thread.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
    }
}

fn park_until<F: Future>(future: F, deadline: Option<Instant>) -> Option<F::Output> {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut task = TaskContext::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut task) {
            return Some(output);
        }
        match deadline.map(|end| end.saturating_duration_since(Instant::now())) {
            Some(left) if left.is_zero() => return None,
            Some(left) => thread::park_timeout(left),
            None => thread::park(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn later<T: Send + 'static>(value: T) -> impl Future<Output = T> {
        let shared = Arc::new(std::sync::Mutex::new((None::<T>, None::<Waker>)));
        let writer = Arc::clone(&shared);
        thread::spawn(move || {
            let waker = {
                let mut slot = writer.lock().unwrap();
                slot.0 = Some(value);
                slot.1.take()
            };
            if let Some(waker) = waker {
                waker.wake();
            }
        });
        std::future::poll_fn(move |cx| {
            let mut slot = shared.lock().unwrap();
            if let Some(value) = slot.0.take() {
                return Poll::Ready(value);
            }
            slot.1 = Some(cx.waker().clone());
            Poll::Pending
        })
    }

    #[test]
    fn both_executors_drive_a_future_that_another_thread_completes() {
        assert_eq!(block_on(later(7)), 7);
        assert_eq!(park_until(later(7), None), Some(7));
    }

    #[test]
    fn a_future_that_never_ends_is_dropped_at_its_limit() {
        let never = std::future::pending::<()>();
        assert_eq!(block_on_for(never, Duration::from_millis(5)), None);
        let end = Instant::now() + Duration::from_millis(5);
        assert_eq!(park_until(std::future::pending::<()>(), Some(end)), None);
    }

    #[test]
    fn blocking_inside_of_asynchronous_code_does_not_panic() {
        assert_eq!(block_on(async { block_on(async { 3 }) }), 3);
    }

    #[test]
    fn sleeping_works_with_and_without_timers() {
        block_on(sleep(Duration::from_millis(1)));
        park_until(sleep(Duration::from_millis(1)), None);
    }
}
