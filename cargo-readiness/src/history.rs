//! `readiness.history`, beside the checklist and committed: one line for each reported run.
//!
//! ```text
//! {"format":1,"at":"2026-11-22T10:05:14Z","run":"r-7","commit":"abc","target":"staging","version":"1.4",
//!  "score":[114,121],"digest":"sha256:…","items":{"passed":["A-1"],"failed":["A-2"]}}
//! ```
//!
//! Lines are only ever added, and their order means nothing: reading sorts them by time and drops
//! doubles, so that a merge that keeps the lines of both sides is right (`merge=union` in
//! `.gitattributes`). A line that cannot be read is counted and left alone.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::OpenOptions;
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use readiness::assess::{Assessment, Outcome, Score};
use serde::{Deserialize, Serialize};

use crate::documents::Document;

/// The file's name.
pub(crate) const FILE_NAME: &str = "readiness.history";

/// What makes git keep the lines of both sides.
pub(crate) const ATTRIBUTE: &str = "readiness.history merge=union";

const FORMAT: u32 = 1;

/// The longest line that is read or written, in bytes; a run of some ten thousand items.
const MAX_LINE: usize = 512 * 1024;

/// As much of a file's end is read; a nightly run of 500 items fills it in a century.
const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// How many lines that cannot be read are named.
const MOST_PROBLEMS: usize = 5;

/// One reported run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    format: u32,
    /// When it was reported, RFC 3339 in UTC.
    pub(crate) at: String,
    /// The run.
    pub(crate) run: String,
    /// Commit of the working tree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) commit: Option<String>,
    /// Logical name of what was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) target: Option<String>,
    /// Version that it reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<String>,
    /// Not all checks took part.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) partial: bool,
    /// Passed, and applicable.
    score: (u64, u64),
    /// What a sign-off of it would be for.
    pub(crate) digest: String,
    /// Ids by outcome.
    items: BTreeMap<String, Vec<String>>,
}

impl Entry {
    /// What a run came to; none for an assessment without one, or without results.
    pub(crate) fn new(assessment: &Assessment, digest: impl FnOnce() -> String) -> Option<Self> {
        let run = assessment
            .run
            .as_ref()
            .filter(|_| assessment.has_results())?;
        let now = Timestamp::now();
        let mut items: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for item in &assessment.items {
            let outcome = item.resolved.outcome.as_str().to_owned();
            items.entry(outcome).or_default().push(item.id.clone());
        }
        let score = assessment.score();
        Some(Self {
            format: FORMAT,
            at: Timestamp::from_millisecond(now.as_millisecond())
                .unwrap_or(now)
                .to_string(),
            run: run.run.clone(),
            commit: run.commit.clone(),
            target: run.target.as_ref().map(|target| target.name.clone()),
            version: run
                .target
                .as_ref()
                .and_then(|target| target.version.clone()),
            partial: run.partial,
            score: (score.passed, score.applicable),
            digest: format!("sha256:{}", digest()),
            items,
        })
    }

    /// The score.
    pub(crate) fn score(&self) -> Score {
        Score {
            passed: self.score.0,
            applicable: self.score.1,
        }
    }

    /// Items of an outcome.
    pub(crate) fn count(&self, outcome: Outcome) -> usize {
        self.items.get(outcome.as_str()).map_or(0, Vec::len)
    }

    /// Every item with what it came to.
    pub(crate) fn items(&self) -> impl Iterator<Item = (&str, Outcome)> {
        let known = self.items.iter().filter_map(|(word, ids)| {
            let outcome = Outcome::parse(word)?;
            Some(ids.iter().map(move |id| (id.as_str(), outcome)))
        });
        known.flatten()
    }

    /// Whether every item came to the same.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.items == other.items
    }

    /// The day it was reported, in UTC.
    pub(crate) fn day(&self) -> String {
        let at = self.at.parse::<Timestamp>().unwrap_or_default();
        at.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
    }

    /// Outcomes by id.
    pub(crate) fn outcomes(&self) -> BTreeMap<&str, &str> {
        let ids = |(outcome, ids)| {
            let outcome: &String = outcome;
            let ids: &Vec<String> = ids;
            ids.iter().map(move |id| (id.as_str(), outcome.as_str()))
        };
        self.items.iter().flat_map(ids).collect()
    }

    fn parse(line: &str) -> Result<Self, String> {
        let entry: Self = serde_json::from_str(line).map_err(|error| error.to_string())?;
        if entry.format > FORMAT {
            return Err(format!(
                "it has format {}; this version reads up to {FORMAT}",
                entry.format
            ));
        }
        entry
            .at
            .parse::<Timestamp>()
            .map_err(|_| "`at` is no time".to_owned())?;
        if entry.score.0 > entry.score.1 {
            return Err("more items are passed than there are".to_owned());
        }
        if entry
            .items
            .keys()
            .any(|word| Outcome::parse(word).is_none())
        {
            return Err("an outcome is unknown".to_owned());
        }
        Ok(entry)
    }
}

