//! The tokens that are open: given out, neither revoked nor expired. For whoever tests that a caller
//! leaves none behind; the service itself decides by a token's own claims.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::jwt::Claims;

/// More than a test gives out; beyond it some are forgotten.
const MOST: usize = 10_000;

/// Their ids, each with the second in which it expires.
#[derive(Debug, Default)]
pub(crate) struct OpenTokens(Mutex<BTreeMap<String, i64>>);

impl OpenTokens {
    pub fn given_out(&self, claims: &Claims) {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if open.len() >= MOST {
            open.pop_first();
        }
        open.insert(claims.jti.clone(), claims.exp.unwrap_or(i64::MAX));
    }

    pub fn revoked(&self, claims: &Claims) {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.remove(&claims.jti);
    }

    /// How many there are at a time, in seconds since 1970.
    pub fn count(&self, now: i64) -> usize {
        let open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.values().filter(|exp| **exp > now).count()
    }
}
