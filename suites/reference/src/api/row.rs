//! How a row is shown: as it is, or as one of the DATA faults has it.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::data::{Ranked, lacks_amount};
use crate::faults::{Fault, FaultSet};
use crate::web::errors::remove;

/// The row that is altered: on the first page of a hundred for every tier.
const ALTERED: usize = 60;
/// The row that is altered by faults of the second page: there for every tier, too.
const ALTERED_LATER: usize = 160;

/// A row as JSON.
pub(super) fn shown((rank, exploit): Ranked<'_>, now: Timestamp, faults: &FaultSet) -> Value {
    let mut row = json!(exploit);
    if lacks_amount(rank, faults) {
        row["amount_usd"] = Value::Null;
    }
    match rank {
        ALTERED => alter(&mut row, now, faults),
        ALTERED_LATER if faults.on(Fault::Data001OnlyOnPage2) => remove(&mut row, "tx_hash"),
        _ => {}
    }
    row
}

fn alter(row: &mut Value, now: Timestamp, faults: &FaultSet) {
    let missing = [
        (Fault::Data001MissingInOne, "tx_hash"),
        (Fault::Data002MissingInOne, "chain"),
        (Fault::Data003MissingInOne, "protocol"),
        (Fault::Data004MissingInOne, "timestamp"),
    ];
    let replaced = [
        (Fault::Data001Blank, "tx_hash", " "),
        (Fault::Data001Placeholder, "tx_hash", "unknown"),
        (Fault::Data002Blank, "chain", ""),
        (Fault::Data002NotInChains, "chain", "Atlantis"),
        (Fault::Data003Blank, "protocol", "  "),
        (Fault::Data004Unparsable, "timestamp", "yesterday"),
        (Fault::Data004EpochZero, "timestamp", "1970-01-01T00:00:00Z"),
    ];
    for (fault, field) in missing {
        if faults.on(fault) {
            remove(row, field);
        }
    }
    for (fault, field, value) in replaced {
        if faults.on(fault) {
            row[field] = json!(value);
        }
    }
    if faults.on(Fault::Data004Future) {
        let next_year = now.checked_add(Duration::from_secs(365 * 24 * 60 * 60));
        row["timestamp"] = json!(next_year.unwrap_or(Timestamp::MAX));
    }
}
