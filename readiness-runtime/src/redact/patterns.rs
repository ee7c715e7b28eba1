//! Secrets by what they look like: a hand-written scanner, one pass, no backtracking.
//!
//! At each place where a word begins the rules below are tried in order; the first that fits masks
//! its part and the scan goes on behind it. Numbers are only looked at where a word begins, so that
//! the digits within a hash are nobody's card.

use std::borrow::Cow;

use super::MASK;
use super::names::is_secret_field;

/// What a rule found, from where the word begins.
struct Hit {
    /// Bytes that stay, from the beginning.
    keep: usize,
    /// Bytes that are covered in all.
    length: usize,
    mask: &'static str,
}

const fn whole(length: usize, mask: &'static str) -> Hit {
    Hit {
        keep: 0,
        length,
        mask,
    }
}

/// `text` with its secrets masked.
pub(super) fn mask(text: &str) -> Cow<'_, str> {
    if is_harmless(text.as_bytes()) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(masked(text))
}

/// Whether no rule can fit anywhere, which is so for most sentences: every rule needs a digit, an
/// `@`, a separator of names and values, the dashes of a key file, or one of three beginnings.
fn is_harmless(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    // Without iterators: this looks at most of what is written, in targets that nobody optimises.
    while let [byte, further @ ..] = rest {
        let may_begin = match *byte {
            b'0'..=b'9' | b'@' | b'=' | b':' => true,
            b'-' => further.first() == Some(&b'-'),
            b'e' => begins(further, "yJ"),
            b'b' | b'B' => begins(further, "earer") || begins(further, "asic"),
            _ => false,
        };
        if may_begin {
            return false;
        }
        rest = further;
    }
    true
}

/// [`mask`] rule by rule.
fn masked(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut masked = String::with_capacity(text.len());
    let (mut copied, mut at) = (0, 0);
    while at < bytes.len() {
        let hit = if begins_word(bytes, at) {
            find(text, at)
        } else {
            None
        };
        match hit {
            Some(hit) if hit.length > hit.keep => {
                masked.push_str(&text[copied..at + hit.keep]);
                masked.push_str(hit.mask);
                at += hit.length;
                copied = at;
            }
            _ => at += 1,
        }
    }
    masked.push_str(&text[copied..]);
    masked
}

/// Whether a word, or what is not one, begins at a place. Behind the escapes of a text within a text
/// (`\n` in a value that is shown by `{:?}`, or in JSON) one does.
fn begins_word(bytes: &[u8], at: usize) -> bool {
    match at.checked_sub(1).map(|before| bytes[before]) {
        None => true,
        Some(before) if !is_word(before) || !is_word(bytes[at]) => true,
        Some(before) => at >= 2 && bytes[at - 2] == b'\\' && b"nrt".contains(&before),
    }
}

/// Letters, digits and underscores; and everything beyond ASCII, so that a cut is never inside of a
/// character.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn find(text: &str, at: usize) -> Option<Hit> {
    let rest = &text.as_bytes()[at..];
    match rest[0] {
        b'-' => private_key(rest),
        b':' => url_password(rest),
        b'0'..=b'9' => number(rest).filter(|hit| !is_fraction(text.as_bytes(), at, hit.length)),
        byte if byte.is_ascii_alphabetic() => {
            let hit = token(rest).or_else(|| scheme(rest)).or_else(|| pair(rest));
            hit.or_else(|| address(rest))
        }
        _ => None,
    }
}

/// Words longer than this are no names and begin no token. It bounds what a rule looks at before it
/// fits or not; one that fits takes all that belongs to it, and the scan goes on behind.
const LONGEST_WORD: usize = 128;
/// The header of a token may hold a certificate's digest and more.
const LONGEST_HEADER: usize = 512;

fn run(bytes: &[u8], allowed: impl Fn(u8) -> bool) -> usize {
    let length = bytes.iter().position(|&byte| !allowed(byte));
    let length = length.unwrap_or(bytes.len());
    #[cfg(test)]
    VISITED.set(VISITED.get() + length + 1);
    length
}

