//! Taking our status over one that somebody typed.
//!
//! A typed status that nothing stands behind is left alone and reported until a person decides:
//! attesting the requirement gives it a record, accepting overwrites it with what we know, which may
//! be no more than "not verified".

use super::{Action, Assessment, Standing};
use crate::diagnostic::Code;

/// Why there is nothing to accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAccepted {
    /// No item has this id.
    Unknown,
    /// Nobody typed a status there: it is empty, or we wrote it.
    NotTyped,
    /// Two items derive this id: nothing can be written for either.
    Collides,
}

impl Assessment {
    /// Writes our status for this item over the one that somebody typed. It is reported no longer.
    ///
    /// # Errors
    /// When there is no typed status to overwrite; nothing changes then.
    pub fn accept(&mut self, id: &str) -> Result<(), NotAccepted> {
        let item = self.items.iter_mut().find(|item| item.id == id);
        let item = item.ok_or(NotAccepted::Unknown)?;
        if item.collides {
            return Err(NotAccepted::Collides);
        }
        if item.standing != Standing::Claimed {
            return Err(NotAccepted::NotTyped);
        }
        if item.action == Action::UntouchedClaim {
            item.action = Action::WriteOverClaim;
            self.counts.claimed = self.counts.claimed.saturating_sub(1);
        }
        let about = |code| matches!(code, Code::StatusClaimed | Code::StatusDisagrees);
        self.diagnostics
            .retain(|found| !(found.id.as_deref() == Some(id) && about(found.code)));
        Ok(())
    }
}
