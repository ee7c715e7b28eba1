//! The limiter at the door: which limits apply to a caller, the headers that tell what is left,
//! and the refusal.

use std::net::SocketAddr;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::errors::remove;
use super::reply::{json_reply, text_reply};
use crate::faults::{Fault, FaultSet};
use crate::identity::Caller;
use crate::limiter::Decision;
use crate::service::Service;
use crate::tiers::{Limits, Tier, Window};

/// Probes of the platform that must be answered whatever the caller has sent before.
pub const EXEMPT_PATHS: [&str; 3] = ["/health", "/ready", "/metrics"];

/// Where a caller learns about larger limits.
const UPGRADE_URL: &str = "/pricing";

/// What the limiter decided about a request, for its reply's headers.
pub(crate) struct Ticket {
    tier: Tier,
    by_header: bool,
    decision: Decision,
    now: Timestamp,
}

/// Whether requests for a path are counted.
pub(crate) fn is_limited(path: &str) -> bool {
    !EXEMPT_PATHS.contains(&path)
}

/// Takes one request out of the caller's budget. `by_header` is whether the key came in
/// `X-API-Key`.
pub(crate) async fn take(
    service: &Service,
    caller: &Caller,
    peer: SocketAddr,
    by_header: bool,
) -> Ticket {
    let now = service.clock.now();
    let limits = enforced(service, caller);
    let key = if caller.tier == Tier::Pro && service.faults.on(Fault::RtPro002PerIpNotPerKey) {
        &format!("ip:{} pro", peer.ip())
    } else {
        &caller.limiter_key
    };
    let store = &*service.key_value;
    let decision = service.limiter.take_shared(store, key, &limits, now).await;
    if !decision.allowed && service.faults.on(Fault::RtFree002NeverRecovers) {
        service.memory.lock_out(&caller.limiter_key);
    }
    Ticket {
        tier: caller.tier,
        by_header,
        decision,
        now,
    }
}

/// The limits that are applied: the tier's own unless a fault alters them.
fn enforced(service: &Service, caller: &Caller) -> Limits {
    let faults = &service.faults;
    let mut limits = caller.tier.limits();
    for (tier, window, effects) in LIMIT_FAULTS {
        if *tier == caller.tier
            && let Some(effect) = faults.first(effects)
        {
            limits.set(*window, effect.applied_to(limits.of(*window)));
        }
    }
    let is_locked_out = service.memory.is_locked_out(&caller.limiter_key);
    if is_locked_out && faults.on(Fault::RtFree002NeverRecovers) && caller.tier == Tier::Free {
        limits.minute = Some(0);
    }
    if faults.on(Fault::Rl001Missing) {
        limits = Limits {
            minute: None,
            hour: None,
            day: None,
        };
    }
    limits
}

#[derive(Clone, Copy)]
enum Effect {
    OneLess,
    OneMore,
    None,
    Only(u32),
}

impl Effect {
    fn applied_to(self, limit: Option<u32>) -> Option<u32> {
        match self {
            Effect::OneLess => limit.map(|n| n - 1),
            Effect::OneMore => limit.map(|n| n + 1),
            Effect::None => None,
            Effect::Only(n) => Some(n),
        }
    }
}

