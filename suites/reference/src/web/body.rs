//! Request bodies: JSON of a known shape.

use axum::body::Bytes;
use serde::de::DeserializeOwned;

use super::reply::ApiError;

/// How much of an unreadable body is logged, in bytes.
const EXCERPT: usize = 1_000;

/// The body as a value of the shape that is asked for.
///
/// # Errors
/// 400 with what is wrong with it; the excerpt goes to the log.
pub(crate) fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, ApiError> {
    serde_json::from_slice(body).map_err(|error| {
        // Where it is wrong helps the caller. What stands there is not repeated.
        let reason = match error.classify() {
            serde_json::error::Category::Data => "does not have the fields that are needed",
            _ => "is not JSON",
        };
        let place = format!("line {}, column {}", error.line(), error.column());
        let excerpt = String::from_utf8_lossy(&body[..body.len().min(EXCERPT)]).into_owned();
        ApiError {
            excerpt: Some(excerpt),
            ..ApiError::invalid(format!("the body {reason} ({place})"))
        }
    })
}
