//! Taking out of an output what differs between two runs of the same thing: paths, times, days,
//! process ids, hashes. Everything else stays, to the byte.

use std::path::Path;

/// Replacements, applied in the order in which they were added, then the built-in ones.
#[derive(Debug, Clone, Default)]
pub struct Normal {
    texts: Vec<(String, String)>,
}

impl Normal {
    /// Only what is built in.
    pub fn new() -> Self {
        Self::default()
    }

    /// Calls a path by a name.
    #[must_use]
    pub fn path(self, path: &Path, name: &str) -> Self {
        self.replace(&path.display().to_string(), name)
    }

    /// Calls any text by a name.
    #[must_use]
    pub fn replace(mut self, text: &str, name: &str) -> Self {
        if !text.is_empty() {
            self.texts.push((text.to_owned(), name.to_owned()));
        }
        self
    }

    /// The text without what differs.
    pub fn text(&self, text: &str) -> String {
        let mut text = text.replace("\r\n", "\n");
        for (from, to) in &self.texts {
            text = text.replace(from, to);
        }
        words(&text)
    }
}

/// Replaces each word that is a time, a day or a hash. Words are runs of letters, digits and the few
/// characters that stand inside of times and ids.
fn words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_word) {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        // A full stop or colon at the end belongs to the sentence.
        let word = rest[..end].trim_end_matches(['.', ':', '-']);
        out.push_str(&named(word));
        out.push_str(&rest[word.len()..end]);
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '-')
}

fn named(word: &str) -> String {
    if is_duration(word) {
        return "[time]".to_owned();
    }
    if matches(word, "dddd-dd-ddTdd:dd:dd") {
        return "[timestamp]".to_owned();
    }
    if word.len() == 10 && matches(word, "dddd-dd-dd") {
        return "[day]".to_owned();
    }
    if matches(word, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx") && word.len() == 36 {
        return "[uuid]".to_owned();
    }
    // `name-0123456789abcdef`, as cargo calls its artefacts, and bare digests.
    let (name, last) = word
        .rsplit_once('-')
        .map_or(("", word), |(name, last)| (name, last));
    let hash = match last.len() {
        16 => "[hash]",
        32 => "[digest]",
        40 => "[commit]",
        64 => "[sha256]",
        _ => return word.to_owned(),
    };
    if !last
        .bytes()
        .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    {
        return word.to_owned();
    }
    if name.is_empty() {
        hash.to_owned()
    } else {
        format!("{name}-{hash}")
    }
}

/// `0.01s`, `12ms`, `3.4µs` without its `µ`.
fn is_duration(word: &str) -> bool {
    let number = word
        .strip_suffix("ms")
        .or_else(|| word.strip_suffix('s'))
        .unwrap_or_default();
    number.contains('.')
        && number.starts_with(|c: char| c.is_ascii_digit())
        && number
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// Whether `word` begins as `pattern` says: `d` a digit, `x` a hexadecimal one, others themselves.
fn matches(word: &str, pattern: &str) -> bool {
    word.len() >= pattern.len()
        && word
            .bytes()
            .zip(pattern.bytes())
            .all(|(byte, pattern)| match pattern {
                b'd' => byte.is_ascii_digit(),
                b'x' => byte.is_ascii_hexdigit(),
                other => byte == other,
            })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_goes_and_the_rest_stays() {
        let normal = Normal::new().path(Path::new("/tmp/x"), "[project]");
        let same = "test result: ok. 5 passed; 94.21 %, RT-PRO-002, 2m, 30s";
        assert_eq!(normal.text(same), same);
        let before = "/tmp/x/a.md finished in 0.12s at 2026-11-22T10:00:00.5Z, on 2026-11-22.";
        let after = "[project]/a.md finished in [time] at [timestamp], on [day].";
        assert_eq!(normal.text(before), after);
        assert_eq!(
            normal.text("deps/readiness-0123456789abcdef 0af7651916cd43dd8448eb211c80319c"),
            "deps/readiness-[hash] [digest]"
        );
        assert_eq!(
            normal.text("run 3f2504e0-4f89-41d3-9a0c-0305e82c3301"),
            "run [uuid]"
        );
    }
}
