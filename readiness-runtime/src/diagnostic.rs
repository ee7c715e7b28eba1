//! What the tool has to say about configuration, ledger, document and statements.
//!
//! One line says what is wrong and where, a second one how to put it right:
//!
//! ```text
//! error[config-unknown-key] readiness.toml:4: unknown key `minimun` in [gate]
//!   hint: did you mean `minimum`?
//! ```
//!
//! Codes are stable; messages may change. The document's own codes are in `readiness_checklist`; a
//! finding of the document is printed under its own code.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// How much a diagnostic stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Note,
    /// Reported; stops nothing.
    Warning,
    /// Something is not done because of it, and the exit code says so.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

macro_rules! codes {
    ($($name:ident = $text:literal, $severity:ident, $doc:literal;)+) => {
        /// The stable name of a kind of diagnostic.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code { $(#[doc = $doc] $name,)+ }

        impl Code {
            /// Every code, in the order they are documented.
            pub const ALL: &'static [Code] = &[$(Code::$name,)+];

            /// The code in kebab case.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text,)+ }
            }

            /// One sentence: what it is about.
            pub fn description(self) -> &'static str {
                match self { $(Code::$name => $doc,)+ }
            }

            /// How severe it is.
            pub fn severity(self) -> Severity {
                match self { $(Code::$name => Severity::$severity,)+ }
            }
        }
    };
}

