//! The part of a backtrace that is the author's.
//!
//! `RUST_BACKTRACE=1` makes std print the frames from the panic to the test function. A
//! [`Backtrace`](std::backtrace::Backtrace) that a hook captures is never cut: it begins with the
//! hook and goes down to the thread, some fifty frames of which one is the check. Its text has no
//! promised form. Where the frames that bound the interesting part are not recognised, more is
//! shown, never less.

use std::fmt::Write;

/// The last frame before the panic's own: std puts it there for this purpose.
const ABOVE: &str = "__rust_end_short_backtrace";

/// The first frames that are not the check's: what the attribute wrote, who calls that, and where a
/// thread of the check begins.
const BELOW: [&str; 3] = [
    "__readiness_check",
    "readiness::run::invoke",
    "__rust_begin_short_backtrace",
];

/// `text` without the frames of the hook and of the runner, numbered anew.
pub(crate) fn of_the_check(text: &str) -> String {
    let frames = frames(text);
    let from = frames.iter().rposition(|frame| frame.contains(ABOVE));
    let from = from.map_or(0, |last| last + 1);
    let until = frames[from..]
        .iter()
        .position(|frame| BELOW.iter().any(|name| frame.contains(name)));
    let shown = &frames[from..until.map_or(frames.len(), |count| from + count)];
    if shown.is_empty() || shown.len() == frames.len() {
        return text.to_owned();
    }
    let mut cut = String::new();
    for (number, frame) in shown.iter().enumerate() {
        // A string takes everything.
        let _ = writeln!(cut, "{number:>4}: {frame}");
    }
    cut.push_str("note: run with `RUST_BACKTRACE=full` for the frames of the runner");
    cut
}

/// Each frame without its number: its name, and the lines below that belong to it.
fn frames(text: &str) -> Vec<String> {
    let mut frames: Vec<String> = Vec::new();
    for line in text.lines() {
        match (name(line), frames.last_mut()) {
            (Some(name), _) => frames.push(name.to_owned()),
            (None, Some(frame)) => {
                frame.push('\n');
                frame.push_str(line);
            }
            (None, None) => {}
        }
    }
    frames
}

/// What stands behind the number of a line that begins a frame.
fn name(line: &str) -> Option<&str> {
    let (number, name) = line.trim_start().split_once(": ")?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "   0: readiness::harness::panics::note
             at src/harness/panics.rs:81:21
   1: std::sys::backtrace::__rust_end_short_backtrace::<F, !>
   2: __rust_begin_unwind
   3: core::panicking::panic_fmt
             at /rustc/0/library/core/src/panicking.rs:80:14
   4: shop::backups_are_kept
             at ./tests/readiness.rs:5:35
   5: shop::_::__readiness_check
   6: readiness::run::invoke
   7: clone3
";

    #[test]
    fn what_is_shown_goes_from_the_panic_to_the_check() {
        assert_eq!(
            of_the_check(WHOLE),
            "   0: __rust_begin_unwind
   1: core::panicking::panic_fmt
             at /rustc/0/library/core/src/panicking.rs:80:14
   2: shop::backups_are_kept
             at ./tests/readiness.rs:5:35
note: run with `RUST_BACKTRACE=full` for the frames of the runner"
        );
    }

    #[test]
    fn what_is_not_recognised_is_shown_whole() {
        for text in [
            "",
            "   0: main\n   1: clone3\n",
            "disabled backtrace",
            "1: : 2: x",
        ] {
            assert_eq!(of_the_check(text), text);
        }
        // Nothing between the two.
        let nothing = "   0: a::__rust_end_short_backtrace\n   1: b::__readiness_check\n";
        assert_eq!(of_the_check(nothing), nothing);
    }

    #[test]
    fn a_thread_of_a_check_has_no_frame_of_the_attribute_below() {
        let thread = "   0: hook
   1: __rust_end_short_backtrace
   2: shop::task
   3: std::sys::backtrace::__rust_begin_short_backtrace
   4: clone3
";
        let shown = of_the_check(thread);
        assert!(shown.starts_with("   0: shop::task\nnote: "), "{shown}");
    }
}
