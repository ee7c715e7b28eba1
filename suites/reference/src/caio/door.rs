//! The door: who asks, how often already, and whether that one may do it.
//!
//! A key is counted by its member, everything else by its address, with the same limit. Failed keys
//! and denied access are audited. Health and metrics are open and not counted, since the platform
//! asks for them whatever others have sent.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::json;

use super::audit::{AuditRecord, Entry};
use super::members::{Member, Role};
use super::table::{Access, access};
use crate::faults::Fault;
use crate::identity::Credential;
use crate::limiter::Decision;
use crate::requests::Outcome;
use crate::service::App;
use crate::tiers::Limits;
use crate::web::access_log::Arrival;
use crate::web::reply::{ApiError, json_reply};
use crate::web::served;

/// Requests a minute, for each key and for each address. The checklist states no number; this is the
/// reference service's own, and the suite's configuration promises the same.
const A_MINUTE: u32 = 60;

/// Who is at the door, for the routes behind it.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    actor: String,
    resource: String,
    request_id: String,
}

impl Visitor {
    /// Adds a record of what this visitor did.
    pub fn audit(&self, app: &App, entry: Entry) {
        self.audit_with(app, entry, None);
    }

    fn audit_with(&self, app: &App, entry: Entry, presented: Option<String>) {
        if app.faults.on(Fault::CaioSec007Missing) {
            return;
        }
        app.caio.audit.add(AuditRecord {
            timestamp: app.clock.now(),
            actor: (!app.faults.on(Fault::CaioSec007NoActor)).then(|| self.actor.clone()),
            action: entry.action,
            resource: self.resource.clone(),
            outcome: entry.outcome,
            request_id: self.request_id.clone(),
            presented,
        });
    }
}

/// How often somebody was turned away, for the metrics.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    pub unauthenticated: AtomicU64,
    pub forbidden: AtomicU64,
}

/// The reply of the route, or the refusal before it.
pub(crate) async fn answer(
    app: &App,
    peer: SocketAddr,
    arrival: &Arrival,
    mut request: Request,
    next: Next,
) -> Response {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map(|path| path.as_str().to_owned());
    let method = request.method().clone();
    let access = access(&method, route.as_deref(), &arrival.path);
    if access == Access::Uncounted {
        app.requests
            .count("anonymous", Outcome::Exempt, app.clock.now());
        return served(app, peer, arrival, request, next).await;
    }
    let credential = Credential::of(request.headers());
    let key = match &credential {
        Credential::Bearer(key) | Credential::ApiKey(key) => Some(key.as_str()),
        Credential::Absent | Credential::Malformed => None,
    };
    let member = key.and_then(|key| app.caio.members.by_key(key)).cloned();
    let visitor = Visitor {
        actor: member
            .as_ref()
            .map_or_else(|| format!("address {}", peer.ip()), |m| m.name.clone()),
        resource: format!("{method} {}", arrival.path),
        request_id: arrival.request_id.clone(),
    };
    request.extensions_mut().insert(visitor.clone());

    let ticket = Ticket::take(app, member.as_ref(), peer, &arrival.path);
    let mut reply = if !ticket.is_allowed() {
        ticket.refusal()
    } else if let Err(error) = admit(app, access, &method, route.as_deref(), member.as_ref()) {
        turned_away(app, &visitor, &error, key);
        error.into_response()
    } else {
        let started = Instant::now();
        let reply = served(app, peer, arrival, request, next).await;
        app.caio
            .objectives
            .observe(app.clock.now(), started.elapsed());
        reply
    };
    ticket.write_headers(&mut reply);
    reply
}

