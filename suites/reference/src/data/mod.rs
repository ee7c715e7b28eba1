//! The exploits that the service knows: [`generate`] makes the rows, [`query`] selects them.

mod generate;
mod query;

use jiff::Timestamp;
use serde::Serialize;

pub(crate) use generate::{SOURCES, generate};
pub(crate) use query::{Filter, chains, lacks_amount, visible};

/// One exploit, as the product shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Exploit {
    /// The transaction, in the notation of its chain.
    pub tx_hash: String,
    /// The chain's name.
    pub chain: String,
    /// The protocol that was exploited.
    pub protocol: String,
    /// The loss in US dollars, with cents.
    pub amount_usd: f64,
    /// When it happened.
    pub timestamp: Timestamp,
    /// Who reported it.
    pub source: String,
    /// Where it was reported.
    pub source_url: Option<String>,
    /// The kind of attack.
    pub category: Option<String>,
    /// A sentence for people.
    pub description: Option<String>,
    /// What became of the money.
    pub recovery_status: Option<String>,
}

/// An exploit with its place in the data set, 0 for the newest.
pub(crate) type Ranked<'a> = (usize, &'a Exploit);
