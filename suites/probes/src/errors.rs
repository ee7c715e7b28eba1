//! Error replies: JSON with a reason, whatever the status.

use readiness::Verdict;

use crate::http::{HttpReply, shown};

/// An error reply is JSON with a non-blank text in `error`.
///
/// ```ignore
/// errors::names_the_error(&api.get("/no-such-thing").await?)
/// ```
pub fn names_the_error(reply: &HttpReply) -> Verdict {
    let body = match reply.json() {
        Ok(body) => body,
        Err(error) => return Verdict::Fail(error.to_string()),
    };
    let field = body.get("error");
    match field.as_str() {
        Some(text) if !text.trim().is_empty() => Verdict::Pass,
        _ => Verdict::Fail(format!("error is {}, a text was expected", shown(&field))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_is_a_text() {
        let judge = |body: &str| {
            let reply = HttpReply::new(404, Vec::new(), String::new());
            names_the_error(&reply.with_body(body.as_bytes(), false))
        };
        assert_eq!(judge(r#"{"error":"not_found"}"#), Verdict::Pass);
        for bad in [
            r#"{"detail":"gone"}"#,
            r#"{"error":{"code":1}}"#,
            r#"{"error":" "}"#,
            "<p>",
            "",
        ] {
            assert!(matches!(judge(bad), Verdict::Fail(_)), "{bad}");
        }
    }
}