codes! {
    ConfigUnreadable = "config-unreadable", Error, "The configuration file cannot be read.";
    ConfigSyntax = "config-syntax", Error, "The configuration file is not TOML.";
    ConfigUnknownKey = "config-unknown-key", Error, "A key that nothing reads.";
    ConfigWrongType = "config-wrong-type", Error, "A value of another type than the key takes.";
    ConfigValue = "config-value", Error, "A value that the key cannot take.";
    DateInvalid = "date-invalid", Error, "A date that is neither `YYYY-MM-DD` nor, for an expiry, `90d`.";
    DateOrder = "date-order", Error, "A statement that expires before it was made.";
    StatementNoId = "statement-no-id", Error, "A statement that names no requirement.";
    AttestationNoAuthor = "attestation-no-author", Error, "An attestation that nobody made.";
    StatementNoDate = "statement-no-date", Error, "A statement without the day it was made.";
    StatementNoExpiry = "statement-no-expiry", Error, "A statement that would hold for ever.";
    StatementNoReason = "statement-no-reason", Error, "A waiver or an exclusion without a reason.";
    WaiverNoOwner = "waiver-no-owner", Error, "A waiver that nobody answers for.";
    StatementTooLong = "statement-too-long", Error, "A statement that is meant to hold longer than is allowed.";
    TextHashInvalid = "text-hash-invalid", Error, "A text hash that is not `sha256:` and 64 hexadecimal digits.";
    StatementIdUnknown = "statement-id-unknown", Error, "A statement about an id that no item has.";
    StatementFuture = "statement-future", Error, "A statement dated after today.";
    StatementTied = "statement-tied", Error, "Two statements of one kind, for one requirement, of one day.";
    StatementExpired = "statement-expired", Warning, "The latest statement is past its expiry and counts for nothing.";
    StatementUnneeded = "statement-unneeded", Warning, "A statement that changes nothing any more.";
    AttestationTextMissing = "attestation-text-missing", Warning, "An attestation that does not say which text it is for.";
    StatementTextChanged = "statement-text-changed", Warning, "The requirement's text changed after the statement was made.";
    AttestationContradicted = "attestation-contradicted", Warning, "A check failed or warned beside an attestation; the check counts.";
    ExclusionContradicted = "exclusion-contradicted", Warning, "A check failed beside a declared exclusion.";
    ChecklistNotFound = "checklist-not-found", Error, "No checklist in the places searched.";
    ChecklistUnreadable = "checklist-unreadable", Error, "The checklist cannot be read.";
    ChecklistTooLarge = "checklist-too-large", Error, "The checklist is larger than the bound on what is read.";
    ChecklistEmpty = "checklist-empty", Error, "The checklist is an empty file.";
    ChecklistNoItems = "checklist-no-items", Error, "The checklist has neither rows nor boxes.";
    ChecklistDamaged = "checklist-damaged", Error, "A fault because of which nothing of the document may be written; printed under the document's own code.";
    ChecklistDoubtful = "checklist-doubtful", Warning, "Something in the document is doubtful; printed under the document's own code.";
    EncodingUnsupported = "encoding-unsupported", Error, "The document is UTF-16 or holds NUL bytes.";
    FileChanged = "file-changed", Error, "The document changed while it was being worked on.";
    WriteFailed = "write-failed", Error, "A file could not be replaced; it is as it was.";
    LedgerAbsent = "ledger-absent", Note, "No ledger beside a document that has statuses: they are claimed.";
    LedgerBroken = "ledger-broken", Warning, "The ledger cannot be read: every status of the document is claimed.";
    ResultIdUnknown = "id-unknown", Error, "A result or a check for an id that no item has.";
    IdInTwoDocuments = "id-in-two-documents", Error, "Two documents of one workspace have an item with this id.";
    ResultIdCollision = "id-collision", Error, "A result for an id that two items derive; it is bound to neither.";
    StatusClaimed = "status-claimed", Warning, "A status that somebody typed and nothing stands behind.";
    StatusDisagrees = "status-disagrees", Warning, "A typed status that the result contradicts; the result is written.";
    ItemNotWritten = "item-not-written", Error, "A result that cannot be written, because the item is read-only.";
    ItemUncovered = "item-uncovered", Warning, "An item that no check, statement or import stands for; one with a typed status is `status-claimed`.";
    NothingRegistered = "nothing-registered", Error, "A test target without a single check.";
    PanicAbort = "panic-abort", Error, "A test target that is built without unwinding.";
    CheckDuplicate = "check-duplicate", Error, "Two checks of one name.";
    JournalProblem = "journal-problem", Warning, "Part of a journal could not be read; the rest counts.";
    SignOffChanged = "sign-off-changed", Warning, "A sign-off for something else than the files say now.";
    SignOffRefused = "sign-off-refused", Warning, "A signature that counts for nothing.";
    SignOffClaimed = "sign-off-claimed", Warning, "A sign-off box that was ticked by hand, with no signature behind it.";
    SignersInvalid = "signers-invalid", Warning, "A line of the allowed signers that counts for nothing.";
    RunFailed = "run-failed", Error, "Something failed the run as a whole.";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One finding, with its place and the fix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its stable code.
    pub code: Code,
    /// The file it is about.
    pub path: PathBuf,
    /// Line in that file, 1-based; none when it is about the file as a whole.
    pub line: Option<usize>,
    /// The requirement it is about.
    pub id: Option<String>,
    /// What is wrong.
    pub message: String,
    /// How to put it right; may be empty.
    pub hint: Box<str>,
    /// What else is known of its place. Apart, because most findings have none of it.
    detail: Option<Box<Detail>>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Detail {
    rule: Option<readiness_checklist::Code>,
    columns: Option<Range<usize>>,
    related: Vec<usize>,
}

impl Diagnostic {
    /// A finding about a file.
    pub fn new(code: Code, path: &Path, message: impl Into<String>) -> Self {
        Self {
            code,
            path: path.to_path_buf(),
            line: None,
            id: None,
            message: message.into(),
            hint: Box::default(),
            detail: None,
        }
    }

    /// What the parser found in a document with these bytes; `code` says how much it stops.
    pub fn of_document(
        code: Code,
        path: &Path,
        bytes: &[u8],
        found: &readiness_checklist::Diagnostic,
    ) -> Self {
        let detail = Detail {
            rule: Some(found.code),
            columns: columns(bytes, &found.span),
            related: found.related.clone(),
        };
        Self {
            detail: Some(Box::new(detail)),
            line: Some(found.line),
            id: found.id.clone(),
            hint: found.hint.as_str().into(),
            ..Self::new(code, path, found.message.clone())
        }
    }

    /// At this line, 1-based.
    #[must_use]
    pub fn at(mut self, line: usize) -> Self {
        self.line = Some(line);
        self
    }

    /// About this requirement.
    #[must_use]
    pub fn about(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// With this fix.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into().into();
        self
    }

    /// Together with these other lines of the file, 1-based.
    #[must_use]
    pub fn with_lines(mut self, lines: Vec<usize>) -> Self {
        self.detail.get_or_insert_default().related = lines;
        self
    }

    /// How severe it is.
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }

    /// The code that it is printed under: the document's own, where its parser found it.
    pub fn name(&self) -> &'static str {
        let rule = self.detail.as_ref().and_then(|detail| detail.rule);
        rule.map_or_else(|| self.code.as_str(), readiness_checklist::Code::as_str)
    }

    /// The bytes of its line that it is about, counted from 0; none when it is about all of it.
    pub fn columns(&self) -> Option<Range<usize>> {
        self.detail.as_ref()?.columns.clone()
    }

    /// Other lines of the file that belong to it, 1-based.
    pub fn related(&self) -> &[usize] {
        self.detail.as_ref().map_or(&[], |detail| &detail.related)
    }
}

