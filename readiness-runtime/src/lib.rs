//! **Your production checklist is a program.** Register checks for the items of a markdown
//! checklist, run them under `cargo test` or nextest, and prove of each pass that it was able to
//! fail.

// The macros name this crate `::readiness`; that has to work inside the crate's own tests too.
extern crate self as readiness;

pub mod config;
pub mod describe;
pub mod diagnostic;
pub mod document;
pub mod error;
pub mod journal;
pub mod observation;
pub mod registry;
pub mod resource;
pub mod service;
pub mod verdict;

// What the command does with a run, and a test target does not.
#[cfg(feature = "assess")]
pub mod assess;
#[cfg(feature = "assess")]
pub mod ledger;
#[cfg(feature = "assess")]
pub mod signoff;
#[cfg(feature = "assess")]
pub mod words;

mod assert;
mod buffer;
mod context;
mod digest;
mod evidence;
mod exec;
mod expansion;
mod harness;
mod packed;
mod prove;
mod redact;
mod run;
mod sorted;

#[doc(hidden)]
pub mod __private;

/// The `main` of a test target with `harness = false`: runs every check that is linked into it.
///
/// ```no_run
/// // tests/readiness.rs; checks of another crate count when that crate is named: use my_checks as _;
/// # use readiness::requirement;
/// readiness::main!();
/// ```
#[macro_export]
macro_rules! main {
    () => {
        fn main() -> $crate::__private::ExitCode {
            $crate::__private::main($crate::__private::Site {
                manifest_dir: $crate::__private::env!("CARGO_MANIFEST_DIR"),
                package: $crate::__private::env!("CARGO_PKG_NAME"),
                tmp_dir: $crate::__private::option_env!("CARGO_TARGET_TMPDIR"),
                aborts: $crate::__private::cfg!(panic = "abort"),
            })
        }
    };
}

pub use context::{Context, Task};
pub use error::{Error, Finding, Result, Unavailable};
pub use readiness_macros::requirement;
pub use redact::{Redactor, quote};
pub use resource::Resource;
pub use verdict::Verdict;
