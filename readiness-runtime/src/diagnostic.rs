//! What the tool has to say about configuration, ledger, document and statements.
//!
//! One line says what is wrong and where, a second one how to put it right:
//!
//! ```text
//! error[config-unknown-key] readiness.toml:4: unknown key `minimun` in [gate]
//!   hint: did you mean `minimum`?
//! ```
//!
//! Codes are stable; messages may change. The document's own codes are in `readiness_checklist`.

use std::fmt;
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
    ChecklistDamaged = "checklist-damaged", Error, "The document has a fault because of which nothing of it may be written.";
    ChecklistDoubtful = "checklist-doubtful", Warning, "Something in the document is doubtful; see the code in the message.";
    EncodingUnsupported = "encoding-unsupported", Error, "The document is UTF-16 or holds NUL bytes.";
    FileChanged = "file-changed", Error, "The document changed while it was being worked on.";
    WriteFailed = "write-failed", Error, "A file could not be replaced; it is as it was.";
    LedgerAbsent = "ledger-absent", Note, "No ledger beside a document that has statuses: they are claimed.";
    LedgerBroken = "ledger-broken", Warning, "The ledger cannot be read: every status of the document is claimed.";
    ResultIdUnknown = "id-unknown", Error, "A result or a check for an id that no item has.";
    ResultIdCollision = "id-collision", Error, "A result for an id that two items derive; it is bound to neither.";
    StatusClaimed = "status-claimed", Warning, "A status that somebody typed and nothing stands behind.";
    StatusDisagrees = "status-disagrees", Warning, "A typed status that the result contradicts; the result is written.";
    ItemNotWritten = "item-not-written", Error, "A result that cannot be written, because the item is read-only.";
    ItemUncovered = "item-uncovered", Warning, "An item that no check, statement or import stands for.";
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
    pub hint: String,
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
            hint: String::new(),
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
        self.hint = hint.into();
        self
    }

    /// How severe it is.
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}[{}] {}",
            self.severity(),
            self.code,
            self.path.display()
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

/// One line without control characters: what comes from files must not reach a terminal raw.
pub fn plain(text: &str) -> std::borrow::Cow<'_, str> {
    if text.chars().any(char::is_control) {
        text.chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect::<String>()
            .into()
    } else {
        text.into()
    }
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
    fn the_nearest_key_is_near() {
        let known = ["minimum", "deny", "require"];
        assert_eq!(nearest("minimun", known), Some("minimum"));
        assert_eq!(nearest("dney", known), Some("deny"));
        assert_eq!(nearest("colour", known), None);
    }
}
