//! A value made once, by whichever future comes first, while the others wait without blocking their
//! threads. A maker that is cancelled or panics leaves the cell empty, and the next one tries.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use crate::run::lock;

/// See the module.
pub(crate) struct Cell<T>(Mutex<State<T>>);

enum State<T> {
    Empty,
    Busy(Vec<Waker>),
    Full(T),
}

impl<T> Default for Cell<T> {
    fn default() -> Self {
        Self(Mutex::new(State::Empty))
    }
}

/// Empties the cell and wakes the waiting unless the maker finished.
struct Making<'a, T> {
    cell: &'a Cell<T>,
    finished: bool,
}

impl<T> Drop for Making<'_, T> {
    fn drop(&mut self) {
        if !self.finished {
            self.cell.put(State::Empty);
        }
    }
}

impl<T: Clone> Cell<T> {
    /// The value, made by `make` if nobody has.
    pub(crate) async fn get_or_init(&self, make: impl AsyncFnOnce() -> T) -> T {
        if let Some(value) = std::future::poll_fn(|task| self.claim(task.waker())).await {
            return value;
        }
        let mut making = Making {
            cell: self,
            finished: false,
        };
        let value = make().await;
        making.finished = true;
        self.put(State::Full(value.clone()));
        value
    }

    /// The value; or `None` for the caller who now has to make it; or wait.
    fn claim(&self, waker: &Waker) -> Poll<Option<T>> {
        let mut state = lock(&self.0);
        match &mut *state {
            State::Full(value) => Poll::Ready(Some(value.clone())),
            State::Empty => {
                *state = State::Busy(Vec::new());
                Poll::Ready(None)
            }
            State::Busy(waiting) => {
                if !waiting.iter().any(|other| other.will_wake(waker)) {
                    waiting.push(waker.clone());
                }
                Poll::Pending
            }
        }
    }
}

impl<T> Cell<T> {
    fn put(&self, next: State<T>) {
        let before = std::mem::replace(&mut *lock(&self.0), next);
        if let State::Busy(waiting) = before {
            waiting.into_iter().for_each(Waker::wake);
        }
    }
}

/// One cell per key.
pub(crate) struct Cells<K, T>(Mutex<HashMap<K, Arc<Cell<T>>>>);

impl<K, T> Default for Cells<K, T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, T> Cells<K, T> {
    /// The cell of `key`.
    pub(crate) fn cell(&self, key: K) -> Arc<Cell<T>> {
        Arc::clone(lock(&self.0).entry(key).or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::exec::{block_on, block_on_for, sleep};
    use std::time::Duration;

    #[test]
    fn one_of_many_threads_makes_the_value() {
        let cell = Cell::<u32>::default();
        let made = AtomicU32::new(0);
        let barrier = std::sync::Barrier::new(8);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    barrier.wait();
                    let value = block_on(cell.get_or_init(async || {
                        sleep(Duration::from_millis(5)).await;
                        made.fetch_add(1, Ordering::SeqCst) + 1
                    }));
                    assert_eq!(value, 1);
                });
            }
        });
        assert_eq!(made.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn a_cancelled_maker_leaves_the_work_to_the_next() {
        let cell = Cell::<u32>::default();
        let cancelled = block_on_for(
            cell.get_or_init(async || std::future::pending().await),
            Duration::from_millis(2),
        );
        assert_eq!(cancelled, None);
        assert_eq!(block_on(cell.get_or_init(async || 9)), 9);
    }
}
