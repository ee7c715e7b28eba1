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
        without_small_times(&words(&text))
    }
}

/// `40 µs` and `1 ms`, with their space.
fn without_small_times(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(unit) = [" µs", " ms"]
        .iter()
        .filter_map(|unit| rest.find(unit))
        .min()
    {
        let number = rest[..unit].trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        out.push_str(number);
        if number.len() < unit {
            out.push_str("[time]");
            rest = rest[unit..]
                .trim_start_matches([' ', 'µ', 'm'])
                .trim_start_matches('s');
        } else {
            out.push_str(&rest[unit..=unit]);
            rest = &rest[unit + 1..];
        }
    }
    out.push_str(rest);
    out
}

/// What cargo and the compiler say about building: it depends on what was built before.
pub fn without_building(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let about_source =
            |next: &str| next.trim_start().starts_with("--> ") && next.contains(".rs:");
        if line.starts_with("warning: ") && lines.peek().is_some_and(|next| about_source(next)) {
            // An excerpt with its notes, up to a blank line.
            for line in lines.by_ref() {
                if line.trim().is_empty() {
                    break;
                }
            }
        } else if !is_building(line) {
            out.push_str(line);
        }
    }
    out
}

fn is_building(line: &str) -> bool {
    const VERBS: [&str; 6] = [
        "Compiling",
        "Blocking",
        "Finished",
        "Running",
        "Locking",
        "Adding",
    ];
    let verb = line.trim_start().split(' ').next().unwrap_or_default();
    let indented = line.starts_with("  ");
    (indented && VERBS.contains(&verb))
        || (line.starts_with("warning: `") && line.contains(" generated "))
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
    if matches(word, "dddd-dd-ddTdd-dd-ddZ-d") || is_run_of_a_process(word) {
        return "[run]".to_owned();
    }
    if matches(word, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx") && word.len() == 36 {
        // Nextest's name for a run.
        return "[run]".to_owned();
    }
    if let Some(rest) = after_process(word) {
        return format!("[process]{rest}");
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

/// `cargo-1234-567890`, the run of a `cargo test` by its process and start time, or `self-…`, the
/// run of a target that was started alone.
fn is_run_of_a_process(word: &str) -> bool {
    let numbers = word
        .strip_prefix("cargo-")
        .or_else(|| word.strip_prefix("self-"))
        .and_then(|rest| rest.split_once('-'));
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    numbers.is_some_and(|(process, start)| all_digits(process) && all_digits(start))
}

/// What follows `1234-567890-0a1b2c3d`, the name of one process's journal.
fn after_process(word: &str) -> Option<&str> {
    let (process, rest) = word.split_once('-')?;
    let (start, rest) = rest.split_once('-')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let whole = digits(process) && digits(start) && matches(rest, "xxxxxxxx");
    whole.then(|| &rest[8..])
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
    fn building_goes_and_our_own_warnings_stay() {
        let ours = "warning: CHECKLIST.md:3: A-1: odd\n";
        assert_eq!(without_building(ours), ours);
        let text = "warning: unused import: `x`\n --> src/a.rs:1:1\n  |\n1 | use x;\n\nkept\n\
                    warning: `a` (lib) generated 1 warning\n   Compiling a v0.1.0 (/a)\n    \
                    Finished `test` profile\nrunning\n";
        assert_eq!(without_building(text), "kept\nrunning\n");
    }

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
            "run [run]"
        );
        assert_eq!(
            normal.text("in cargo-29294-409947, self-1-2 and 2026-11-22T07-37-40Z-32348"),
            "in [run], [run] and [run]"
        );
        assert_eq!(
            normal.text("after 40 µs, 3 ms; ms"),
            "after [time], [time]; ms"
        );
        assert_eq!(normal.text("12-34-0a1b2c3d.jsonl:4"), "[process].jsonl:4");
    }
}
