//! `/api/v1/services`: the services that orchestrations may use. The registry holds as many as
//! `CAIO_REGISTRY_SIZE` says and refuses one more; it never drops one that is in use.

use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::audit::Entry;
use super::door::Visitor;
use crate::faults::Fault;
use crate::service::App;
use crate::web::body;
use crate::web::reply::{ApiError, json_reply};

/// The longest name and address, in bytes.
const LONGEST: usize = 200;
/// What a registry holds that ignores its size.
const IGNORANT_SIZE: usize = 16;

/// The services that are known from the start.
const KNOWN: [&str; 12] = [
    "billing",
    "catalogue",
    "customers",
    "documents",
    "inventory",
    "mail",
    "notes",
    "orders",
    "payments",
    "pricing",
    "search",
    "shipping",
];

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entered {
    name: String,
    address: String,
}

/// The registered services, the oldest first.
#[derive(Debug)]
pub(crate) struct Registry {
    size: usize,
    services: Mutex<Vec<Entered>>,
}

impl Registry {
    pub fn new(size: usize) -> Registry {
        let known = KNOWN.map(|name| Entered {
            name: name.to_owned(),
            address: format!("https://{name}.caio.example"),
        });
        Registry {
            size,
            services: Mutex::new(known.into()),
        }
    }

    /// Whether there is a service of this name.
    pub fn knows(&self, name: &str) -> bool {
        self.services().iter().any(|service| service.name == name)
    }

    /// How many services there are, and how many there may be.
    pub fn occupancy(&self) -> (usize, usize) {
        (self.services().len(), self.size)
    }

    fn services(&self) -> MutexGuard<'_, Vec<Entered>> {
        self.services.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) async fn list(State(app): State<App>) -> Response {
    let services = app.caio.registry.services().clone();
    let body = json!({
        "total": services.len(),
        "capacity": app.caio.registry.size,
        "services": services,
    });
    json_reply(StatusCode::OK, &body)
}

pub(super) async fn register(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    body: Bytes,
) -> Result<Response, ApiError> {
    let wanted: Entered = body::read(&body)?;
    if !is_name(&wanted.name) || wanted.address.len() > LONGEST {
        return Err(ApiError::invalid(
            "name is up to 200 letters, digits, dots and hyphens; address is up to 200 bytes",
        ));
    }
    {
        let mut services = app.caio.registry.services();
        if services.iter().any(|service| service.name == wanted.name) {
            return Err(conflict("there is a service of this name"));
        }
        if app.faults.on(Fault::CaioPerf003Ignored) && services.len() >= IGNORANT_SIZE {
            services.remove(0);
        }
        if services.len() >= app.caio.registry.size {
            return Err(conflict("the registry is full"));
        }
        services.push(wanted.clone());
    }
    visitor.audit(&app, Entry::done("service.register"));
    Ok((StatusCode::CREATED, Json(json!(wanted))).into_response())
}

pub(super) async fn remove(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Path(name): Path<String>,
) -> Result<StatusCode, ApiError> {
    {
        let mut services = app.caio.registry.services();
        let before = services.len();
        services.retain(|service| service.name != name);
        if services.len() == before {
            return Err(ApiError::not_found("there is no service of this name"));
        }
    }
    visitor.audit(&app, Entry::done("service.remove"));
    Ok(StatusCode::NO_CONTENT)
}

/// Whether a text may name a service or a contract.
pub(super) fn is_name(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    !text.is_empty() && text.len() <= LONGEST && text.bytes().all(is_part)
}

fn conflict(detail: &str) -> ApiError {
    ApiError::new(StatusCode::CONFLICT, "conflict", detail)
}
