//! Whether connections are pooled: the server's own view of its clients while they work.

use std::collections::{BTreeMap, BTreeSet};
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use readiness::{Error, Result, Verdict};
use serde_json::{Value, json};
use tokio_postgres::Client;

use super::database::{ask, literal};
use super::{Database, PgRows};
use crate::seen::count;

/// Time between two looks: a connection made for one request lives about this long.
const PAUSE: Duration = Duration::from_millis(50);

/// Share of the usable connections that one application may take.
const SHARE: f64 = 0.8;

/// New connections for each request that still pass for a pool that grows.
const NEW_PER_REQUEST: f64 = 0.2;

/// One backend, by process id and the second it was started.
type Backend = (i64, String);
type Backends = BTreeSet<Backend>;

impl Database {
    /// Samples the backends of `role` each 50 ms while `load` runs, which sends `requests` requests
    /// to the service and says how many of them were served. Records `capacity` (connections that are
    /// not reserved), `requests`, `served`, `samples`, `peak`, `survived` (backends of the last look that were there in the first half of the
    /// looks) and `new` (that were not there at the first look).
    ///
    /// # Errors
    /// Unavailable if the database cannot be reached, else what `load` says.
    pub async fn watch<F>(&self, role: &str, requests: u32, load: F) -> Result<PgRows>
    where
        F: Future<Output = Result<u32>>,
    {
        let look = async |client: &Client| {
            let mut watch = Watch::new(role);
            let capacity = capacity(client).await?;
            watch.look(client).await?;
            let served = watch.until(client, load).await?;
            watch.look(client).await?;
            Ok(PgRows::new(watch.summary(&capacity, requests, served)))
        };
        self.context()
            .observe(self.key("activity"), || async {
                self.access()?.with_load(look).await
            })
            .await
    }
}

/// What was seen so far.
struct Watch {
    query: String,
    /// Each backend with the look in which it was first seen.
    all: BTreeMap<Backend, u32>,
    first: Option<Backends>,
    last: Backends,
    peak: usize,
    samples: u32,
}

impl Watch {
    fn new(role: &str) -> Watch {
        let query = format!(
            "SELECT coalesce(json_agg(json_build_array(pid, backend_start::text)), '[]') \
             FROM pg_stat_activity WHERE usename = {} AND pid <> pg_backend_pid() \
             AND application_name <> 'readiness'",
            literal(role)
        );
        Watch {
            query,
            all: BTreeMap::new(),
            first: None,
            last: Backends::new(),
            peak: 0,
            samples: 0,
        }
    }

    async fn look(&mut self, client: &Client) -> Result<()> {
        let rows = ask(client, &self.query).await?;
        let found: Vec<Backend> = serde_json::from_value(rows)?;
        let found: Backends = found.into_iter().collect();
        self.peak = self.peak.max(found.len());
        for backend in &found {
            self.all.entry(backend.clone()).or_insert(self.samples);
        }
        self.samples += 1;
        if self.first.is_none() && !found.is_empty() {
            self.first = Some(found.clone());
        }
        self.last = found;
        Ok(())
    }

    /// Looks again and again until the load is through.
    async fn until<F>(&mut self, client: &Client, load: F) -> Result<u32>
    where
        F: Future<Output = Result<u32>>,
    {
        let mut load = pin!(load);
        let mut looks = pin!(async {
            loop {
                self.look(client).await?;
                tokio::time::sleep(PAUSE).await;
            }
            #[expect(unreachable_code, reason = "names the type of the errors")]
            Ok::<u32, Error>(0)
        });
        poll_fn(|cx| match load.as_mut().poll(cx) {
            Poll::Ready(done) => Poll::Ready(done),
            Poll::Pending => looks.as_mut().poll(cx),
        })
        .await
    }

    fn summary(&self, capacity: &Value, requests: u32, served: u32) -> Value {
        let none = Backends::new();
        let first = self.first.as_ref().unwrap_or(&none);
        // One of the first look may have been closed for a reason of its own; a pool has others.
        let early = |backend: &&Backend| {
            let since = self.all.get(*backend);
            since.is_some_and(|look| *look < self.samples / 2)
        };
        json!({
            "capacity": capacity,
            "requests": requests,
            "served": served,
            "samples": self.samples,
            "peak": self.peak,
            "survived": self.last.iter().filter(early).count(),
            "new": self.all.keys().filter(|backend| !first.contains(*backend)).count(),
        })
    }
}

