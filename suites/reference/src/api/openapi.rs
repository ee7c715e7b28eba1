//! `GET /openapi.json`: the `OpenAPI` 3.1 document, made from the table of operations and the
//! tiers. The faults of DOC-002, DOC-003 and DOC-004 are here.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::table::{Access, Kind, OPERATIONS, Operation, Parameter};
use crate::faults::{Fault, FaultSet};
use crate::service::App;
use crate::tiers::{Tier, Window};
use crate::web::reply::{ApiError, json_reply};

pub(super) async fn document(State(app): State<App>) -> Response {
    let faults = &app.faults;
    if faults.on(Fault::Doc001Spec404) || faults.on(Fault::Doc001Missing) {
        return ApiError::no_route().into_response();
    }
    let mut components = json!({ "schemas": schemas(faults) });
    if !faults.on(Fault::Doc002NoScheme) {
        components["securitySchemes"] = security_schemes(faults);
    }
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Kamiyo reference service",
            "version": env!("CARGO_PKG_VERSION"),
            "description": prose(faults).join("\n\n"),
        },
        "paths": paths(faults),
        "components": components,
    });
    json_reply(StatusCode::OK, &document)
}

/// What people need to know, in paragraphs: keys and limits.
pub(super) fn prose(faults: &FaultSet) -> Vec<String> {
    let mut paragraphs = vec![
        "To get a key, choose a tier at /pricing and create an API key in your account. Send it \
         as `Authorization: Bearer <key>` or `X-API-Key: <key>`. Users may instead log in at \
         /api/v1/auth/token and send the access token as a bearer token."
            .to_owned(),
    ];
    if faults.on(Fault::Doc003Missing) {
        return paragraphs;
    }
    let without_team = faults.on(Fault::Doc003OneTierMissing);
    let tiers = Tier::ALL
        .into_iter()
        .filter(|&tier| !(without_team && tier == Tier::Team));
    paragraphs.extend(tiers.map(|tier| limits_of(tier, faults)));
    paragraphs.push(
        "Every limited reply carries X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset \
         and X-RateLimit-Tier. A request over a limit gets 429 with Retry-After."
            .to_owned(),
    );
    paragraphs
}

fn limits_of(tier: Tier, faults: &FaultSet) -> String {
    let limits = tier.limits();
    let stated = |window| match limits.of(window) {
        _ if window == Window::Minute
            && tier == Tier::Pro
            && faults.on(Fault::Doc003OutdatedNumber) =>
        {
            "30 requests per minute".to_owned()
        }
        Some(limit) => format!("{limit} requests per {window}"),
        None => format!("no limit per {window}"),
    };
    let windows: Vec<String> = Window::ALL.into_iter().map(stated).collect();
    format!("The {tier} tier has {}.", windows.join(", "))
}

fn security_schemes(faults: &FaultSet) -> Value {
    let wrong = faults.on(Fault::Doc002WrongHeaderName);
    json!({
        "bearer": { "type": "http", "scheme": "bearer", "description": "a key or an access token" },
        "apiKey": {
            "type": "apiKey",
            "in": "header",
            "name": if wrong { "X-Auth-Key" } else { "X-API-Key" },
        },
    })
}

fn schemas(faults: &FaultSet) -> Value {
    let error = if faults.on(Fault::Doc004SchemaDiffers) {
        json!({
            "type": "object",
            "required": ["code"],
            "properties": { "code": { "type": "integer" } },
        })
    } else {
        json!({
            "type": "object",
            "required": ["error"],
            "properties": {
                "error": { "type": "string", "description": "a stable word for programs" },
                "detail": { "type": "string", "description": "a sentence for people" },
                "request_id": { "type": "string" },
                "message": { "type": "string" },
                "tier": { "type": "string", "enum": Tier::ALL },
                "limit": { "type": "integer" },
                "window": { "type": "string", "enum": Window::ALL },
                "retry_after_seconds": { "type": "integer" },
                "upgrade_url": { "type": ["string", "null"] },
            },
        })
    };
    json!({ "Error": error })
}