/// A span of a document as columns of the line it starts on; none for an empty one.
fn columns(bytes: &[u8], span: &Range<usize>) -> Option<Range<usize>> {
    let ends_line = |b: &u8| matches!(b, b'\n' | b'\r');
    let before = bytes.get(..span.start)?;
    let start = before.iter().rposition(ends_line).map_or(0, |at| at + 1);
    let within = bytes.get(span.clone())?;
    let length = within.iter().position(ends_line).unwrap_or(within.len());
    (length > 0).then(|| span.start - start..span.start - start + length)
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}[{}] {}",
            self.severity(),
            self.name(),
            plain(&self.path.display().to_string())
        )?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": ")?;
        if let Some(id) = &self.id {
            write!(f, "{}: ", plain(id))?;
        }
        f.write_str(&plain(&self.message))?;
        if !self.hint.is_empty() {
            write!(f, "\n  hint: {}", plain(&self.hint))?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostic {}

/// One line that a terminal shows as it stands: without control characters, and without the marks
/// that turn the direction of what follows. What comes from files must not reach a terminal raw.
pub fn plain(text: &str) -> std::borrow::Cow<'_, str> {
    if text.chars().any(|c| shown_as(c).is_some()) {
        text.chars()
            .map(|c| shown_as(c).unwrap_or(c))
            .collect::<String>()
            .into()
    } else {
        text.into()
    }
}

/// What stands in place of a character that a terminal would act on.
pub fn shown_as(c: char) -> Option<char> {
    match c {
        '\u{2028}' | '\u{2029}' => Some(' '),
        c if c.is_control() => Some(' '),
        '\u{061c}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' => Some(char::REPLACEMENT_CHARACTER),
        _ => None,
    }
}

/// A piece of a file with what looks like a secret masked, as everywhere else that text leaves the
/// process.
pub fn without_secrets(text: &str) -> String {
    crate::redact::Redactor::default().text(text)
}

/// The best of `known` for a mistyped `word`, if any is near enough to be meant.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    known
        .into_iter()
        .map(|candidate| {
            (
                strsim::osa_distance(&lower, &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(distance, candidate)| *distance <= candidate.len().max(word.len()).div_ceil(3))
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique() {
        let mut seen = std::collections::BTreeSet::new();
        for code in Code::ALL {
            assert!(seen.insert(code.as_str()), "{code} twice");
        }
    }

    #[test]
    fn a_diagnostic_reads_as_documented_and_carries_no_control_characters() {
        let diagnostic = Diagnostic::new(
            Code::ConfigUnknownKey,
            Path::new("readiness.toml"),
            "unknown key `a\u{1b}[31m` in [gate]",
        )
        .at(4)
        .hint("did you mean `minimum`?");
        assert_eq!(
            diagnostic.to_string(),
            "error[config-unknown-key] readiness.toml:4: unknown key `a [31m` in [gate]\n  hint: did you mean `minimum`?"
        );
    }

    #[test]
    fn what_the_document_found_keeps_its_code_and_its_place() {
        let text = "| ID | Requirement | Status |\r\n|--|--|--|\r\n| A-1 | a | [x](y) |\r\n";
        let checklist = readiness_checklist::Checklist::parse(text.into()).unwrap();
        let found = &checklist.diagnostics()[0];
        let printed = Diagnostic::of_document(
            Code::ChecklistDoubtful,
            Path::new("a\u{202e}.md"),
            checklist.bytes(),
            found,
        );
        assert_eq!(printed.name(), "status-cell-complex");
        assert_eq!(printed.columns(), Some(12..18));
        let first = printed.to_string();
        assert!(
            first.starts_with("warning[status-cell-complex] a\u{fffd}.md:3: A-1: the status cell"),
            "{first}"
        );
    }

    #[test]
    fn marks_that_turn_text_around_are_not_printed() {
        assert_eq!(plain("a\u{202e}b\u{2066}c\u{7f}"), "a\u{fffd}b\u{fffd}c ");
        assert_eq!(plain("größe ✅"), "größe ✅");
    }

    #[test]
    fn the_nearest_key_is_near() {
        let known = ["minimum", "deny", "require"];
        assert_eq!(nearest("minimun", known), Some("minimum"));
        assert_eq!(nearest("dney", known), Some("deny"));
        assert_eq!(nearest("colour", known), None);
    }
}
