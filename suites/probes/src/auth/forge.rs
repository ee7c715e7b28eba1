//! Forged tokens, made from a genuine one (RFC 7515, RFC 7519).

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Secrets that templates and tutorials sign with.
const KNOWN_SECRETS: [&str; 4] = ["", "secret", "changeme", "your-256-bit-secret"];

/// A forged token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forgery {
    /// What is wrong with it.
    pub name: String,
    /// The token.
    pub token: String,
}

/// The usual forgeries of a genuine token: unsigned, without a signature, with a raised tier, with a
/// signature that is off by a bit, and signed with secrets that everybody knows. None if it is not a
/// JSON web token.
pub fn forgeries(token: &str) -> Vec<Forgery> {
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = parts[..] else {
        return Vec::new();
    };
    let parsed = decoded(claims).and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    let Some(mut raised) = parsed else {
        return Vec::new();
    };
    raised["tier"] = json!("enterprise");
    raised["admin"] = json!(true);
    let raised = encoded(raised.to_string().as_bytes());
    let none = encoded(br#"{"alg":"none","typ":"JWT"}"#);
    let hs256 = encoded(br#"{"alg":"HS256","typ":"JWT"}"#);
    let mut all = vec![
        forgery("an unsigned token (alg none)", format!("{none}.{claims}.")),
        forgery(
            "a token without its signature",
            format!("{header}.{claims}."),
        ),
        forgery(
            "a token with a raised tier",
            format!("{header}.{raised}.{signature}"),
        ),
        forgery(
            "a token with another signature",
            format!("{header}.{claims}.{}", off_by_one(signature)),
        ),
    ];
    all.extend(KNOWN_SECRETS.map(|secret| {
        let signed = format!("{hs256}.{claims}");
        let signature = encoded(&hmac(secret.as_bytes(), signed.as_bytes()));
        forgery(
            &format!("a token signed with `{secret}`"),
            format!("{signed}.{signature}"),
        )
    }));
    all
}

fn forgery(name: &str, token: String) -> Forgery {
    Forgery {
        name: name.to_owned(),
        token,
    }
}

/// The first character changed: the last one of base64 may carry bits that mean nothing.
fn off_by_one(signature: &str) -> String {
    let other = if signature.starts_with('A') { 'B' } else { 'A' };
    let rest: String = signature.chars().skip(1).collect();
    format!("{other}{rest}")
}

/// HMAC-SHA-256 (RFC 2104).
fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    const BLOCK: usize = 64;
    let mut block = [0_u8; BLOCK];
    if key.len() > BLOCK {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let inner: [u8; BLOCK] = block.map(|byte| byte ^ 0x36);
    let outer: [u8; BLOCK] = block.map(|byte| byte ^ 0x5c);
    let inside = Sha256::new()
        .chain_update(inner)
        .chain_update(message)
        .finalize();
    Sha256::new()
        .chain_update(outer)
        .chain_update(inside)
        .finalize()
        .into()
}

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Base64 for addresses, without padding (RFC 4648, section 5).
fn encoded(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word = chunk
            .iter()
            .fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
        let word = word << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            let index = (word >> (18 - 6 * place)) & 63;
            out.push(char::from(LETTERS[index as usize]));
        }
    }
    out
}

pub(super) fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    for chunk in text.as_bytes().chunks(4) {
        let mut word = 0_u32;
        for byte in chunk {
            let value = LETTERS.iter().position(|letter| letter == byte)?;
            word = word << 6 | u32::try_from(value).ok()?;
        }
        let whole = (chunk.len() * 6) / 8;
        if whole == 0 {
            return None;
        }
        word <<= 6 * (4 - chunk.len());
        out.extend_from_slice(&word.to_be_bytes()[1..=whole]);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_undone() {
        for text in ["", "f", "fo", "foo", "foob", "{\"a\":\"\u{ff}?>\"}"] {
            assert_eq!(decoded(&encoded(text.as_bytes())).unwrap(), text.as_bytes());
        }
        assert_eq!(encoded(b"foob"), "Zm9vYg");
        assert_eq!(decoded("!"), None);
    }

    #[test]
    fn hmac_is_that_of_rfc_4231() {
        // Test case 2 of the RFC.
        let mac = hmac(b"Jefe", b"what do ya want for nothing?");
        let expected: [u8; 32] = [
            0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e, 0x6a, 0x04, 0x24, 0x26, 0x08, 0x95,
            0x75, 0xc7, 0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27, 0x39, 0x83, 0x9d, 0xec, 0x58, 0xb9,
            0x64, 0xec, 0x38, 0x43,
        ];
        assert_eq!(mac, expected);
    }

    #[test]
    fn every_forgery_differs_from_the_genuine_token() {
        let token = format!(
            "{}.{}.c2ln",
            encoded(br#"{"alg":"HS256"}"#),
            encoded(br#"{"sub":"a"}"#)
        );
        let all = forgeries(&token);
        assert_eq!(all.len(), 8);
        for forgery in all {
            assert_ne!(forgery.token, token, "{}", forgery.name);
            assert_eq!(forgery.token.split('.').count(), 3, "{}", forgery.name);
        }
        assert!(forgeries("not a token").is_empty());
    }
}
