//! One user: waits for the planned moment, asks, notes what came, and so on until it leaves.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response};
use tokio::time::{sleep_until, timeout_at};

use super::connect::Connection;
use super::record::{Class, Sample};
use super::run::World;

/// A user's own source of chance: the same seed gives the same plan, whatever the others do.
/// (`SplitMix64`, which is public domain.)
#[derive(Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    pub fn new(seed: u64, user: usize) -> Chance {
        let user = u64::try_from(user).unwrap_or(u64::MAX);
        Chance(seed ^ user.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A time between two others.
    fn between(&mut self, (least, most): (Duration, Duration)) -> Duration {
        let span = u64::try_from(most.saturating_sub(least).as_micros()).unwrap_or(u64::MAX);
        least + Duration::from_micros(self.next() % span.saturating_add(1))
    }
}

/// Works from `come` to `go`; a request in flight is waited for.
pub(super) async fn work(world: Arc<World>, user: usize, come: Instant, go: Instant) {
    let mut chance = Chance::new(world.plan.seed, user);
    sleep_until(come.into()).await;
    let _active = world.enter();
    let mut connection = None;
    let closed_loop = world.plan.think.1.is_zero();
    let mut planned = come;
    while planned < go {
        let endpoint = world.choose(chance.next());
        let now = Instant::now();
        if now >= go {
            // What was planned for the time that is over can no longer be sent.
            let stage = world.stage_at(planned);
            world.recorder.omitted(user, stage, endpoint, go - planned);
        } else {
            if planned > now {
                sleep_until(planned.into()).await;
                world.recorder.lag(user, planned.elapsed());
            }
            ask(&world, user, endpoint, planned, &mut connection).await;
        }
        planned = if closed_loop {
            Instant::now()
        } else {
            planned + chance.between(world.plan.think)
        };
    }
}

/// One request, made and noted.
async fn ask(
    world: &Arc<World>,
    user: usize,
    endpoint: usize,
    planned: Instant,
    connection: &mut Option<Connection>,
) {
    let stage = world.stage_at(planned);
    let mut sent = Instant::now();
    let mut told = None;
    let class = loop {
        let deadline = sent + world.plan.timeout;
        let open = match connection.take() {
            Some(open) => open,
            None => match timeout_at(deadline.into(), world.address.connect()).await {
                Ok(Ok(open)) => {
                    world.recorder.connected(user, sent.elapsed());
                    sent = Instant::now();
                    open
                }
                Ok(Err(error)) => {
                    if is_exhausted(&error) {
                        world.recorder.exhausted(user);
                    }
                    break Class::Transport;
                }
                Err(_) => break Class::Timeout,
            },
        };
        let reused = open.used;
        match timeout_at(deadline.into(), exchange(world, user, endpoint, open)).await {
            Ok(Ok(answer)) => {
                *connection = answer.connection;
                told = answer.state;
                break answer.class;
            }
            // A connection that the service closed while nobody used it: nothing was sent.
            Ok(Err(error)) if reused && (error.is_canceled() || error.is_closed()) => {
                sent = Instant::now();
            }
            Ok(Err(_)) => break Class::Transport,
            Err(_) => break Class::Timeout,
        }
    };
    let end = Instant::now();
    let service = match class {
        // Its true time is not known, but that it is no shorter.
        Class::Timeout => (end - sent).max(world.plan.timeout),
        _ => end - sent,
    };
    let is_answer = !matches!(class, Class::Timeout | Class::Transport);
    let sample = Sample {
        stage,
        arrived: (is_answer && end < world.end()).then(|| world.stage_at(end)),
        endpoint,
        class,
        service,
        response: end.saturating_duration_since(planned).max(service),
        state: told.as_deref(),
    };
    world.recorder.sample(user, &sample);
}

struct Answer {
    class: Class,
    state: Option<String>,
    /// The connection, if it may be used again.
    connection: Option<Connection>,
}

async fn exchange(
    world: &World,
    user: usize,
    endpoint: usize,
    mut connection: Connection,
) -> hyper::Result<Answer> {
    connection.sender.ready().await?;
    let reply = connection
        .sender
        .send_request(request(world, user, endpoint))
        .await?;
    let status = reply.status().as_u16();
    let wanted = &world.plan.endpoints[endpoint];
    let state = wanted
        .state_header
        .as_deref()
        .and_then(|name| Some(reply.headers().get(name)?.to_str().ok()?.to_owned()));
    let body = read(reply, world.plan.body).await?;
    let whole = body.is_some();
    let class = match status {
        200 if body.is_some_and(|body| (wanted.content)(&body)) => Class::Success,
        200..300 => Class::Wrong,
        429 => Class::Limited,
        500.. => Class::ServerError,
        _ => Class::Rejected,
    };
    connection.used = true;
    Ok(Answer {
        class,
        state,
        connection: whole.then_some(connection),
    })
}

/// The body, or none if it is longer than is read.
async fn read(reply: Response<Incoming>, most: usize) -> hyper::Result<Option<Bytes>> {
    let mut body = reply.into_body();
    let mut first: Option<Bytes> = None;
    let mut rest: Vec<u8> = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else {
            continue;
        };
        let length = rest.len() + first.as_ref().map_or(0, Bytes::len) + data.len();
        if length > most {
            return Ok(None);
        }
        // Most replies are one piece, which is not copied.
        match first.take() {
            None if rest.is_empty() => first = Some(data),
            None => rest.extend_from_slice(&data),
            Some(head) => {
                rest.extend_from_slice(&head);
                rest.extend_from_slice(&data);
            }
        }
    }
    Ok(Some(first.unwrap_or_else(|| Bytes::from(rest))))
}

fn request(world: &World, user: usize, endpoint: usize) -> Request<Empty<Bytes>> {
    let mut request = Request::new(Empty::new());
    *request.uri_mut() = world.paths[endpoint].clone();
    let headers = request.headers_mut();
    headers.insert(hyper::header::HOST, world.host.clone());
    headers.insert(hyper::header::ACCEPT, world.accept.clone());
    if let Some((name, value)) = world.credential(user) {
        headers.insert(name.clone(), value.clone());
    }
    request
}

/// No descriptor or no port was left on this side.
fn is_exhausted(error: &io::Error) -> bool {
    const TOO_MANY_FILES: [i32; 2] = [23, 24];
    error.kind() == io::ErrorKind::AddrNotAvailable
        || error
            .raw_os_error()
            .is_some_and(|code| TOO_MANY_FILES.contains(&code))
}
