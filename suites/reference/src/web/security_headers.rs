//! The security headers, on every reply: success, error, refusal and preflight alike.

use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;

use crate::config::Environment;
use crate::faults::{Fault, FaultSet};

/// A kind of reply.
type Kind = fn(StatusCode) -> bool;

/// One header with its value, and the faults that leave it out or alter it.
struct Rule {
    name: &'static str,
    value: &'static str,
    missing: Fault,
    missing_on: &'static [(Fault, Kind)],
    altered: &'static [(Fault, &'static str)],
}

const ALWAYS: [Rule; 5] = [
    Rule {
        name: "x-content-type-options",
        value: "nosniff",
        missing: Fault::Hdr001Missing,
        missing_on: &[
            (Fault::Hdr001MissingOnErrors, is_error),
            (Fault::Hdr001MissingOn429, is_refusal),
        ],
        altered: &[(Fault::Hdr001WrongValue, "sniff")],
    },
    Rule {
        name: "x-frame-options",
        value: "DENY",
        missing: Fault::Hdr002Missing,
        missing_on: &[(Fault::Hdr002MissingOnErrors, is_error)],
        altered: &[(Fault::Hdr002AllowFrom, "ALLOW-FROM https://partner.example")],
    },
    Rule {
        name: "x-xss-protection",
        value: "1; mode=block",
        missing: Fault::Hdr003Missing,
        missing_on: &[],
        altered: &[(Fault::Hdr003WrongValue, "1")],
    },
    Rule {
        name: "referrer-policy",
        value: "strict-origin-when-cross-origin",
        missing: Fault::Hdr005Missing,
        missing_on: &[],
        altered: &[(Fault::Hdr005UnsafeUrl, "unsafe-url")],
    },
    Rule {
        name: "permissions-policy",
        value: "camera=(), microphone=(), geolocation=()",
        missing: Fault::Hdr006Missing,
        missing_on: &[],
        altered: &[
            (
                Fault::Hdr006Wildcard,
                "camera=*, microphone=(), geolocation=()",
            ),
            (
                Fault::Hdr006Unparsable,
                "camera 'none'; microphone 'none'; geolocation 'none'",
            ),
        ],
    },
];

/// Only in production: a browser that has once seen it refuses plain http for a year.
const IN_PRODUCTION: Rule = Rule {
    name: "strict-transport-security",
    value: "max-age=31536000; includeSubDomains",
    missing: Fault::Hdr004Missing,
    missing_on: &[],
    altered: &[
        (Fault::Hdr004ZeroMaxAge, "max-age=0; includeSubDomains"),
        (Fault::Hdr004ShortMaxAge, "max-age=3600; includeSubDomains"),
    ],
};

fn is_error(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}

fn is_refusal(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS
}

/// Adds the headers to a reply.
pub(crate) fn apply(reply: &mut Response, environment: Environment, faults: &FaultSet) {
    for rule in &ALWAYS {
        rule.apply(reply, faults);
    }
    if environment == Environment::Production {
        IN_PRODUCTION.apply(reply, faults);
    }
}

impl Rule {
    fn apply(&self, reply: &mut Response, faults: &FaultSet) {
        let status = reply.status();
        let mut missing_on = self.missing_on.iter();
        if faults.on(self.missing)
            || missing_on.any(|(fault, concerns)| faults.on(*fault) && concerns(status))
        {
            return;
        }
        let value = faults.first(self.altered).unwrap_or(self.value);
        let name = HeaderName::from_static(self.name);
        reply
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
}
