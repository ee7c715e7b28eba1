//! `/api/v1/contracts/{id}`: under what terms a service may be used. Contracts are kept in a cache
//! for `CAIO_CONTRACT_CACHE_TTL` seconds; a change is seen when the kept copy has run out.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::audit::Entry;
use super::door::Visitor;
use super::registry::is_name;
use crate::faults::{Fault, FaultSet};
use crate::service::App;
use crate::web::body;
use crate::web::reply::{ApiError, json_reply};

/// The longest terms, in bytes.
const LONGEST: usize = 2_000;
/// Contracts at most: who may write could otherwise fill the memory.
const MOST: usize = 1_000;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Contract {
    id: String,
    version: u32,
    terms: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Terms {
    terms: String,
}

/// The contracts at their source, and the copies that are kept.
#[derive(Debug)]
pub(crate) struct Contracts {
    life: Duration,
    source: Mutex<HashMap<String, Contract>>,
    kept: Mutex<HashMap<String, (Contract, Timestamp)>>,
    hits: AtomicU64,
    misses: AtomicU64,
}

impl Contracts {
    pub fn new(life: Duration) -> Contracts {
        let base = Contract {
            id: "base".to_owned(),
            version: 1,
            terms: "as is, at most ten calls a second".to_owned(),
        };
        Contracts {
            life,
            source: Mutex::new(HashMap::from([(base.id.clone(), base)])),
            kept: Mutex::default(),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
        }
    }

    /// Answers from the cache, and from the source: how often.
    pub fn counts(&self) -> (u64, u64) {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        (count(&self.hits), count(&self.misses))
    }

    /// A contract, and whether it is the kept copy.
    fn find(&self, id: &str, now: Timestamp, faults: &FaultSet) -> Option<(Contract, bool)> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((contract, until)) = kept.get(id)
            && (now < *until || faults.on(Fault::CaioPerf004NeverExpires))
            && !faults.on(Fault::CaioPerf004Ignored)
        {
            self.hits.fetch_add(1, Ordering::Relaxed);
            return Some((contract.clone(), true));
        }
        self.misses.fetch_add(1, Ordering::Relaxed);
        let source = self.source.lock().unwrap_or_else(PoisonError::into_inner);
        let contract = source.get(id).cloned();
        match &contract {
            Some(contract) => {
                let until = now.checked_add(self.life).unwrap_or(Timestamp::MAX);
                kept.insert(id.to_owned(), (contract.clone(), until));
            }
            None => {
                kept.remove(id);
            }
        }
        contract.map(|contract| (contract, false))
    }

    fn put(&self, id: &str, terms: String) -> Result<(Contract, bool), ApiError> {
        let mut source = self.source.lock().unwrap_or_else(PoisonError::into_inner);
        let version = source.get(id).map_or(0, |contract| contract.version);
        if version == 0 && source.len() >= MOST {
            let detail = "there are as many contracts as there may be";
            return Err(ApiError::new(StatusCode::CONFLICT, "conflict", detail));
        }
        let contract = Contract {
            id: id.to_owned(),
            version: version + 1,
            terms,
        };
        source.insert(id.to_owned(), contract.clone());
        Ok((contract, version == 0))
    }

    fn delete(&self, id: &str) -> bool {
        let mut source = self.source.lock().unwrap_or_else(PoisonError::into_inner);
        source.remove(id).is_some()
    }
}

pub(super) async fn read(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let found = app.caio.contracts.find(&id, app.clock.now(), &app.faults);
    let (contract, kept) = found.ok_or_else(unknown)?;
    let mut reply = json_reply(StatusCode::OK, &json!(contract));
    let how = HeaderValue::from_static(if kept { "hit" } else { "miss" });
    reply.headers_mut().insert("x-cache", how);
    Ok(reply)
}

pub(super) async fn put(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, ApiError> {
    let Terms { terms } = body::read(&body)?;
    if !is_name(&id) || terms.trim().is_empty() || terms.len() > LONGEST {
        return Err(ApiError::invalid(
            "the id is up to 200 letters, digits, dots and hyphens; terms are 1 to 2,000 bytes",
        ));
    }
    let (contract, is_new) = app.caio.contracts.put(&id, terms)?;
    visitor.audit(&app, Entry::done("contract.change"));
    let status = if is_new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok(json_reply(status, &json!(contract)))
}

pub(super) async fn delete(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    if !app.caio.contracts.delete(&id) {
        return Err(unknown());
    }
    visitor.audit(&app, Entry::done("contract.delete"));
    Ok(StatusCode::NO_CONTENT)
}

fn unknown() -> ApiError {
    ApiError::not_found("there is no such contract")
}
