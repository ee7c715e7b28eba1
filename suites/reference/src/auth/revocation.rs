//! The list of revoked tokens, in the key-value store that all instances share. An entry lives
//! as long as its token would have.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::jwt::Claims;
use crate::clock::Clock;
use crate::faults::{Fault, FaultSet};
use crate::stores::{KeyValue, StoreError};

/// All keys of revoked tokens begin with this.
pub(crate) const PREFIX: &str = "kamiyo:revoked:";

/// Whether a token was revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Revoked {
    Yes,
    No,
}

/// One instance's view of the list.
#[derive(Clone)]
pub(crate) struct Revocations {
    store: Arc<dyn KeyValue>,
    clock: Clock,
    faults: Arc<FaultSet>,
    /// What this instance revoked while the fault keeps it from telling the others.
    local: Arc<Mutex<HashSet<String>>>,
}

impl Revocations {
    pub fn new(store: Arc<dyn KeyValue>, clock: Clock, faults: Arc<FaultSet>) -> Revocations {
        Revocations {
            store,
            clock,
            faults,
            local: Arc::default(),
        }
    }

    /// Revokes a token.
    ///
    /// # Errors
    /// The store does not answer: the token is still valid.
    pub async fn revoke(&self, claims: &Claims) -> Result<(), StoreError> {
        if self.faults.on(Fault::Sec005Missing) {
            return Ok(());
        }
        if self.faults.on(Fault::Sec005LocalOnly) {
            let mut local = self.local.lock().unwrap_or_else(PoisonError::into_inner);
            local.insert(claims.jti.clone());
            return Ok(());
        }
        let left = claims.exp.unwrap_or(0) - self.clock.now().as_second();
        let left = Duration::from_secs(u64::try_from(left).unwrap_or(0).max(1));
        let life = (!self.faults.on(Fault::Sec005NoTtl)).then_some(left);
        if self.faults.on(Fault::Sec005RevokesAll) {
            crate::stores::bounded(self.store.set(&user_key(claims), "1".to_owned(), life)).await?;
        }
        crate::stores::bounded(self.store.set(&key(claims), "1".to_owned(), life)).await
    }

    /// Whether a token was revoked.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn status(&self, claims: &Claims) -> Result<Revoked, StoreError> {
        if self.faults.on(Fault::Sec001RevokedAccepted) {
            return Ok(Revoked::No);
        }
        if self.is_local(claims) {
            return Ok(Revoked::Yes);
        }
        let mut keys = vec![key(claims)];
        keys.extend(
            self.faults
                .on(Fault::Sec005RevokesAll)
                .then(|| user_key(claims)),
        );
        for key in keys {
            match crate::stores::bounded(self.store.get(&key)).await {
                Ok(None) => {}
                Ok(Some(_)) => return Ok(Revoked::Yes),
                Err(_) if self.faults.on(Fault::Sec005FailOpen) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Revoked::No)
    }

    fn is_local(&self, claims: &Claims) -> bool {
        let local = self.local.lock().unwrap_or_else(PoisonError::into_inner);
        local.contains(&claims.jti)
    }
}

fn key(claims: &Claims) -> String {
    format!("{PREFIX}{}", claims.jti)
}

fn user_key(claims: &Claims) -> String {
    format!("{PREFIX}user:{}", claims.sub)
}
