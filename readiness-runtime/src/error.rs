//! What can go wrong inside a check, in three classes that mean different things to a checklist.
//!
//! | class | example | the trial is |
//! |---|---|---|
//! | [`Unavailable`] | connection refused, no API key configured | not verified |
//! | [`Finding`] | a header is absent, a field has the wrong type | failed, by the check's own verdict |
//! | other | an I/O or parse error passed up with `?` | failed, but it proves nothing about the check |

use std::any::Any;
use std::fmt;

/// The result of a check or of a step of one.
pub type Result<T = (), E = Error> = std::result::Result<T, E>;

/// Could not look: the requirement stays *not verified*, with this reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unavailable {
    reason: String,
}

impl Unavailable {
    /// Not verified because of `reason`: a lower-case fragment, with the key or command that helps.
    pub fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
        }
    }

    /// Why.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Unavailable {}

/// Something observed is not what it must be: the check's own verdict, as an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    reason: String,
}

impl Finding {
    /// Fails the check because of `reason`, which names what was observed.
    pub fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Finding {}

/// What an [`Error`] means to the checklist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Could not look.
    Unavailable,
    /// The check's own verdict.
    Finding,
    /// Anything else.
    Other,
}

/// Any error, with its class. `?` converts every `std::error::Error` into it.
///
/// Like `anyhow::Error` it does not implement `std::error::Error` itself; that is what makes the
/// conversion possible for all others.
pub struct Error {
    class: Class,
    message: String,
}

impl Error {
    /// The requirement cannot be looked at now.
    pub fn unavailable(reason: impl Into<String>) -> Self {
        Self {
            class: Class::Unavailable,
            message: reason.into(),
        }
    }

    /// The check's own verdict: what was observed is wrong.
    pub fn finding(reason: impl Into<String>) -> Self {
        Self {
            class: Class::Finding,
            message: reason.into(),
        }
    }

    /// Neither: something between the check and the target broke.
    pub fn other(reason: impl Into<String>) -> Self {
        Self {
            class: Class::Other,
            message: reason.into(),
        }
    }

    pub(crate) fn with_class(class: Class, message: impl Into<String>) -> Self {
        Self {
            class,
            message: message.into(),
        }
    }

    /// What it means.
    pub fn class(&self) -> Class {
        self.class
    }

    /// Puts words in front of the message; the class stays.
    #[must_use]
    pub fn context(mut self, words: impl fmt::Display) -> Self {
        self.message = format!("{words}: {}", self.message);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.class, self.message)
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for Error {
    fn from(error: E) -> Self {
        let any: &dyn Any = &error;
        let class = if any.is::<Unavailable>() {
            Class::Unavailable
        } else if any.is::<Finding>() {
            Class::Finding
        } else {
            Class::Other
        };
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            message.push_str(": ");
            message.push_str(&cause.to_string());
            source = cause.source();
        }
        Self { class, message }
    }
}
