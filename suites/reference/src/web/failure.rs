//! What goes wrong inside: an error with the places it passed through, for the log and never
//! for the caller.
//!
//! ```text
//! list → rows → provoked: each layer adds its own place, so the trace is a real one.
//! ```

use std::fmt::Write as _;
use std::panic::Location;

use serde_json::{Value, json};

/// An internal error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The kind of error, such as `StoreError`.
    pub kind: &'static str,
    /// What happened.
    pub message: String,
    /// What it happened because of.
    pub cause: Option<String>,
    /// The values at hand, which only a faulty service logs.
    pub locals: Vec<(&'static str, String)>,
    /// The places it passed through, the innermost first.
    pub frames: Vec<Frame>,
}

/// A place in the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    pub function: &'static str,
    pub file: &'static str,
    pub line: u32,
}

impl Failure {
    /// An error that begins here, in the function of the given name.
    #[track_caller]
    pub fn new(kind: &'static str, message: impl Into<String>, function: &'static str) -> Failure {
        let failure = Failure {
            kind,
            message: message.into(),
            cause: None,
            locals: Vec::new(),
            frames: Vec::new(),
        };
        failure.through(function)
    }

    /// The same error, which also passed through here.
    #[track_caller]
    pub fn through(mut self, function: &'static str) -> Failure {
        let place = Location::caller();
        self.frames.push(Frame {
            function,
            file: place.file(),
            line: place.line(),
        });
        self
    }

    /// The trace as text: one line for the error and one for each place.
    pub fn trace(&self) -> String {
        let mut text = format!("{}: {}", self.kind, self.message);
        for frame in &self.frames {
            let Frame {
                function,
                file,
                line,
            } = frame;
            // Writing to a String cannot fail.
            let _ = write!(text, "\n  at {function} ({file}:{line})");
        }
        text
    }

    /// The error as a field of a log record.
    pub fn to_json(&self) -> Value {
        let frame = |frame: &Frame| json!({ "function": frame.function, "file": frame.file, "line": frame.line });
        json!({
            "type": self.kind,
            "message": self.message,
            "cause": self.cause,
            "trace": self.frames.iter().map(frame).collect::<Vec<_>>(),
        })
    }
}
