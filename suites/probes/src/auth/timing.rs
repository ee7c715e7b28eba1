//! Whether the time that a refusal takes tells how much of a secret is right.
//!
//! Three kinds of wrong key are tried in turns, in random order: wrong in its first byte, wrong in its
//! last byte, and one byte short. A comparison that stops at the first difference, or that looks at
//! the length first, answers them in different times. The times are judged by Welch's t-test over
//! medians of batches, in two halves that have to agree; a difference too small to be seen through
//! the noise is said to be undecided, never passed.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt as _, Empty};
use hyper::Request;
use hyper::body::Bytes;
use hyper::header::{HOST, HeaderName, HeaderValue};
use readiness::observation::{Facet, Mutant, Observation, Reads, Strength};
use readiness::{Context, Error, Result, Verdict};
use serde::{Deserialize, Serialize};

use crate::load::connect::{Address, Connection};
use crate::load::user::Chance;

/// The kinds of wrong key, as they are told.
const KINDS: [&str; 3] = ["first byte wrong", "last byte wrong", "one byte short"];

/// Fewer rounds never pass.
const LEAST_ROUNDS: usize = 2_000;

/// Fewer rounds cannot fail either.
const LEAST_TO_FAIL: usize = 100;

/// A t beyond this is no chance: about 7 in a million, in each half.
const T: f64 = 4.5;

/// A pass has to be able to tell this difference, in microseconds.
const DETECTABLE_US: f64 = 20.0;

/// The slowest part of each kind is left out: pauses of either machine, not comparisons.
const KEPT: f64 = 0.95;

/// Samples behind one median.
const BATCH: usize = 10;

/// Times of refusals, kind by kind and round by round, in tenths of a microsecond.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Timings {
    kinds: [Vec<u32>; 3],
    #[serde(skip)]
    reads: Notes,
}

/// The note-taker takes no part in comparisons.
#[derive(Debug, Clone, Default)]
struct Notes(Reads);

impl PartialEq for Notes {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// What is asked, and how often.
#[derive(Debug)]
pub struct Question<'a> {
    /// Scheme, host and port.
    pub base: &'a str,
    /// A path that needs a key.
    pub path: &'a str,
    /// The header that keys are sent in.
    pub header: &'a str,
    /// A genuine key; only altered copies of it are sent.
    pub key: &'a str,
    /// Rounds of three requests.
    pub rounds: usize,
}

impl Timings {
    /// Records what `look` does under `timing/<name>`.
    ///
    /// # Errors
    /// Those of `look`.
    pub async fn observe<F, Fut>(cx: &Context, name: &str, look: F) -> Result<Timings>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<Timings>>,
    {
        cx.observe(format!("timing/{name}"), look).await
    }

    fn new(kinds: [Vec<u32>; 3]) -> Timings {
        Timings {
            kinds,
            reads: Notes::default(),
        }
    }

    fn rounds(&self) -> usize {
        self.kinds[0].len()
    }
}

/// Sends the rounds over one connection.
///
/// # Errors
/// Unavailable if the attempts are limited or the key is too short; a finding if a wrong key is not
/// refused; other if the exchange breaks.
pub async fn sample(question: &Question<'_>) -> Result<Timings> {
    let address = Arc::new(Address::of(question.base)?);
    let keys = wrong_keys(question.key)?;
    let broken = |error: &dyn std::fmt::Display| Error::other(format!("timing refusals: {error}"));
    let mut connection: Option<Connection> = None;
    let mut chance = Chance::new(0x71_3e, 0);
    let mut timings = Timings::new([Vec::new(), Vec::new(), Vec::new()]);
    for round in 0..question.rounds {
        for kind in order(chance.next()) {
            let mut open = match connection.take() {
                Some(open) => open,
                None => address.connect().await.map_err(|error| broken(&error))?,
            };
            let request = request(question, &address, &keys[kind])?;
            open.sender.ready().await.map_err(|error| broken(&error))?;
            let start = Instant::now();
            let reply = open.sender.send_request(request).await;
            let reply = reply.map_err(|error| broken(&error))?;
            let took = start.elapsed();
            let (status, closes) = (reply.status().as_u16(), closes(&reply));
            let body = reply.into_body().collect().await;
            body.map_err(|error| broken(&error))?;
            connection = (!closes).then_some(open);
            match status {
                401 | 403 => timings.kinds[kind].push(tenths(took)),
                429 => {
                    return Err(Error::unavailable(format!(
                        "wrong keys are limited after {round} rounds: too few to tell"
                    )));
                }
                status => {
                    return Err(Error::finding(format!(
                        "a key with its {} is answered with {status} instead of 401",
                        KINDS[kind]
                    )));
                }
            }
        }
    }
    Ok(timings)
}

/// The three kinds in one of their six orders.
fn order(number: u64) -> [usize; 3] {
    const ORDERS: [[usize; 3]; 6] = [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ];
    ORDERS[usize::try_from(number % 6).unwrap_or(0)]
}

