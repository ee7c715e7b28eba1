//! `GET /pricing`: the tiers as a page for people, written from the same figures that are
//! enforced.

use std::fmt::Write as _;

use axum::http::StatusCode;
use axum::response::Response;

use crate::tiers::{Tier, Window};
use crate::web::reply::text_reply;

/// The page.
pub(super) async fn page() -> Response {
    let mut page = String::from(
        "<!doctype html><html lang=\"en\"><title>Pricing</title><h1>Tiers</h1><table>\
         <tr><th>Tier<th>Requests a minute<th>an hour<th>a day<th>Webhooks<th>Watchlists</tr>",
    );
    for tier in Tier::ALL {
        // Writing to a String cannot fail.
        let _ = write!(page, "<tr><td>{tier}");
        for window in Window::ALL {
            let limit = tier.limits().of(window);
            let _ = match limit {
                Some(limit) => write!(page, "<td>{limit}"),
                None => write!(page, "<td>unlimited"),
            };
        }
        let watchlists = if tier.has_watchlists() { "yes" } else { "no" };
        let _ = write!(page, "<td>{}<td>{watchlists}</tr>", tier.webhooks());
    }
    page.push_str("</table></html>");
    text_reply(StatusCode::OK, "text/html; charset=utf-8", page)
}
