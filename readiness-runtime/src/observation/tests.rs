//! The runtime's own kinds: what is read is altered, and nothing else.

use std::collections::BTreeSet;
use std::fmt::Debug;

use serde_json::json;

use super::env::EnvVar;
use super::log_lines::LogLines;
use super::measurement::Measurement;
use super::setting::Setting;
use super::*;

/// The alterations for what `read` reads, in words; each is checked to differ from the original and
/// from the others.
fn altered<T: Observation + Debug>(mut value: T, read: impl Fn(&T)) -> Vec<String> {
    let reads = Reads::listening();
    value.attach(reads.clone());
    read(&value);
    let facets = reads.facets();
    let mutants = value.mutants(&facets);
    for (at, mutant) in mutants.iter().enumerate() {
        let altered = mutant.clone().apply(&value).unwrap();
        assert!(!altered.same(&value), "{} changes nothing", mutant.words);
        assert!(
            facets.contains(&mutant.facet),
            "{} was not read",
            mutant.facet
        );
        assert_eq!(mutant.strength, Strength::Fine);
        for other in &mutants[..at] {
            let same = other.clone().apply(&value).unwrap().same(&altered);
            assert!(
                !same || other.facet != mutant.facet,
                "{} and {}",
                other.words,
                mutant.words
            );
        }
    }
    assert_eq!(reads.facets(), facets, "making alterations is no reading");
    mutants.into_iter().map(|mutant| mutant.words).collect()
}

/// Stored and read back it is the same observation.
fn keeps<T: Observation + Debug>(value: &T) {
    let back: T = serde_json::from_str(&serde_json::to_string(value).unwrap()).unwrap();
    assert!(
        back.same(value) && value.same(&back),
        "{back:?} was {value:?}"
    );
}

#[test]
fn settings() {
    let minute = || Setting::new("limits.pro.minute", Some(json!(35)));
    assert_eq!(altered(minute(), |_| ()), [""; 0]);
    assert_eq!(
        altered(minute(), |s| {
            let _ = s.is_set();
        }),
        ["the setting limits.pro.minute is absent"]
    );
    assert_eq!(
        altered(minute(), |s| {
            let _ = s.as_i64();
        }),
        [
            "the setting limits.pro.minute is absent",
            "the setting limits.pro.minute is 36",
            "the setting limits.pro.minute is 34",
            "the setting limits.pro.minute is 35000",
            "the setting limits.pro.minute is -36",
            "the setting limits.pro.minute is a text",
        ]
    );
    let unset = Setting::new("gone", None);
    assert_eq!(
        altered(unset.clone(), |s| {
            let _ = s.is_set();
        }),
        [""; 0]
    );
    for setting in [
        minute(),
        unset,
        Setting::new("list", Some(json!(["a", null]))),
    ] {
        keeps(&setting);
    }
}

#[test]
fn variables() {
    let words = altered(EnvVar::new("CACHE", Some("on".into())), |v| {
        let _ = v.as_str().map(str::len);
    });
    assert_eq!(
        words,
        [
            "the variable CACHE is unset",
            "the variable CACHE is empty",
            "the variable CACHE has another value",
            "the variable CACHE is off",
        ]
    );
    let secret = || EnvVar::new("API_KEY", Some("12345678".into()));
    let words = altered(secret(), |v| {
        let _ = (v.as_str().map(str::len), v.class().len(), v.len());
    });
    assert!(
        words.contains(&"the variable API_KEY is a placeholder".to_owned()),
        "{words:?}"
    );
    let text = words.join(" ");
    assert!(!text.contains("1234"), "a secret shows through: {text}");
    assert_eq!(
        altered(EnvVar::new("X", None), |v| {
            let _ = v.as_str().map(str::len);
        }),
        [""; 0]
    );
    for variable in [
        EnvVar::new("X", None),
        EnvVar::new("X", Some(String::new())),
    ] {
        keeps(&variable);
    }
}

#[test]
fn measurements() {
    let three = || Measurement::new("ms", vec![1.0, 2.0, 3.0]);
    assert_eq!(
        altered(three(), |m| {
            let _ = m.count();
        }),
        ["there are no samples", "there is one sample"]
    );
    assert_eq!(
        altered(three(), |m| {
            let _ = m.mean();
        }),
        [
            "every sample is ten times as large",
            "every sample is zero",
            "every sample is not a number",
            "there are no samples",
            "there is one sample",
        ]
    );
    assert_eq!(
        altered(Measurement::new("ms", vec![]), |m| {
            let _ = m.max();
        }),
        [""; 0]
    );
    assert_eq!(
        altered(Measurement::new("ms", vec![0.0]), |m| {
            let _ = m.max();
        }),
        ["every sample is not a number", "there are no samples"]
    );
    keeps(&three());
    keeps(&Measurement::new(
        "ms",
        vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0],
    ));
}

