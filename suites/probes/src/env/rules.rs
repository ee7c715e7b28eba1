//! What must stand in the environment of a production service.

use readiness::observation::json::Json;
use readiness::{Result, Verdict};
use serde_json::Value;

use super::Variable;
use super::classify::{self, is_placeholder};
use crate::seen::{amount, count};

/// Characters of a signing secret: RFC 7518, 3.2 asks for a key as long as the hash, 32 bytes for
/// HS256.
const SECRET_LENGTH: i64 = 32;
/// Bits of information in one of its characters. Random hexadecimal digits have 4; words and
/// repetitions fall below 3.
const SECRET_BITS: f64 = 3.0;
/// Characters after the prefix of a Stripe key; the shortest that were issued have 24.
const STRIPE_LENGTH: i64 = 32;
/// Characters of a value that are quoted in a reason.
const SHOWN: usize = 80;

/// A failure if the variable is not set.
fn unset(variable: &Variable) -> Result<Option<Verdict>> {
    if variable.get("set").bool()? {
        return Ok(None);
    }
    Ok(Some(Verdict::Fail(format!(
        "{} is not set",
        name(variable)
    ))))
}

fn name(variable: &Variable) -> String {
    let name = variable.get("name");
    name.peek()
        .and_then(Value::as_str)
        .unwrap_or("the variable")
        .to_owned()
}

fn quoted(value: &str) -> String {
    format!("\"{}\"", readiness::quote(value, SHOWN))
}

/// Whether the environment is `production`, to the letter: a service compares it so.
///
/// # Errors
/// A finding if a fact is missing.
pub fn production(variable: &Variable) -> Result<Verdict> {
    if let Some(verdict) = unset(variable)? {
        return Ok(verdict);
    }
    let value = variable.get("value");
    let value = value.str()?;
    let name = name(variable);
    Ok(if value == "production" {
        Verdict::Pass
    } else if value.trim().eq_ignore_ascii_case("production") {
        Verdict::Warn(format!(
            "{name} is {}, which is not exactly \"production\"",
            quoted(value)
        ))
    } else {
        Verdict::Fail(format!("{name} is {}, not \"production\"", quoted(value)))
    })
}

/// Whether the value lists origins (separated by commas, or a JSON list): at least one, each with a
/// scheme and a host, none a wildcard, a placeholder or this machine.
///
/// # Errors
/// A finding if a fact is missing.
pub fn origins(variable: &Variable) -> Result<Verdict> {
    if let Some(verdict) = unset(variable)? {
        return Ok(verdict);
    }
    let value = variable.get("value");
    let value = value.str()?;
    let name = name(variable);
    let listed: Vec<String> = match serde_json::from_str(value) {
        Ok(list) => list,
        Err(_) => value
            .split(',')
            .map(|part| part.trim().to_owned())
            .collect(),
    };
    let listed: Vec<_> = listed
        .into_iter()
        .filter(|origin| !origin.is_empty())
        .collect();
    if listed.is_empty() {
        return Ok(Verdict::Fail(format!("{name} lists no origin")));
    }
    for origin in &listed {
        let fault = origin_fault(origin);
        if let Some(fault) = fault {
            return Ok(Verdict::Fail(format!("{name}: {} {fault}", quoted(origin))));
        }
    }
    Ok(Verdict::Pass)
}

fn origin_fault(origin: &str) -> Option<&'static str> {
    if origin.contains('*') {
        return Some("is a wildcard");
    }
    if is_placeholder(origin) {
        return Some("is a placeholder");
    }
    let Ok(url) = crate::store_url::StoreUrl::parse(origin) else {
        return Some("is no origin");
    };
    if !matches!(url.scheme.as_str(), "https" | "http") || url.host.is_empty() {
        return Some("is no origin");
    }
    // A slash alone is tolerated by no browser either: origins are compared as texts.
    if !url.path.is_empty() || origin.ends_with('/') || !url.query.is_empty() {
        return Some("is an address with a path, not an origin");
    }
    url.is_local().then_some("is this machine")
}

/// What the URL of any store must be: one, with a host that is no placeholder.
fn store(variable: &Variable, schemes: &[&str], what: &str) -> Result<Option<Verdict>> {
    if let Some(verdict) = unset(variable)? {
        return Ok(Some(verdict));
    }
    let name = name(variable);
    let fail = |reason: String| Ok(Some(Verdict::Fail(reason)));
    let problem = variable.get("problem");
    if let Some(problem) = problem.as_str() {
        return fail(format!("{name} is no URL: {problem}"));
    }
    let scheme = variable.get("scheme");
    let scheme = scheme.str()?;
    if !schemes.contains(&scheme) {
        return fail(format!(
            "{name} has the scheme {scheme}, which is none of {what}"
        ));
    }
    if variable.get("host").str()?.is_empty() {
        return fail(format!("{name} names no host"));
    }
    if variable.get("placeholder").bool()? {
        return fail(format!("{name} has a placeholder for a host"));
    }
    Ok(None)
}

/// Whether the variable holds the URL of a Redis that is not this machine.
///
/// # Errors
/// A finding if a fact is missing.
pub fn redis_url(variable: &Variable) -> Result<Verdict> {
    if let Some(verdict) = store(variable, &["redis", "rediss"], "Redis")? {
        return Ok(verdict);
    }
    elsewhere(variable)
}

