//! Error replies: JSON with a reason, whatever the status.

mod leaks;

use readiness::Verdict;

pub use leaks::{leaks_nothing, proven_patterns};

use crate::http::{HttpReply, shown};

/// An error reply has this status, and is JSON with a reason.
pub fn is_error(reply: &HttpReply, status: u16) -> Verdict {
    match reply.status() {
        seen if seen == status => names_the_error(reply),
        seen => Verdict::Fail(format!("it is answered with {seen} instead of {status}")),
    }
}

/// A missing or malformed credential gets 401 with a reason; without `WWW-Authenticate` a warning.
pub fn needs_credential(reply: &HttpReply) -> Verdict {
    match is_error(reply, 401) {
        Verdict::Pass => match reply.header("www-authenticate") {
            Some(value) if !value.trim().is_empty() => Verdict::Pass,
            _ => Verdict::Warn("the 401 has no WWW-Authenticate".to_owned()),
        },
        other => other,
    }
}

/// An invalid value gets `wanted`; another 4xx (422 is common) is a warning.
pub fn refuses_invalid(reply: &HttpReply, wanted: u16) -> Verdict {
    match reply.status() {
        status if status == wanted => Verdict::Pass,
        429 => Verdict::Fail("it is answered with 429".to_owned()),
        status @ 400..=499 => {
            Verdict::Warn(format!("it is answered with {status} instead of {wanted}"))
        }
        status => Verdict::Fail(format!("it is answered with {status} instead of {wanted}")),
    }
}

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
