//! What a load test does: stages, users, think time, and the mix of requests.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Tells whether a body is what the endpoint promises.
pub type Content = Arc<dyn Fn(&[u8]) -> bool + Send + Sync>;

/// One kind of request.
#[derive(Clone)]
pub struct Endpoint {
    /// Its name in results.
    pub name: String,
    /// Path and query, beginning with `/`.
    pub path: String,
    /// How often it is chosen, beside the others' weights.
    pub weight: u32,
    /// What counts as a success beside status 200.
    pub content: Content,
    /// A header that tells states of the service apart, such as `x-cache`.
    pub state_header: Option<String>,
}

impl Endpoint {
    /// A `GET` of `path`, any body being right.
    pub fn get(name: &str, path: &str, weight: u32) -> Endpoint {
        Endpoint {
            name: name.to_owned(),
            path: path.to_owned(),
            weight,
            content: Arc::new(|_| true),
            state_header: None,
        }
    }

    /// The same with a rule for bodies.
    #[must_use]
    pub fn expecting(mut self, content: impl Fn(&[u8]) -> bool + Send + Sync + 'static) -> Self {
        self.content = Arc::new(content);
        self
    }

    /// The same, with a header whose values are collected.
    #[must_use]
    pub fn telling_states_by(mut self, header: &str) -> Self {
        self.state_header = Some(header.to_owned());
        self
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("name", &self.name)
            .field("path", &self.path)
            .field("weight", &self.weight)
            .finish_non_exhaustive()
    }
}

/// A header that says who a user is. Users take turns with a plan's credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// Name of the header.
    pub header: String,
    /// Its value.
    pub value: String,
}

impl fmt::Debug for Credential {
    /// Without the value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("header", &self.header)
            .finish_non_exhaustive()
    }
}

/// A stretch of time in which the number of users goes from one number to another.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// Users at its end; those at its beginning are the stage's before it.
    pub users: usize,
    /// How long it takes in this run.
    pub length: Duration,
    /// How long the plan wants it to take; longer than `length` in a shortened run.
    pub asked: Duration,
    /// Whether its requests count. Ramps and the warm-up do not.
    pub measured: bool,
}

/// The whole plan.
#[derive(Debug, Clone)]
pub struct Plan {
    /// In order.
    pub stages: Vec<Stage>,
    /// What is asked for.
    pub endpoints: Vec<Endpoint>,
    /// The least and the longest time that a user thinks between two requests; uniformly distributed.
    pub think: (Duration, Duration),
    /// A request that takes longer is an error, and counts with this time.
    pub timeout: Duration,
    /// Users take turns; empty for users without one.
    pub credentials: Vec<Credential>,
    /// Bodies are read up to this many bytes.
    pub body: usize,
    /// The same seed gives the same plan.
    pub seed: u64,
}

/// More users than this are another tool's task.
pub(super) const MOST_USERS: usize = 10_000;

impl Plan {
    /// Nobody yet, who thinks for half a second to two, with ten seconds for each request.
    pub fn new(endpoints: impl IntoIterator<Item = Endpoint>) -> Plan {
        Plan {
            stages: Vec::new(),
            endpoints: endpoints.into_iter().collect(),
            think: (Duration::from_millis(500), Duration::from_secs(2)),
            timeout: Duration::from_secs(10),
            credentials: Vec::new(),
            body: 4 << 20,
            seed: 0x5eed,
        }
    }

    /// Then go to `users` in equal steps, not measured.
    #[must_use]
    pub fn ramp(self, users: usize, length: Duration) -> Self {
        self.stage(users, length, false)
    }

    /// Then stay at `users`, measured. Without a ramp before it they all come at once.
    #[must_use]
    pub fn hold(self, users: usize, length: Duration) -> Self {
        self.stage(users, length, true)
    }

    /// Then stay at `users`, not measured, but good for a first idea of how long a request takes.
    #[must_use]
    pub fn warm_up(self, users: usize, length: Duration) -> Self {
        self.stage(users, length, false)
    }

    fn stage(mut self, users: usize, length: Duration, measured: bool) -> Self {
        self.stages.push(Stage {
            users,
            length,
            asked: length,
            measured,
        });
        self
    }

    /// The same plan in a part of its time: holds take `holds` of theirs, ramps `ramps` of theirs.
    /// What was asked for is kept, so that the result says by how much it is short.
    #[must_use]
    pub fn shortened(mut self, holds: f64, ramps: f64) -> Self {
        let mut before = 0;
        for stage in &mut self.stages {
            let part = if stage.users == before { holds } else { ramps };
            stage.length = stage.asked.mul_f64(part.clamp(0.0, 1.0));
            before = stage.users;
        }
        self
    }

    /// The time from the first user to the last.
    pub fn length(&self) -> Duration {
        self.stages.iter().map(|stage| stage.length).sum()
    }

    /// The most users at once.
    pub fn users(&self) -> usize {
        let users = self.stages.iter().map(|stage| stage.users);
        users.max().unwrap_or(0)
    }

    /// The mean time that a user thinks.
    pub fn mean_think(&self) -> Duration {
        (self.think.0 + self.think.1) / 2
    }

    /// How many credentials are needed so that none is used more than `per_minute` times a minute,
    /// with a fifth to spare, if a request takes `latency`.
    pub fn credentials_needed(&self, per_minute: u32, latency: Duration) -> usize {
        let each = (self.mean_think() + latency).as_secs_f64().max(0.001);
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "numbers of users are small, and a float cast saturates"
        )]
        let needed = (1.2 * self.users() as f64 * 60.0 / each / f64::from(per_minute.max(1))).ceil()
            as usize;
        needed
    }

    /// When each user comes and goes, in time from the beginning; users that never come are left out.
    /// Within a ramp they come (or go) evenly, the last of them a little before its end, so that a
    /// hold begins with everybody there.
    pub(super) fn shifts(&self) -> Vec<(Duration, Duration)> {
        let most = self.users().min(MOST_USERS);
        let mut shifts: Vec<(Option<Duration>, Option<Duration>)> = vec![(None, None); most];
        let (mut begin, mut before) = (Duration::ZERO, 0_usize);
        for stage in &self.stages {
            let users = stage.users.min(most);
            let ramp = stage.length.mul_f64(0.9);
            let step = |done: usize, of: usize| {
                let part = u32::try_from(done).unwrap_or(u32::MAX);
                begin + ramp * part / u32::try_from(of.max(1)).unwrap_or(u32::MAX)
            };
            for (user, (come, go)) in shifts.iter_mut().enumerate() {
                if (before..users).contains(&user) {
                    come.get_or_insert(step(user - before, users - before));
                    *go = None;
                } else if (users..before).contains(&user) {
                    *go = Some(step(before - 1 - user, before - users));
                }
            }
            begin += stage.length;
            before = users;
        }
        shifts
            .into_iter()
            .filter_map(|(from, to)| Some((from?, to.unwrap_or(begin))))
            .collect()
    }
}