/// Whether the member, or nobody in particular, may do this.
fn admit(
    app: &App,
    access: Access,
    method: &Method,
    route: Option<&str>,
    member: Option<&Member>,
) -> Result<(), ApiError> {
    let faults = &app.faults;
    let is_open = access == Access::Open
        || faults.on(Fault::CaioSec001AllOpen)
        || faults.on(Fault::CaioSec001HeadBypass) && method == Method::HEAD
        || faults.on(Fault::CaioSec001OneRouteOpen)
            && method == Method::GET
            && route == Some("/api/v1/contracts/{id}");
    if is_open {
        return Ok(());
    }
    let Some(member) = member else {
        return Err(ApiError::no_credential());
    };
    let needed = match access {
        Access::Role(role) => role,
        Access::Open | Access::Uncounted => Role::Viewer,
    };
    if member.role >= needed || faults.on(Fault::CaioSec001RoleIgnored) {
        return Ok(());
    }
    Err(ApiError::new(
        StatusCode::FORBIDDEN,
        "forbidden",
        format!("this needs the role {}", needed.as_str()),
    ))
}

/// Counts and audits a refusal. Somebody without any credential is no failed login.
fn turned_away(app: &App, visitor: &Visitor, error: &ApiError, key: Option<&str>) {
    let refusals = &app.caio.refusals;
    if error.status == StatusCode::FORBIDDEN {
        refusals.forbidden.fetch_add(1, Ordering::Relaxed);
        if !app.faults.on(Fault::CaioSec007DeniedNotAudited) {
            visitor.audit(app, Entry::denied("access"));
        }
        return;
    }
    refusals.unauthenticated.fetch_add(1, Ordering::Relaxed);
    if let Some(key) = key {
        let leaks = app.faults.on(Fault::CaioSec007SecretInAudit);
        let presented = leaks.then(|| key.to_owned());
        visitor.audit_with(app, Entry::denied("login"), presented);
    }
}

/// What the limiter decided about a request.
struct Ticket {
    decision: Option<Decision>,
    now: Timestamp,
}

impl Ticket {
    /// Takes one request out of the budget of the key or the address.
    fn take(app: &App, member: Option<&Member>, peer: SocketAddr, path: &str) -> Ticket {
        let faults = &app.faults;
        let now = app.clock.now();
        let exempt = faults.on(Fault::CaioSec006RouteExempt) && path.contains("/contracts");
        if exempt || faults.on(Fault::CaioSec006Missing) {
            return Ticket {
                decision: None,
                now,
            };
        }
        let altered = [
            (Fault::CaioSec006LimitTooLow, A_MINUTE - 1),
            (Fault::CaioSec006LimitTooHigh, A_MINUTE + 1),
        ];
        let limits = Limits {
            minute: Some(faults.first(&altered).unwrap_or(A_MINUTE)),
            hour: None,
            day: None,
        };
        let key = member.map_or_else(
            || format!("ip:{}", peer.ip()),
            |member| format!("key:{}", member.name),
        );
        let decision = app.limiter.take(&key, &limits, now);
        let outcome = if decision.allowed {
            Outcome::Charged
        } else {
            Outcome::Refused
        };
        let name = member.map_or("anonymous", |member| member.name.as_str());
        app.requests.count(name, outcome, now);
        Ticket {
            decision: Some(decision),
            now,
        }
    }

    fn is_allowed(&self) -> bool {
        self.decision.is_none_or(|decision| decision.allowed)
    }

    fn refusal(&self) -> Response {
        let wait = self
            .decision
            .map_or(1, |decision| decision.seconds_to_reset(self.now));
        let body = json!({
            "error": "rate_limit_exceeded",
            "detail": format!("at most {A_MINUTE} requests a minute; wait {wait} s"),
            "window": "minute",
            "retry_after_seconds": wait,
        });
        let mut reply = json_reply(StatusCode::TOO_MANY_REQUESTS, &body);
        reply
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(wait));
        reply
    }

    fn write_headers(&self, reply: &mut Response) {
        let Some(decision) = self.decision else {
            return;
        };
        let left = if decision.allowed {
            A_MINUTE.saturating_sub(decision.used)
        } else {
            0
        };
        let reset = self.now.as_second() + decision.seconds_to_reset(self.now);
        let headers = reply.headers_mut();
        let mut write = |name, value| headers.insert(HeaderName::from_static(name), value);
        write("x-ratelimit-limit", HeaderValue::from(A_MINUTE));
        write("x-ratelimit-remaining", HeaderValue::from(left));
        write("x-ratelimit-reset", HeaderValue::from(reset));
    }
}
