//! `GET /openapi.json`: the `OpenAPI` 3.1 document, made from the table of operations.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::table::{Access, OPERATIONS, Operation};
use crate::service::App;
use crate::web::reply::json_reply;

pub(super) async fn document(State(_): State<App>) -> Response {
    let mut paths = Map::new();
    for operation in OPERATIONS {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method] = operation.to_json();
    }
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "CAIO reference service",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Send your key as `Authorization: Bearer <key>` or `X-API-Key: <key>`. \
                            A key has 60 requests a minute; above that the answer is 429 with \
                            Retry-After.",
        },
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer" },
                "apiKey": { "type": "apiKey", "in": "header", "name": "X-API-Key" },
            },
            "schemas": { "Error": {
                "type": "object",
                "required": ["error"],
                "properties": { "error": { "type": "string" }, "detail": { "type": "string" } },
            } },
        },
    });
    json_reply(StatusCode::OK, &document)
}

impl Operation {
    fn to_json(&self) -> Value {
        let parameters: Vec<Value> = self
            .path
            .split(['{', '}'])
            .skip(1)
            .step_by(2)
            .map(|name| {
                let schema = json!({ "type": "string" });
                json!({ "name": name, "in": "path", "required": true, "schema": schema })
            })
            .collect();
        let replies = self.replies.iter();
        let responses = replies.map(|status| (status.to_string(), response(*status)));
        let mut operation = json!({
            "summary": self.summary,
            "parameters": parameters,
            "responses": responses.collect::<Map<_, _>>(),
        });
        if let Access::Role(role) = self.access {
            operation["security"] = json!([{ "bearer": [] }, { "apiKey": [] }]);
            operation["description"] = json!(format!("Needs the role {}.", role.as_str()));
        }
        operation
    }
}

fn response(status: u16) -> Value {
    let description = match status {
        200 => "what was asked for",
        201 => "created",
        204 => "done",
        400 => "a parameter or the body cannot be meant",
        401 => "a key is missing or not valid",
        403 => "your role does not allow this",
        404 => "there is no such thing",
        409 => "it is there already, or there is no room",
        429 => "too many requests; Retry-After says how long to wait",
        _ => "a store cannot be reached at present",
    };
    if status < 400 || status == 503 {
        return json!({ "description": description });
    }
    json!({
        "description": description,
        "content": {
            "application/json": { "schema": { "$ref": "#/components/schemas/Error" } },
        },
    })
}
