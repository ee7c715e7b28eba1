//! The audit log: what concerns security, who did it and what came of it. Records are added and never
//! changed; `GET /api/v1/audit` shows them to administrators.
//!
//! ```json
//! {"timestamp":"2026-03-01T12:00:17Z","actor":"admin","action":"contract.change",
//!  "resource":"PUT /api/v1/contracts/base","outcome":"done","request_id":"req-…"}
//! ```

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use crate::service::App;
use crate::web::reply::json_reply;

/// Records that are kept in memory; a deployment of one's own would write them to a store.
const KEPT: usize = 10_000;

/// What happened, as far as its place in the code knows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub action: &'static str,
    pub outcome: &'static str,
}

impl Entry {
    /// Something that was done.
    pub fn done(action: &'static str) -> Entry {
        Entry {
            action,
            outcome: "done",
        }
    }

    /// Something that was refused.
    pub fn denied(action: &'static str) -> Entry {
        Entry {
            action,
            outcome: "denied",
        }
    }
}

/// One record.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct AuditRecord {
    pub timestamp: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    pub action: &'static str,
    pub resource: String,
    pub outcome: &'static str,
    pub request_id: String,
    /// What only a faulty service writes down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub presented: Option<String>,
}

/// The records, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct AuditLog(Mutex<VecDeque<AuditRecord>>);

impl AuditLog {
    pub fn add(&self, record: AuditRecord) {
        let mut records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if records.len() == KEPT {
            records.pop_front();
        }
        records.push_back(record);
    }

    fn all(&self) -> Vec<AuditRecord> {
        let records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        records.iter().cloned().collect()
    }
}

pub(super) async fn read(State(app): State<App>) -> Response {
    let records = app.caio.audit.all();
    let body = json!({ "total": records.len(), "records": records });
    json_reply(StatusCode::OK, &body)
}