#[test]
fn percentiles_are_of_the_nearest_rank() {
    let of = |samples: &[f64], percent| Measurement::new("", samples.to_vec()).percentile(percent);
    // The published example of the nearest-rank method: 15, 20, 35, 40, 50.
    let five = [40.0, 15.0, 50.0, 20.0, 35.0];
    for (percent, value) in [
        (0.0, 15.0),
        (5.0, 15.0),
        (30.0, 20.0),
        (40.0, 20.0),
        (50.0, 35.0),
        (100.0, 50.0),
    ] {
        assert_eq!(of(&five, percent), Some(value), "{percent}");
    }
    assert_eq!(of(&[], 50.0), None);
    assert!(of(&[1.0, f64::NAN], 50.0).is_some_and(f64::is_nan));
    assert_eq!(Measurement::new("", vec![]).mean(), None);
    assert_eq!(Measurement::new("", vec![1.0, 2.0]).mean(), Some(1.5));
    assert!(Measurement::new("", vec![1.0]).at_least(2).is_err());
}

#[test]
fn logs() {
    let plain = || LogLines::new(["a 1", "b 2"]);
    assert_eq!(
        altered(plain(), |l| {
            let _ = l.len();
        }),
        ["the log is empty", "half of the log is missing"]
    );
    let planted = altered(plain(), |l| {
        let _ = l.iter().count();
    });
    assert_eq!(planted.len(), 11);
    assert!(planted.contains(&"a card number is logged".to_owned()));
    assert_eq!(
        altered(plain(), |l| {
            let _ = (l.contains("a 1"), l.contains("secret"));
        }),
        ["the lines that were searched for are missing"]
    );
    assert_eq!(
        altered(plain(), |l| {
            let _ = (l.lacks("a 1"), l.lacks("secret"));
        }),
        ["a line has what must not be there"]
    );
    assert_eq!(
        altered(LogLines::new([""; 0]), |l| {
            let _ = l.len();
        }),
        [""; 0]
    );
    keeps(&plain());
}

#[test]
fn records_of_a_log() {
    let log = || LogLines::new([r#"{"b":1, "a":2}"#, r#"{"level":"info","id":"n1"}"#]);
    let words = altered(log(), |l| {
        let records = l.records_containing("n1");
        assert_eq!(records[0].get("level").as_str(), Some("info"));
    });
    assert_eq!(words[0], "the lines that were searched for are missing");
    assert_eq!(words[1], "record [1].level is missing");
    let all = altered(log(), |l| {
        let _ = l.records().unwrap().len();
    });
    assert!(all.contains(&"a line is not JSON".to_owned()), "{all:?}");
    let broken = LogLines::new(["{}", "no"]).records().unwrap_err();
    assert!(
        broken
            .to_string()
            .starts_with("line 2 of the log is not JSON"),
        "{broken}"
    );

    // The line that was not altered keeps its form.
    let mut log = log();
    let reads = Reads::listening();
    log.attach(reads.clone());
    let _ = log.records_containing("n1")[0].get("level").as_str();
    let mutants = log.mutants(&reads.facets());
    let dropped = mutants[1].clone().apply(&log).unwrap();
    let lines: Vec<_> = dropped.iter().collect();
    assert_eq!(lines, [r#"{"b":1, "a":2}"#, r#"{"id":"n1"}"#]);
}

/// A planted secret is in a record where the log is one of records.
#[test]
fn planted_secrets_have_the_form_of_the_log() {
    let mut log = LogLines::new([r#"{"message":"paid"}"#]);
    let reads = Reads::listening();
    log.attach(reads.clone());
    let _ = log.iter().count();
    for mutant in log.mutants(&reads.facets()) {
        let words = mutant.words.clone();
        let altered = mutant.apply(&log).unwrap();
        assert!(altered.records().is_ok(), "{words}");
    }
}

#[test]
fn notes_are_bounded() {
    let reads = Reads::listening();
    reads.note("x".repeat(2_000));
    for n in 0..30_000 {
        reads.note(n.to_string());
    }
    assert_eq!(reads.facets().len(), 20_000);
    assert!(reads.facets().iter().all(|facet| facet.0.len() < 10));
}

#[test]
fn facets_of_another_kind_do_no_harm() {
    let read: BTreeSet<Facet> = [
        "record:/x/y",
        "record:",
        "contains ",
        "value",
        "set",
        "body:/a",
        "",
    ]
    .into_iter()
    .map(|facet| Facet(facet.to_owned()))
    .collect();
    LogLines::new(["{}"]).mutants(&read);
    Setting::new("s", Some(json!(1))).mutants(&read);
    EnvVar::new("e", Some("x".into())).mutants(&read);
    Measurement::new("m", vec![1.0]).mutants(&read);
}
