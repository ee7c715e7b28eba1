//! `/api/v1/watchlists`: named lists of chains and protocols, from the team tier on.

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::access;
use crate::account::Kind;
use crate::faults::Fault;
use crate::identity::Caller;
use crate::service::App;
use crate::web::body;
use crate::web::reply::{ApiError, json_reply};

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

impl Wanted {
    fn read(body: &Bytes) -> Result<Wanted, ApiError> {
        let wanted: Wanted = body::read(body)?;
        if wanted.name.trim().is_empty() || wanted.name.len() > 100 {
            return Err(ApiError::invalid("name must be 1 to 100 bytes"));
        }
        Ok(wanted)
    }

    fn into_json(self, id: &str) -> Value {
        let Wanted {
            name,
            chains,
            protocols,
        } = self;
        json!({ "id": id, "name": name, "chains": chains, "protocols": protocols })
    }
}

pub(super) async fn list(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
) -> Result<Response, ApiError> {
    access::watchlists(&app, &caller, &Method::GET)?;
    let watchlists = app.objects.list(&caller.name, Kind::Watchlist);
    let body = json!({ "watchlists": watchlists, "total": watchlists.len() });
    Ok(json_reply(StatusCode::OK, &body))
}

pub(super) async fn create(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    body: Bytes,
) -> Result<Response, ApiError> {
    access::watchlists(&app, &caller, &Method::POST)?;
    let id = app.next_id("wl");
    let watchlist = Wanted::read(&body)?.into_json(&id);
    if !app.faults.on(Fault::RtTeam005NotPersisted) {
        let kept = (id.as_str(), watchlist.clone());
        let created = app
            .objects
            .create(&caller.name, Kind::Watchlist, kept, Some(MOST), false);
        created.map_err(|_| {
            let detail = format!("an account has at most {MOST} watchlists; delete one first");
            ApiError::new(StatusCode::CONFLICT, "watchlist_limit_reached", detail)
        })?;
    }
    Ok(json_reply(StatusCode::CREATED, &watchlist))
}

pub(super) async fn get(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    access::watchlists(&app, &caller, &Method::GET)?;
    let watchlist = app.objects.get(&caller.name, Kind::Watchlist, &id);
    Ok(json_reply(StatusCode::OK, &watchlist.ok_or_else(unknown)?))
}

pub(super) async fn replace(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, ApiError> {
    access::watchlists(&app, &caller, &Method::PUT)?;
    let watchlist = Wanted::read(&body)?.into_json(&id);
    if !app
        .objects
        .replace(&caller.name, Kind::Watchlist, &id, watchlist.clone())
    {
        return Err(unknown());
    }
    Ok(json_reply(StatusCode::OK, &watchlist))
}

pub(super) async fn delete(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    access::watchlists(&app, &caller, &Method::DELETE)?;
    if !app.objects.delete(&caller.name, Kind::Watchlist, &id) {
        return Err(unknown());
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn unknown() -> ApiError {
    ApiError::not_found("there is no such watchlist among yours")
}