/// A history, read.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// By time, each once.
    pub(crate) entries: Vec<Entry>,
    /// What could not be read, with its line; at most a few.
    pub(crate) problems: Vec<String>,
}

/// The history's place: beside the checklist.
pub(crate) fn path(document: &Document) -> PathBuf {
    document.located.path.with_file_name(FILE_NAME)
}

/// Reads a history; one that is not there is empty.
pub(crate) fn read(path: &Path) -> io::Result<History> {
    read_last(path, MAX_BYTES)
}

/// The lines that begin within the last `most` bytes: new ones are at the end.
fn read_last(path: &Path, most: u64) -> io::Result<History> {
    let mut file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(History::default()),
        Err(error) => return Err(error),
    };
    let length = file.metadata()?.len();
    let mut history = History::default();
    if length > most {
        file.seek(SeekFrom::Start(length - most))?;
        let problem = format!("only its last {most} of {length} bytes are read");
        history.problems.push(problem);
    }
    let mut reader = BufReader::new(file.take(most));
    if length > most {
        // The rest of a line.
        next_line(&mut reader)?;
    }
    let mut unread = 0_usize;
    for number in 1_usize.. {
        let Some(line) = next_line(&mut reader)? else {
            break;
        };
        if line.is_empty() {
            continue;
        }
        let parsed = match std::str::from_utf8(&line) {
            _ if line.len() > MAX_LINE => Err(format!("it is longer than {MAX_LINE} bytes")),
            Err(_) => Err("it is not UTF-8".to_owned()),
            Ok(text) => Entry::parse(text),
        };
        match parsed {
            Ok(entry) => history.entries.push(entry),
            Err(why) => {
                unread += 1;
                if unread <= MOST_PROBLEMS {
                    history
                        .problems
                        .push(format!("line {number} is ignored: {why}"));
                }
            }
        }
    }
    if unread > MOST_PROBLEMS {
        history
            .problems
            .push(format!("{} more lines are ignored", unread - MOST_PROBLEMS));
    }
    sort(&mut history.entries);
    Ok(history)
}

/// By time as such: `Z` and an offset may stand for the same moment.
fn sort(entries: &mut Vec<Entry>) {
    let time = |entry: &Entry| entry.at.parse::<Timestamp>().ok();
    entries.sort_by(|a, b| (time(a), &a.run, &a.digest).cmp(&(time(b), &b.run, &b.digest)));
    let mut seen = BTreeSet::new();
    entries.retain(|entry| seen.insert((entry.run.clone(), entry.digest.clone())));
}

/// The next line without its end; of one that is too long only as much as shows it. None at the end.
fn next_line(reader: &mut impl io::BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let mut any = false;
    loop {
        let chunk = reader.fill_buf()?;
        if chunk.is_empty() {
            return Ok(any.then_some(line));
        }
        any = true;
        let end = chunk.iter().position(|&byte| byte == b'\n');
        let part = &chunk[..end.unwrap_or(chunk.len())];
        let room = (MAX_LINE + 1).saturating_sub(line.len());
        line.extend_from_slice(&part[..part.len().min(room)]);
        let used = part.len() + usize::from(end.is_some());
        reader.consume(used);
        if end.is_some() {
            return Ok(Some(line));
        }
    }
}

/// Adds a line, unless the run is there already with the same result. The caller holds the
/// checklist's lock.
pub(crate) fn append(path: &Path, entry: &Entry) -> io::Result<()> {
    let known = read(path)?;
    let same = |other: &&Entry| other.run == entry.run && other.digest == entry.digest;
    if known.entries.iter().any(|other| same(&other)) {
        return Ok(());
    }
    let text = serde_json::to_string(entry).map_err(io::Error::other)?;
    if text.len() > MAX_LINE {
        return Err(io::Error::other(format!(
            "a line of more than {MAX_LINE} bytes"
        )));
    }
    let begun = !path.exists();
    let mut file = OpenOptions::new()
        .append(true)
        .read(true)
        .create(true)
        .open(path)?;
    // A line that was torn off must not swallow this one.
    let torn = !begun && !ends_with_newline(path)?;
    let line = format!("{}{text}\n", if torn { "\n" } else { "" });
    file.write_all(line.as_bytes())?;
    file.sync_all()?;
    Ok(())
}

fn ends_with_newline(path: &Path) -> io::Result<bool> {
    let mut file = std::fs::File::open(path)?;
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

/// Whether git is told how to merge the file, there or in a folder above.
pub(crate) fn merges(path: &Path) -> bool {
    let folders = path.ancestors().skip(1);
    folders
        .map(|folder| folder.join(".gitattributes"))
        .filter_map(|file| std::fs::read_to_string(file).ok())
        .any(|text| {
            text.lines()
                .any(|line| line.contains(FILE_NAME) && line.contains("merge=union"))
        })
}

#[cfg(test)]
#[path = "history_tests.rs"]
mod tests;
