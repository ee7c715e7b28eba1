//! Cross-origin access: what a browser of an allowed, a foreign and a hostile origin is told.
//!
//! In: an origin and the replies to its requests. Out: verdicts. Whether the product itself works is
//! none of this module's business: only what the `Access-Control-*` and `Vary` headers say.

use readiness::{Result, Verdict};

use crate::headers::quoted;
use crate::http::{Client, HttpReply};

const ALLOW_ORIGIN: &str = "access-control-allow-origin";
const ALLOW_CREDENTIALS: &str = "access-control-allow-credentials";
const ALLOW_METHODS: &str = "access-control-allow-methods";

/// Asks for leave to send `method` to `path` from a page of `origin`, as a browser does.
///
/// ```ignore
/// let reply = cors::preflight(&api, "https://app.example", "POST", "/orders").await?;
/// Ok(cors::preflight_granted("https://app.example", "POST", &reply))
/// ```
///
/// # Errors
/// Those of the exchange.
pub async fn preflight(
    client: &Client,
    origin: &str,
    method: &str,
    path: &str,
) -> Result<HttpReply> {
    client
        .request("OPTIONS", path)
        .header("origin", origin)
        .header("access-control-request-method", method)
        .label(&format!("preflight for {method} from {origin}"))
        .send()
        .await
}

/// A plain `GET` from a page of `origin`.
///
/// # Errors
/// Those of the exchange.
pub async fn simple(client: &Client, origin: &str, path: &str) -> Result<HttpReply> {
    client
        .request("GET", path)
        .header("origin", origin)
        .label(&format!("from {origin}"))
        .send()
        .await
}

/// The origin is echoed exactly and caches are told that the reply depends on it.
pub fn granted(origin: &str, reply: &HttpReply) -> Verdict {
    match allowed_origins(reply).as_slice() {
        [] => Verdict::Fail(format!(
            "{ALLOW_ORIGIN} is missing for the allowed origin {origin}"
        )),
        [value] if value == origin => vary(origin, reply),
        values => Verdict::Fail(format!(
            "{ALLOW_ORIGIN} is `{}` for the allowed origin {origin}",
            quoted(&values.join(", "))
        )),
    }
}

/// As [`granted`], and the preflight succeeds and names the method.
pub fn preflight_granted(origin: &str, method: &str, reply: &HttpReply) -> Verdict {
    let status = reply.status();
    if !(200..300).contains(&status) {
        return Verdict::Fail(format!(
            "the preflight of the allowed origin {origin} is answered with {status}"
        ));
    }
    let methods = reply.header_all(ALLOW_METHODS).join(",");
    let named = methods
        .split(',')
        .any(|name| matches!(name.trim(), "*") || name.trim().eq_ignore_ascii_case(method));
    if !named {
        return Verdict::Fail(format!(
            "{ALLOW_METHODS} `{}` does not name {method} for {origin}",
            quoted(&methods)
        ));
    }
    granted(origin, reply)
}

/// The origin is not let in: neither echoed nor covered by a wildcard.
///
/// A service may answer everybody with one fixed origin of its own; browsers compare it and refuse.
pub fn refused(origin: &str, reply: &HttpReply) -> Verdict {
    if reply.lacks_header(ALLOW_ORIGIN) {
        return Verdict::Pass;
    }
    let allowed = allowed_origins(reply);
    match allowed
        .iter()
        .find(|value| *value == "*" || *value == origin)
    {
        Some(value) => Verdict::Fail(format!(
            "{ALLOW_ORIGIN} is `{}` for the origin {origin}, which is not allowed",
            quoted(value)
        )),
        None => Verdict::Pass,
    }
}

/// No wildcard, and credentials never together with one.
pub fn no_wildcard(reply: &HttpReply) -> Verdict {
    if reply.lacks_header(ALLOW_ORIGIN) || !allowed_origins(reply).iter().any(|value| value == "*")
    {
        return Verdict::Pass;
    }
    let with = match reply.header(ALLOW_CREDENTIALS) {
        Some(value) if value.trim().eq_ignore_ascii_case("true") => ", with credentials",
        _ => "",
    };
    Verdict::Fail(format!("{ALLOW_ORIGIN} is `*`{with}"))
}

/// An origin is one that production may list: `https`, a host, nothing behind it.
///
/// # Errors
/// What is wrong with it, in words.
pub fn is_production_origin(origin: &str) -> Result<(), String> {
    let Some(host) = origin.strip_prefix("https://") else {
        return Err(format!("`{}` is not https", quoted(origin)));
    };
    if host.is_empty() || host.starts_with(':') {
        return Err(format!("`{}` has no host", quoted(origin)));
    }
    if host.contains(['/', '?', '#', '@', ' ', '*']) {
        return Err(format!(
            "`{}` is more than scheme, host and port",
            quoted(origin)
        ));
    }
    Ok(())
}

