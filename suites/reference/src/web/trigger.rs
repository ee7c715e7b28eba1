//! Provoked internal errors: the next request that carries an armed word fails inside, through
//! the same layers as any other failure would.

use std::sync::{Mutex, PoisonError};

use super::failure::Failure;
use super::reply::ApiError;

/// The armed words.
#[derive(Debug, Default)]
pub(crate) struct Triggers {
    armed: Mutex<Vec<String>>,
}

impl Triggers {
    /// The next request whose address holds the word fails.
    pub fn arm(&self, word: &str) {
        self.armed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(word.to_owned());
    }

    /// Fails if the address holds an armed word, which is used up by that.
    ///
    /// # Errors
    /// The provoked error.
    pub fn pull(&self, path: &str, query: &str) -> Result<(), ApiError> {
        let mut armed = self.armed.lock().unwrap_or_else(PoisonError::into_inner);
        let hit = armed
            .iter()
            .position(|word| path.contains(word) || query.contains(word));
        let Some(index) = hit else {
            return Ok(());
        };
        armed.swap_remove(index);
        load(path, query).map_err(|failure| ApiError::internal(failure.through("pull")))
    }
}

fn load(path: &str, query: &str) -> Result<(), Failure> {
    decode(path, query).map_err(|failure| failure.through("load"))
}

fn decode(path: &str, query: &str) -> Result<(), Failure> {
    let mut failure = Failure::new(
        "DecodeError",
        format!("a row for {path} with {query:?} cannot be decoded"),
        "decode",
    );
    failure.cause = Some(format!("unexpected end of the data after {query:?}"));
    failure.locals = vec![("path", path.to_owned()), ("query", query.to_owned())];
    Err(failure)
}
