//! `GET /metrics`: see [`crate::metrics`].

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::service::App;
use crate::web::reply::text_reply;

pub(super) async fn metrics(State(app): State<App>) -> Response {
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    text_reply(StatusCode::OK, kind, app.metrics.render())
}
