//! `readiness.lock`, beside the checklist and committed: what was last written for each item, and
//! why. It is how a later run, on another machine, knows its own statuses from a person's.
//!
//! ```text
//! readiness-lock 1
//! HDR-001⇥status=PASS⇥outcome=passed⇥run=r-1⇥target=staging⇥day=2026-11-20⇥text=sha256:…⇥check=…⇥strength=proven
//! ```
//!
//! One line per item, sorted by id, fields separated by tabs (`⇥`): git merges it line by line. A file
//! that cannot be read as a whole is not read in part: then every status is claimed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use readiness_checklist::Status;

use crate::assess::Outcome;
use crate::config::date::parse_day;
use crate::document::Located;

/// The ledger's name.
pub const FILE_NAME: &str = "readiness.lock";

/// The format that is written.
const FORMAT: u32 = 1;

const HEADER: &str = "readiness-lock";

/// No ledger of ours is larger; see [`crate::document::MAX_BYTES`].
const MAX_BYTES: u64 = 64 * 1024 * 1024;

impl Located {
    /// The ledger's place: beside the checklist.
    pub fn ledger_path(&self) -> PathBuf {
        self.path.with_file_name(FILE_NAME)
    }
}

/// What stands beside a checklist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LedgerState {
    /// Read.
    Present(Ledger),
    /// There is none.
    Absent,
    /// There is one that cannot be read.
    Broken {
        /// Line, 1-based; none when it is the file as a whole.
        line: Option<usize>,
        /// Why.
        reason: String,
    },
}

/// What was written, by id.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ledger {
    /// The entries.
    pub entries: BTreeMap<String, Entry>,
}

/// What was written for one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The status in the document.
    pub status: Status,
    /// The outcome it stands for.
    pub outcome: Outcome,
    /// The outcome before statements, where they changed it.
    pub base: Option<Outcome>,
    /// The run that gave it; none when only a statement did.
    pub run: Option<String>,
    /// Logical name of what was looked at.
    pub target: Option<String>,
    /// Version that the target reported.
    pub version: Option<String>,
    /// Commit of the working tree.
    pub commit: Option<String>,
    /// The day, in UTC, of the result or the statement.
    pub day: Date,
    /// SHA-256 of the requirement's normalised text, in hexadecimal.
    pub text: String,
    /// Digest of the checks.
    pub check: Option<String>,
    /// Digest of the configuration.
    pub config: Option<String>,
    /// What stands behind a pass: `proven` or `excused`.
    pub strength: Option<String>,
}

impl LedgerState {
    /// Reads the ledger at `path`.
    pub fn read(path: &Path) -> Self {
        match std::fs::metadata(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Self::Absent,
            Ok(meta) if meta.len() > MAX_BYTES => {
                return Self::Broken {
                    line: None,
                    reason: format!("the file is larger than {MAX_BYTES} bytes"),
                };
            }
            _ => {}
        }
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text),
            Err(error) => Self::Broken {
                line: None,
                reason: error.to_string(),
            },
        }
    }

    /// Reads the text of a ledger.
    pub fn parse(text: &str) -> Self {
        match Ledger::parse(text) {
            Ok(ledger) => Self::Present(ledger),
            Err((line, reason)) => Self::Broken {
                line: Some(line),
                reason,
            },
        }
    }

    /// The entry of an item; none in a ledger that is not there or cannot be read.
    pub fn entry(&self, id: &str) -> Option<&Entry> {
        match self {
            Self::Present(ledger) => ledger.entries.get(id),
            Self::Absent | Self::Broken { .. } => None,
        }
    }
}

impl Ledger {
    fn parse(text: &str) -> Result<Self, (usize, String)> {
        let mut lines = text
            .lines()
            .enumerate()
            .map(|(index, line)| (index + 1, line));
        let header = lines.next().map_or("", |(_, line)| line);
        let version = header
            .strip_prefix(HEADER)
            .and_then(|v| v.trim().parse::<u32>().ok());
        match version {
            Some(FORMAT) => {}
            Some(newer) if newer > FORMAT => {
                return Err((
                    1,
                    format!("it has format {newer}; this version reads up to {FORMAT}"),
                ));
            }
            _ => return Err((1, format!("it does not begin with `{HEADER} {FORMAT}`"))),
        }
        let mut ledger = Self::default();
        for (number, line) in lines {
            if line.is_empty() {
                continue;
            }
            let (id, entry) = parse_line(line).map_err(|reason| (number, reason))?;
            if ledger.entries.insert(id.clone(), entry).is_some() {
                return Err((number, format!("{id} has two lines")));
            }
        }
        Ok(ledger)
    }

    /// The text of the file.
    pub fn to_text(&self) -> String {
        let mut text = format!("{HEADER} {FORMAT}\n");
        for (id, entry) in &self.entries {
            text.push_str(&escape(id));
            for (key, value) in entry.fields() {
                // Writing to a string cannot fail.
                let _ = write!(text, "\t{key}={}", escape(&value));
            }
            text.push('\n');
        }
        text
    }
}

impl Entry {
    fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = vec![
            ("status", self.status.as_str().to_owned()),
            ("outcome", self.outcome.as_str().to_owned()),
        ];
        let mut optional = |key, value: Option<&str>| {
            fields.extend(value.map(|value| (key, value.to_owned())));
        };
        optional("base", self.base.map(Outcome::as_str));
        optional("run", self.run.as_deref());
        optional("target", self.target.as_deref());
        optional("version", self.version.as_deref());
        optional("commit", self.commit.as_deref());
        optional("day", Some(&self.day.to_string()));
        optional("text", Some(&format!("sha256:{}", self.text)));
        optional("check", self.check.as_deref());
        optional("config", self.config.as_deref());
        optional("strength", self.strength.as_deref());
        fields
    }
}