fn closes(reply: &hyper::Response<hyper::body::Incoming>) -> bool {
    let connection = reply.headers().get(hyper::header::CONNECTION);
    connection.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"close"))
}

fn request(question: &Question<'_>, address: &Address, key: &str) -> Result<Request<Empty<Bytes>>> {
    let wrong = |what: &str| Error::unavailable(format!("{what} cannot be sent"));
    let mut value = HeaderValue::from_str(key).map_err(|_| wrong("a key"))?;
    value.set_sensitive(true);
    let host = HeaderValue::from_str(&address.authority).map_err(|_| wrong("the host"))?;
    let name = HeaderName::from_bytes(question.header.as_bytes());
    let mut request = Request::new(Empty::new());
    *request.uri_mut() = question.path.parse().map_err(|_| wrong("the path"))?;
    request.headers_mut().insert(HOST, host);
    request
        .headers_mut()
        .insert(name.map_err(|_| wrong("the header"))?, value);
    Ok(request)
}

/// Wrong in the first byte, wrong in the last one, and without the last one.
fn wrong_keys(key: &str) -> Result<[String; 3]> {
    if !key.is_ascii() || key.len() < 4 {
        return Err(Error::unavailable("the key is too short to be altered"));
    }
    let other = |c: char| if c == 'x' { 'y' } else { 'x' };
    let (head, tail) = key.split_at(1);
    let (body, end) = key.split_at(key.len() - 1);
    let swapped = |text: &str| text.chars().map(other).collect::<String>();
    Ok([
        format!("{}{tail}", swapped(head)),
        format!("{body}{}", swapped(end)),
        body.to_owned(),
    ])
}

fn tenths(time: Duration) -> u32 {
    u32::try_from(time.as_nanos() / 100).unwrap_or(u32::MAX)
}

/// The times of the three kinds cannot be told apart, and a difference of 20 µs could have been.
///
/// # Errors
/// Unavailable where neither is so: too few rounds, or too much noise.
pub fn tells_nothing(timings: &Timings) -> Result<Verdict> {
    timings.reads.0.note(TIMES);
    let rounds = timings.rounds();
    if rounds < LEAST_TO_FAIL {
        return Err(Error::unavailable(format!(
            "undecided: {rounds} rounds, at least {LEAST_TO_FAIL} are needed to see anything"
        )));
    }
    let mut detectable: f64 = 0.0;
    let mut apart = false;
    for (other, kind) in KINDS.iter().enumerate().skip(1) {
        let compared = |from: usize, to: usize| {
            welch(&timings.kinds[0][from..to], &timings.kinds[other][from..to])
        };
        let (first, second) = (compared(0, rounds / 2), compared(rounds / 2, rounds));
        let agree = first.t.signum() == second.t.signum();
        if agree && first.t.abs() >= T && second.t.abs() >= T {
            return Ok(Verdict::Fail(format!(
                "refusing a key with its {} takes {:.0} µs longer than one with its {} \
                 (t = {:.1} and {:.1} in two halves): the comparison tells what is right",
                kind,
                f64::midpoint(first.difference, second.difference),
                KINDS[0],
                first.t,
                second.t
            )));
        }
        let whole = compared(0, rounds);
        apart |= !whole.t.is_finite() || whole.t.abs() >= T;
        detectable = detectable.max(whole.detectable);
    }
    if rounds >= LEAST_ROUNDS && !apart && detectable <= DETECTABLE_US {
        return Ok(Verdict::Pass);
    }
    Err(Error::unavailable(format!(
        "undecided: {rounds} rounds show a difference from {detectable:.0} µs on; {LEAST_ROUNDS} rounds \
         and {DETECTABLE_US} µs are needed"
    )))
}

/// What two series of times come to.
struct Compared {
    /// Welch's t: the difference in units of its own uncertainty.
    t: f64,
    /// How much longer the second takes, in microseconds.
    difference: f64,
    /// The difference that would be seen nine times of ten, in microseconds.
    detectable: f64,
}

fn welch(a: &[u32], b: &[u32]) -> Compared {
    let (a, b) = (moments(&medians(a)), moments(&medians(b)));
    let difference = b.mean - a.mean;
    let uncertainty = (a.variance / a.count + b.variance / b.count).sqrt();
    Compared {
        t: difference / uncertainty,
        difference,
        // 1.28 is the 90 % quantile of the normal distribution.
        detectable: (T + 1.28) * uncertainty,
    }
}

/// Medians of batches, in microseconds, without the slowest samples.
fn medians(samples: &[u32]) -> Vec<f64> {
    let mut sorted = samples.to_vec();
    sorted.sort_unstable();
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an index below the number of samples"
    )]
    let cut = (sorted.len() as f64 * KEPT) as usize;
    let slowest = sorted.get(cut).copied().unwrap_or(u32::MAX);
    let kept: Vec<u32> = samples
        .iter()
        .copied()
        .filter(|time| *time <= slowest)
        .collect();
    let median = |batch: &[u32]| {
        let mut batch = batch.to_vec();
        batch.sort_unstable();
        f64::from(batch[batch.len() / 2]) / 10.0
    };
    kept.chunks_exact(BATCH).map(median).collect()
}

