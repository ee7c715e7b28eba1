//! The table of operations: what is routed, and what its documentation says.

use axum::routing::{MethodRouter, delete, get, post, put};

use super::watchlists::Watchlist;
use super::webhooks::Webhook;
use super::{docs, exploits, health, metrics, openapi, pricing, profile, shelf, stats};
use crate::auth;
use crate::service::App;

/// One operation.
pub(super) struct Operation {
    pub method: &'static str,
    pub path: &'static str,
    pub summary: &'static str,
    pub access: Access,
    pub parameters: &'static [Parameter],
    /// The statuses that it answers with.
    pub replies: &'static [u16],
    pub handler: fn() -> MethodRouter<App>,
}

/// Who may use an operation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Everybody; a credential makes no difference.
    Open,
    /// Everybody; a key raises the limits.
    Optional,
    /// Holders of a key.
    Key,
}

/// A parameter of an operation.
pub(super) struct Parameter {
    pub name: &'static str,
    pub place: &'static str,
    pub kind: Kind,
    pub description: &'static str,
}

/// What a parameter's value is.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Integer { least: u32, most: u32, default: u32 },
    Amount,
    Text,
    Moment,
}

const fn query(name: &'static str, kind: Kind, description: &'static str) -> Parameter {
    Parameter {
        name,
        place: "query",
        kind,
        description,
    }
}

const fn path(name: &'static str, description: &'static str) -> Parameter {
    Parameter {
        name,
        place: "path",
        kind: Kind::Text,
        description,
    }
}

const fn integer(least: u32, most: u32, default: u32) -> Kind {
    Kind::Integer {
        least,
        most,
        default,
    }
}

const PAGE: &[Parameter] = &[
    query("page", integer(1, 10_000, 1), "which page"),
    query("page_size", integer(1, 500, 100), "rows on a page"),
    query("chain", Kind::Text, "rows of this chain, in any case"),
    query(
        "min_amount",
        Kind::Amount,
        "rows with at least this loss in US dollars",
    ),
    query(
        "protocol",
        Kind::Text,
        "rows whose protocol has this part, in any case",
    ),
    query("start_date", Kind::Moment, "rows from this date or time on"),
    query(
        "end_date",
        Kind::Moment,
        "rows up to this date or time, inclusive",
    ),
];

macro_rules! operation {
    ($method:ident $path:literal $summary:literal $access:ident $parameters:expr, $replies:expr,
     $handler:path) => {
        Operation {
            method: stringify!($method),
            path: $path,
            summary: $summary,
            access: Access::$access,
            parameters: $parameters,
            replies: $replies,
            handler: || $method($handler),
        }
    };
}

/// All of them.
pub(super) const OPERATIONS: &[Operation] = &[
    operation!(get "/exploits" "Exploits, newest first" Optional PAGE, &[200, 400, 401, 429, 503], exploits::list),
    operation!(get "/exploits/{tx_hash}" "One exploit" Optional &[path("tx_hash", "the transaction")],
        &[200, 401, 404, 429, 503], exploits::detail),
    operation!(get "/stats" "Totals of the last days" Optional
        &[query("days", integer(1, 365, 7), "how many days")], &[200, 400, 401, 429, 503], stats::stats),
    operation!(get "/chains" "Exploits by chain" Optional &[], &[200, 401, 429, 503], stats::chains),
    operation!(get "/health" "Whether the process is well" Open &[], &[200], health::health),
    operation!(get "/ready" "Whether it may be sent traffic" Open &[], &[200, 503], health::ready),
    operation!(get "/metrics" "Counters for Prometheus" Open &[], &[200], metrics::metrics),
    operation!(get "/docs" "This documentation for people" Open &[], &[200, 429], docs::page),
    operation!(get "/openapi.json" "This documentation for programs" Open &[], &[200, 429], openapi::document),
    operation!(get "/pricing" "Tiers and their limits" Open &[], &[200, 429], pricing::page),
    operation!(post "/api/v1/auth/token" "Log in with user name and password" Open &[],
        &[200, 400, 401, 429], auth::token),
    operation!(post "/api/v1/auth/refresh" "A new pair of tokens for a refresh token" Open &[],
        &[200, 400, 401, 429, 503], auth::refresh),
    operation!(post "/api/v1/auth/logout" "Revoke the token that this is sent with" Key &[],
        &[204, 400, 401, 429, 503], auth::logout),
    operation!(get "/api/v1/account" "Your tier, limits and features" Key &[], &[200, 401, 429], profile::account),
    operation!(get "/api/v1/user-webhooks" "Your webhooks" Key &[], &[200, 401, 429], shelf::list::<Webhook>),
    operation!(post "/api/v1/user-webhooks" "Create a webhook; its secret is shown once" Key &[],
        &[201, 400, 401, 409, 429], shelf::create::<Webhook>),
    operation!(get "/api/v1/user-webhooks/{id}" "One of your webhooks" Key &[path("id", "the webhook")],
        &[200, 401, 404, 429], shelf::get::<Webhook>),
    operation!(delete "/api/v1/user-webhooks/{id}" "Delete a webhook" Key &[path("id", "the webhook")],
        &[204, 401, 404, 429], shelf::delete::<Webhook>),
    operation!(get "/api/v1/watchlists" "Your watchlists" Key &[], &[200, 401, 403, 429], shelf::list::<Watchlist>),
    operation!(post "/api/v1/watchlists" "Create a watchlist" Key &[],
        &[201, 400, 401, 403, 409, 429], shelf::create::<Watchlist>),
    operation!(get "/api/v1/watchlists/{id}" "One of your watchlists" Key &[path("id", "the watchlist")],
        &[200, 401, 403, 404, 429], shelf::get::<Watchlist>),
    operation!(put "/api/v1/watchlists/{id}" "Replace a watchlist" Key &[path("id", "the watchlist")],
        &[200, 400, 401, 403, 404, 429], shelf::replace::<Watchlist>),
    operation!(delete "/api/v1/watchlists/{id}" "Delete a watchlist" Key &[path("id", "the watchlist")],
        &[204, 401, 403, 404, 429], shelf::delete::<Watchlist>),
];
