//! The embedded target's load test by k6, for the faults that only such a one can show.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};
use readiness_reference::Fault;

/// Seconds and users of each step of a run that holds 100 users for 40 s.
const SHORT_HOLD: [(u32, u32); 5] = [(60, 50), (10, 75), (41, 100), (10, 150), (182, 200)];
/// One that never has more than 150.
const FEW: [(u32, u32); 5] = [(60, 50), (10, 75), (122, 100), (10, 125), (182, 150)];

/// What k6 wrote under one of these faults; none without.
pub(crate) fn demonstration(faults: &[String]) -> Option<String> {
    let has = |fault: Fault| faults.iter().any(|name| name == fault.id());
    if has(Fault::Perf001ShortHold) {
        Some(points(&SHORT_HOLD))
    } else if has(Fault::Perf002Vus150) {
        Some(points(&FEW))
    } else {
        None
    }
}

/// Users who send a request each ten seconds, answered in 20 ms.
fn points(steps: &[(u32, u32)]) -> String {
    const TAGS: [&str; 4] = ["exploits", "stats", "chains", "filtered"];
    let mut text = String::new();
    let users = steps
        .iter()
        .flat_map(|(length, users)| (0..*length).map(|_| *users));
    let users: Vec<u32> = users.collect();
    let length = SignedDuration::from_secs(i64::try_from(users.len()).unwrap_or(0));
    let mut time = Timestamp::now() - length;
    let mut number = 0;
    for active in users {
        // Writing to a text cannot fail.
        let _ = writeln!(
            text,
            r#"{{"metric":"vus","type":"Point","data":{{"time":"{time}","value":{active},"tags":null}}}}"#
        );
        for _ in 0..active / 10 {
            number += 1;
            let tag = TAGS[number % TAGS.len()];
            let _ = writeln!(
                text,
                r#"{{"metric":"http_req_duration","type":"Point","data":{{"time":"{time}","value":20,"tags":{{"endpoint":"{tag}","status":"200"}}}}}}"#
            );
        }
        time += SignedDuration::from_secs(1);
    }
    text
}
