//! **Backups, judged by what lies there**: how old, how large against their predecessors, and
//! whether they begin like what they claim to be.
//!
//! ```ignore
//! #[requirement("DPLY-DB-001")]
//! async fn the_database_is_backed_up(cx: Context) -> Result<Verdict> {
//!     let seen = Backups::of(&cx, Store::Postgres)?.look()?;
//!     backups::judge(&seen, &Policy::default())
//! }
//! ```
//!
//! A *generation* is one entry of the backup directory: a file, or a directory of files that belong
//! together. Where backups are elsewhere, a command lists them, one a line: an RFC 3339 time (or
//! `YYYY-MM-DD HH:MM:SS`, UTC), bytes, name; then nothing can be opened.

mod format;
mod judge;
mod listing;

use serde_json::Value;

use crate::seen::{Change, Kind, Seen};

pub use judge::{Policy, judge};
pub use listing::{BackupTarget, Backups, Store};

/// The kind of [`Generations`].
#[derive(Debug, Clone)]
pub struct Backup;

/// The backups of a store: `generations`, the newest first, each with `name`, `age_h`, `bytes` and
/// `format` (what it is, or `unknown`); `opened` (whether the newest could be read by its own tool;
/// null if there is none), `problem` (what that tool said) and `beside_data` (whether they lie in the
/// store's own data directory).
pub type Generations = Seen<Backup>;

impl Kind for Backup {
    const KIND: &'static str = "backup";

    fn changes(name: &str, value: &Value) -> Vec<Change> {
        match name {
            "age_h" => vec![Change::new("aged", 10_000.0)],
            "bytes" if value.as_i64() != Some(0) => vec![Change::new("zero-size", 0)],
            "format" if value != "unknown" => vec![Change::new("garbled", "unknown")],
            _ => Vec::new(),
        }
    }
}
