//! The table of operations: what is routed, who may use it, and what its documentation says.

use axum::http::Method;
use axum::routing::{MethodRouter, delete, get, post, put};

use super::members::Role;
use super::{audit, contracts, exposed, health, openapi, orchestrate, registry, slo};
use crate::service::App;

/// One operation.
pub(super) struct Operation {
    pub method: &'static str,
    pub path: &'static str,
    pub summary: &'static str,
    pub access: Access,
    /// The statuses that it answers with.
    pub replies: &'static [u16],
    pub handler: fn() -> MethodRouter<App>,
}

/// Who may use an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Everybody, without a limit.
    Uncounted,
    /// Everybody.
    Open,
    /// Members of this role or a higher one.
    Role(Role),
}

macro_rules! operation {
    ($method:ident $path:literal $summary:literal $access:expr, $replies:expr, $handler:path) => {
        Operation {
            method: stringify!($method),
            path: $path,
            summary: $summary,
            access: $access,
            replies: &$replies,
            handler: || $method($handler),
        }
    };
}

/// All of them.
pub(super) const OPERATIONS: &[Operation] = &[
    operation!(get "/health" "Whether the service is well" Access::Uncounted, [200, 503], health::health),
    operation!(get "/metrics" "Counters for Prometheus" Access::Uncounted, [200], exposed::metrics),
    operation!(get "/openapi.json" "This documentation" Access::Open, [200, 429], openapi::document),
    operation!(get "/api/v1/services" "All services" Access::Role(Role::Viewer), [200, 401, 429], registry::list),
    operation!(post "/api/v1/services" "Register a service" Access::Role(Role::Admin),
        [201, 400, 401, 403, 409, 429], registry::register),
    operation!(delete "/api/v1/services/{name}" "Remove a service" Access::Role(Role::Admin),
        [204, 401, 403, 404, 429], registry::remove),
    operation!(get "/api/v1/contracts/{id}" "A contract" Access::Role(Role::Viewer), [200, 401, 404, 429],
        contracts::read),
    operation!(put "/api/v1/contracts/{id}" "Change a contract" Access::Role(Role::Admin),
        [200, 201, 400, 401, 403, 409, 429], contracts::put),
    operation!(delete "/api/v1/contracts/{id}" "Delete a contract" Access::Role(Role::Admin),
        [204, 401, 403, 404, 429], contracts::delete),
    operation!(post "/api/v1/orchestrate" "Run a service" Access::Role(Role::Operator),
        [200, 400, 401, 403, 404, 429], orchestrate::run),
    operation!(get "/api/v1/audit" "The audit log" Access::Role(Role::Admin), [200, 401, 403, 429], audit::read),
    operation!(get "/api/v1/slo/alerts" "Objectives that are missed" Access::Role(Role::Viewer),
        [200, 401, 429], slo::alerts),
];

/// Who may do this. What is not in the table needs a key below `/api/` and is open elsewhere: an
/// address that is not there tells nobody anything.
pub(super) fn access(method: &Method, route: Option<&str>, path: &str) -> Access {
    // HEAD is GET without the body.
    let method = match *method {
        Method::HEAD => "GET",
        _ => method.as_str(),
    };
    let operation = OPERATIONS.iter().find(|operation| {
        Some(operation.path) == route && operation.method.eq_ignore_ascii_case(method)
    });
    match operation {
        Some(operation) => operation.access,
        None if path.starts_with("/api/") => Access::Role(Role::Viewer),
        None => Access::Open,
    }
}
