//! `GET /pricing`: the tiers as a page for people, written from the same figures that are
//! enforced.

use std::fmt::Write as _;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use crate::faults::Fault;
use crate::service::App;
use crate::tiers::{Tier, Window};
use crate::web::reply::text_reply;

/// The page.
pub(super) async fn page(State(app): State<App>) -> Response {
    let faults = &app.faults;
    let mut page = String::from(
        "<!doctype html><html lang=\"en\"><title>Pricing</title><h1>Tiers</h1><table>\
         <tr><th>Tier<th>Requests a minute<th>an hour<th>a day<th>Webhooks<th>Watchlists</tr>",
    );
    for tier in Tier::ALL {
        if tier == Tier::Team && faults.on(Fault::Doc005TierMissing) {
            continue;
        }
        // Writing to a String cannot fail.
        let _ = write!(page, "<tr><td>{tier}");
        for window in Window::ALL {
            let limit = match tier.limits().of(window) {
                Some(_) if tier == Tier::Pro && faults.on(Fault::Doc005OutdatedNumber) => Some(30),
                limit => limit,
            };
            let _ = match limit {
                Some(limit) => write!(page, "<td>{limit}"),
                None => write!(page, "<td>unlimited"),
            };
        }
        let watchlists = if tier.has_watchlists() { "yes" } else { "no" };
        let webhooks = match tier.webhooks() {
            most if faults.on(Fault::Doc005WebhookCountDiffers) => most + 1,
            most => most,
        };
        let _ = write!(page, "<td>{webhooks}<td>{watchlists}</tr>");
    }
    page.push_str("</table></html>");
    text_reply(StatusCode::OK, "text/html; charset=utf-8", page)
}
