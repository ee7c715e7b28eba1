//! The generator against a small server of its own, and the judgements over made-up runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use readiness::error::Class as ErrorClass;
use readiness::observation::{Observation, Reads, Strength};
use readiness::{Result, Verdict};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::seen::{EndpointSeen, Generator, StageSeen};
use super::*;

/// How a request is answered, by its number.
type Answer = dyn Fn(usize) -> Option<&'static str> + Send + Sync;

const FINE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-cache: HIT\r\n\r\n{}";
const EMPTY: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
const BROKEN: &str = "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n";
const LIMITED: &str = "HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\n\r\n";
const CLOSING: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";

/// A server that answers each request of a connection with what `answer` says; `None` never answers.
async fn serve(answer: Arc<Answer>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (answer, count) = (Arc::clone(&answer), Arc::clone(&count));
            tokio::spawn(async move {
                let mut buffer = vec![0; 4096];
                while let Ok(read) = stream.read(&mut buffer).await {
                    // Small requests come in one piece on the loopback.
                    if read == 0 || !buffer[..read].ends_with(b"\r\n\r\n") {
                        break;
                    }
                    match answer(count.fetch_add(1, Ordering::SeqCst)) {
                        None => std::future::pending::<()>().await,
                        Some(text) => {
                            if stream.write_all(text.as_bytes()).await.is_err() {
                                break;
                            }
                        }
                    }
                }
            });
        }
    });
    address
}

/// Four users who hardly think, for less than a request may take.
fn quick() -> Plan {
    let endpoint = Endpoint::get("it", "/", 1)
        .expecting(|body| !body.is_empty())
        .telling_states_by("x-cache");
    let mut plan = Plan::new([endpoint]).hold(4, Duration::from_millis(400));
    plan.think = (Duration::from_millis(2), Duration::from_millis(6));
    plan.timeout = Duration::from_millis(500);
    plan
}

async fn against(
    answer: impl Fn(usize) -> Option<&'static str> + Send + Sync + 'static,
) -> LoadRun {
    let address = serve(Arc::new(answer)).await;
    run(&address, &quick()).await.unwrap()
}

#[tokio::test]
async fn every_request_is_counted_as_what_it_came_to() {
    let seen = against(|number| {
        Some(match number % 4 {
            0 => FINE,
            1 => EMPTY,
            2 => BROKEN,
            _ => LIMITED,
        })
    })
    .await;
    let counts = seen.counts();
    // However many there were, they took turns.
    let quarter = counts.requests() / 4;
    assert!(quarter > 0, "{counts:?}");
    for class in [
        counts.success,
        counts.wrong,
        counts.server_error,
        counts.limited,
    ] {
        assert!(class.abs_diff(quarter) <= 1, "{counts:?}");
    }
    assert_eq!(counts.timeout + counts.transport + counts.rejected, 0);
    assert_eq!(seen.states("it"), ["HIT"]);
    assert_eq!(
        seen.service(Some("it"), 1).unwrap().count,
        counts.requests()
    );
}

#[tokio::test]
async fn a_connection_that_the_service_closes_is_made_anew_and_no_error() {
    let seen = against(|_| Some(CLOSING)).await;
    assert_eq!(seen.counts().errors(), 0, "{:?}", seen.counts());
    assert!(seen.counts().success > 4);
}

#[tokio::test]
async fn a_service_that_stalls_is_not_forgiven_for_what_it_kept_from_being_sent() {
    let seen = against(|number| (number < 4).then_some(FINE)).await;
    let counts = seen.counts();
    // Four answers, and then every user waits for one until it is too late for the next.
    assert!(counts.success <= 4, "{counts:?}");
    assert!((1..=4).contains(&counts.timeout), "{counts:?}");
    assert!(counts.omitted > 0, "{counts:?}");
    // What was never sent has no service time, but a response time.
    let (service, response) = (
        seen.service(None, 1).unwrap(),
        seen.response(None, 1).unwrap(),
    );
    assert_eq!(service.count, counts.requests());
    assert_eq!(response.count, counts.requests() + counts.omitted);
    // Three digits are kept.
    assert!(service.max_us >= 499_000, "{service:?}");
}

