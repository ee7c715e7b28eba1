//! What a check says, and how whatever a check function returns becomes one answer.
//!
//! A check returns `()`, a [`Verdict`], or a `Result` of either. All of them end as a
//! [`CheckResult`], which also keeps *who* said so: a check's own verdict and an error that merely
//! passed through it are different evidence, and only the first can kill a mutant.

use std::any::Any;
use std::fmt::Display;

use crate::error::{Class, Error, Finding, Unavailable};

/// What a check says about its requirement, on what it observed.
///
/// Could-not-look is not a verdict: return [`Unavailable`] as an error instead.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// The requirement holds.
    Pass,
    /// It ran, the requirement is not violated, a stated soft limit was.
    Warn(String),
    /// The requirement does not hold.
    Fail(String),
    /// The requirement does not apply to this target, for this reason.
    NotApplicable(String),
}

/// One run of a check function, resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum CheckResult {
    /// Passed.
    Passed,
    /// A soft limit was crossed.
    Warned(String),
    /// Failed, with the reason and its origin.
    Failed {
        /// One or more lines for a person.
        reason: String,
        /// Who said so.
        origin: Origin,
    },
    /// The requirement does not apply.
    NotApplicable(String),
    /// The check could not look: the trial is not verified.
    Unavailable(String),
}

/// Where a failure came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// A returned [`Verdict::Fail`], a failed assertion or a [`Finding`]: the check's own verdict.
    Verdict,
    /// A panic that is not one of our assertions (an `assert!`, an `unwrap`): the check's own too.
    Panic,
    /// An error that the check passed up with `?`.
    Error,
    /// It ran out of time.
    Timeout,
}

impl Origin {
    /// Whether the check itself decided: the only origins that kill a mutant.
    pub fn is_own(self) -> bool {
        matches!(self, Origin::Verdict | Origin::Panic)
    }
}

impl CheckResult {
    /// A failure by the check's own verdict.
    pub fn failed(reason: impl Into<String>) -> Self {
        CheckResult::Failed {
            reason: reason.into(),
            origin: Origin::Verdict,
        }
    }

    /// Whether this is a pass.
    pub fn is_pass(&self) -> bool {
        matches!(self, CheckResult::Passed)
    }
}

/// What a check function may return: `()`, [`Verdict`], or a `Result` of either whose error can be
/// displayed.
#[diagnostic::on_unimplemented(
    message = "a check cannot return `{Self}`",
    label = "not an answer to a requirement",
    note = "return `()`, `readiness::Verdict`, or a `Result` of either with an error that implements `Display`"
)]
pub trait IntoCheckResult {
    /// The answer.
    fn into_check_result(self) -> CheckResult;
}

impl IntoCheckResult for () {
    fn into_check_result(self) -> CheckResult {
        CheckResult::Passed
    }
}

impl IntoCheckResult for Verdict {
    fn into_check_result(self) -> CheckResult {
        match self {
            Verdict::Pass => CheckResult::Passed,
            Verdict::Warn(reason) => CheckResult::Warned(reason),
            Verdict::Fail(reason) => CheckResult::failed(reason),
            Verdict::NotApplicable(reason) => CheckResult::NotApplicable(reason),
        }
    }
}

impl<T: IntoCheckResult, E: Display + 'static> IntoCheckResult for Result<T, E> {
    fn into_check_result(self) -> CheckResult {
        match self {
            Ok(answer) => answer.into_check_result(),
            Err(error) => from_error(&error),
        }
    }
}

fn from_error<E: Display + 'static>(error: &E) -> CheckResult {
    let any: &dyn Any = error;
    let class = if let Some(error) = any.downcast_ref::<Error>() {
        error.class()
    } else if any.is::<Unavailable>() {
        Class::Unavailable
    } else if any.is::<Finding>() {
        Class::Finding
    } else {
        Class::Other
    };
    let reason = format!("{error:#}");
    match class {
        Class::Unavailable => CheckResult::Unavailable(reason),
        Class::Finding => CheckResult::failed(reason),
        Class::Other => CheckResult::Failed {
            reason,
            origin: Origin::Error,
        },
    }
}
