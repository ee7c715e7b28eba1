//! Sign-off: what a person signs, and how a signature stands against what the files say now.
//!
//! [`State`] is everything that decides, as sorted lines of text: requirements, outcomes,
//! statements, the gate's rules, the target. It is made from committed files alone (checklist,
//! `readiness.toml`, `readiness.lock`), so that a stranger with a clone arrives at the same one. A
//! [`Statement`] is a state with who signs it, for which role and when; its text is what the SSH key
//! signs, and it is kept beside the signature, so that a later state can be compared with it fact by
//! fact. Pure: keys, files and clocks are the command's.

mod role;
mod standing;
mod state;
mod statement;

pub use role::{file_stem, of_box as role_of_box};
pub use standing::{SignOff, Standing};
pub use state::{Facts, State, StateInputs};
pub use statement::{Malformed, Statement};

/// The namespace of the signatures: one that was made for anything else (git, files, mail) is none
/// of ours, and ours are none of theirs.
pub const NAMESPACE: &str = "readiness@cargo-readiness";

/// The folder beside the checklist that holds statements and signatures, a pair of files for each
/// role: `engineering-lead.txt` and `engineering-lead.txt.sig`.
pub const FOLDER: &str = "readiness.signatures";

#[cfg(test)]
mod tests;