struct Moments {
    mean: f64,
    variance: f64,
    count: f64,
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts are far below the 53 bits of a float"
)]
fn moments(values: &[f64]) -> Moments {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares = values.iter().map(|value| (value - mean).powi(2));
    Moments {
        mean,
        variance: squares.sum::<f64>() / (count - 1.0),
        count,
    }
}

const TIMES: &str = "times";

impl Observation for Timings {
    const KIND: &'static str = "timing";
    const MEASURED: bool = true;

    fn attach(&mut self, reads: Reads) {
        self.reads = Notes(reads);
    }

    fn mutants(&self, read: &BTreeSet<Facet>) -> Vec<Mutant<Self>> {
        if !read.contains(&Facet(TIMES.to_owned())) || self.rounds() == 0 {
            return Vec::new();
        }
        let slower = |kind: usize| {
            let mut altered = self.clone();
            for time in &mut altered.kinds[kind] {
                // 100 µs: five bytes of a comparison that is slow enough to be seen.
                *time = time.saturating_add(1_000);
            }
            altered
        };
        let mut few = self.clone();
        for kind in &mut few.kinds {
            kind.truncate(10);
        }
        [
            (
                "last-byte-slower",
                "a key with its last byte wrong takes 100 µs longer",
                slower(1),
            ),
            (
                "short-slower",
                "a key one byte short takes 100 µs longer",
                slower(2),
            ),
            (
                "first-byte-slower",
                "a key with its first byte wrong takes 100 µs longer",
                slower(0),
            ),
            ("samples-few", "there are ten rounds", few),
        ]
        .into_iter()
        .filter(|(.., altered)| altered != self)
        .map(|(operator, words, altered)| Mutant {
            operator,
            facet: Facet(TIMES.to_owned()),
            words: words.to_owned(),
            strength: Strength::Fine,
            altered: altered.into(),
        })
        .collect()
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many rounds of 500 µs with up to `noise` µs on top, each kind slower by its own amount.
    fn made_up(rounds: usize, noise: u64, slower: [u32; 3]) -> Timings {
        let mut chance = Chance::new(7, 1);
        let mut kind = |extra: u32| {
            (0..rounds)
                .map(|_| {
                    let noise = u32::try_from(chance.next() % (noise * 10 + 1)).unwrap();
                    5_000 + noise + extra * 10
                })
                .collect()
        };
        Timings::new(slower.map(&mut kind))
    }

    fn undecided(timings: &Timings) -> bool {
        let error = tells_nothing(timings).unwrap_err();
        error.class() == readiness::error::Class::Unavailable
            && error.to_string().contains("undecided")
    }

    #[test]
    fn equal_times_pass_if_a_difference_could_have_been_seen() {
        let quiet = made_up(2_000, 50, [0, 0, 0]);
        assert_eq!(tells_nothing(&quiet).unwrap(), Verdict::Pass);
        assert!(undecided(&made_up(1_999, 50, [0, 0, 0])), "too few rounds");
        assert!(
            undecided(&made_up(2_000, 5_000, [0, 0, 0])),
            "too much noise"
        );
        assert!(
            undecided(&made_up(99, 1, [0, 500, 0])),
            "far too few rounds"
        );
    }

    #[test]
    fn a_difference_fails_in_either_kind_and_direction() {
        for slower in [[0, 100, 0], [0, 0, 100], [100, 0, 0]] {
            let verdict = tells_nothing(&made_up(300, 100, slower)).unwrap();
            assert!(
                matches!(verdict, Verdict::Fail(_)),
                "{slower:?}: {verdict:?}"
            );
        }
    }

    #[test]
    fn a_difference_in_one_half_alone_is_no_failure() {
        let mut drift = made_up(2_000, 50, [0, 0, 0]);
        for time in &mut drift.kinds[1][..1_000] {
            *time += 1_000;
        }
        assert!(undecided(&drift));
    }

    #[test]
    fn every_shift_of_a_pass_is_noticed() {
        let mut quiet = made_up(2_000, 50, [0, 0, 0]);
        let reads = Reads::listening();
        quiet.attach(reads.clone());
        assert_eq!(tells_nothing(&quiet).unwrap(), Verdict::Pass);
        for mutant in quiet.mutants(&reads.facets()) {
            let operator = mutant.operator;
            let verdict = tells_nothing(&mutant.apply(&quiet).unwrap());
            match operator {
                "samples-few" => assert!(verdict.is_err()),
                operator => assert!(matches!(verdict, Ok(Verdict::Fail(_))), "{operator}"),
            }
        }
    }

    #[test]
    fn wrong_keys_differ_where_they_should() {
        let [first, last, short] = wrong_keys("abcdef").unwrap();
        assert_eq!((&*first, &*last, &*short), ("xbcdef", "abcdex", "abcde"));
        assert_eq!(wrong_keys("xbcx").unwrap()[0], "ybcx");
        assert!(wrong_keys("abc").is_err() && wrong_keys("ünïcode").is_err());
    }
}