fn parse_line(line: &str) -> Result<(String, Entry), String> {
    let mut parts = line.split('\t');
    let id = parts
        .next()
        .and_then(unescape)
        .filter(|id| !id.is_empty())
        .ok_or("no id")?;
    let mut fields = BTreeMap::new();
    for part in parts {
        let (key, value) = part
            .split_once('=')
            .ok_or_else(|| format!("`{part}` is no field"))?;
        let value = unescape(value).ok_or_else(|| format!("`{part}` is wrongly escaped"))?;
        if fields.insert(key, value).is_some() {
            return Err(format!("`{key}` stands twice"));
        }
    }
    let need = |key: &str| {
        fields
            .get(key)
            .ok_or_else(|| format!("{id} has no `{key}`"))
    };
    let outcome =
        |word: &str| Outcome::parse(word).ok_or_else(|| format!("no outcome is called `{word}`"));
    let base = fields.get("base").map(|word| outcome(word)).transpose()?;
    let optional = |key: &str| fields.get(key).cloned();
    let entry = Entry {
        status: status(need("status")?).ok_or("no such status")?,
        outcome: outcome(need("outcome")?)?,
        base,
        run: optional("run"),
        target: optional("target"),
        version: optional("version"),
        commit: optional("commit"),
        day: parse_day(need("day")?).ok_or("`day` is no day")?,
        text: need("text")?
            .strip_prefix("sha256:")
            .ok_or("`text` is no hash")?
            .to_owned(),
        check: optional("check"),
        config: optional("config"),
        strength: optional("strength"),
    };
    Ok((id, entry))
}

fn status(word: &str) -> Option<Status> {
    [Status::Pass, Status::Warn, Status::Fail, Status::Skip]
        .into_iter()
        .find(|status| status.as_str() == word)
}

/// Tabs, line ends, other controls and `%` itself as `%XX` of their UTF-8 bytes.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || c == '%' || c == '\u{2028}' || c == '\u{2029}' {
            let mut buffer = [0; 4];
            for byte in c.encode_utf8(&mut buffer).bytes() {
                let _ = write!(out, "%{byte:02X}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

pub(crate) fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if *first == b'%' {
            let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "A-1\tstatus=PASS\toutcome=passed\trun=r-1\ttarget=staging west\tday=2026-11-20\ttext=sha256:ab\tcheck=cd\tstrength=proven\n";

    fn parse(text: &str) -> LedgerState {
        LedgerState::parse(text)
    }

    fn broken_at(text: &str) -> Option<usize> {
        match parse(text) {
            LedgerState::Broken { line, .. } => line,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        let text = format!(
            "readiness-lock 1\n{LINE}B-2\tstatus=WARN\toutcome=waived\tbase=failed\tday=2026-11-21\ttext=sha256:00\n"
        );
        let LedgerState::Present(ledger) = parse(&text) else {
            panic!("not read");
        };
        assert_eq!(ledger.to_text(), text);
        let entry = &ledger.entries["A-1"];
        assert_eq!(entry.target.as_deref(), Some("staging west"));
        assert_eq!(ledger.entries["B-2"].base, Some(Outcome::Failed));
    }

    #[test]
    fn lines_are_sorted_and_values_escaped() {
        let LedgerState::Present(mut ledger) = parse(&format!("readiness-lock 1\n{LINE}")) else {
            panic!("not read");
        };
        let mut entry = ledger.entries["A-1"].clone();
        entry.target = Some("a\tb\n100 %".to_owned());
        ledger.entries.insert("A-0".to_owned(), entry);
        let text = ledger.to_text();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(lines[1].starts_with("A-0\t") && lines[1].contains("target=a%09b%0A100 %25"));
        assert_eq!(parse(&text), LedgerState::Present(ledger));
    }

    #[test]
    fn a_field_of_a_later_version_is_ignored() {
        let text = format!("readiness-lock 1\n{}\tcolour=red\n", LINE.trim_end());
        assert!(matches!(parse(&text), LedgerState::Present(_)));
    }

    #[test]
    fn what_cannot_be_read_is_broken_with_its_line() {
        let with = |line: &str| format!("readiness-lock 1\n{LINE}{line}\n");
        for (text, line) in [
            (String::new(), 1),
            ("readiness-lock 2\n".to_owned(), 1),
            ("[[lock]]\n".to_owned(), 1),
            (with("<<<<<<< HEAD"), 3),
            (with("======="), 3),
            (with(LINE.trim_end()), 3),
            (
                with(&LINE.trim_end().replace("status=PASS", "status=GREEN")),
                3,
            ),
            (
                with(&LINE.trim_end().replace("outcome=passed", "outcome=fine")),
                3,
            ),
            (
                with(&LINE.trim_end().replace("2026-11-20", "2026-11-31")),
                3,
            ),
            (with("B-1\tstatus=PASS"), 3),
            (with("B-1\tstatus"), 3),
            (with("B-1\tstatus=%GG"), 3),
        ] {
            assert_eq!(broken_at(&text), Some(line), "{text:?}");
        }
    }

    #[test]
    fn no_file_is_absent_and_a_folder_is_broken() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(
            LedgerState::read(&folder.path().join("x")),
            LedgerState::Absent
        );
        assert!(matches!(
            LedgerState::read(folder.path()),
            LedgerState::Broken { .. }
        ));
    }
}
