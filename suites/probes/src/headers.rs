//! The security headers of a reply: one judgement a header, each by the header's own grammar.
//!
//! In: a reply. Out: a verdict whose reason quotes what was there. A header that is repeated with
//! different values is a failure whatever the values: clients disagree on which one counts.

mod dictionary;

use readiness::Verdict;

use crate::http::HttpReply;

/// One year, the least that the preload lists of browsers ask of `max-age`.
const YEAR_S: u64 = 31_536_000;
/// 180 days, what common scanners still accept.
const HALF_YEAR_S: u64 = 15_552_000;
/// Longest header value that is quoted in a reason.
const QUOTED: usize = 80;

/// `X-Content-Type-Options: nosniff`.
///
/// ```ignore
/// headers::content_type_options(&api.get("/").await?)
/// ```
pub fn content_type_options(reply: &HttpReply) -> Verdict {
    judge(reply, "x-content-type-options", |value| {
        if value.eq_ignore_ascii_case("nosniff") {
            Verdict::Pass
        } else {
            fail("x-content-type-options", value, "must be `nosniff`")
        }
    })
}

/// `X-Frame-Options: DENY`; `SAMEORIGIN` is a warning.
pub fn frame_options(reply: &HttpReply) -> Verdict {
    judge(reply, "x-frame-options", |value| {
        if value.eq_ignore_ascii_case("deny") {
            Verdict::Pass
        } else if value.eq_ignore_ascii_case("sameorigin") {
            warn("x-frame-options", value, "lets the own origin frame it")
        } else {
            fail("x-frame-options", value, "must be `DENY`")
        }
    })
}

/// `X-XSS-Protection: 1; mode=block`. Current advice is `0`, hence only a warning for that.
pub fn xss_protection(reply: &HttpReply) -> Verdict {
    judge(reply, "x-xss-protection", |value| {
        let compact: String = value
            .chars()
            .filter(|c| !matches!(c, ' ' | '\t'))
            .collect::<String>()
            .to_ascii_lowercase();
        match compact.as_str() {
            "1;mode=block" => Verdict::Pass,
            "0" => warn(
                "x-xss-protection",
                value,
                "is today's advice, but not what was asked for",
            ),
            _ => fail("x-xss-protection", value, "must be `1; mode=block`"),
        }
    })
}

/// `Strict-Transport-Security`: `max-age` of a year, half a year is a warning, less a failure;
/// without `includeSubDomains` a warning.
pub fn strict_transport_security(reply: &HttpReply) -> Verdict {
    const NAME: &str = "strict-transport-security";
    judge(reply, NAME, |value| {
        let directives: Vec<(String, Option<&str>)> = value
            .split(';')
            .map(|part| match part.split_once('=') {
                Some((name, value)) => (
                    name.trim().to_ascii_lowercase(),
                    Some(value.trim().trim_matches('"')),
                ),
                None => (part.trim().to_ascii_lowercase(), None),
            })
            .filter(|(name, _)| !name.is_empty())
            .collect();
        let ages: Vec<_> = directives
            .iter()
            .filter(|(name, _)| name == "max-age")
            .collect();
        let [(_, Some(age))] = ages[..] else {
            return fail(NAME, value, "needs exactly one `max-age`");
        };
        let Ok(age) = age.parse::<u64>() else {
            return fail(
                NAME,
                value,
                "has a `max-age` that is not a number of seconds",
            );
        };
        if age < HALF_YEAR_S {
            return fail(NAME, value, "has a `max-age` below 180 days (15552000)");
        }
        if age < YEAR_S {
            return warn(NAME, value, "has a `max-age` below a year (31536000)");
        }
        if !directives
            .iter()
            .any(|(name, _)| name == "includesubdomains")
        {
            return warn(NAME, value, "leaves sub-domains out");
        }
        Verdict::Pass
    })
}

/// `Referrer-Policy`: the last token that browsers recognise must be one of the four that tell
/// other sites no path.
pub fn referrer_policy(reply: &HttpReply) -> Verdict {
    const NAME: &str = "referrer-policy";
    const TIGHT: [&str; 4] = [
        "no-referrer",
        "same-origin",
        "strict-origin",
        "strict-origin-when-cross-origin",
    ];
    const LOOSE: [&str; 3] = [
        "no-referrer-when-downgrade",
        "origin",
        "origin-when-cross-origin",
    ];
    judge(reply, NAME, |value| {
        let last = value
            .split(',')
            .map(|token| token.trim().to_ascii_lowercase())
            .rfind(|token| {
                TIGHT.contains(&token.as_str())
                    || LOOSE.contains(&token.as_str())
                    || token == "unsafe-url"
            });
        match last.as_deref() {
            Some(token) if TIGHT.contains(&token) => Verdict::Pass,
            Some("unsafe-url") => fail(NAME, value, "sends the whole address to every site"),
            Some(_) => warn(NAME, value, "tells other sites more than needed"),
            None => fail(NAME, value, "holds no policy that browsers know"),
        }
    })
}

