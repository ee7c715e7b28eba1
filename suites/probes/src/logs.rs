//! The service's own log: is it structured, does it say what it must, and nothing that it must not?
//!
//! [`Tap`] reads what was written since a mark, from a sink in the process, a file or a command;
//! [`canary`] sends test values through every channel that is logged and looks for them; [`records`]
//! judges the form of records; [`detect`] searches for secrets that nobody sent on purpose.
//!
//! A log is only judged after a record of one's own was found in it: absence in the wrong log means
//! nothing.

pub mod canary;
pub mod detect;
pub mod records;
mod tap;

#[cfg(test)]
mod tests;

pub use tap::{Source, Tap};
