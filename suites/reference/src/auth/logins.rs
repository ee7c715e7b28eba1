//! Bounds on failed logins: after five in a row an account is closed to that address for five
//! minutes. Other accounts, and the account's owner at another address, are not affected.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::faults::{Fault, FaultSet};

/// Failures before the account is closed. At least 3, so that a person may mistype, and at most
/// 20: the range that the checklist's check takes as its default.
const ALLOWED: u32 = 5;

/// How long an account stays closed, in seconds, counted from the last failure.
const CLOSED_FOR: i64 = 5 * 60;

/// Failed logins by account and address.
#[derive(Debug, Default)]
pub(crate) struct Logins {
    failures: Mutex<HashMap<String, Failures>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Failures {
    count: u32,
    last: i64,
}

impl Logins {
    /// Seconds until an attempt is allowed; `None` when it is allowed now.
    pub fn closed_for(
        &self,
        account: &str,
        address: &str,
        now: Timestamp,
        faults: &FaultSet,
    ) -> Option<i64> {
        if faults.on(Fault::Sec004Missing) {
            return None;
        }
        let allowed = if faults.on(Fault::Sec004FirstAttemptBlocked) {
            1
        } else {
            ALLOWED
        };
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let key = key(account, address, faults);
        let found = *failures.get(&key)?;
        let wait = found.last + CLOSED_FOR - now.as_second();
        if wait <= 0 && !faults.on(Fault::Sec004NeverRecovers) {
            failures.remove(&key);
            return None;
        }
        (found.count >= allowed).then_some(wait.max(1))
    }

    /// Counts a failure.
    pub fn failed(&self, account: &str, address: &str, now: Timestamp, faults: &FaultSet) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let found = failures.entry(key(account, address, faults)).or_default();
        found.count = found.count.saturating_add(1);
        found.last = now.as_second();
    }

    /// Forgets the failures of an account after a login.
    pub fn succeeded(&self, account: &str, address: &str, faults: &FaultSet) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.remove(&key(account, address, faults));
    }
}

fn key(account: &str, address: &str, faults: &FaultSet) -> String {
    if faults.on(Fault::Sec004LocksAllAccounts) {
        return address.to_owned();
    }
    // A length bound, since anybody may try any name.
    let account: String = account.chars().take(100).collect();
    format!("{address} {account}")
}
