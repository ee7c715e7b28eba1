//! Assertions: `ensure!` ends the check, `check!` notes a part and goes on.
//!
//! Both are the check's own verdict: an altered observation that breaks one is killed.

use std::fmt::{self, Debug};

use crate::context::Context;
use crate::journal::record::Part;
use crate::redact::{Redactor, floor};

/// Ends the check with a [`Finding`](crate::Finding) unless the condition holds. For functions that
/// return a `Result` whose error a `Finding` converts into.
///
/// ```
/// use readiness::{Result, ensure};
///
/// fn is_ok(status: u16) -> Result<()> {
///     ensure!(status == 200, "the health endpoint answers {status}");
///     Ok(())
/// }
/// assert!(is_ok(200).is_ok());
/// assert_eq!(is_ok(503).unwrap_err().to_string(), "the health endpoint answers 503");
/// ```
#[macro_export]
macro_rules! ensure {
    ($condition:expr $(,)?) => {
        $crate::ensure!($condition, "{} does not hold", $crate::__private::stringify!($condition))
    };
    ($condition:expr, $($words:tt)+) => {
        let holds: bool = $condition;
        if !holds {
            return $crate::__private::Result::Err(
                $crate::Finding::new($crate::__private::format!($($words)+)).into(),
            );
        }
    };
}

/// Notes whether the condition holds, as a named part of the requirement, and goes on. The check
/// fails at its end when a part did not hold, with all parts that did not.
///
/// The words name the part, so they should read well whether it holds or not. For a comparison the
/// two values are shown. The result is the condition, for code that only makes sense if it holds.
///
/// ```
/// # use readiness::{Context, check};
/// fn limits(cx: Context) {
///     for tier in ["pro", "team"] {
///         let minute = cx.setting(&format!("limits.{tier}.minute")).as_i64();
///         check!(minute > Some(0), "the {tier} tier has a limit per minute");
///     }
/// }
/// # let _ = limits;
/// ```
///
/// On a thread that runs no check (one that the check started itself) there is no place for the
/// note: a condition that does not hold panics there. [`Context::spawn`](crate::Context::spawn)
/// keeps the connection.
#[macro_export]
macro_rules! check {
    ($($tokens:tt)+) => {
        $crate::__check!([] [$($tokens)+] $($tokens)+)
    };
}

