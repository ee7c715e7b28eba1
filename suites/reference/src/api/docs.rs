//! `GET /docs`: the documentation as a page for people.

use std::fmt::Write as _;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::openapi::prose;
use super::table::OPERATIONS;
use crate::faults::Fault;
use crate::service::App;
use crate::web::reply::{ApiError, text_reply};

pub(super) async fn page(State(app): State<App>) -> Response {
    if app.faults.on(Fault::Doc001Missing) {
        return ApiError::no_route().into_response();
    }
    let mut page = String::from(
        "<!doctype html><html lang=\"en\"><title>Documentation</title><h1>Documentation</h1>\
         <p>For programs: <a href=\"/openapi.json\">/openapi.json</a></p>",
    );
    // Writing to a String cannot fail. All texts are the service's own, except for `<key>`.
    for paragraph in prose(&app.faults) {
        let _ = write!(page, "<p>{}</p>", paragraph.replace('<', "&lt;"));
    }
    page.push_str("<dl>");
    for operation in OPERATIONS {
        let method = operation.method.to_uppercase();
        let _ = write!(
            page,
            "<dt>{method} {}<dd>{}",
            operation.path, operation.summary
        );
    }
    page.push_str("</dl></html>");
    text_reply(StatusCode::OK, "text/html; charset=utf-8", page)
}
