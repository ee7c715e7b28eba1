//! Pages of a list. The faults of DB-001 and DB-002 are those of the bounds, the faults of
//! DATA-005 and DATA-006 those of the pages.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::data::Ranked;
use crate::faults::{Fault, FaultSet};
use crate::web::failure::Failure;
use crate::web::params::Params;
use crate::web::reply::ApiError;

const LARGEST_PAGE: usize = 500;
const LAST_PAGE: usize = 10_000;
const DEFAULT_PAGE: usize = 100;

/// Which page of what size.
pub(super) struct Paging {
    number: usize,
    size: usize,
}

impl Paging {
    /// The page that is asked for.
    pub fn of(params: &Params, faults: &FaultSet) -> Result<Paging, ApiError> {
        let largest = [
            (Fault::Db001LimitTooHigh, 1_000),
            (Fault::Db001LimitTooLow, 100),
            (Fault::Db001Missing, usize::MAX),
        ];
        let last = [
            (Fault::Db002LimitTooHigh, 20_000),
            (Fault::Db002LimitTooLow, 5_000),
            (Fault::Db002Missing, usize::MAX),
        ];
        let largest = faults.first(&largest).unwrap_or(LARGEST_PAGE);
        let last = faults.first(&last).unwrap_or(LAST_PAGE);
        let number = params.number("page", 1..=last, 1).map_err(|error| {
            if !faults.on(Fault::Db002Overflow500) {
                return error;
            }
            let failure = Failure::new("Overflow", "the offset is too large", "of");
            ApiError {
                status: StatusCode::INTERNAL_SERVER_ERROR,
                ..ApiError::internal(failure.through("list"))
            }
        })?;
        Ok(Paging {
            number,
            size: params.number("page_size", 1..=largest, DEFAULT_PAGE)?,
        })
    }

    /// The page's body.
    pub fn page(
        &self,
        rows: &[Ranked<'_>],
        shown: impl Fn(Ranked<'_>) -> Value,
        faults: &FaultSet,
    ) -> Value {
        let skip = self.skipped(faults);
        let mut data: Vec<Value> = rows
            .iter()
            .skip(skip)
            .take(self.size)
            .map(|&row| shown(row))
            .collect();
        self.spoil(&mut data, faults);
        let has_more = skip.saturating_add(self.size) < rows.len();
        json!({
            "data": data,
            "total": rows.len() + usize::from(faults.on(Fault::Data005WrongTotal)),
            "page": self.number,
            "page_size": self.size,
            "has_more": has_more || faults.on(Fault::Data005HasMoreAlways),
        })
    }

    /// How many rows come before the page.
    fn skipped(&self, faults: &FaultSet) -> usize {
        let before = self.number - 1;
        let skip = before.saturating_mul(self.size);
        match before {
            0 => 0,
            _ if faults.on(Fault::Data005IgnoresPage) => 0,
            _ if faults.on(Fault::Data005Overlap) => skip.saturating_sub(1),
            before if faults.on(Fault::Data005Gap) => skip.saturating_add(before),
            _ => skip,
        }
    }

    fn spoil(&self, data: &mut Vec<Value>, faults: &FaultSet) {
        if faults.on(Fault::Data005ShortPage) && data.len() == self.size && self.size > 1 {
            data.pop();
        }
        if let [first, second, ..] = data.as_mut_slice()
            && faults.on(Fault::Data006DuplicateOnPage)
        {
            *second = first.clone();
        }
        if let [first, .., last] = data.as_mut_slice()
            && faults.on(Fault::Data006DuplicateAt500)
            && self.size == LARGEST_PAGE
        {
            *last = first.clone();
        }
    }
}
