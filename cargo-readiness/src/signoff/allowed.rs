//! The `allowed_signers` file: whose keys count, as `ssh-keygen -Y verify` reads it.
//!
//! ```text
//! # principals [options] key
//! ann@example.com namespaces="readiness@cargo-readiness",valid-before="20270101Z" ssh-ed25519 AAAA…
//! *@ops.example.com,!temp@ops.example.com ssh-ed25519 AAAA…
//! ```
//!
//! A line that cannot be honoured to the letter counts for nothing and is reported: certificate
//! authorities, unknown options, and times without a `Z`, which would mean something else on each
//! machine.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::Timestamp;
use readiness::diagnostic::{Code, Diagnostic};
use readiness::signoff::NAMESPACE;
use ssh_key::PublicKey;
use ssh_key::public::KeyData;

/// The file's name where the configuration gives none.
pub(crate) const FILE_NAME: &str = "allowed_signers";

/// No team's list of keys is larger; a larger file is a mistake.
const MAX_BYTES: u64 = 1024 * 1024;

/// Those who may sign.
#[derive(Debug, Default)]
pub(crate) struct Signers {
    path: PathBuf,
    entries: Vec<Entry>,
    /// Lines that count for nothing.
    pub(crate) found: Vec<Diagnostic>,
    /// Whether there is a file at all.
    pub(crate) present: bool,
}

#[derive(Debug)]
struct Entry {
    line: usize,
    principals: String,
    namespaces: Option<String>,
    after: Option<Timestamp>,
    before: Option<Timestamp>,
    key: PublicKey,
}

impl Signers {
    /// Reads a file; one that is not there allows nobody.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        match std::fs::metadata(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self {
                    path: path.to_path_buf(),
                    ..Self::default()
                });
            }
            Ok(meta) if meta.len() > MAX_BYTES => {
                anyhow::bail!("{} is larger than {MAX_BYTES} bytes", path.display())
            }
            _ => {}
        }
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("failed to read {}", path.display()))?;
        Ok(Self::parse(path, &text))
    }

    pub(crate) fn parse(path: &Path, text: &str) -> Self {
        let mut signers = Self {
            path: path.to_path_buf(),
            present: true,
            ..Self::default()
        };
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match entry(line, index + 1) {
                Ok(entry) => signers.entries.push(entry),
                Err((why, hint)) => signers.found.push(
                    Diagnostic::new(
                        Code::SignersInvalid,
                        path,
                        format!("{why}; the line counts for nothing"),
                    )
                    .at(index + 1)
                    .hint(hint),
                ),
            }
        }
        signers
    }

    /// Whether this key may sign as `signer` at each of `times`; if not, why.
    pub(crate) fn allow(
        &self,
        key: &KeyData,
        signer: &str,
        times: &[Timestamp],
    ) -> Result<(), String> {
        let lines: Vec<_> = self
            .entries
            .iter()
            .filter(|entry| entry.key.key_data() == key)
            .collect();
        if lines.is_empty() {
            return Err(format!(
                "its key is not in {}",
                crate::documents::shown(&self.path)
            ));
        }
        let mut why = String::new();
        for entry in lines {
            match entry.allow(signer, times) {
                Ok(()) => return Ok(()),
                // The line that is about this person says most.
                Err(reason) if why.is_empty() || matches(&entry.principals, signer) => {
                    why = format!(
                        "{reason} ({}:{})",
                        crate::documents::shown(&self.path),
                        entry.line
                    );
                }
                Err(_) => {}
            }
        }
        Err(why)
    }

    /// The identity of a key, where one line names exactly one for it.
    pub(crate) fn identity(&self, key: &KeyData) -> Option<&str> {
        let mut names = self
            .entries
            .iter()
            .filter(|entry| entry.key.key_data() == key)
            .map(|entry| entry.principals.as_str());
        let name = names.next()?;
        let single = !name.contains([',', '*', '?', '!']);
        (single && names.all(|other| other == name)).then_some(name)
    }
}

impl Entry {
    fn set(&mut self, option: &str) -> Result<(), Refused> {
        let (name, value) = match option.split_once('=') {
            Some((name, value)) => (name, Some(value.trim_matches('"'))),
            None => (option, None),
        };
        match (name.to_ascii_lowercase().as_str(), value) {
            ("namespaces", Some(value)) => self.namespaces = Some(value.to_owned()),
            ("valid-after", Some(value)) => self.after = Some(time(value)?),
            ("valid-before", Some(value)) => self.before = Some(time(value)?),
            ("cert-authority", None) => {
                let hint = "list the signers' own keys";
                return Err(refused("certificate authorities are not supported", hint));
            }
            _ => {
                let hint = "namespaces=\"…\", valid-after=\"…Z\" and valid-before=\"…Z\" are known";
                return Err(refused(&format!("unknown option `{name}`"), hint));
            }
        }
        Ok(())
    }

