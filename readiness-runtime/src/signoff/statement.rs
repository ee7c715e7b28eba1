//! The text that is signed: who, for which role, when, and the whole state.
//!
//! ```text
//! readiness-sign-off 1
//! role=Engineering Lead
//! signer=ann@example.com
//! at=2026-11-22T10:00:00Z
//! state=sha256:…
//!
//! checklist⇥file=CHECKLIST.md⇥title=Shop
//! …
//! ```
//!
//! There is one way of writing a statement. A text that is not written that way is refused as a whole,
//! so that nothing can stand in it that no reader sees.

use std::fmt;

use super::State;
use crate::ledger::{escape, unescape};

/// The format that is written.
const FORMAT: u32 = 1;

const HEADER: &str = "readiness-sign-off";

/// A state, and who signs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The role.
    pub role: String,
    /// The identity, one that an `allowed_signers` file names.
    pub signer: String,
    /// When, in RFC 3339 and UTC.
    pub at: String,
    /// What it is for.
    pub state: State,
}

/// Why a text is no statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Malformed {
    /// Of a later version of the format.
    Newer(u32),
    /// Not begun as a statement is.
    Header,
    /// A line of the head is not there, or not as it is written.
    Field(&'static str),
    /// The state is not as it is written.
    State,
    /// The state's hash is another one.
    Hash,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newer(format) => {
                write!(
                    f,
                    "it has format {format}; this version reads up to {FORMAT}"
                )
            }
            Self::Header => write!(f, "it does not begin with `{HEADER} {FORMAT}`"),
            Self::Field(name) => write!(f, "its line `{name}=` is missing or malformed"),
            Self::State => f.write_str("its facts are not as they are written"),
            Self::Hash => f.write_str("its facts are not those that its hash is of"),
        }
    }
}

impl std::error::Error for Malformed {}

impl Statement {
    /// The text that is signed.
    pub fn to_text(&self) -> String {
        format!(
            "{HEADER} {FORMAT}\nrole={}\nsigner={}\nat={}\nstate=sha256:{}\n\n{}",
            escape(&self.role),
            escape(&self.signer),
            escape(&self.at),
            self.state.digest(),
            self.state.to_text()
        )
    }

    /// Reads [`Statement::to_text`].
    ///
    /// # Errors
    /// What is not as it is written.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let (head, facts) = text.split_once("\n\n").unwrap_or((text, ""));
        let mut lines = head.split('\n');
        let header = lines.next().and_then(|line| line.strip_prefix(HEADER));
        match header.and_then(|version| version.strip_prefix(' ')?.parse().ok()) {
            Some(FORMAT) => {}
            Some(newer) if newer > FORMAT => return Err(Malformed::Newer(newer)),
            _ => return Err(Malformed::Header),
        }
        let mut field = |key: &'static str| {
            let value = lines
                .next()
                .and_then(|line| line.strip_prefix(key)?.strip_prefix('='));
            value
                .and_then(unescape)
                .filter(|value| !value.is_empty())
                .ok_or(Malformed::Field(key))
        };
        let (role, signer, at) = (field("role")?, field("signer")?, field("at")?);
        let hash = field("state")?;
        let state = State::parse(facts).ok_or(Malformed::State)?;
        if hash.strip_prefix("sha256:") != Some(&state.digest()) {
            return Err(Malformed::Hash);
        }
        let statement = Self {
            role,
            signer,
            at,
            state,
        };
        if statement.to_text() == text {
            Ok(statement)
        } else {
            Err(Malformed::Header)
        }
    }
}
