//! Orders over HTTP: small enough to read in a minute, real enough to be checked.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

/// The one key that may read orders. A real service has its keys elsewhere.
pub const KEY: &str = "example-key-1";
/// Orders on a page, whatever is asked for.
pub const PAGE: usize = 100;
const ORDERS: usize = 250;

/// The store behind the service, as far as the example needs one: it is there, or it is not.
#[derive(Debug, Clone, Default)]
pub struct Store {
    lost: Arc<AtomicBool>,
}

impl Store {
    /// Plays an outage, or its end.
    pub fn set_lost(&self, lost: bool) {
        self.lost.store(lost, Ordering::SeqCst);
    }

    fn is_lost(&self) -> bool {
        self.lost.load(Ordering::SeqCst)
    }
}

/// The service on a store.
pub fn app(store: Store) -> Router {
    let orders = Router::new()
        .route("/orders", get(list))
        .route("/orders/{id}", get(one))
        .layer(middleware::from_fn(needs_key));
    Router::new()
        .route("/health", get(health))
        .merge(orders)
        .layer(middleware::map_response(with_security_headers))
        .with_state(store)
}

async fn health(State(store): State<Store>) -> Response {
    let (status, word) = if store.is_lost() {
        (StatusCode::SERVICE_UNAVAILABLE, "unhealthy")
    } else {
        (StatusCode::OK, "healthy")
    };
    (status, Json(json!({ "status": word }))).into_response()
}

async fn list(Query(query): Query<Vec<(String, String)>>) -> Json<Value> {
    let wanted = query.iter().find(|(name, _)| name == "size");
    let size = wanted
        .and_then(|(_, size)| size.parse().ok())
        .unwrap_or(PAGE);
    let rows: Vec<_> = (1..=ORDERS).take(size.min(PAGE)).map(order).collect();
    Json(json!({ "orders": rows, "total": ORDERS }))
}

async fn one(Path(id): Path<String>) -> Response {
    match id.parse() {
        Ok(number) if (1..=ORDERS).contains(&number) => Json(order(number)).into_response(),
        _ => error(StatusCode::NOT_FOUND, "no such order"),
    }
}

fn order(number: usize) -> Value {
    json!({ "id": number, "total_cents": number * 250 })
}

fn error(status: StatusCode, words: &str) -> Response {
    (status, Json(json!({ "error": words }))).into_response()
}

async fn needs_key(request: Request, next: Next) -> Response {
    let given = request.headers().get("x-api-key");
    if given.is_some_and(|key| key == KEY) {
        return next.run(request).await;
    }
    error(StatusCode::UNAUTHORIZED, "send a key in x-api-key")
}

async fn with_security_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(
        "x-content-type-options",
        HeaderValue::from_static("nosniff"),
    );
    headers.insert("x-frame-options", HeaderValue::from_static("DENY"));
    response
}
