//! What people state in `readiness.toml`, read and checked for form.
//!
//! ```toml
//! [[attestation]]
//! id = "DPLY-DB-003"
//! by = "dba@example.com"
//! on = 2026-11-20
//! expires = "90d"
//! evidence = "https://wiki.example/restore-drill"
//! text = "sha256:…"
//!
//! [[waiver]]
//! id = "SEC-004"
//! owner = "security@example.com"
//! reason = "the new limiter ships in December"
//! on = 2026-11-20
//! expires = 2026-12-31
//!
//! [[not-applicable]]
//! id = "RT-TEAM-004"
//! reason = "webhooks are not offered in this region"
//! ```
//!
//! Whether a statement is in date and about a requirement that exists is judged later, against a
//! document and a day: see [`crate::assess`].

use jiff::civil::Date;
use toml::de::DeValue;

use super::date::{days_after, days_between, parse_day};
use crate::config::length::parse_days;
use crate::config::reader::{Entry, Source, Table};
use crate::diagnostic::Code;

/// What a statement claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StatementKind {
    /// The requirement is met, on a person's word.
    Attestation,
    /// The requirement may be unmet for now.
    Waiver,
    /// The requirement does not apply.
    NotApplicable,
}

impl StatementKind {
    /// The table it is kept in.
    pub fn table(self) -> &'static str {
        match self {
            Self::Attestation => "attestation",
            Self::Waiver => "waiver",
            Self::NotApplicable => "not-applicable",
        }
    }
}

/// A person's statement about one requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// What it claims.
    pub kind: StatementKind,
    /// The requirement.
    pub id: String,
    /// Who made it (`by`) or answers for it (`owner`).
    pub by: Option<String>,
    /// The day it was made; an attestation and a waiver always have one.
    pub on: Option<Date>,
    /// The last day it holds, in UTC; an attestation and a waiver always have one.
    pub expires: Option<Date>,
    /// Why; a waiver and an exclusion always have one.
    pub reason: Option<String>,
    /// Where the evidence is.
    pub evidence: Option<String>,
    /// Hash of the requirement's text: 64 lower-case hexadecimal digits.
    pub text: Option<String>,
    /// Line of the statement in the file, 1-based.
    pub line: usize,
}

impl Statement {
    /// Whether `day` is within the days it holds.
    pub fn in_date(&self, day: Date) -> bool {
        self.on.is_none_or(|on| on <= day) && self.expires.is_none_or(|last| day <= last)
    }
}

const KEYS: &[(StatementKind, &[&str])] = &[
    (
        StatementKind::Attestation,
        &["id", "by", "on", "expires", "evidence", "text", "reason"],
    ),
    (
        StatementKind::Waiver,
        &["id", "owner", "reason", "on", "expires", "evidence", "text"],
    ),
    (
        StatementKind::NotApplicable,
        &["id", "reason", "by", "on", "expires", "evidence", "text"],
    ),
];

/// Reads all statements of a file; `maximum` is the longest one may hold, in days.
pub(super) fn read_all(source: &mut Source<'_>, root: &Table<'_>, maximum: u32) -> Vec<Statement> {
    let mut statements = Vec::new();
    for (kind, keys) in KEYS {
        for table in root.tables(source, kind.table()) {
            table.only(source, keys);
            statements.extend(read(source, *kind, &table, maximum));
        }
    }
    statements
}

