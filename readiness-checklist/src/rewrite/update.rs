//! What is known about the items of a document, as handed in for writing.

use std::collections::BTreeMap;
use std::fmt;

/// What a document shows for an item. The tool writes no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Verified.
    Pass,
    /// Verified with a reservation, or not trusted as a pass.
    Warn,
    /// Not met.
    Fail,
    /// Not verified, or not applicable.
    Skip,
}

impl Status {
    /// The word in capitals, as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Warn => "WARN",
            Self::Fail => "FAIL",
            Self::Skip => "SKIP",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The result of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemUpdate {
    /// What to show.
    pub status: Status,
    /// Why, in one line; written only where the status is not PASS and there is a place for it.
    pub reason: Option<String>,
}

/// What an assessment counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Items shown as PASS.
    pub pass: u64,
    /// Items shown as WARN.
    pub warn: u64,
    /// Items shown as FAIL.
    pub fail: u64,
    /// Items shown as SKIP, for whatever reason.
    pub skip: u64,
    /// How many of `skip` are declared not applicable and leave the denominator.
    pub not_applicable: u64,
}

impl Tally {
    /// All items.
    pub fn total(&self) -> u64 {
        self.pass
            .saturating_add(self.warn)
            .saturating_add(self.fail)
            .saturating_add(self.skip)
    }

    /// The denominator of the score: all items without those declared not applicable.
    pub fn applicable(&self) -> u64 {
        self.total()
            .saturating_sub(self.not_applicable.min(self.skip))
    }

    /// The score as a percentage with so many decimals, rounded down, so that `100%` is exact;
    /// none where nothing is applicable.
    pub fn percent(&self, decimals: u32) -> Option<String> {
        let applicable = u128::from(self.applicable());
        let decimals = decimals.min(9);
        let scale = 10_u128.pow(decimals);
        let scaled = (u128::from(self.pass) * 100 * scale).checked_div(applicable)?;
        let (whole, part) = (scaled / scale, scaled % scale);
        Some(match decimals {
            0 => format!("{whole}%"),
            d => format!("{whole}.{part:0width$}%", width = d as usize),
        })
    }
}

/// Everything a rewrite may use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Update {
    /// Results by id. An item without one is left alone.
    pub items: BTreeMap<String, ItemUpdate>,
    /// What the assessment counted; without it no tally and no score is written.
    pub tally: Option<Tally>,
    /// The day as `YYYY-MM-DD`; without it no date is written.
    pub today: Option<String>,
    /// Sign-off boxes by their text: ticked or not.
    pub sign_offs: BTreeMap<String, bool>,
}
