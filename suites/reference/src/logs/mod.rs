//! Structured logs: one JSON object a line, every text in it redacted before it is written.
//!
//! ```json
//! {"duration_ms":0.4,"function":"record","level":"INFO","line":41,"logger":"kamiyo.access",
//!  "message":"GET /exploits 200","method":"GET","module":"readiness_reference::web::access_log",
//!  "path":"/exploits","query":"","request_id":"req-…","status":200,
//!  "timestamp":"2026-03-01T12:00:17.500000Z","user_agent":"…"}
//! ```
//!
//! Records go to a bounded memory, and to a file as well when one is configured.

mod record;
mod redact;
mod sink;

pub(crate) use record::{Kind, Level, Record, Site, site};
pub use redact::markers;
pub(crate) use redact::redact;
pub use sink::LogSink;
