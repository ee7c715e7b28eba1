//! The exploits that the service knows: [`generate`] makes the rows, [`query`] selects them.

mod generate;
mod query;

use jiff::Timestamp;
use serde::Serialize;

pub(crate) use generate::{SOURCES, generate};
pub(crate) use query::{Filter, chains, page, visible};

/// One exploit, as the product shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Exploit {
    /// Its place in the data set, 0 for the newest. Not shown.
    #[serde(skip)]
    pub rank: usize,
    /// The transaction, in the notation of its chain.
    pub tx_hash: String,
    /// The chain's name.
    pub chain: &'static str,
    /// The protocol that was exploited.
    pub protocol: &'static str,
    /// The loss in US dollars, with cents.
    pub amount_usd: f64,
    /// When it happened.
    pub timestamp: Timestamp,
    /// Who reported it.
    pub source: &'static str,
    /// Where it was reported.
    pub source_url: Option<String>,
    /// The kind of attack.
    pub category: Option<&'static str>,
    /// A sentence for people.
    pub description: Option<String>,
    /// What became of the money.
    pub recovery_status: Option<&'static str>,
}
