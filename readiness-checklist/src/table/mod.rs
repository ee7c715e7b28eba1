//! Tables: cells, what their columns mean, which tables hold items, and their rows.

pub(crate) mod cells;
pub(crate) mod kind;
pub(crate) mod roles;

use crate::blocks::TextLine;
use roles::Roles;

/// A table whose rows are items.
#[derive(Debug)]
pub(crate) struct Table {
    pub roles: Roles,
    /// Header, delimiter row, body rows.
    pub lines: Box<[TextLine]>,
}