/// Whether the variable holds the URL of a `PostgreSQL` with user, database and a password that is
/// no common default.
///
/// # Errors
/// A finding if a fact is missing.
pub fn database_url(variable: &Variable) -> Result<Verdict> {
    if let Some(verdict) = store(variable, &["postgres", "postgresql"], "PostgreSQL")? {
        return Ok(verdict);
    }
    let name = name(variable);
    for part in ["user", "database"] {
        if !variable.get(part).bool()? {
            return Ok(Verdict::Fail(format!("{name} names no {part}")));
        }
    }
    let password = variable.get("password");
    match password.str()? {
        "set" | "none" => {}
        other => {
            return Ok(Verdict::Fail(format!(
                "the password in {name} is a {other}"
            )));
        }
    }
    elsewhere(variable)
}

fn elsewhere(variable: &Variable) -> Result<Verdict> {
    Ok(if variable.get("local").bool()? {
        Verdict::Warn(format!("{} names this machine itself", name(variable)))
    } else {
        Verdict::Pass
    })
}

/// Whether a database URL demands TLS with a certificate that is checked.
///
/// # Errors
/// A finding if a fact is missing.
pub fn ssl_mode(variable: &Variable) -> Result<Verdict> {
    if let Some(verdict) = unset(variable)? {
        return Ok(verdict);
    }
    let name = name(variable);
    let mode = variable.get("sslmode");
    Ok(match mode.as_str() {
        Some("verify-full" | "verify-ca") => Verdict::Pass,
        Some("require") => Verdict::Warn(format!(
            "{name} has sslmode=require, which encrypts and does not check the certificate"
        )),
        Some(other) => Verdict::Fail(format!(
            "{name} has sslmode={}, which does not demand TLS",
            readiness::quote(other, SHOWN)
        )),
        None => Verdict::Fail(format!("{name} has no sslmode: TLS is not demanded")),
    })
}

/// What any secret must not be.
fn no_secret(variable: &Variable) -> Result<Option<Verdict>> {
    if let Some(verdict) = unset(variable)? {
        return Ok(Some(verdict));
    }
    let class = variable.get("class");
    Ok(match class.str()? {
        class @ ("empty" | "placeholder" | "default") => {
            let article = if class == "empty" { "" } else { "a " };
            Some(Verdict::Fail(format!(
                "{} is {article}{class}",
                name(variable)
            )))
        }
        class if class == classify::SECRET || class.starts_with("stripe ") => None,
        other => Some(Verdict::Fail(format!(
            "{} is of the unknown class \"{}\"",
            name(variable),
            other.escape_debug()
        ))),
    })
}

/// Whether the variable holds a secret to sign with: long, at random, of no other use.
///
/// # Errors
/// A finding if a fact is missing.
pub fn signing_secret(variable: &Variable) -> Result<Verdict> {
    if let Some(verdict) = no_secret(variable)? {
        return Ok(verdict);
    }
    let name = name(variable);
    let length = count(&variable.get("length"))?;
    if length < SECRET_LENGTH {
        return Ok(Verdict::Fail(format!(
            "{name} has {length} characters, at least {SECRET_LENGTH} are asked for"
        )));
    }
    let bits = amount(&variable.get("bits"))?;
    if bits < SECRET_BITS {
        return Ok(Verdict::Fail(format!(
            "{name} has about {bits:.1} bits in a character, at least {SECRET_BITS:.1} are asked \
             for: it repeats itself"
        )));
    }
    let same = variable.get("same_as");
    let same: Vec<Json> = same.items()?;
    if let Some(other) = same.first() {
        return Ok(Verdict::Fail(format!(
            "{name} is the same as {}",
            other.str()?.escape_debug()
        )));
    }
    Ok(Verdict::Pass)
}

/// Whether the variable holds a secret or restricted Stripe key of the live mode.
///
/// # Errors
/// A finding if a fact is missing.
pub fn stripe_key(variable: &Variable) -> Result<Verdict> {
    if let Some(verdict) = no_secret(variable)? {
        return Ok(verdict);
    }
    let name = name(variable);
    let class = variable.get("class");
    let class = class.str()?;
    if !matches!(
        class,
        "stripe live secret key" | "stripe live restricted key"
    ) {
        return Ok(Verdict::Fail(format!(
            "{name} is of the class \"{}\", not a live key of Stripe",
            class.escape_debug()
        )));
    }
    let length = count(&variable.get("length"))?;
    if length < STRIPE_LENGTH {
        return Ok(Verdict::Fail(format!(
            "{name} has {length} characters, too few for a Stripe key"
        )));
    }
    Ok(Verdict::Pass)
}

/// Whether the log level shows what matters and no more.
///
/// # Errors
/// A finding if a fact is missing.
pub fn log_level(variable: &Variable) -> Result<Verdict> {
    if let Some(verdict) = unset(variable)? {
        return Ok(verdict);
    }
    let value = variable.get("value");
    let value = value.str()?;
    let name = name(variable);
    Ok(match value.trim().to_ascii_uppercase().as_str() {
        "INFO" | "WARNING" | "WARN" => Verdict::Pass,
        "ERROR" | "CRITICAL" | "FATAL" => {
            Verdict::Warn(format!("{name} is {}: warnings are lost", quoted(value)))
        }
        _ => Verdict::Fail(format!(
            "{name} is {}, neither INFO nor WARNING",
            quoted(value)
        )),
    })
}

#[cfg(test)]
mod tests;
