//! Known values, found in any encoding in which they may come back: plain, URL-encoded, base64 at
//! each of its three alignments, escaped as in JSON, up to three times.
//!
//! All needles are indexed by their first four bytes, so that a text is gone through once, however
//! many secrets there are. Before that index is asked, a table of bits says whether any needle
//! begins with the next two bytes: hashing at every byte of every text that is written would cost
//! more than everything else that is done with it.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;

use super::MASK;

/// Shorter values are not masked: they would blot out everything.
const SHORTEST: usize = 4;
/// A needle in base64 has to be longer: a few letters are part of many words.
const SHORTEST_ENCODED: usize = 8;

/// See the module.
#[derive(Default)]
pub(super) struct Secrets {
    known: HashSet<Box<str>>,
    /// By their first four bytes, the longest first.
    needles: HashMap<[u8; SHORTEST], Vec<Box<str>>>,
    /// A bit for each pair of bytes with which a needle begins; empty without needles.
    pairs: Vec<u64>,
    /// Bytes of the longest needle.
    longest: usize,
}

/// The word and the bit of a pair of bytes in [`Secrets::pairs`].
fn pair(first: u8, second: u8) -> (usize, u64) {
    let pair = usize::from(first) << 8 | usize::from(second);
    (pair / 64, 1 << (pair % 64))
}

impl Secrets {
    /// How many values are known. It only grows: a text that was masked under the same count needs
    /// no masking again.
    pub(super) fn count(&self) -> usize {
        self.known.len()
    }

    pub(super) fn add(&mut self, value: &str) {
        // Read from files and variables, values often end in a line end that does not come back.
        for value in [value, value.trim()] {
            if value.len() < SHORTEST || MASK.contains(value) || self.known.contains(value) {
                continue;
            }
            self.known.insert(Box::from(value));
            for needle in encodings(value) {
                self.index(needle);
            }
        }
    }

    fn index(&mut self, needle: String) {
        let Some(start) = start_of(needle.as_bytes()) else {
            return;
        };
        self.longest = self.longest.max(needle.len());
        self.pairs.resize(1 << 10, 0);
        let (word, bit) = pair(start[0], start[1]);
        self.pairs[word] |= bit;
        let bucket = self.needles.entry(start).or_default();
        if bucket.iter().any(|known| **known == *needle) {
            return;
        }
        bucket.push(needle.into_boxed_str());
        bucket.sort_by_key(|needle| std::cmp::Reverse(needle.len()));
    }

    /// Bytes of the longest needle.
    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    pub(super) fn mask<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.needles.is_empty() {
            return Cow::Borrowed(text);
        }
        let bytes = text.as_bytes();
        let mut masked = String::new();
        let (mut copied, mut at) = (0, 0);
        while at + SHORTEST <= bytes.len() {
            let (word, bit) = pair(bytes[at], bytes[at + 1]);
            if self.pairs[word] & bit == 0 {
                at += 1;
                continue;
            }
            match self.needle(&bytes[at..]) {
                None => at += 1,
                Some(needle) => {
                    masked.push_str(&text[copied..at]);
                    masked.push_str(MASK);
                    at += needle.len();
                    copied = at;
                }
            }
        }
        if copied == 0 {
            return Cow::Borrowed(text);
        }
        masked.push_str(&text[copied..]);
        Cow::Owned(masked)
    }

    /// The longest needle with which a text begins.
    fn needle(&self, rest: &[u8]) -> Option<&str> {
        let bucket = self.needles.get(&start_of(rest)?)?;
        let found = bucket
            .iter()
            .find(|needle| rest.starts_with(needle.as_bytes()));
        found.map(|needle| &**needle)
    }
}

/// Never the values.
impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} secrets", self.known.len())
    }
}

fn start_of(bytes: &[u8]) -> Option<[u8; SHORTEST]> {
    bytes.first_chunk().copied()
}

fn encodings(value: &str) -> Vec<String> {
    let mut all = vec![
        value.to_owned(),
        percent(value, true),
        percent(value, false),
    ];
    // JSON within JSON is common (a log record in a reply), and a failed assertion shows both by `{:?}`.
    let mut escaped = value.to_owned();
    for _ in 0..3 {
        let Ok(json) = serde_json::to_string(&escaped) else {
            break;
        };
        json[1..json.len() - 1].clone_into(&mut escaped);
        if all.contains(&escaped) {
            break;
        }
        all.push(escaped.clone());
    }
    for (shift, alphabet) in [
        (0, STANDARD),
        (1, STANDARD),
        (2, STANDARD),
        (0, URL),
        (1, URL),
        (2, URL),
    ] {
        let encoded = base64_inside(value.as_bytes(), shift, alphabet);
        if encoded.len() >= SHORTEST_ENCODED {
            all.push(encoded);
        }
    }
    all.retain(|needle| needle.len() >= SHORTEST);
    all
}

/// As in a query: everything but unreserved characters, in capital or small hexadecimal digits.
fn percent(value: &str, capitals: bool) -> String {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            for nibble in [byte >> 4, byte & 15] {
                let digit = char::from_digit(u32::from(nibble), 16).unwrap_or('0');
                encoded.push(if capitals {
                    digit.to_ascii_uppercase()
                } else {
                    digit
                });
            }
        }
    }
    encoded
}

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The part of a base64 text that `value` alone decides, when `shift` bytes modulo three stand
/// before it.
fn base64_inside(value: &[u8], shift: usize, alphabet: &[u8; 64]) -> String {
    let mut bits = Vec::with_capacity(shift + value.len());
    bits.resize(shift, 0u8);
    bits.extend_from_slice(value);
    // Whole groups of six bits that lie within the value.
    let first = (shift * 8).div_ceil(6);
    let last = bits.len() * 8 / 6;
    let mut encoded = String::with_capacity(last.saturating_sub(first));
    for group in first..last {
        let bit = group * 6;
        let pair = u16::from(bits[bit / 8]) << 8 | u16::from(*bits.get(bit / 8 + 1).unwrap_or(&0));
        let index = usize::from(pair >> (10 - bit % 8) & 63);
        encoded.push(char::from(alphabet[index]));
    }
    encoded
}