/// `Permissions-Policy`: a structured dictionary that switches camera, microphone and geolocation
/// off and opens nothing to everybody.
pub fn permissions_policy(reply: &HttpReply) -> Verdict {
    const NAME: &str = "permissions-policy";
    judge(reply, NAME, |value| {
        let Some(policy) = dictionary::parse(value) else {
            return fail(NAME, value, "is not a structured dictionary (RFC 9651)");
        };
        if policy.is_empty() {
            return fail(NAME, value, "names no feature");
        }
        if let Some((feature, _)) = policy.iter().find(|(_, m)| m.iter().any(|t| t == "*")) {
            return fail(NAME, value, &format!("opens `{feature}` to everybody"));
        }
        for feature in ["camera", "microphone", "geolocation"] {
            match policy.iter().find(|(name, _)| name == feature) {
                None => return fail(NAME, value, &format!("does not mention `{feature}`")),
                Some((_, allowed)) if !allowed.is_empty() => {
                    return fail(NAME, value, &format!("leaves `{feature}` switched on"));
                }
                Some(_) => {}
            }
        }
        Verdict::Pass
    })
}

/// `Cache-Control` is there and, where it lets shared caches keep the reply, says for how long:
/// a second to an hour.
pub fn cacheable(reply: &HttpReply) -> Verdict {
    const NAME: &str = "cache-control";
    judge(reply, NAME, |value| {
        let directives = cache_directives(value);
        if directives.is_empty() {
            return fail(NAME, value, "says nothing");
        }
        let has = |name: &str| directives.iter().any(|(known, _)| known == name);
        if has("no-store") || has("no-cache") {
            return Verdict::Pass;
        }
        let age = directives.iter().find(|(name, _)| name == "max-age");
        match age.and_then(|(_, age)| age.as_deref()?.parse::<u32>().ok()) {
            Some(1..=3_600) => Verdict::Pass,
            Some(_) => fail(NAME, value, "has a `max-age` that is not 1 to 3600"),
            None if has("private") => Verdict::Pass,
            None => fail(NAME, value, "has no `max-age`"),
        }
    })
}

/// The reply to somebody with a credential must not be handed to others by a shared cache: it is
/// `private` or `no-store`, or `Vary` names the headers that credentials come in.
pub fn not_shared(reply: &HttpReply, credentials: &[&str]) -> Verdict {
    let control = reply.header_all("cache-control").join(",");
    let directives = cache_directives(&control);
    if directives
        .iter()
        .any(|(name, _)| name == "private" || name == "no-store")
    {
        return Verdict::Pass;
    }
    let vary = reply.header_all("vary").join(",").to_ascii_lowercase();
    let names: Vec<&str> = vary.split(',').map(str::trim).collect();
    match credentials
        .iter()
        .find(|name| !names.contains(name) && !names.contains(&"*"))
    {
        None => Verdict::Pass,
        Some(name) => Verdict::Fail(format!(
            "cache-control `{}` lets shared caches keep a reply to a key, and vary `{}` does not \
             name {name}",
            quoted(&control),
            quoted(&vary)
        )),
    }
}

fn cache_directives(value: &str) -> Vec<(String, Option<String>)> {
    value
        .split(',')
        .map(|part| match part.split_once('=') {
            Some((name, value)) => (
                name.trim().to_ascii_lowercase(),
                Some(value.trim().trim_matches('"').to_owned()),
            ),
            None => (part.trim().to_ascii_lowercase(), None),
        })
        .filter(|(name, _)| !name.is_empty())
        .collect()
}

/// The one value of a header, judged.
fn judge(reply: &HttpReply, name: &str, rule: impl FnOnce(&str) -> Verdict) -> Verdict {
    let values = reply.header_all(name);
    match values.as_slice() {
        [] => Verdict::Fail(format!("{name} is missing")),
        [first, rest @ ..] => {
            if let Some(other) = rest.iter().find(|value| value != &first) {
                return Verdict::Fail(format!(
                    "{name} is there twice, as `{}` and as `{}`",
                    quoted(first),
                    quoted(other)
                ));
            }
            rule(first.trim_matches([' ', '\t']))
        }
    }
}

fn fail(name: &str, value: &str, why: &str) -> Verdict {
    Verdict::Fail(format!("{name} `{}` {why}", quoted(value)))
}

fn warn(name: &str, value: &str, why: &str) -> Verdict {
    Verdict::Warn(format!("{name} `{}` {why}", quoted(value)))
}

/// A value as it may stand in a reason: masked, bounded, without control characters.
pub(crate) fn quoted(value: &str) -> String {
    readiness::quote(value, QUOTED)
}

#[cfg(test)]
mod tests;
