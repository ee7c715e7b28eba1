//! `/api/v1/watchlists`: named lists of chains and protocols, from the team tier on.

use axum::body::Bytes;
use axum::http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::access;
use super::shelf::Shelf;
use crate::account::Kind;
use crate::faults::{Fault, FaultSet};
use crate::identity::Caller;
use crate::service::{App, Service};
use crate::web::body;
use crate::web::reply::ApiError;

/// The most that an account may have: nobody reads more, and memory is not free.
const MOST: usize = 100;

#[derive(Deserialize)]
struct Wanted {
    name: String,
    #[serde(default)]
    chains: Vec<String>,
    #[serde(default)]
    protocols: Vec<String>,
}

/// Watchlists.
pub(super) struct Watchlist;

impl Shelf for Watchlist {
    const KIND: Kind = Kind::Watchlist;
    const NAME: &'static str = "watchlist";
    const ID: &'static str = "wl";

    fn admit(service: &Service, caller: &Caller, method: &Method) -> Result<(), ApiError> {
        access::watchlists(service, caller, method)
    }

    fn read(_app: &App, id: &str, body: &Bytes) -> Result<Value, ApiError> {
        let Wanted {
            name,
            chains,
            protocols,
        } = body::read(body)?;
        if name.trim().is_empty() || name.len() > 100 {
            return Err(ApiError::invalid("name must be 1 to 100 bytes"));
        }
        Ok(json!({ "id": id, "name": name, "chains": chains, "protocols": protocols }))
    }

    fn most(_caller: &Caller, _faults: &FaultSet) -> Option<usize> {
        Some(MOST)
    }

    fn full(_caller: &Caller, _faults: &FaultSet) -> ApiError {
        let detail = format!("an account has at most {MOST} watchlists; delete one first");
        ApiError::new(StatusCode::CONFLICT, "watchlist_limit_reached", detail)
    }

    fn is_kept(faults: &FaultSet) -> bool {
        !faults.on(Fault::RtTeam005NotPersisted)
    }
}
