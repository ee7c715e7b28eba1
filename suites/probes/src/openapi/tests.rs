use serde_json::json;

use super::*;
use crate::rate_limit::Window;

fn reply(status: u16, kind: &str, body: &str) -> HttpReply {
    let headers = vec![("content-type".to_owned(), kind.to_owned())];
    HttpReply::new(status, headers, String::new()).with_body(body.as_bytes(), false)
}

fn document(change: impl FnOnce(&mut serde_json::Value)) -> Document {
    let error = json!({ "content": { "application/json": { "schema": { "$ref": "#/components/schemas/E" } } } });
    let mut document = json!({
        "openapi": "3.1.0",
        "paths": {
            "/a": { "get": { "responses": { "404": error } } },
            "/a/{id}": { "get": { "security": [{ "bearer": [] }], "responses": {} } },
        },
        "components": {
            "schemas": { "E": { "required": ["error"], "properties": { "error": { "type": "string" } } } },
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer" },
                "key": { "type": "apiKey", "in": "header", "name": "X-API-Key" },
            },
        },
    });
    change(&mut document);
    Document::read(&reply(200, "application/json", &document.to_string())).unwrap()
}

#[test]
fn a_page_leads_to_the_document() {
    let html = "text/html; charset=utf-8";
    assert_eq!(
        page(&reply(200, html, "<a href=/openapi.json>"), "/openapi.json"),
        Verdict::Pass
    );
    assert_ne!(
        page(&reply(404, html, "/openapi.json"), "/openapi.json"),
        Verdict::Pass
    );
    assert_ne!(
        page(&reply(200, "text/plain", "/openapi.json"), "/openapi.json"),
        Verdict::Pass
    );
    assert_ne!(
        page(&reply(200, html, "nothing"), "/openapi.json"),
        Verdict::Pass
    );
}

#[test]
fn what_is_not_a_document_is_a_finding() {
    for body in ["<p>", "{}", r#"{"openapi":"2.0"}"#] {
        assert!(
            Document::read(&reply(200, "application/json", body)).is_err(),
            "{body}"
        );
    }
}

#[test]
fn paths_are_documented_whatever_their_parameters_are_called() {
    let document = document(|_| ());
    assert_eq!(document.has_paths(&["/a", "/a/{other}"]), Verdict::Pass);
    assert_ne!(document.has_paths(&["/b"]), Verdict::Pass);
    assert_eq!(document.plain_gets(), ["/a"]);
}

#[test]
fn credentials_are_documented() {
    assert_eq!(document(|_| ()).has_key_schemes(), Verdict::Pass);
    assert_eq!(
        document(|_| ()).are_protected(&[("GET", "/a/{id}")]),
        Verdict::Pass
    );
    assert_ne!(
        document(|_| ()).are_protected(&[("GET", "/a")]),
        Verdict::Pass
    );
    let other = document(|d| d["components"]["securitySchemes"]["key"]["name"] = json!("X-Key"));
    assert_ne!(other.has_key_schemes(), Verdict::Pass);
}

#[test]
fn errors_are_documented_as_they_are() {
    let seen = Json::new(json!({ "error": "not_found" }));
    assert_eq!(
        document(|_| ()).documents_error("GET", "/a", 404, &seen),
        Verdict::Pass
    );
    assert_ne!(
        document(|_| ()).documents_error("GET", "/a", 429, &seen),
        Verdict::Pass
    );
    let other = document(|d| d["components"]["schemas"]["E"]["required"] = json!(["code"]));
    assert_ne!(
        other.documents_error("GET", "/a", 404, &seen),
        Verdict::Pass
    );
}

fn pro() -> Limits {
    Limits {
        tier: "pro".to_owned(),
        requests: vec![(Window::Minute, 35), (Window::Hour, 2_083)],
        webhooks: Some(2),
    }
}

#[test]
fn limits_stand_near_their_tier() {
    let judge = |text: &str| limits_documented(text, &pro()) == Verdict::Pass;
    assert!(judge(
        "The Pro tier has 35 requests per minute and 2,083 requests per hour."
    ));
    assert!(judge("Pro: 35/min, 2083/hour\nTeam: 70/min"));
    assert!(
        !judge("The pro tier has 30 requests per minute and 2083 per hour."),
        "outdated"
    );
    assert!(
        !judge("The pro tier has 35 requests per minute."),
        "hour missing"
    );
    assert!(
        !judge("The team tier has 35 requests per minute and 2083 per hour."),
        "other tier"
    );
    assert!(!judge(""));
}

#[test]
fn prices_hold_every_figure() {
    let judge = |row: &str| {
        priced(
            &format!("<table><tr><td>pro{row}</tr></table>"),
            &pro(),
            false,
        )
    };
    assert_eq!(judge("<td>35<td>2,083<td>2<td>no"), Verdict::Pass);
    assert_ne!(judge("<td>35<td>2083<td>3<td>no"), Verdict::Pass);
    assert_ne!(judge("<td>35<td>2083<td>2<td>yes"), Verdict::Pass);
    assert_ne!(priced("<tr><td>team", &pro(), false), Verdict::Pass);
}

#[test]
fn a_guide_covers_the_topics() {
    let headings = [
        "Prerequisites",
        "Configuration",
        "Deploy",
        "Verify",
        "Roll back",
    ];
    let judge = |headings: &[&str], age: i64| {
        let summary = json!({ "headings": headings, "mentioned": ["SECRET_KEY"], "age_days": age });
        guide(&Json::new(summary), &["SECRET_KEY".to_owned()])
    };
    assert_eq!(judge(&headings, 10), Verdict::Pass);
    assert_ne!(judge(&headings[..4], 10), Verdict::Pass);
    assert_ne!(judge(&headings, 400), Verdict::Pass);
    let summary = json!({ "headings": headings, "mentioned": [], "age_days": 1 });
    assert_ne!(
        guide(&Json::new(summary), &["SECRET_KEY".to_owned()]),
        Verdict::Pass
    );
}