/// Splits the condition at a comparison, if it is one: `[left so far] [everything] rest…`.
///
/// Anything whose precedence is below a comparison's, or that may be a generic argument, ends the
/// search: the condition is then taken as a whole.
#[doc(hidden)]
#[macro_export]
macro_rules! __check {
    // The end, or the words: no comparison.
    ([$($left:tt)*] [$($all:tt)+]) => { $crate::__check_whole!($($all)+) };
    ([$($left:tt)*] [$($all:tt)+] , $($rest:tt)*) => { $crate::__check_whole!($($all)+) };
    // What binds less than a comparison.
    ([$($left:tt)*] [$($all:tt)+] && $($rest:tt)*) => { $crate::__check_whole!($($all)+) };
    ([$($left:tt)*] [$($all:tt)+] || $($rest:tt)*) => { $crate::__check_whole!($($all)+) };
    ([$($left:tt)*] [$($all:tt)+] | $($rest:tt)*) => { $crate::__check_whole!($($all)+) };
    ([$($left:tt)*] [$($all:tt)+] .. $($rest:tt)*) => { $crate::__check_whole!($($all)+) };
    ([$($left:tt)*] [$($all:tt)+] ..= $($rest:tt)*) => { $crate::__check_whole!($($all)+) };
    ([$($left:tt)*] [$($all:tt)+] = $($rest:tt)*) => { $crate::__check_whole!($($all)+) };
    // A block-like condition, a type or a path with generics.
    ([] [$($all:tt)+] if $($rest:tt)*) => { $crate::__check_whole!($($all)+) };
    ([] [$($all:tt)+] match $($rest:tt)*) => { $crate::__check_whole!($($all)+) };
    ([] [$($all:tt)+] < $($rest:tt)*) => { $crate::__check_whole!($($all)+) };
    ([$($left:tt)*] [$($all:tt)+] as $($rest:tt)*) => { $crate::__check_whole!($($all)+) };
    ([$($left:tt)*] [$($all:tt)+] :: < $($rest:tt)*) => { $crate::__check_whole!($($all)+) };
    // The comparisons.
    ([$($left:tt)+] [$($all:tt)+] == $($rest:tt)+) => { $crate::__check_right!([$($left)+] [==] [$($all)+] [] $($rest)+) };
    ([$($left:tt)+] [$($all:tt)+] != $($rest:tt)+) => { $crate::__check_right!([$($left)+] [!=] [$($all)+] [] $($rest)+) };
    ([$($left:tt)+] [$($all:tt)+] <= $($rest:tt)+) => { $crate::__check_right!([$($left)+] [<=] [$($all)+] [] $($rest)+) };
    ([$($left:tt)+] [$($all:tt)+] >= $($rest:tt)+) => { $crate::__check_right!([$($left)+] [>=] [$($all)+] [] $($rest)+) };
    ([$($left:tt)+] [$($all:tt)+] < $($rest:tt)+) => { $crate::__check_right!([$($left)+] [<] [$($all)+] [] $($rest)+) };
    ([$($left:tt)+] [$($all:tt)+] > $($rest:tt)+) => { $crate::__check_right!([$($left)+] [>] [$($all)+] [] $($rest)+) };
    ([$($left:tt)*] [$($all:tt)+] $next:tt $($rest:tt)*) => {
        $crate::__check!([$($left)* $next] [$($all)+] $($rest)*)
    };
}