/// Origins that a sloppy comparison would let in beside `allowed`, each with what it imitates.
pub fn hostile_origins(allowed: &str) -> Vec<(&'static str, String)> {
    let host = allowed.split_once("://").map_or(allowed, |(_, host)| host);
    let name = host.split(':').next().unwrap_or(host);
    vec![
        ("the origin `null`", "null".to_owned()),
        (
            "an allowed name with something in front",
            format!("https://evil-{host}"),
        ),
        (
            "an allowed name with something behind",
            format!("https://{name}.example"),
        ),
        (
            "an origin that nobody listed",
            "https://readiness-probe.invalid".to_owned(),
        ),
    ]
}

fn allowed_origins(reply: &HttpReply) -> Vec<String> {
    let values = reply.header_all(ALLOW_ORIGIN);
    values
        .into_iter()
        .map(|value| value.trim().to_owned())
        .collect()
}

fn vary(origin: &str, reply: &HttpReply) -> Verdict {
    let varies = reply
        .header_all("vary")
        .iter()
        .flat_map(|value| value.split(','))
        .any(|name| name.trim() == "*" || name.trim().eq_ignore_ascii_case("origin"));
    if varies {
        Verdict::Pass
    } else {
        Verdict::Fail(format!(
            "the reply to {origin} depends on the origin but lacks `Vary: Origin`"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const APP: &str = "https://app.example";

    fn reply(status: u16, headers: &[(&str, &str)]) -> HttpReply {
        let headers = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        HttpReply::new(status, headers, "http://127.0.0.1/".to_owned())
    }

    #[test]
    fn an_allowed_origin_is_echoed_exactly_with_vary() {
        let good = reply(200, &[(ALLOW_ORIGIN, APP), ("vary", "Accept, origin")]);
        assert_eq!(granted(APP, &good), Verdict::Pass);
        for headers in [
            &[("vary", "origin")][..],
            &[(ALLOW_ORIGIN, APP)],
            &[(ALLOW_ORIGIN, "*"), ("vary", "origin")],
            &[(ALLOW_ORIGIN, "https://app.example/"), ("vary", "origin")],
            &[(ALLOW_ORIGIN, APP), (ALLOW_ORIGIN, APP), ("vary", "origin")],
        ] {
            assert_ne!(
                granted(APP, &reply(200, headers)),
                Verdict::Pass,
                "{headers:?}"
            );
        }
    }

    #[test]
    fn a_preflight_needs_success_and_the_method() {
        let headers = |methods| {
            [
                (ALLOW_ORIGIN, APP),
                ("vary", "Origin"),
                (ALLOW_METHODS, methods),
            ]
        };
        let judge =
            |status, methods| preflight_granted(APP, "GET", &reply(status, &headers(methods)));
        assert_eq!(judge(204, "POST, GET"), Verdict::Pass);
        assert_ne!(judge(403, "POST, GET"), Verdict::Pass);
        assert_ne!(judge(204, "POST"), Verdict::Pass);
    }

    #[test]
    fn a_foreign_origin_is_neither_echoed_nor_covered() {
        let foreign = "https://other.example";
        assert_eq!(refused(foreign, &reply(200, &[])), Verdict::Pass);
        assert_eq!(
            refused(foreign, &reply(200, &[(ALLOW_ORIGIN, APP)])),
            Verdict::Pass
        );
        assert_ne!(
            refused(foreign, &reply(200, &[(ALLOW_ORIGIN, foreign)])),
            Verdict::Pass
        );
        assert_ne!(
            refused(foreign, &reply(200, &[(ALLOW_ORIGIN, "*")])),
            Verdict::Pass
        );
    }

    #[test]
    fn a_wildcard_with_credentials_says_so() {
        let open = reply(200, &[(ALLOW_ORIGIN, "*"), (ALLOW_CREDENTIALS, "true")]);
        assert_eq!(
            no_wildcard(&open),
            Verdict::Fail("access-control-allow-origin is `*`, with credentials".to_owned())
        );
    }

    #[test]
    fn origins_that_production_may_list() {
        assert_eq!(is_production_origin("https://app.example:8443"), Ok(()));
        for bad in [
            "http://app.example",
            "https://",
            "https://a.example/",
            "*",
            "https://*.a.example",
        ] {
            assert!(is_production_origin(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn hostile_origins_differ_from_the_allowed_one() {
        let hostile = hostile_origins("https://app.example:8443");
        assert!(
            hostile
                .iter()
                .all(|(_, origin)| origin != "https://app.example:8443")
        );
        assert!(
            hostile
                .iter()
                .any(|(_, origin)| origin.ends_with("app.example:8443"))
        );
        assert!(
            hostile
                .iter()
                .any(|(_, origin)| origin.starts_with("https://app.example."))
        );
    }
}
