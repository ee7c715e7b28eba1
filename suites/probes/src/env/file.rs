//! Environment files: lines of `NAME=value`.
//!
//! There is no standard. Read here is what the common readers agree on: `#` begins a comment at the
//! start of a line and after white space, `export ` may stand in front, single quotes keep
//! everything, double quotes know `\n`, `\t`, `\"`, `\\` and `\$`. Where readers differ, nothing is
//! lost: white space at the end of an unquoted value stays, because some of them hand it to the
//! service.

use std::collections::BTreeMap;

/// Bytes of a file at most.
pub(super) const MAX_FILE: usize = 1 << 20;
/// Variables at most.
const MAX_VARIABLES: usize = 10_000;

/// What an environment file says.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct EnvFile {
    variables: BTreeMap<String, String>,
    problems: Vec<Problem>,
}

/// A line that is not what it should be. Its text is not kept: it may be a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// From 1.
    pub line: usize,
    /// In words.
    pub what: &'static str,
}

impl std::fmt::Debug for EnvFile {
    /// Names alone: values may be secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EnvFile")
            .field("names", &self.variables.keys().collect::<Vec<_>>())
            .field("problems", &self.problems)
            .finish()
    }
}

impl EnvFile {
    /// Reads a file. Lines that are none are noted and passed over; of a name that is set twice the
    /// last value counts, as shells have it, and the line is noted.
    pub fn parse(bytes: &[u8]) -> EnvFile {
        let mut file = EnvFile::default();
        if bytes.len() > MAX_FILE {
            file.problems.push(Problem {
                line: 1,
                what: "the file is longer than 1 MiB",
            });
            return file;
        }
        let text = String::from_utf8_lossy(bytes);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        for (at, line) in text.lines().enumerate() {
            match variable(line) {
                Ok(None) => {}
                Ok(Some(_)) if file.variables.len() == MAX_VARIABLES => {
                    file.problems.push(Problem {
                        line: at + 1,
                        what: "there are too many variables",
                    });
                    break;
                }
                Ok(Some((name, value))) => {
                    if file.variables.insert(name, value).is_some() {
                        let what = "the name was set before; this value counts";
                        file.problems.push(Problem { line: at + 1, what });
                    }
                }
                Err(what) => file.problems.push(Problem { line: at + 1, what }),
            }
        }
        file
    }

    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// Lines that were passed over or counted for another.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// All of it.
    pub fn into_variables(self) -> BTreeMap<String, String> {
        self.variables
    }
}

fn variable(line: &str) -> Result<Option<(String, String)>, &'static str> {
    let line = line.trim_start();
    if line.trim_end().is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let line = line.strip_prefix("export ").map_or(line, str::trim_start);
    let (name, value) = line.split_once('=').ok_or("it has no =")?;
    let name = name.trim_end();
    let is_name = name
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'.')
        && name.bytes().next().is_some_and(|b| !b.is_ascii_digit());
    if !is_name {
        return Err("what stands before the = is no name");
    }
    Ok(Some((name.to_owned(), value_of(value)?)))
}

fn value_of(text: &str) -> Result<String, &'static str> {
    let text = text.trim_start_matches([' ', '\t']);
    if let Some(rest) = text.strip_prefix('\'') {
        let (value, after) = rest
            .split_once('\'')
            .ok_or("a single quote is not closed")?;
        return nothing_but_a_comment(after).map(|()| value.to_owned());
    }
    if let Some(rest) = text.strip_prefix('"') {
        return double_quoted(rest);
    }
    // A # inside of a word belongs to it, as in a URL's fragment.
    let end = text
        .char_indices()
        .find(|&(at, c)| c == '#' && text[..at].ends_with([' ', '\t']))
        .map(|(at, _)| at);
    Ok(match end {
        Some(at) => text[..at].trim_end().to_owned(),
        None => text.to_owned(),
    })
}

fn double_quoted(text: &str) -> Result<String, &'static str> {
    let mut value = String::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '"' => return nothing_but_a_comment(rest.as_str()).map(|()| value),
            '\\' => match rest.next() {
                Some('n') => value.push('\n'),
                Some('t') => value.push('\t'),
                Some(c @ ('"' | '\\' | '$')) => value.push(c),
                Some(other) => value.extend(['\\', other]),
                None => break,
            },
            c => value.push(c),
        }
    }
    Err("a double quote is not closed")
}

fn nothing_but_a_comment(after: &str) -> Result<(), &'static str> {
    let after = after.trim_start();
    if after.is_empty() || after.starts_with('#') {
        Ok(())
    } else {
        Err("something stands after the closing quote")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(line: &str) -> Option<String> {
        EnvFile::parse(line.as_bytes()).get("A").map(str::to_owned)
    }

    #[test]
    fn values_are_read_as_written() {
        for (line, expected) in [
            ("A=b", "b"),
            ("export A=b", "b"),
            ("  A = b c ", "b c "),
            ("A=b # comment", "b"),
            ("A=http://x/#part", "http://x/#part"),
            ("A='b # \"c\" \\n' # comment", "b # \"c\" \\n"),
            ("A=\"b\\n\\\"\\$\\x\"", "b\n\"$\\x"),
            ("\u{feff}A=b\r\nB=c", "b"),
            ("A=", ""),
            ("A=x=y", "x=y"),
        ] {
            assert_eq!(value(line).as_deref(), Some(expected), "{line:?}");
        }
    }

    #[test]
    fn lines_that_are_none_are_noted_by_number() {
        let file = EnvFile::parse(b"# c\n\nno\n1A=b\nA='b\nA=\"b\"c\nA=1\nA=2\n");
        let lines: Vec<usize> = file.problems().iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [3, 4, 5, 6, 8]);
        assert_eq!(file.get("A"), Some("2"));
    }

    #[test]
    fn values_are_not_shown() {
        let file = EnvFile::parse(b"A=secret\nsecret\n");
        assert!(!format!("{file:?}").contains("secret"));
    }

    #[test]
    fn hostile_files_are_bounded() {
        let file = EnvFile::parse(&vec![b'A'; MAX_FILE + 1]);
        assert_eq!(file.problems().len(), 1);
        let many: Vec<String> = (0..MAX_VARIABLES + 5).map(|n| format!("V{n}=1")).collect();
        let many = many.join("\n");
        assert_eq!(
            EnvFile::parse(many.as_bytes()).into_variables().len(),
            MAX_VARIABLES
        );
    }
}
