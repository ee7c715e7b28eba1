//! Tokens: taken apart, forged in the usual ways, and judged by what they open.
//!
//! A forged token is made from a genuine one, so that nothing but the forgery is wrong with it. What
//! a service makes of it is seen through the client like every other reply.

mod forge;
#[cfg(feature = "load")]
pub mod timing;

use readiness::{Error, Result, Verdict};
use serde_json::Value;

pub use forge::{Forgery, forgeries};

use crate::http::HttpReply;

/// The shortest and the longest life of an access token, in seconds: a minute, which a client can
/// still use, and a day, after which a stolen one should be worthless.
const LIFE_S: std::ops::RangeInclusive<i64> = 60..=86_400;

/// The claims of a token, unverified.
///
/// # Errors
/// A finding if it is not a JSON web token.
pub fn claims(token: &str) -> Result<Value> {
    let part = token
        .split('.')
        .nth(1)
        .filter(|_| token.split('.').count() == 3);
    let bytes = part.and_then(forge::decoded);
    bytes
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .ok_or_else(|| Error::finding("the access token is not a JSON web token"))
}

/// The claims say when the token was made, when it ends and what it is called, and it lives for a
/// minute to a day.
pub fn limited(claims: &Value) -> Verdict {
    let (Some(made), Some(ends)) = (claims["iat"].as_i64(), claims["exp"].as_i64()) else {
        return Verdict::Fail("the token lacks `iat` or `exp`".to_owned());
    };
    if claims["jti"]
        .as_str()
        .is_none_or(|name| name.trim().is_empty())
    {
        return Verdict::Fail(
            "the token lacks `jti`, so it cannot be revoked by itself".to_owned(),
        );
    }
    let life = ends.saturating_sub(made);
    if LIFE_S.contains(&life) {
        Verdict::Pass
    } else {
        Verdict::Fail(format!(
            "the token lives for {life} s, 60 to 86400 are expected"
        ))
    }
}

/// A credential opens what it should.
pub fn opens(reply: &HttpReply) -> Verdict {
    match reply.status() {
        200 => Verdict::Pass,
        status => Verdict::Fail(format!("it is answered with {status} instead of 200")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_token_has_a_limited_life_and_a_name() {
        let good = json!({ "iat": 1_000, "exp": 1_900, "jti": "a" });
        assert_eq!(limited(&good), Verdict::Pass);
        for bad in [
            json!({ "iat": 1_000, "jti": "a" }),
            json!({ "iat": 1_000, "exp": 1_900 }),
            json!({ "iat": 1_000, "exp": 1_059, "jti": "a" }),
            json!({ "iat": 1_000, "exp": 100_000, "jti": "a" }),
        ] {
            assert_ne!(limited(&bad), Verdict::Pass, "{bad}");
        }
    }

    #[test]
    fn what_is_no_token_has_no_claims() {
        for text in ["", "a.b", "a.b.c", "a.!!.c"] {
            assert!(claims(text).is_err(), "{text}");
        }
    }
}