/// Goes through the right side: `[left] [operator] [everything] [right so far] rest…`.
#[doc(hidden)]
#[macro_export]
macro_rules! __check_right {
    ([$($left:tt)+] [$op:tt] [$($all:tt)+] [$($right:tt)+]) => {
        $crate::__check_pair!([$($left)+] [$op] [$($right)+])
    };
    ([$($left:tt)+] [$op:tt] [$($all:tt)+] [$($right:tt)+] , $($words:tt)*) => {
        $crate::__check_pair!([$($left)+] [$op] [$($right)+] $($words)*)
    };
    ([$($left:tt)+] [$op:tt] [$($all:tt)+] [$($right:tt)*] && $($rest:tt)*) => { $crate::__check_whole!($($all)+) };
    ([$($left:tt)+] [$op:tt] [$($all:tt)+] [$($right:tt)*] || $($rest:tt)*) => { $crate::__check_whole!($($all)+) };
    ([$($left:tt)+] [$op:tt] [$($all:tt)+] [$($right:tt)*] .. $($rest:tt)*) => { $crate::__check_whole!($($all)+) };
    ([$($left:tt)+] [$op:tt] [$($all:tt)+] [$($right:tt)*] :: < $($rest:tt)*) => { $crate::__check_whole!($($all)+) };
    ([$($left:tt)+] [$op:tt] [$($all:tt)+] [$($right:tt)*] as $($rest:tt)*) => { $crate::__check_whole!($($all)+) };
    ([$($left:tt)+] [$op:tt] [$($all:tt)+] [$($right:tt)*] $next:tt $($rest:tt)*) => {
        $crate::__check_right!([$($left)+] [$op] [$($all)+] [$($right)* $next] $($rest)*)
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __check_whole {
    ($condition:expr $(,)?) => {
        $crate::__private::note($condition, || $crate::__private::stringify!($condition).into())
    };
    ($condition:expr, $($words:tt)+) => {
        $crate::__private::note($condition, || $crate::__private::format!($($words)+))
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __check_pair {
    ([$($left:tt)+] [$op:tt] [$($right:tt)+]) => {
        $crate::__check_pair!([$($left)+] [$op] [$($right)+] "{}", $crate::__private::stringify!($($left)+ $op $($right)+))
    };
    ([$($left:tt)+] [$op:tt] [$($right:tt)+] $($words:tt)+) => {
        // The two are evaluated once, and temporaries live to the end, as in `assert_eq!`.
        match (&($($left)+), &($($right)+)) {
            (left, right) => {
                #[allow(unused_imports)]
                use $crate::__private::ShownOpaque as _;
                $crate::__private::note_pair(
                    *left $op *right,
                    || $crate::__private::format!($($words)+),
                    $crate::__private::stringify!($op),
                    &|| (
                        $crate::__private::Shown(left).shown(),
                        $crate::__private::Shown(right).shown(),
                    ),
                )
            }
        }
    };
}

/// Longer values are cut: the evidence has them.
const MAX_SHOWN: usize = 200;
/// Of a longer value, what is looked at. It is masked first: a cut could go through a secret.
const MAX_LOOKED_AT: usize = 8 * 1024;
/// Longest name of a part.
const MAX_NAME: usize = 1024;

/// A value of a comparison, shown if it can be.
pub struct Shown<'a, T: ?Sized>(pub &'a T);

impl<T: Debug + ?Sized> Shown<'_, T> {
    /// As `{:?}`, as much as is looked at.
    pub fn shown(&self) -> String {
        let mut text = Bounded(String::new());
        // An error is the bound, and what fits is there.
        let _ = fmt::write(&mut text, format_args!("{:?}", self.0));
        text.0
    }
}

/// Chosen by method resolution for values without `Debug`.
pub trait ShownOpaque {
    /// A placeholder.
    fn shown(&self) -> String;
}

impl<T: ?Sized> ShownOpaque for Shown<'_, T> {
    fn shown(&self) -> String {
        String::from("(not shown)")
    }
}

/// Stops writing at the bound, so that showing a large value costs no more than a small one.
struct Bounded(String);

impl fmt::Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            if self.0.len() >= MAX_LOOKED_AT {
                return Err(fmt::Error);
            }
            self.0.push(c);
        }
        Ok(())
    }
}

/// Notes a part; the result is whether it holds.
#[track_caller]
pub fn note(held: bool, name: impl FnOnce() -> String) -> bool {
    keep(held, name(), None)
}

/// Notes a part that compares two values.
#[track_caller]
pub fn note_pair(
    held: bool,
    name: impl FnOnce() -> String,
    operator: &str,
    values: &dyn Fn() -> (String, String),
) -> bool {
    let detail = (!held).then(|| {
        let (left, right) = values();
        let redactor = redactor();
        let (left, right) = (shortened(&redactor, &left), shortened(&redactor, &right));
        format!("{left} {operator} {right} does not hold")
    });
    keep(held, name(), detail)
}

/// Of the check that runs on this thread; without one, by forms alone.
fn redactor() -> Redactor {
    Context::current().map_or_else(Redactor::default, |cx| cx.run().redactor.clone())
}

fn shortened(redactor: &Redactor, value: &str) -> String {
    let masked = redactor.start_of(value, MAX_SHOWN + 1);
    match floor(&masked, MAX_SHOWN) {
        short if short.len() < masked.len() => format!("{short}…"),
        whole => whole.to_owned(),
    }
}

#[track_caller]
fn keep(held: bool, name: String, detail: Option<String>) -> bool {
    let name = if name.len() > MAX_NAME {
        redactor().brief(&name, MAX_NAME)
    } else {
        name
    };
    match Context::current() {
        Some(cx) => cx.part(Part { name, held, detail }),
        None => assert!(
            held,
            "{name}{}{} (noted on a thread that runs no check)",
            if detail.is_some() { ": " } else { "" },
            detail.as_deref().unwrap_or_default(),
        ),
    }
    held
}

#[cfg(test)]
mod tests;