fn read(
    source: &mut Source<'_>,
    kind: StatementKind,
    table: &Table<'_>,
    maximum: u32,
) -> Option<Statement> {
    let before = source.found.len();
    let line = source.line(table.offset);
    let id = filled(table.string(source, "id"));
    let author = if kind == StatementKind::Waiver {
        "owner"
    } else {
        "by"
    };
    let by = filled(table.string(source, author));
    let reason = filled(table.string(source, "reason"));
    let on = day(source, table, "on");
    let expires = expiry(source, table, on);
    let text = text_hash(source, table);

    let subject = id.as_deref().map_or_else(
        || table.name.clone(),
        |id| format!("{} for {id}", table.name),
    );
    let mut missing = |code, absent: bool, what: &str, hint: &str| {
        if absent {
            source.report(
                code,
                table.offset,
                format!("{subject} {what}"),
                hint.to_owned(),
            );
        }
    };
    let exclusion = kind == StatementKind::NotApplicable;
    missing(
        Code::StatementNoId,
        id.is_none(),
        "names no requirement",
        "add `id = \"…\"`",
    );
    missing(
        Code::AttestationNoAuthor,
        kind == StatementKind::Attestation && by.is_none(),
        "does not say who attests",
        "add `by = \"name or address\"`",
    );
    missing(
        Code::WaiverNoOwner,
        kind == StatementKind::Waiver && by.is_none(),
        "has no owner",
        "add `owner = \"name or address\"`",
    );
    missing(
        Code::StatementNoReason,
        kind != StatementKind::Attestation && reason.is_none(),
        "has no reason",
        "add `reason = \"…\"`",
    );
    missing(
        Code::StatementNoDate,
        !exclusion && table.get("on").is_none(),
        "does not say when it was made",
        "add `on = YYYY-MM-DD`",
    );
    missing(
        Code::StatementNoExpiry,
        !exclusion && table.get("expires").is_none(),
        "never expires",
        "add `expires = YYYY-MM-DD` or `expires = \"90d\"`",
    );
    check_span(source, table, &subject, (on, expires), maximum);

    (source.found.len() == before).then_some(Statement {
        kind,
        id: id?,
        by,
        on,
        expires,
        reason,
        evidence: filled(table.string(source, "evidence")),
        text,
        line,
    })
}

fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

fn check_span(
    source: &mut Source<'_>,
    table: &Table<'_>,
    subject: &str,
    span: (Option<Date>, Option<Date>),
    maximum: u32,
) {
    let (Some(on), Some(expires)) = span else {
        return;
    };
    let offset = table
        .get("expires")
        .map_or(table.offset, |entry| entry.offset);
    let days = days_between(on, expires);
    if days < 0 {
        let message = format!("{subject} expires on {expires}, before it was made on {on}");
        source.report(
            Code::DateOrder,
            offset,
            message,
            "put the dates right".to_owned(),
        );
    } else if days > i64::from(maximum) {
        let message = format!("{subject} is to hold for {days} days");
        let hint = format!("at most {maximum} days; `[statements] maximum` sets the bound");
        source.report(Code::StatementTooLong, offset, message, hint);
    }
}

/// A day, as a TOML date or as a string.
fn day(source: &mut Source<'_>, table: &Table<'_>, key: &str) -> Option<Date> {
    let entry = table.get(key)?;
    let parsed = day_text(entry).as_deref().and_then(parse_day);
    if parsed.is_none() {
        let message = format!("`{key}` in {} is not a day", table.name);
        source.report(
            Code::DateInvalid,
            entry.offset,
            message,
            "write YYYY-MM-DD; days are in UTC".to_owned(),
        );
    }
    parsed
}

/// A day, or a number of days after `on`.
fn expiry(source: &mut Source<'_>, table: &Table<'_>, on: Option<Date>) -> Option<Date> {
    let entry = table.get("expires")?;
    let text = day_text(entry);
    let text = text.as_deref().unwrap_or_default();
    if let Some(days) = parse_days(text) {
        if on.is_none() && table.get("on").is_none() {
            let message = format!(
                "`expires` in {} counts days from a day that is not given",
                table.name
            );
            source.report(
                Code::StatementNoDate,
                entry.offset,
                message,
                "add `on = YYYY-MM-DD`".to_owned(),
            );
        }
        return on.and_then(|on| days_after(on, days));
    }
    let parsed = parse_day(text);
    if parsed.is_none() {
        let message = format!(
            "`expires` in {} is neither a day nor a number of days",
            table.name
        );
        let hint = "write YYYY-MM-DD or \"90d\"; days are in UTC".to_owned();
        source.report(Code::DateInvalid, entry.offset, message, hint);
    }
    parsed
}

fn day_text(entry: &Entry<'_>) -> Option<String> {
    match entry.value {
        DeValue::String(text) => Some(text.to_string()),
        // A date with a time or a zone prints longer than a day and is refused with the rest.
        DeValue::Datetime(datetime) => Some(datetime.to_string()),
        _ => None,
    }
}

fn text_hash(source: &mut Source<'_>, table: &Table<'_>) -> Option<String> {
    let entry = table.get("text")?;
    let hash = table.string(source, "text")?;
    let digits = hash.strip_prefix("sha256:").unwrap_or_default();
    if digits.len() == 64
        && digits
            .bytes()
            .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    {
        return Some(digits.to_owned());
    }
    let message = format!(
        "`text` in {} is no hash of a requirement's text",
        table.name
    );
    let hint = "sha256: and 64 lower-case hexadecimal digits".to_owned();
    source.report(Code::TextHashInvalid, entry.offset, message, hint);
    None
}