fn paths(faults: &FaultSet) -> Value {
    let mut paths = Map::new();
    for operation in OPERATIONS {
        if operation.path == "/chains" && faults.on(Fault::Doc001PathUndocumented) {
            continue;
        }
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method] = operation.to_json(faults);
    }
    if faults.on(Fault::Doc001DocumentedBut404) {
        let reports = json!({ "get": { "summary": "Reports", "responses": { "200": {
            "description": "the reports",
        } } } });
        paths.insert("/api/v1/reports".to_owned(), reports);
    }
    Value::Object(paths)
}

impl Operation {
    fn to_json(&self, faults: &FaultSet) -> Value {
        let mut operation = json!({
            "summary": self.summary,
            "parameters": self.parameters.iter().map(Parameter::to_json).collect::<Vec<_>>(),
            "responses": self.responses(faults),
        });
        let schemes = json!([{ "bearer": [] }, { "apiKey": [] }]);
        let optional = json!([{}, { "bearer": [] }, { "apiKey": [] }]);
        if !faults.on(Fault::Doc002SchemeUnused) && !faults.on(Fault::Doc002NoScheme) {
            match self.access {
                Access::Key => operation["security"] = schemes,
                Access::Optional => operation["security"] = optional,
                Access::Open => {}
            }
        }
        operation
    }

    fn responses(&self, faults: &FaultSet) -> Value {
        let is_documented = |&status: &u16| {
            !(status >= 400 && faults.on(Fault::Doc004Missing)
                || status == 429 && faults.on(Fault::Doc004No429))
        };
        let replies = self.replies.iter().copied().filter(is_documented);
        Value::Object(
            replies
                .map(|status| (status.to_string(), response(status)))
                .collect(),
        )
    }
}

fn response(status: u16) -> Value {
    let description = match status {
        200 => "what was asked for",
        201 => "created",
        204 => "done",
        400 => "a parameter or the body cannot be meant",
        401 => "a credential is missing or not valid",
        403 => "your tier does not include this",
        404 => "there is no such thing",
        409 => "you have as many as your tier includes",
        429 => "too many requests; Retry-After says how long to wait",
        _ => "a store cannot be reached at present",
    };
    if status < 400 {
        return json!({ "description": description });
    }
    let mut response = json!({
        "description": description,
        "content": {
            "application/json": { "schema": { "$ref": "#/components/schemas/Error" } },
        },
    });
    if status == 429 {
        response["headers"] = limit_headers();
    }
    response
}

fn limit_headers() -> Value {
    let integer =
        |description| json!({ "description": description, "schema": { "type": "integer" } });
    json!({
        "Retry-After": integer("seconds to wait"),
        "X-RateLimit-Limit": integer("requests in the window"),
        "X-RateLimit-Remaining": integer("requests left"),
        "X-RateLimit-Reset": integer("when the window ends, in seconds since 1970"),
        "X-RateLimit-Tier": { "description": "your tier", "schema": { "type": "string" } },
    })
}

impl Parameter {
    fn to_json(&self) -> Value {
        let schema = match self.kind {
            Kind::Integer {
                least,
                most,
                default,
            } => {
                json!({ "type": "integer", "minimum": least, "maximum": most, "default": default })
            }
            Kind::Amount => json!({ "type": "number", "minimum": 0 }),
            Kind::Text => json!({ "type": "string", "minLength": 1, "maxLength": 100 }),
            Kind::Moment => {
                json!({ "type": "string", "examples": ["2026-03-01", "2026-03-01T12:00:00Z"] })
            }
        };
        json!({
            "name": self.name,
            "in": self.place,
            "required": self.place == "path",
            "description": self.description,
            "schema": schema,
        })
    }
}