type LimitFaults = (Tier, Window, &'static [(Fault, Effect)]);

/// The three usual faults of a limit.
macro_rules! usual {
    ($tier:ident $window:ident $low:ident $high:ident $missing:ident) => {
        (
            Tier::$tier,
            Window::$window,
            &[
                (Fault::$low, Effect::OneLess),
                (Fault::$high, Effect::OneMore),
                (Fault::$missing, Effect::None),
            ],
        )
    };
}

/// The faults that alter a limit without altering what the headers state.
const LIMIT_FAULTS: &[LimitFaults] = &[
    usual!(Free Minute RtFree002LimitTooLow RtFree002LimitTooHigh RtFree002Missing),
    usual!(Free Hour RtFree003LimitTooLow RtFree003LimitTooHigh RtFree003Missing),
    usual!(Free Day RtFree004LimitTooLow RtFree004LimitTooHigh RtFree004Missing),
    usual!(Pro Minute RtPro002LimitTooLow RtPro002LimitTooHigh RtPro002Missing),
    usual!(Pro Hour RtPro003LimitTooLow RtPro003LimitTooHigh RtPro003Missing),
    usual!(Pro Day RtPro004LimitTooLow RtPro004LimitTooHigh RtPro004Missing),
    usual!(Team Minute RtTeam001LimitTooLow RtTeam001LimitTooHigh RtTeam001Missing),
    usual!(Team Hour RtTeam002LimitTooLow RtTeam002LimitTooHigh RtTeam002Missing),
    usual!(Team Day RtTeam003LimitTooLow RtTeam003LimitTooHigh RtTeam003Missing),
    (
        Tier::Enterprise,
        Window::Minute,
        &[
            (Fault::RtEnt001LimitTooLow, Effect::OneLess),
            (Fault::RtEnt001NoUpperBound, Effect::None),
        ],
    ),
    (
        Tier::Enterprise,
        Window::Hour,
        &[(Fault::RtEnt001HourLimitApplied, Effect::Only(1_500))],
    ),
];

impl Ticket {
    pub fn is_allowed(&self) -> bool {
        self.decision.allowed
    }

    /// The limit that headers and body state.
    fn limit(&self) -> u32 {
        let limits = self.tier.limits();
        // A window that the tier has no limit for refuses only under a fault.
        limits
            .of(self.decision.window)
            .or(limits.minute)
            .unwrap_or(0)
    }

    /// The headers of every limited reply.
    pub fn write_headers(&self, headers: &mut HeaderMap, faults: &FaultSet) {
        let on_success = faults.on(Fault::Rl003MissingOnSuccess) && self.is_allowed();
        if faults.on(Fault::Rl003Missing) || on_success {
            return;
        }
        let remaining = match self.decision {
            _ if faults.on(Fault::Rl003RemainingStuck) => self.limit() - 1,
            Decision { allowed: false, .. } => 0,
            Decision { used, .. } => self.limit().saturating_sub(used),
        };
        let limit = if faults.on(Fault::Rl003WrongLimit) {
            2 * self.limit()
        } else {
            self.limit()
        };
        let reset = if faults.on(Fault::Rl003ResetInPast) {
            self.now.as_second() - 60
        } else {
            self.now.as_second() + self.decision.seconds_to_reset(self.now)
        };
        let wrong_tier =
            faults.on(Fault::Rl003WrongTier) || faults.on(Fault::Sec002WrongTier) && self.by_header;
        let tier = if wrong_tier {
            next(self.tier)
        } else {
            self.tier
        };
        let mut write = |name, value| headers.insert(HeaderName::from_static(name), value);
        write("x-ratelimit-limit", HeaderValue::from(limit));
        write("x-ratelimit-remaining", HeaderValue::from(remaining));
        write("x-ratelimit-reset", HeaderValue::from(reset));
        write("x-ratelimit-tier", HeaderValue::from_static(tier.as_str()));
    }

    /// The reply to a request that is over the limit.
    pub fn refusal(&self, faults: &FaultSet) -> Response {
        let seconds = match self.decision.seconds_to_reset(self.now) {
            _ if faults.on(Fault::Rl002TooShort) => 1,
            seconds => seconds,
        };
        let altered = [
            (Fault::Rl001WrongStatus, StatusCode::FORBIDDEN),
            (Fault::Err005WrongStatus, StatusCode::BAD_REQUEST),
            (Fault::Err005503Instead, StatusCode::SERVICE_UNAVAILABLE),
        ];
        let status = faults
            .first(&altered)
            .unwrap_or(StatusCode::TOO_MANY_REQUESTS);
        let mut reply = if faults.on(Fault::Err005EmptyBody) {
            status.into_response()
        } else if faults.on(Fault::Err007Html) {
            let page = format!("<!doctype html><title>{status}</title><h1>{status}</h1>");
            text_reply(status, "text/html; charset=utf-8", page)
        } else {
            json_reply(status, &self.refusal_body(seconds, faults))
        };
        let retry_after = match seconds {
            _ if faults.on(Fault::Rl002Missing) => return reply,
            _ if faults.on(Fault::Rl002Zero) => HeaderValue::from(0),
            _ if faults.on(Fault::Rl002NotANumber) => HeaderValue::from_static("soon"),
            seconds => HeaderValue::from(seconds),
        };
        reply.headers_mut().insert(header::RETRY_AFTER, retry_after);
        reply
    }

    fn refusal_body(&self, seconds: i64, faults: &FaultSet) -> Value {
        let tier = if faults.on(Fault::Rl005WrongTier) {
            next(self.tier)
        } else {
            self.tier
        };
        let window = self.decision.window.as_str();
        let disagreement = if faults.on(Fault::Rl002DisagreesWithBody) {
            30
        } else {
            0
        };
        let mut body = json!({
            "error": "rate_limit_exceeded",
            "message": format!(
                "the {} tier allows {} requests a {window}; the next one is possible in {seconds} s",
                self.tier,
                self.limit()
            ),
            "tier": tier,
            "limit": self.limit(),
            "window": if faults.on(Fault::Rl005WrongWindow) { "second" } else { window },
            "retry_after_seconds": seconds + disagreement,
            "upgrade_url": self.upgrade_url(faults),
        });
        let missing = [
            (Fault::Rl005Missing, "tier"),
            (Fault::Rl004Missing, "upgrade_url"),
            (Fault::Err007MissingOn429, "error"),
        ];
        for (fault, field) in missing {
            if faults.on(fault) {
                remove(&mut body, field);
            }
        }
        if faults.on(Fault::Err007ObjectError) {
            body["error"] = json!({ "code": "rate_limit_exceeded" });
        }
        body
    }

    /// The largest tier has nothing to upgrade to.
    fn upgrade_url(&self, faults: &FaultSet) -> Option<&'static str> {
        let altered = [
            (Fault::Rl004Empty, ""),
            (Fault::Rl004DeadLink, "/pricing-of-last-year"),
        ];
        (self.tier != Tier::Enterprise).then(|| faults.first(&altered).unwrap_or(UPGRADE_URL))
    }
}

fn next(tier: Tier) -> Tier {
    match tier {
        Tier::Free => Tier::Pro,
        Tier::Pro => Tier::Team,
        Tier::Team => Tier::Enterprise,
        Tier::Enterprise => Tier::Free,
    }
}
