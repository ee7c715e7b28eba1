//! The product's routes.

mod exploits;
mod health;
mod pricing;
mod row;
mod stats;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;

use crate::service::App;
use crate::web::pipeline;
use crate::web::reply::ApiError;

/// All routes, behind the pipeline that every request goes through.
pub(crate) fn router(app: App) -> Router {
    Router::new()
        .route("/exploits", get(exploits::list))
        .route("/exploits/{tx_hash}", get(exploits::detail))
        .route("/stats", get(stats::stats))
        .route("/chains", get(stats::chains))
        .route("/health", get(health::health))
        .route("/ready", get(health::ready))
        .route("/pricing", get(pricing::page))
        .fallback(async || ApiError::not_found("there is nothing at this address"))
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .layer(from_fn_with_state(app.clone(), pipeline))
        .with_state(app)
}