    fn allow(&self, signer: &str, times: &[Timestamp]) -> Result<(), String> {
        if !matches(&self.principals, signer) {
            return Err(format!("its key is not {signer}'s"));
        }
        if self
            .namespaces
            .as_ref()
            .is_some_and(|patterns| !matches(patterns, NAMESPACE))
        {
            return Err(format!(
                "its key is not allowed for the namespace {NAMESPACE}"
            ));
        }
        for time in times {
            if let Some(after) = self.after.filter(|after| time < after) {
                return Err(format!("its key is valid only after {after}"));
            }
            if let Some(before) = self.before.filter(|before| time > before) {
                return Err(format!("its key is valid only before {before}"));
            }
        }
        Ok(())
    }
}

type Refused = (String, String);

fn entry(line: &str, number: usize) -> Result<Entry, Refused> {
    let (principals, rest) = field(line)?;
    // The key comes next, or else options and then the key.
    let (options, key) = if let Some(key) = public_key(rest) {
        (Vec::new(), key)
    } else {
        let (options, rest) = split_options(rest)?;
        let key = public_key(rest).ok_or_else(|| {
            let hint = "principals, options if any, then the key: ssh-ed25519 AAAA…";
            refused("there is no public key of a known kind on it", hint)
        })?;
        (options, key)
    };
    let mut entry = Entry {
        line: number,
        principals,
        namespaces: None,
        after: None,
        before: None,
        key,
    };
    for option in options {
        entry.set(&option)?;
    }
    Ok(entry)
}

fn refused(why: &str, hint: &str) -> Refused {
    (why.to_owned(), hint.to_owned())
}

fn public_key(text: &str) -> Option<PublicKey> {
    PublicKey::from_openssh(text).ok()
}

/// The first field, which may be in quotes, and what follows it.
fn field(line: &str) -> Result<(String, &str), Refused> {
    let (first, rest) = match line.strip_prefix('"') {
        Some(quoted) => quoted
            .split_once('"')
            .ok_or_else(|| refused("a quote is not closed", "close it"))?,
        None => line.split_once([' ', '\t']).unwrap_or((line, "")),
    };
    Ok((first.to_owned(), rest.trim_start()))
}

/// Options by comma, and what follows them; blanks and commas stand in quotes only.
fn split_options(text: &str) -> Result<(Vec<String>, &str), Refused> {
    let mut quoted = false;
    let mut options = vec![String::new()];
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => {
                options.push(String::new());
                continue;
            }
            ' ' | '\t' if !quoted => return Ok((options, text[at..].trim_start())),
            _ => {}
        }
        if let Some(option) = options.last_mut() {
            option.push(c);
        }
    }
    if quoted {
        return Err(refused("a quote is not closed", "close it"));
    }
    Ok((options, ""))
}

/// `YYYYMMDD[HHMM[SS]]Z`.
fn time(text: &str) -> Result<Timestamp, Refused> {
    let Some(digits) = text.strip_suffix(['Z', 'z']) else {
        let why = format!("the time `{text}` has no Z: it would be another one in each time zone");
        return Err((why, format!("in UTC: {text}Z")));
    };
    let part = |range: std::ops::Range<usize>| digits.get(range).unwrap_or("00");
    let known = matches!(digits.len(), 8 | 12 | 14) && digits.bytes().all(|b| b.is_ascii_digit());
    let (date, clock) = (
        format!("{}-{}-{}", part(0..4), part(4..6), part(6..8)),
        format!("{}:{}:{}", part(8..10), part(10..12), part(12..14)),
    );
    let parsed = known
        .then(|| format!("{date}T{clock}Z").parse().ok())
        .flatten();
    parsed.ok_or_else(|| {
        refused(
            &format!("`{text}` is no time"),
            "write YYYYMMDDZ or YYYYMMDDHHMMSSZ",
        )
    })
}

/// Whether a list of patterns stands for a name: one of them does, and none with `!` before it.
pub(crate) fn matches(patterns: &str, name: &str) -> bool {
    let mut found = false;
    for pattern in patterns.split(',') {
        match pattern.strip_prefix('!') {
            Some(pattern) if glob(pattern.as_bytes(), name.as_bytes()) => return false,
            Some(_) => {}
            None => found |= glob(pattern.as_bytes(), name.as_bytes()),
        }
    }
    found
}

/// `*` stands for any characters, `?` for one. Linear in the product of the lengths.
fn glob(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(&c) if c == b'?' || c == name[n] => (p, n) = (p + 1, n + 1),
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    (p, n) = (at + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|&c| c == b'*')
}