#[tokio::test]
async fn nobody_there_is_an_error_of_each_request() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let seen = run(&address, &quick()).await.unwrap();
    assert!(seen.counts().transport > 0);
    assert_eq!(seen.counts().requests(), seen.counts().transport);
}

#[tokio::test]
async fn a_plan_that_cannot_be_carried_out_is_refused() {
    let endpoint = || Endpoint::get("it", "/", 1);
    let nobody = Plan::new([endpoint()]);
    let many = Plan::new([endpoint()]).hold(10_001, Duration::from_secs(1));
    let none = Plan::new([]).hold(1, Duration::from_secs(1));
    for plan in [nobody, many, none] {
        assert!(run("http://127.0.0.1:9", &plan).await.is_err(), "{plan:?}");
    }
    for base in ["", "127.0.0.1", "ftp://127.0.0.1", "https://"] {
        assert!(run(base, &quick()).await.is_err(), "{base}");
    }
}

#[test]
fn users_come_and_go_evenly() {
    let second = Duration::from_secs(1);
    let plan = Plan::new([])
        .ramp(2, second)
        .hold(2, second)
        .ramp(4, second)
        .ramp(0, second);
    let shifts: Vec<_> = plan
        .shifts()
        .into_iter()
        .map(|(come, go)| (come.as_millis(), go.as_millis()))
        .collect();
    assert_eq!(
        shifts,
        [(0, 3_675), (450, 3_450), (2_000, 3_225), (2_450, 3_000)]
    );
    assert_eq!(plan.users(), 4);
    assert_eq!(
        plan.shortened(0.1, 0.01).length(),
        Duration::from_millis(130)
    );
}

#[test]
fn as_many_credentials_as_the_limit_asks() {
    let plan = Plan::new([]).hold(200, Duration::from_secs(60));
    assert_eq!(
        plan.credentials_needed(1_000, Duration::from_millis(150)),
        11
    );
}

/// A run of ten minutes in which everything was in order.
fn healthy() -> LoadRun {
    let counts = |requests: u64| Counts {
        success: requests - 20,
        server_error: 20,
        arrived: requests,
        ..Counts::default()
    };
    let stage = |users: usize, seconds: u64, requests: u64| StageSeen {
        users,
        measured: users > 50,
        asked_ms: seconds * 1_000,
        held_ms: seconds * 1_000,
        all_there: 1.0,
        median_us: Some(20_000),
        counts: counts(requests),
    };
    let times = |p95_us| Stats {
        count: 18_000,
        p50_us: 20_000,
        p95_us,
        p95_low_us: Some(p95_us - 5_000),
        p95_high_us: Some(p95_us + 5_000),
        p99_us: p95_us * 2,
        max_us: p95_us * 3,
    };
    LoadRun {
        stages: vec![
            stage(50, 60, 2_400),
            stage(100, 120, 9_500),
            stage(200, 180, 28_500),
        ],
        endpoints: vec![EndpointSeen {
            name: "list".to_owned(),
            counts: counts(18_000),
            service: times(100_000),
            response: times(110_000),
            states: vec!["HIT".to_owned(), "MISS".to_owned()],
        }],
        service: times(100_000),
        response: times(110_000),
        think_ms: 1_250,
        imported: false,
        generator: Generator {
            lag_p99_us: 2_000,
            cpu: Some(0.3),
            sockets_exhausted: false,
            connect: times(1_000 + 5_000),
        },
        reads: Reads::default(),
    }
}

type Judgement = fn(&LoadRun) -> Result<Verdict>;
type Spoil = fn(&mut LoadRun);

/// All judgements, by what they look at.
const JUDGEMENTS: [(&str, Judgement); 6] = [
    ("list", |run| {
        judge::percentile_below(run, Some("list"), 500)
    }),
    ("all", |run| judge::percentile_below(run, None, 800)),
    ("errors", |run| judge::errors_below(run, 0.05)),
    ("successes", |run| judge::successes_above(run, 0.95)),
    ("held", |run| judge::held(run, 200)),
    ("states", |run| judge::several_states(run, "list")),
];