/// Connections that ordinary roles can have.
async fn capacity(client: &Client) -> Result<Value> {
    let query = "SELECT to_json(current_setting('max_connections')::int \
                 - current_setting('superuser_reserved_connections')::int)";
    ask(client, query).await
}

/// Whether the connections of [`Database::watch`] are pooled: some survive, few are new, and they
/// leave room for others.
///
/// A request that is given up takes its connection with it: as many as were not served are not held
/// against the pool.
///
/// # Errors
/// Unavailable if the role was not seen at all, or if too few requests were served to tell; a finding if
/// a fact is missing.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of connections and requests are small"
)]
pub fn pool(seen: &PgRows) -> Result<Verdict> {
    let peak = count(&seen.get("peak"))?;
    if peak < 1 {
        return Err(Error::unavailable(
            "no connection of the application's role was seen: a pooler under another role stands \
             in between, or `postgres.app_role` under [target] is wrong",
        ));
    }
    let capacity = count(&seen.get("capacity"))?;
    if peak as f64 > SHARE * capacity as f64 {
        return Ok(Verdict::Fail(format!(
            "{peak} of {capacity} connections were taken at once, more than {:.0} %",
            SHARE * 100.0
        )));
    }
    let (new, requests) = (count(&seen.get("new"))?, count(&seen.get("requests"))?);
    let lost = requests.saturating_sub(count(&seen.get("served"))?);
    let most = NEW_PER_REQUEST * requests as f64;
    if new.saturating_sub(lost) as f64 > most {
        return Ok(Verdict::Fail(format!(
            "{new} connections were made for {requests} requests: each request connects anew"
        )));
    }
    let survived = count(&seen.get("survived"))?;
    if lost > 0 && (new as f64 > most || survived < 1) {
        return Err(Error::unavailable(format!(
            "too busy to tell: {lost} of {requests} requests were not served, and connections end with \
             those"
        )));
    }
    if survived < 1 {
        return Ok(Verdict::Fail(
            "no connection outlived the requests: there is no pool".to_owned(),
        ));
    }
    Ok(Verdict::Pass)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(peak: i64, new: i64, survived: i64) -> Result<Verdict> {
        pool(&PgRows::new(json!({
            "capacity": 50, "requests": 80, "served": 80, "samples": 9, "peak": peak, "new": new,
            "survived": survived,
        })))
    }

    #[test]
    fn what_was_given_up_is_not_held_against_the_pool() {
        let verdict = |new: i64, survived: i64| {
            pool(&PgRows::new(json!({
                "capacity": 50, "requests": 80, "served": 70, "samples": 9, "peak": 9, "new": new,
                "survived": survived,
            })))
        };
        assert_eq!(verdict(16, 1).unwrap(), Verdict::Pass);
        assert!(matches!(verdict(27, 1).unwrap(), Verdict::Fail(_)));
        for undecided in [verdict(26, 1), verdict(9, 0)] {
            let error = undecided.unwrap_err();
            assert_eq!(error.class(), readiness::error::Class::Unavailable);
            assert!(error.to_string().contains("10 of 80"), "{error}");
        }
    }

    #[test]
    fn the_bounds_are_inclusive() {
        assert_eq!(verdict(40, 16, 1).unwrap(), Verdict::Pass);
        for (peak, new, survived, words) in [
            (41, 0, 1, "41 of 50"),
            (9, 17, 1, "17 connections"),
            (9, 0, 0, "no pool"),
        ] {
            let Verdict::Fail(reason) = verdict(peak, new, survived).unwrap() else {
                panic!()
            };
            assert!(reason.contains(words), "{reason}");
        }
    }

    #[test]
    fn nobody_seen_is_not_verified() {
        let error = verdict(0, 0, 0).unwrap_err();
        assert_eq!(error.class(), readiness::error::Class::Unavailable);
    }
}
