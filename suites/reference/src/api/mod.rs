//! The product's routes. [`table`] lists them with what their documentation says; the router and
//! the `OpenAPI` document are both made from that list.

mod access;
mod docs;
mod exploits;
mod health;
mod metrics;
mod openapi;
mod paging;
mod pricing;
mod profile;
mod row;
mod shelf;
mod stats;
mod table;
mod view;
mod watchlists;
mod webhooks;

use axum::Router;
use axum::middleware::from_fn_with_state;

pub(crate) use self::stats::{warm, warm_at_start};
use self::table::OPERATIONS;
use crate::service::App;
use crate::web::pipeline;
use crate::web::reply::ApiError;

/// All routes, behind the pipeline that every request goes through.
pub(crate) fn router(app: App) -> Router {
    let mut router = Router::new();
    for operation in OPERATIONS {
        router = router.route(operation.path, (operation.handler)());
    }
    router
        .fallback(async || ApiError::no_route())
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .layer(from_fn_with_state(app.clone(), pipeline))
        .with_state(app)
}
