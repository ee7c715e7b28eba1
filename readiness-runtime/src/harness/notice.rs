//! What the harness says beside the results: on stderr, one line each, without control characters.
//!
//! Stdout belongs to the libtest protocol: one stray line there and nextest refuses the whole list.
//! A closed stderr is no reason to fail, so nothing here does.

use std::io::Write;

use crate::diagnostic::plain;

/// Something worth knowing.
pub(crate) fn note(text: &str) {
    line("note", text);
}

/// Something that should not stay as it is.
pub(crate) fn warn(text: &str) {
    line("warning", text);
}

fn line(kind: &str, text: &str) {
    let mut lines = text.lines();
    let mut out = format!("readiness: {kind}: {}\n", plain(lines.next().unwrap_or("")));
    for more in lines {
        out.push_str("    ");
        out.push_str(&plain(more));
        out.push('\n');
    }
    print(&out);
}

/// Prints text as it is: made by the harness, lines and all.
pub(crate) fn print(text: &str) {
    // One write, so that lines of several threads do not mix.
    drop(std::io::stderr().lock().write_all(text.as_bytes()));
}
