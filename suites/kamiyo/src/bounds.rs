//! DB-001 and DB-002: how large a page may be, and how far paging goes.

use std::sync::Arc;

use readiness::{Context, Result, Verdict, requirement};
use readiness_probes::{paging, worst};

use crate::target::Target;

/// The largest page and the last one, as the rows state them.
const LARGEST_PAGE: u64 = 500;
const LAST_PAGE: u64 = 10_000;

#[requirement("DB-001")]
async fn page_size(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let client = target.keyed(&cx)?;
    let largest = client
        .get(&format!("/exploits?page_size={LARGEST_PAGE}"))
        .await?;
    let mut verdicts = vec![paging::largest_page(&largest, LARGEST_PAGE)];
    for size in [501, 1_000, 100_000] {
        let reply = client.get(&format!("/exploits?page_size={size}")).await?;
        verdicts.push(paging::beyond_largest(&reply, size, LARGEST_PAGE)?);
    }
    Ok(worst(verdicts))
}

#[requirement("DB-002")]
async fn page_number(cx: Context, target: Arc<Target>) -> Result<Verdict> {
    let client = target.keyed(&cx)?;
    let last = client
        .get(&format!("/exploits?page_size=1&page={LAST_PAGE}"))
        .await?;
    let mut verdicts = vec![paging::last_page(&last, LAST_PAGE)];
    for page in [10_001, 1_000_000_000] {
        let reply = client
            .get(&format!("/exploits?page_size=1&page={page}"))
            .await?;
        verdicts.push(paging::beyond_last_page(&reply, page));
    }
    Ok(worst(verdicts))
}
