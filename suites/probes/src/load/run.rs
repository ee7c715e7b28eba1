//! Carries a plan out and sums up what came of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hyper::Uri;
use hyper::header::{HeaderName, HeaderValue};
use readiness::{Error, Result, Unavailable};
use tokio::task::JoinSet;

use super::connect::Address;
use super::machine::Mark;
use super::plan::{MOST_USERS, Plan};
use super::record::Recorder;
use super::seen::{Counts, EndpointSeen, Generator, LoadRun, StageSeen};
use super::{progress, user};

/// How often the number of active users is looked at.
const TICK: Duration = Duration::from_millis(20);

/// Everything that users share.
pub(super) struct World {
    pub plan: Plan,
    pub begin: Instant,
    pub address: Arc<Address>,
    pub recorder: Recorder,
    pub paths: Vec<Uri>,
    pub host: HeaderValue,
    pub accept: HeaderValue,
    credentials: Vec<(HeaderName, HeaderValue)>,
    /// Sum of the weights up to each endpoint.
    weights: Vec<u64>,
    /// End of each stage, from the beginning.
    ends: Vec<Duration>,
    active: AtomicUsize,
}

/// A user who is there; leaving is dropping it.
pub(super) struct Active<'w>(&'w World);

impl Drop for Active<'_> {
    fn drop(&mut self) {
        self.0.active.fetch_sub(1, Ordering::Relaxed);
    }
}

impl World {
    fn new(base: &str, plan: &Plan) -> Result<World, Unavailable> {
        let wrong = |what: &str| Unavailable::new(format!("this load test cannot be run: {what}"));
        if plan.users() == 0 || plan.users() > MOST_USERS {
            return Err(wrong("it has from 1 to 10,000 users"));
        }
        let address = Address::of(base)?;
        let mut paths = Vec::new();
        let mut weights = Vec::new();
        let mut sum = 0;
        for endpoint in &plan.endpoints {
            let path = endpoint.path.parse();
            paths.push(path.map_err(|_| wrong("a path is not one"))?);
            sum += u64::from(endpoint.weight);
            weights.push(sum);
        }
        if sum == 0 {
            return Err(wrong("no endpoint has a weight"));
        }
        let credentials = plan.credentials.iter().map(|credential| {
            let name = HeaderName::from_bytes(credential.header.as_bytes());
            let mut value = HeaderValue::from_str(&credential.value)
                .map_err(|_| wrong("a credential cannot be sent"))?;
            value.set_sensitive(true);
            Ok((
                name.map_err(|_| wrong("a credential's header has no name"))?,
                value,
            ))
        });
        let mut end = Duration::ZERO;
        let ends = plan.stages.iter().map(|stage| {
            end += stage.length;
            end
        });
        let measured = plan.stages.iter().map(|stage| stage.measured).collect();
        Ok(World {
            ends: ends.collect(),
            credentials: credentials.collect::<Result<_, Unavailable>>()?,
            host: HeaderValue::from_str(&address.authority)
                .map_err(|_| wrong("its host is no host"))?,
            accept: HeaderValue::from_static("application/json"),
            address: Arc::new(address),
            recorder: Recorder::new(plan.endpoints.len(), measured),
            paths,
            weights,
            plan: plan.clone(),
            begin: Instant::now(),
            active: AtomicUsize::new(0),
        })
    }

    /// One more active user, while the result lives.
    pub fn enter(&self) -> Active<'_> {
        self.active.fetch_add(1, Ordering::Relaxed);
        Active(self)
    }

    /// How many users are active.
    pub fn active(&self) -> usize {
        self.active.load(Ordering::Relaxed)
    }

    /// The endpoint that a number stands for.
    pub fn choose(&self, number: u64) -> usize {
        let sum = self.weights.last().copied().unwrap_or(1);
        let at = number % sum;
        self.weights.partition_point(|end| *end <= at)
    }

    /// The stage that a moment belongs to.
    pub fn stage_at(&self, moment: Instant) -> usize {
        let at = moment.saturating_duration_since(self.begin);
        let stage = self.ends.partition_point(|end| *end <= at);
        stage.min(self.ends.len().saturating_sub(1))
    }

    /// When the last stage is over.
    pub fn end(&self) -> Instant {
        self.begin + self.ends.last().copied().unwrap_or_default()
    }

    pub fn credential(&self, user: usize) -> Option<&(HeaderName, HeaderValue)> {
        let count = self.credentials.len();
        (count > 0).then(|| &self.credentials[user % count])
    }
}

