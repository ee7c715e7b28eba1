//! What a running process may use: the files of its control group (version 2).

use std::collections::BTreeMap;

use readiness::{Context, Error, Result, Verdict};
use serde_json::{Value, json};

use crate::seen::{Change, Kind, Seen};

/// Part of the memory limit that a peak may reach.
const MOST_PERCENT: f64 = 90.0;

/// The kind of [`Confinement`].
#[derive(Debug, Clone)]
pub struct Cgroup;

/// The limits of a control group: `memory` (bytes; null is none), `cpu` (processors; null is none),
/// `peak` (bytes; null where the kernel does not count it).
pub type Confinement = Seen<Cgroup>;

impl Kind for Cgroup {
    const KIND: &'static str = "control group";

    fn changes(name: &str, value: &Value) -> Vec<Change> {
        match name {
            "memory" | "cpu" if !value.is_null() => {
                vec![Change::new("unlimited", Value::Null)]
            }
            _ => Vec::new(),
        }
    }
}

/// Reads `memory.max`, `cpu.max` and `memory.peak` among the files of a control group, by name.
///
/// # Errors
/// Unavailable if they are those of no control group.
pub fn cgroup(cx: &Context, files: &BTreeMap<String, String>) -> Result<Confinement> {
    cx.observe_now("control group", || {
        let (Some(memory), Some(cpu)) = (files.get("memory.max"), files.get("cpu.max")) else {
            return Err(Error::unavailable(
                "no control group of version 2: memory.max and cpu.max are not both there",
            ));
        };
        let peak = files.get("memory.peak").map(String::as_str);
        Ok(Confinement::new(facts(memory, cpu, peak)))
    })
}

fn facts(memory: &str, cpu: &str, peak: Option<&str>) -> Value {
    let number = |text: &str| text.trim().parse::<f64>().ok();
    // `QUOTA PERIOD`, in microseconds.
    let mut parts = cpu.split_whitespace();
    let quota = parts.next().and_then(number);
    let period = parts.next().and_then(number).filter(|period| *period > 0.0);
    let processors = quota.zip(period).map(|(quota, period)| quota / period);
    json!({
        "memory": number(memory),
        "cpu": processors,
        "peak": peak.and_then(number),
    })
}

/// Whether memory and processor are limited, and memory has never been nearly used up.
///
/// # Errors
/// None of its own.
pub fn confined(seen: &Confinement) -> Result<Verdict> {
    let fail = |reason: String| Ok(Verdict::Fail(reason));
    let Some(memory) = seen.get("memory").as_f64().filter(|bytes| *bytes > 0.0) else {
        return fail("the running process has no memory limit".to_owned());
    };
    if seen.get("cpu").as_f64().is_none_or(|cpu| cpu <= 0.0) {
        return fail("the running process has no CPU limit".to_owned());
    }
    let peak = seen.get("peak");
    if let Some(peak) = peak.as_f64()
        && peak * 100.0 > MOST_PERCENT * memory
    {
        return fail(format!(
            "the running process has used {peak} of {memory} bytes, {MOST_PERCENT} % is the most"
        ));
    }
    Ok(Verdict::Pass)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read() {
        let judged = |memory: &str, cpu: &str, peak: Option<&str>| {
            confined(&Confinement::new(facts(memory, cpu, peak))).unwrap()
        };
        assert_eq!(
            judged("1000\n", "50000 100000\n", Some("900\n")),
            Verdict::Pass
        );
        assert_eq!(judged("1000", "50000 100000", None), Verdict::Pass);
        for (memory, cpu, peak, words) in [
            ("max", "50000 100000", None, "no memory limit"),
            ("1000", "max 100000", None, "no CPU limit"),
            ("1000", "50000 100000", Some("901"), "901 of 1000"),
        ] {
            let Verdict::Fail(reason) = judged(memory, cpu, peak) else {
                panic!("{words}")
            };
            assert!(reason.contains(words), "{reason}");
        }
    }
}
