//! Threads that run bodies, so that whoever waits for a body can give up on it.
//!
//! A blocking check cannot be stopped. The thread that waits for it has a deadline; when that
//! passes, the body's thread is left to itself and another one is made for the next body. Idle
//! threads are used again: a thread per trial costs more than most checks.

use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

type Job = Box<dyn FnOnce() + Send>;

/// The way to an idle thread. It travels with the job, so that an idle thread is reachable from the
/// pool alone and ends with it.
struct Idle(Sender<(Job, Idle)>);

/// Reusable threads. The last reference to the pool ends the idle ones; those that are busy go on.
#[derive(Default)]
pub(crate) struct Pool {
    idle: Mutex<Vec<Idle>>,
}

impl Pool {
    /// An empty pool.
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self::default())
    }

    /// Runs `job` on a thread that does nothing else meanwhile. A job must not panic.
    ///
    /// # Errors
    /// The system's, when no thread can be made.
    pub(crate) fn run(
        self: &Arc<Self>,
        job: impl FnOnce() + Send + 'static,
    ) -> std::io::Result<()> {
        let mut job: Job = Box::new(job);
        loop {
            let idle = self.lock().pop();
            let Some(thread) = idle else {
                return self.spawn(job);
            };
            let sender = thread.0.clone();
            match sender.send((job, thread)) {
                Ok(()) => return Ok(()),
                // That thread is gone; its job comes back.
                Err(back) => job = back.0.0,
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn spawn(self: &Arc<Self>, first: Job) -> std::io::Result<()> {
        let (sender, jobs) = channel();
        let mut own = Idle(sender);
        // Weak: a pool that nobody uses any more lets its threads end.
        let pool = Arc::downgrade(self);
        std::thread::Builder::new()
            .name("readiness-trial".to_owned())
            .spawn(move || {
                let mut job = first;
                loop {
                    job();
                    match pool.upgrade() {
                        Some(pool) => pool.lock().push(own),
                        None => break,
                    }
                    let Ok(next) = jobs.recv() else {
                        break;
                    };
                    (job, own) = next;
                }
            })
            .map(drop)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;
    use std::thread::ThreadId;

    use super::*;

    fn thread_of_job(pool: &Arc<Pool>) -> ThreadId {
        let (sender, receiver) = sync_channel(1);
        pool.run(move || {
            sender.send(std::thread::current().id()).unwrap();
        })
        .unwrap();
        let id = receiver.recv().unwrap();
        // The thread is idle again a moment after its message.
        while pool.lock().is_empty() {
            std::thread::yield_now();
        }
        id
    }

    #[test]
    fn an_idle_thread_is_used_again() {
        let pool = Pool::new();
        assert_eq!(thread_of_job(&pool), thread_of_job(&pool));
    }

    #[test]
    fn a_stuck_job_is_left_to_itself() {
        let pool = Pool::new();
        let (release, stuck) = sync_channel::<()>(0);
        let (sender, receiver) = sync_channel::<()>(1);
        pool.run(move || {
            let _ = stuck.recv();
            drop(sender);
        })
        .unwrap();
        assert!(receiver.try_recv().is_err());
        // Others go on meanwhile.
        thread_of_job(&pool);
        drop(release);
        // Its end is the end of the channel.
        receiver.recv().unwrap_err();
    }

    #[test]
    fn threads_end_with_the_pool() {
        let pool = Pool::new();
        let (alive, ended) = sync_channel::<()>(1);
        pool.run(move || {
            // Kept by the thread until it ends.
            std::thread_local! {
                static KEPT: std::cell::RefCell<Option<std::sync::mpsc::SyncSender<()>>> =
                    const { std::cell::RefCell::new(None) };
            }
            KEPT.replace(Some(alive));
        })
        .unwrap();
        drop(pool);
        ended.recv().unwrap_err();
    }
}