/// Carries `plan` out against `base` (scheme, host and port) and sums up. Dropping the future ends
/// every user at once.
///
/// # Errors
/// Unavailable if the plan or the address cannot be used; other if a task panicked.
pub async fn run(base: &str, plan: &Plan) -> Result<LoadRun> {
    let world = Arc::new(World::new(base, plan)?);
    let mark = Mark::now();
    let mut helpers = JoinSet::new();
    helpers.spawn(progress::report(Arc::clone(&world)));
    let mut watch = JoinSet::new();
    watch.spawn(watch_users(Arc::clone(&world)));
    let mut users = JoinSet::new();
    for (index, (come, go)) in plan.shifts().into_iter().enumerate() {
        let (come, go) = (world.begin + come, world.begin + go);
        users.spawn(user::work(Arc::clone(&world), index, come, go));
    }
    while let Some(ended) = users.join_next().await {
        ended.map_err(|error| Error::other(format!("a user of the load test failed: {error}")))?;
    }
    let cpu = mark.share_since();
    let held = watch.join_next().await.and_then(Result::ok);
    Ok(summed(
        &world.plan,
        &world.recorder,
        &held.unwrap_or_default(),
        cpu,
    ))
}

/// By stage: the part of its time in which all of its users were there.
async fn watch_users(world: Arc<World>) -> Vec<f64> {
    let mut ticks: Vec<(u32, u32)> = vec![(0, 0); world.plan.stages.len()];
    let whole = world.begin + world.plan.length();
    loop {
        let now = Instant::now();
        if now >= whole {
            break;
        }
        let stage = world.stage_at(now);
        let there = world.active() >= world.plan.stages[stage].users;
        ticks[stage].0 += u32::from(there);
        ticks[stage].1 += 1;
        tokio::time::sleep(TICK).await;
    }
    let share = |(there, all): &(u32, u32)| f64::from(*there) / f64::from((*all).max(1));
    ticks.iter().map(share).collect()
}

/// What was recorded under a plan; `held` says by stage for what part of it all users were there.
pub(super) fn summed(plan: &Plan, recorder: &Recorder, held: &[f64], cpu: Option<f64>) -> LoadRun {
    let sum = recorder.sum();
    let endpoints = 0..plan.endpoints.len();
    let stage = |(at, stage): (usize, &super::Stage)| {
        let mut counts = Counts::default();
        for endpoint in endpoints.clone() {
            counts.join(&sum.counts(endpoint, at));
        }
        StageSeen {
            users: stage.users,
            measured: stage.measured,
            asked_ms: millis(stage.asked),
            held_ms: millis(stage.length),
            all_there: held.get(at).copied().unwrap_or(0.0),
            median_us: sum.median(at),
            counts,
        }
    };
    let endpoint = |at: usize| {
        let mut counts = Counts::default();
        for (stage, _) in plan.stages.iter().enumerate().filter(|(_, s)| s.measured) {
            counts.join(&sum.counts(at, stage));
        }
        let (service, response) = sum.times(Some(at));
        EndpointSeen {
            name: plan.endpoints[at].name.clone(),
            counts,
            service,
            response,
            states: sum.states(at),
        }
    };
    let (service, response) = sum.times(None);
    LoadRun {
        stages: plan.stages.iter().enumerate().map(stage).collect(),
        endpoints: endpoints.clone().map(endpoint).collect(),
        service,
        response,
        think_ms: millis(plan.mean_think()),
        imported: false,
        generator: Generator {
            lag_p99_us: sum.lag().p99_us,
            cpu,
            sockets_exhausted: sum.exhausted(),
            connect: sum.connect(),
        },
        reads: readiness::observation::Reads::default(),
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