#[test]
fn a_healthy_run_passes_and_every_fine_alteration_is_noticed() {
    for (name, judgement) in JUDGEMENTS {
        let mut run = healthy();
        let reads = Reads::listening();
        run.attach(reads.clone());
        assert_eq!(judgement(&run).unwrap(), Verdict::Pass, "{name}");
        let mutants = run.mutants(&reads.facets());
        let mut killed = 0;
        for mutant in mutants {
            let Some(altered) = mutant.clone().apply(&run) else {
                continue;
            };
            assert!(
                !altered.same(&run),
                "{name}: {} changes nothing",
                mutant.operator
            );
            match judgement(&altered) {
                Ok(Verdict::Fail(_) | Verdict::Warn(_)) => {
                    killed += u32::from(mutant.strength == Strength::Fine);
                }
                // Too few to judge is neither.
                Err(error) => assert_eq!(error.class(), ErrorClass::Unavailable),
                // Gross ones test robustness; the states of replies are no matter of how many came.
                Ok(_) if mutant.strength == Strength::Gross && name == "states" => {}
                Ok(verdict) => panic!("{name}: {verdict:?} although {}", mutant.words),
            }
        }
        assert!(killed >= 2, "{name}: {killed}");
    }
}

#[test]
fn a_shortened_run_warns_with_its_fraction_and_never_passes() {
    let mut run = healthy();
    run.stages[2].held_ms = 3_600;
    for (name, judgement) in JUDGEMENTS {
        // The number of answers is that of the time that it took.
        run.stages[2].counts.arrived = 500;
        match judgement(&run).unwrap() {
            Verdict::Warn(reason) => assert!(
                reason.starts_with("shortened: 2 % of the hold, 3.6 s of 180 s"),
                "{name}: {reason}"
            ),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn a_shortened_run_fails_where_a_short_look_suffices() {
    let mut run = healthy();
    run.stages[2].held_ms = 3_600;
    run.endpoints[0].service.p95_low_us = Some(600_000);
    run.endpoints[0].service.p95_us = 700_000;
    let late = judge::percentile_below(&run, Some("list"), 500).unwrap();
    assert!(matches!(late, Verdict::Fail(_)), "{late:?}");
    // A generator that is as late itself does not hold that against the service.
    run.generator.lag_p99_us = 100_000;
    let busy = judge::percentile_below(&run, Some("list"), 500).unwrap();
    assert!(
        matches!(&busy, Verdict::Warn(why) if why.contains("100 ms late")),
        "{busy:?}"
    );
}

#[test]
fn what_was_not_measured_decides_nothing() {
    let spoilt: [(&str, Spoil); 4] = [
        ("429", |run| run.stages[1].counts.limited = 1_000),
        ("late", |run| run.generator.lag_p99_us = 51_000),
        ("of the machine", |run| run.generator.cpu = Some(0.9)),
        ("sockets", |run| run.generator.sockets_exhausted = true),
    ];
    for (word, spoil) in spoilt {
        let mut run = healthy();
        spoil(&mut run);
        for (name, judgement) in JUDGEMENTS {
            let error = judgement(&run).unwrap_err();
            assert_eq!(error.class(), ErrorClass::Unavailable, "{name}: {word}");
            assert!(error.to_string().contains(word), "{name}: {error}");
        }
    }
    let mut few = healthy();
    few.endpoints[0].service.count = 999;
    assert!(judge::percentile_below(&few, Some("list"), 500).is_err());
    assert!(judge::percentile_below(&few, Some("elsewhere"), 500).is_err());
    assert!(judge::held(&few, 300).is_err());
}

#[test]
fn a_limit_inside_the_interval_is_a_warning() {
    let verdict = judge::percentile_below(&healthy(), Some("list"), 102).unwrap();
    assert!(matches!(verdict, Verdict::Warn(_)), "{verdict:?}");
    let failed = judge::percentile_below(&healthy(), Some("list"), 94).unwrap();
    assert!(matches!(failed, Verdict::Fail(_)), "{failed:?}");
    let queueing = judge::percentile_below(&healthy(), Some("list"), 108).unwrap();
    assert!(
        matches!(&queueing, Verdict::Warn(why) if why.contains("queue")),
        "{queueing:?}"
    );
    let mut some = healthy();
    some.stages[1].counts.timeout = 1_950;
    let errors = judge::errors_below(&some, 0.05).unwrap();
    assert!(matches!(errors, Verdict::Warn(_)), "{errors:?}");
}