#[cfg(test)]
thread_local! {
    /// Bytes that the rules of this thread went through: what the cost is made of.
    pub(super) static VISITED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// [`run`] up to the bound of words.
fn word(bytes: &[u8], allowed: impl Fn(u8) -> bool) -> usize {
    run(&bytes[..bytes.len().min(LONGEST_WORD)], allowed)
}

/// Whether `bytes` begins with `word`, in any case.
fn begins(bytes: &[u8], word: &str) -> bool {
    bytes
        .get(..word.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
}

fn private_key(rest: &[u8]) -> Option<Hit> {
    if !rest.starts_with(b"-----BEGIN ") {
        return None;
    }
    let head = &rest[..rest.len().min(80)];
    let name = std::str::from_utf8(&head[..run(head, |byte| byte.is_ascii())]).ok()?;
    name.contains("PRIVATE KEY-----").then_some(())?;
    let mut from = 11;
    // To the end of its footer, or of the text where that is cut off.
    while let Some(next) = find_bytes(&rest[from..], b"-----END ") {
        from += next + 9;
        if let Some(end) = find_bytes(&rest[from..], b"-----") {
            return Some(whole(from + end + 5, "[redacted private key]"));
        }
    }
    Some(whole(rest.len(), "[redacted private key]"))
}

fn find_bytes(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes
        .windows(needle.len())
        .position(|window| window == needle)
}

/// `://user:password@host`: the password.
fn url_password(rest: &[u8]) -> Option<Hit> {
    let authority = rest.strip_prefix(b"://")?;
    let (keep, end) = userinfo(authority)?;
    Some(Hit {
        keep: 3 + keep,
        length: 3 + end,
        mask: MASK,
    })
}

/// Where the password of an authority begins and ends.
fn userinfo(authority: &[u8]) -> Option<(usize, usize)> {
    // Bounded: a user name and a password, not a document.
    let limit = authority.len().min(512);
    let length = run(&authority[..limit], |byte| {
        !byte.is_ascii_whitespace() && !b"/?#\"'<>\\".contains(&byte)
    });
    let at = authority[..length].iter().rposition(|&byte| byte == b'@')?;
    let colon = authority[..at].iter().position(|&byte| byte == b':')?;
    let password = &authority[colon + 1..at];
    (!password.is_empty() && password != MASK.as_bytes()).then_some((colon + 1, at))
}

pub(super) fn has_password(url: &str) -> bool {
    url.split_once("://")
        .is_some_and(|(_, authority)| userinfo(authority.as_bytes()).is_some())
}

pub(super) fn is_jwt(text: &str) -> bool {
    jwt(text.as_bytes()) == Some(text.len())
}

fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

fn jwt(rest: &[u8]) -> Option<usize> {
    // `{"` in base64url: every JSON header begins so.
    rest.starts_with(b"eyJ").then_some(())?;
    let header = run(&rest[..rest.len().min(LONGEST_HEADER)], is_base64url);
    let payload = rest
        .get(header)
        .filter(|&&byte| byte == b'.')
        .map(|_| run(&rest[header + 1..], is_base64url))?;
    let mut length = header + 1 + payload;
    if rest.get(length) == Some(&b'.') {
        length += 1 + run(&rest[length + 1..], is_base64url);
    }
    (header >= 8 && payload >= 2).then_some(length)
}

/// Prefixes of keys and ids, each with what follows at the least. Vendors document the prefixes.
const PREFIXES: [(&str, usize); 30] = [
    ("sk_live_", 8),
    ("sk_test_", 8),
    ("pk_live_", 8),
    ("pk_test_", 8),
    ("rk_live_", 8),
    ("rk_test_", 8),
    ("whsec_", 8),
    ("cus_", 8),
    ("ch_", 14),
    ("pi_", 14),
    ("pm_", 14),
    ("seti_", 14),
    ("src_", 14),
    ("tok_", 14),
    ("card_", 14),
    ("acct_", 14),
    ("sub_", 14),
    ("in_", 14),
    ("evt_", 14),
    ("cs_live_", 8),
    ("cs_test_", 8),
    ("ghp_", 20),
    ("gho_", 20),
    ("ghs_", 20),
    ("github_pat_", 20),
    ("glpat-", 16),
    ("xoxb-", 10),
    ("xoxp-", 10),
    ("AKIA", 16),
    ("AIza", 30),
];

fn token(rest: &[u8]) -> Option<Hit> {
    if let Some(length) = jwt(rest) {
        return Some(whole(length, "[redacted token]"));
    }
    let (prefix, least) = PREFIXES
        .iter()
        .find(|(prefix, _)| rest.starts_with(prefix.as_bytes()))?;
    let body = &rest[prefix.len()..];
    let belongs = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let length = word(body, belongs);
    let has_digit = body[..length].iter().any(u8::is_ascii_digit);
    (length >= *least && has_digit)
        .then(|| whole(prefix.len() + run(body, belongs), "[redacted key]"))
}

/// `Bearer …`, `Basic …`: what follows.
fn scheme(rest: &[u8]) -> Option<Hit> {
    let word = ["bearer", "basic"]
        .into_iter()
        .find(|word| begins(rest, word))?;
    let space = run(&rest[word.len()..], |byte| byte == b' ' || byte == b'\t');
    let keep = word.len() + space;
    let length = run(&rest[keep..], |byte| {
        is_base64url(byte) || b".~+/=".contains(&byte)
    });
    let value = &rest[keep..keep + length];
    // "bearer token required" is prose.
    let is_token = length >= 16 || (length >= 6 && value.iter().any(u8::is_ascii_digit));
    (space > 0 && is_token).then_some(Hit {
        keep,
        length: keep + length,
        mask: MASK,
    })
}

/// A secret name, a separator and a value: `password=…`, `"api_key": "…"`, `Cookie: …`.
fn pair(rest: &[u8]) -> Option<Hit> {
    let name_length = word(rest, |byte| {
        byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
    });
    let name = std::str::from_utf8(&rest[..name_length]).ok()?;
    is_secret_field(name).then_some(())?;
    let mut at = name_length;
    // A closing quote of the name, escaped or not.
    at += run(&rest[at..], |byte| byte == b'\\').min(3);
    at += usize::from(matches!(rest.get(at), Some(b'"' | b'\'')));
    at += run(&rest[at..], |byte| byte == b' ').min(4);
    let separator = *rest.get(at).filter(|byte| b"=:".contains(byte))?;
    if at == name_length && is_path(&rest[at..]) {
        return None;
    }
    at += 1 + usize::from(separator == b'=' && rest.get(at + 1) == Some(&b'>'));
    at += run(&rest[at..], |byte| byte == b' ' || byte == b'\t').min(8);
    // An opening quote of the value.
    let escapes = run(&rest[at..], |byte| byte == b'\\').min(3);
    let quote = rest
        .get(at + escapes)
        .copied()
        .filter(|byte| b"\"'".contains(byte));
    if quote.is_some() {
        at += escapes + 1;
    }
    let length = value_length(&rest[at..], name, separator, quote);
    let value = &rest[at..at + length];
    let is_prose = value.starts_with(b"[redacted") || is_plain_word(value);
    (length > 0 && !is_prose).then_some(Hit {
        keep: at,
        length: at + length,
        mask: MASK,
    })
}

/// Whether a name goes on as a path of a program does, `session::Session`: backtraces are full of
/// them. A key of a store, `session::9f3c`, is none.
fn is_path(behind: &[u8]) -> bool {
    let Some(segment) = behind.strip_prefix(b"::") else {
        return false;
    };
    let letters = word(segment, |byte| byte.is_ascii_alphabetic() || byte == b'_');
    let ends = segment
        .get(letters)
        .is_none_or(|&byte| !is_word(byte) && byte != b'-');
    (letters > 0 || segment.starts_with(b"<")) && ends
}

fn value_length(value: &[u8], name: &str, separator: u8, quote: Option<u8>) -> usize {
    if quote.is_none() && matches!(value.first(), Some(b'{' | b'[')) {
        return nested_length(value);
    }
    if let Some(quote) = quote {
        return run(value, |byte| {
            byte != quote && byte != b'\\' && byte != b'\n'
        });
    }
    let header = [
        "cookie",
        "set-cookie",
        "authorization",
        "proxy-authorization",
    ];
    if separator == b':'
        && header
            .iter()
            .any(|header| name.eq_ignore_ascii_case(header))
    {
        // The whole header line: cookies are separated by what else ends a value.
        return run(value, |byte| !b"\r\n\"".contains(&byte));
    }
    run(value, |byte| {
        !byte.is_ascii_whitespace() && !b",;&\"'<>)}]|".contains(&byte)
    })
}

/// All of an object or a list, or of the line where it does not end.
fn nested_length(value: &[u8]) -> usize {
    let mut depth = 0usize;
    let end = |&byte: &u8| {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 || byte == b'\n'
    };
    match value.iter().position(end) {
        Some(at) if value[at] == b'\n' => at,
        Some(at) => at + 1,
        None => value.len(),
    }
}

/// Words that stand for the value and are not one.
fn is_plain_word(value: &[u8]) -> bool {
    const WORDS: [&str; 8] = [
        "null", "none", "true", "false", "is", "missing", "unset", "required",
    ];
    WORDS
        .iter()
        .any(|word| value.eq_ignore_ascii_case(word.as_bytes()))
}

/// Card numbers, social security numbers; a verification value is found by its name.
fn number(rest: &[u8]) -> Option<Hit> {
    if let Some(length) = social_security(rest) {
        return Some(whole(length, "[redacted ssn]"));
    }
    if let Some(length) = card(rest) {
        return Some(whole(length, "[redacted card]"));
    }
    address(rest)
}

/// Whether the digits from `at` are the decimal places of a number, as in `0.4111111111111111`: one
/// share in twenty, as programs print them, would pass for a card otherwise. Digits in groups are
/// none, and neither are those behind a version or a word.
fn is_fraction(bytes: &[u8], at: usize, length: usize) -> bool {
    // As many digits as a program writes before the point of a number that has places behind it.
    const MOST_BEFORE: usize = 17;
    let Some(before) = bytes[..at].strip_suffix(b".") else {
        return false;
    };
    let whole = before.iter().rev().take(MOST_BEFORE + 1);
    let whole = whole.take_while(|byte| byte.is_ascii_digit()).count();
    let stands_alone = !before[..before.len() - whole]
        .last()
        .is_some_and(|&byte| is_word(byte) || byte == b'.');
    let is_one_group = bytes[at..at + length].iter().all(u8::is_ascii_digit);
    (1..=MOST_BEFORE).contains(&whole) && stands_alone && is_one_group
}

fn ends_word(rest: &[u8], length: usize) -> bool {
    !rest.get(length).is_some_and(|&byte| is_word(byte))
}

fn social_security(rest: &[u8]) -> Option<usize> {
    let form = rest.get(..11)?;
    let digits = |range: std::ops::Range<usize>| form[range].iter().all(u8::is_ascii_digit);
    let fits = digits(0..3) && form[3] == b'-' && digits(4..6) && form[6] == b'-' && digits(7..11);
    (fits && ends_word(rest, 11) && rest.get(11) != Some(&b'-')).then_some(11)
}

/// Thirteen to nineteen digits, in groups or not, that begin as an issuer's do and pass the Luhn
/// test (ISO/IEC 7812-1). Other numbers may follow in groups of their own.
fn card(rest: &[u8]) -> Option<usize> {
    let mut digits = [0u8; 19];
    let (mut count, mut at) = (0, 0);
    loop {
        let group = rest[at..]
            .iter()
            .take(20)
            .take_while(|byte| byte.is_ascii_digit());
        for byte in group {
            *digits.get_mut(count)? = byte - b'0';
            count += 1;
            at += 1;
        }
        let number = &digits[..count];
        if count >= 13 && ends_word(rest, at) && is_issued(number) && luhn(number) {
            return Some(at);
        }
        let separated = matches!(rest.get(at), Some(b' ' | b'-'));
        if !separated || !rest.get(at + 1).is_some_and(u8::is_ascii_digit) {
            return None;
        }
        at += 1;
    }
}

/// Numbers of payment cards begin with 2 to 6; a time in milliseconds begins with 1.
fn is_issued(digits: &[u8]) -> bool {
    match digits[0] {
        // Mastercard's second series; 2026 begins a date.
        2 => digits.len() == 16 && (2221..=2720).contains(&first_four(digits)),
        5 => digits.len() == 16,
        3 => (14..=16).contains(&digits.len()),
        4 => matches!(digits.len(), 13 | 16 | 19),
        6 => digits.len() >= 16,
        _ => false,
    }
}

fn first_four(digits: &[u8]) -> u32 {
    let first = digits.iter().take(4);
    first.fold(0, |number, &digit| number * 10 + u32::from(digit))
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, &digit)| match u32::from(digit) {
            digit if at % 2 == 0 => digit,
            digit if digit > 4 => digit * 2 - 9,
            digit => digit * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// An e-mail address.
fn address(rest: &[u8]) -> Option<Hit> {
    // RFC 5321: 64 before the sign, 255 behind it.
    let limit = rest.len().min(65);
    let local = run(&rest[..limit], |byte| {
        byte.is_ascii_alphanumeric() || b"._%+-".contains(&byte)
    });
    (local < 65 && rest.get(local) == Some(&b'@')).then_some(())?;
    let domain = &rest[local + 1..];
    let domain = &domain[..run(&domain[..domain.len().min(255)], |byte| {
        byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-'
    })];
    let end = domain.iter().rposition(u8::is_ascii_alphanumeric)? + 1;
    let domain = std::str::from_utf8(&domain[..end]).ok()?;
    let (host, top) = domain.rsplit_once('.')?;
    let is_domain =
        !host.is_empty() && top.len() >= 2 && top.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_domain.then(|| whole(local + 1 + end, "[redacted e-mail]"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Pieces of what the rules look for.
    fn pieces() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "a",
            "Z",
            " ",
            ".",
            "-",
            "--",
            "_",
            "@",
            "=",
            ":",
            "/",
            "\\",
            "\"",
            "\n",
            "ä",
            "1",
            "4111",
            "bearer",
            "Basic ",
            "eyJ",
            "eyJhbGciOi",
            "sk_live_",
            "AKIA",
            "password",
            "token",
            "-----BEGIN ",
            "PRIVATE KEY-----",
            "abcdefghijklmnop",
            "example.com",
            "://",
            "ghp_",
            "card",
            "B",
            "e",
        ]);
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn what_is_harmless_has_nothing_to_mask(text in pieces()) {
            if is_harmless(text.as_bytes()) {
                prop_assert_eq!(masked(&text), text);
            }
        }
    }

    #[test]
    fn sentences_are_harmless_and_secrets_are_not() {
        for sentence in [
            "trivial",
            "the drill can't be re-run (yet), by design; see above",
            "über",
        ] {
            assert!(is_harmless(sentence.as_bytes()), "{sentence}");
        }
        for secret in [
            "x eyJhbGciOiJI.eyJzdWIi",
            "BEARER abcdefghijklmnop",
            "basic abcdefghijklmnop",
        ] {
            assert!(!is_harmless(secret.as_bytes()), "{secret}");
            assert_ne!(masked(secret), secret);
        }
    }
}
