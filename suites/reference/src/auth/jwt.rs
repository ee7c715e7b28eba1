//! JSON web tokens (RFC 7519), signed with HMAC-SHA-256 and nothing else.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::faults::{Fault, FaultSet};

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Access,
    Refresh,
}

impl Kind {
    /// How long a token lives, in seconds.
    pub fn life(self) -> i64 {
        match self {
            Kind::Access => 15 * 60,
            Kind::Refresh => 7 * 24 * 60 * 60,
        }
    }
}

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claims {
    /// The user.
    pub sub: String,
    /// The user's tier. For the client to read; the service looks the user up.
    pub tier: String,
    #[serde(rename = "typ")]
    pub kind: Kind,
    /// The token's own name, for revocation.
    pub jti: String,
    /// Seconds since the epoch. Always there in a token of a sound service.
    pub iat: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
}

/// Why a token cannot be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Flaw {
    #[error("this is neither a key nor a token")]
    Form,
    #[error("the token is not signed with HS256")]
    Algorithm,
    #[error("the token's signature is wrong")]
    Signature,
    #[error("the token lacks a claim that it needs")]
    Claims,
}

/// Whether a text has the outer form of a token; keys have no dots.
pub(crate) fn looks_like_one(text: &str) -> bool {
    text.split('.').count() == 3
}

/// The token of the claims.
pub(crate) fn sign(claims: &Claims, secret: &str) -> String {
    let header = json!({ "alg": "HS256", "typ": "JWT" });
    let signed = format!("{}.{}", encoded(&header), encoded(&json!(claims)));
    let signature = URL_SAFE_NO_PAD.encode(mac(&signed, secret).finalize().into_bytes());
    format!("{signed}.{signature}")
}

/// The claims of a genuine token. Whether it has expired is not looked at here.
///
/// # Errors
/// The first [`Flaw`].
pub(crate) fn read(token: &str, secret: &str, faults: &FaultSet) -> Result<Claims, Flaw> {
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = parts[..] else {
        return Err(Flaw::Form);
    };
    let algorithm = decoded(header)?["alg"]
        .as_str()
        .map(str::to_owned)
        .ok_or(Flaw::Form)?;
    let unsigned = algorithm.eq_ignore_ascii_case("none") && faults.on(Fault::Sec001AlgNone);
    if algorithm != "HS256" && !unsigned {
        return Err(Flaw::Algorithm);
    }
    let signed = &token[..header.len() + 1 + claims.len()];
    let genuine = unsigned
        || is_signed(signed, signature, secret)
        || faults.on(Fault::Sec001AcceptsTampered)
        || faults.on(Fault::Sec001DefaultSecret) && is_signed(signed, signature, "secret");
    if !genuine {
        return Err(Flaw::Signature);
    }
    let claims: Claims = serde_json::from_value(decoded(claims)?).map_err(|_| Flaw::Claims)?;
    if claims.exp.is_none() && !faults.on(Fault::Sec001NoExp) {
        return Err(Flaw::Claims);
    }
    Ok(claims)
}

fn is_signed(signed: &str, signature: &str, secret: &str) -> bool {
    // `verify_slice` compares in constant time.
    URL_SAFE_NO_PAD
        .decode(signature)
        .is_ok_and(|signature| mac(signed, secret).verify_slice(&signature).is_ok())
}

fn mac(text: &str, secret: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        .unwrap_or_else(|_| unreachable!("HMAC takes a key of any length"));
    mac.update(text.as_bytes());
    mac
}

fn encoded(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}

fn decoded(part: &str) -> Result<Value, Flaw> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| Flaw::Form)?;
    serde_json::from_slice(&bytes).map_err(|_| Flaw::Form)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "a secret of the test";

    fn claims() -> Claims {
        Claims {
            sub: "jwt".to_owned(),
            tier: "team".to_owned(),
            kind: Kind::Access,
            jti: "1".to_owned(),
            iat: 1_000,
            exp: Some(1_900),
        }
    }

    fn read(token: &str) -> Result<Claims, Flaw> {
        super::read(token, SECRET, &FaultSet::default())
    }

    #[test]
    fn a_signature_is_that_of_rfc_7515() {
        // Appendix A.1 of RFC 7515: key, signing input and signature.
        let key = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75\
                   aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let key = URL_SAFE_NO_PAD.decode(key).unwrap();
        let signed = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEz\
                      MDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(signed.as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
        assert_eq!(signature, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    }

    #[test]
    fn a_token_is_read_as_it_was_signed() {
        assert_eq!(read(&sign(&claims(), SECRET)), Ok(claims()));
    }

    #[test]
    fn a_token_that_was_touched_is_refused() {
        let token = sign(&claims(), SECRET);
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let (header, body) = signed.split_once('.').unwrap();
        let none = encoded(&json!({ "alg": "none" }));
        let higher = encoded(&json!(Claims {
            tier: "enterprise".to_owned(),
            ..claims()
        }));
        let eternal = sign(
            &Claims {
                exp: None,
                ..claims()
            },
            SECRET,
        );
        let other = if signature.starts_with('A') { "B" } else { "A" };
        for (token, flaw) in [
            (format!("{none}.{body}."), Flaw::Algorithm),
            (format!("{header}.{body}."), Flaw::Signature),
            (format!("{header}.{higher}.{signature}"), Flaw::Signature),
            (
                format!("{header}.{body}.{other}{}", &signature[1..]),
                Flaw::Signature,
            ),
            (sign(&claims(), ""), Flaw::Signature),
            (sign(&claims(), "secret"), Flaw::Signature),
            (eternal, Flaw::Claims),
            ("a.b.c".to_owned(), Flaw::Form),
            ("..".to_owned(), Flaw::Form),
            ("ref-pro-1".to_owned(), Flaw::Form),
        ] {
            assert_eq!(read(&token), Err(flaw), "{token}");
        }
    }

    #[test]
    fn each_fault_opens_its_own_door() {
        let token = sign(&claims(), SECRET);
        let (header, rest) = token.split_once('.').unwrap();
        let (body, _) = rest.split_once('.').unwrap();
        let none = format!("{}.{body}.", encoded(&json!({ "alg": "none" })));
        let tampered = format!("{header}.{body}.AAAA");
        let default = sign(&claims(), "secret");
        let eternal = sign(
            &Claims {
                exp: None,
                ..claims()
            },
            SECRET,
        );
        let doors = [
            (Fault::Sec001AlgNone, none),
            (Fault::Sec001AcceptsTampered, tampered),
            (Fault::Sec001DefaultSecret, default),
            (Fault::Sec001NoExp, eternal),
        ];
        for (fault, token) in &doors {
            let opened = super::read(token, SECRET, &FaultSet::new([*fault]));
            assert!(opened.is_ok(), "{fault}: {opened:?}");
            assert!(read(token).is_err(), "{fault} is not needed");
        }
        assert!(super::read(&doors[0].1, SECRET, &FaultSet::new([Fault::Sec001NoExp])).is_err());
    }
}
