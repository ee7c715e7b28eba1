//! What a caller may see: all rows, or those that are old enough. The faults of RT-FREE-001 and
//! RT-PRO-001 are those of the delay.

use std::sync::Arc;
use std::time::Duration;

use crate::data::Exploit;
use crate::faults::Fault;
use crate::identity::Caller;
use crate::service::App;
use crate::tiers::Tier;
use crate::web::failure::Failure;
use crate::web::reply::ApiError;

const HOUR: Duration = Duration::from_secs(60 * 60);

/// More than the five seconds within which data must come without the cache.
const HANG: Duration = Duration::from_secs(8);

/// What a request looks at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    /// A list, and whether it is of one chain.
    List { of_a_chain: bool },
    /// A single row.
    Detail,
    /// Counts and sums.
    Totals,
}

/// How old a row must be before the caller sees it.
pub(super) fn delay(app: &App, caller: &Caller, view: View) -> Duration {
    let altered: &[(Fault, Duration)] = match (caller.tier, view) {
        (Tier::Free, View::Detail) => &[(Fault::RtFree001DetailBypass, Duration::ZERO)],
        (Tier::Free, View::List { of_a_chain: true }) => {
            &[(Fault::RtFree001FilterBypass, Duration::ZERO)]
        }
        _ => &[],
    };
    let general: &[(Fault, Duration)] = match caller.tier {
        Tier::Free => &[
            (Fault::RtFree001Missing, Duration::ZERO),
            (Fault::RtFree001Delay12h, Duration::from_secs(12 * 60 * 60)),
            (Fault::RtFree001OverDelay, Duration::from_secs(72 * 60 * 60)),
        ],
        Tier::Pro => &[
            (Fault::RtPro001Delayed, Duration::from_secs(24 * 60 * 60)),
            (Fault::RtPro001Delayed1h, HOUR),
        ],
        Tier::Team | Tier::Enterprise => &[],
    };
    let altered = app
        .faults
        .first(altered)
        .or_else(|| app.faults.first(general));
    altered.unwrap_or_else(|| caller.tier.data_delay())
}

/// The rows, newest first, from the database.
pub(super) async fn rows(
    app: &App,
    caller: &Caller,
    view: View,
) -> Result<Arc<[Exploit]>, ApiError> {
    let empty = [
        (Fault::RtFree001Empty, Tier::Free),
        (Fault::RtPro001Empty, Tier::Pro),
    ];
    let is_list = matches!(view, View::List { .. });
    if is_list && app.faults.first(&empty) == Some(caller.tier) {
        return Ok(Arc::from([]));
    }
    if let Some(rows) = without_cache(app).await? {
        return Ok(rows);
    }
    let rows = app.database.exploits().await;
    rows.map_err(|error| ApiError::unavailable("database", &error))
}

/// What a faulty service does when the cache is down.
async fn without_cache(app: &App) -> Result<Option<Arc<[Exploit]>>, ApiError> {
    let outcomes = [
        (Fault::Cache005ErrorsWithoutCache, Outage::Error),
        (Fault::Cache005HangsWithoutCache, Outage::Hang),
        (Fault::Cache005EmptyData, Outage::Empty),
    ];
    let Some(outage) = app.faults.first(&outcomes) else {
        return Ok(None);
    };
    let Err(error) = app.cache.ping().await else {
        return Ok(None);
    };
    match outage {
        Outage::Error => {
            let failure = Failure::new("CacheError", error.to_string(), "without_cache");
            Err(ApiError::internal(failure.through("rows")))
        }
        Outage::Hang => {
            tokio::time::sleep(HANG).await;
            Ok(None)
        }
        Outage::Empty => Ok(Some(Arc::from([]))),
    }
}

#[derive(Clone, Copy)]
enum Outage {
    Error,
    Hang,
    Empty,
}
