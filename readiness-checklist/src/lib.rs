//! A checklist document: bytes in, items with spans, edits, bytes out.
//!
//! A production checklist is a human's markdown file that a program annotates. This crate reads
//! such a file ([`Checklist::parse`]), says what its items, claims and faults are, and computes
//! which few bytes change when results are known ([`Checklist::rewrite`]). It never re-renders a
//! document: everything outside the spans it owns comes out exactly as it went in.
//!
//! What it leaves to others: files, locks, clocks and hashes. It does no I/O and is pure, so a
//! macro, a test harness and a command line tool can all use it.
//!
//! ```
//! use readiness_checklist::{Checklist, ItemUpdate, State, Status, Update};
//!
//! let text = b"| ID | Requirement | Status |\n|--|--|--|\n| A-1 | It starts | \xe2\x9d\x8c |\n";
//! let checklist = Checklist::parse(text.to_vec())?;
//! let item = checklist.item("A-1").expect("the row is an item");
//! assert_eq!(item.state(), State::Fail);
//!
//! let mut update = Update::default();
//! update.items.insert("A-1".to_owned(), ItemUpdate { status: Status::Pass, reason: None });
//! let rewrite = checklist.rewrite(&update);
//! assert_eq!(rewrite.edits.len(), 1);
//! assert!(String::from_utf8_lossy(&rewrite.bytes).contains("| A-1 | It starts | ✅ |"));
//! # Ok::<(), readiness_checklist::ParseError>(())
//! ```

mod blocks;
mod boxes;
mod checklist;
mod claims;
mod diagnostic;
mod error;
mod ids;
mod inline;
mod item;
mod marker;
mod nearest;
mod options;
mod reader;
mod rewrite;
mod source;
mod status;
mod table;
mod text;

pub use checklist::Checklist;
pub use claims::{Claim, ClaimKind, Percent};
pub use diagnostic::{Code, Diagnostic, Severity};
pub use error::ParseError;
pub use ids::valid_id;
pub use item::{IdOrigin, Item, Shape, SignOff, State};
pub use options::Options;
pub use rewrite::{Edit, EditKind, EditText, ItemUpdate, Rewrite, Status, Tally, Update};
