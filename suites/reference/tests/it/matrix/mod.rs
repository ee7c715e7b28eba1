//! Every fault of the first product alters what can be seen from outside, and no more than it says.
//!
//! Scenes are short scripts of requests, each played on a service of its own. A sound service
//! gives the same transcript every time; a fault must change the transcript of the scene that is
//! about its requirement. `all_scenes_under_all_faults` plays every scene under every fault and
//! compares what changes with `blast.txt`, which is reviewed; it takes minutes and is run by
//! `cargo test -p readiness-reference --test it -- --ignored`, with `BLAST=write` to rewrite it.

mod scenes;
mod transcript;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use readiness_reference::{Carrier, Fault, Product};

use self::scenes::SCENES;
use self::transcript::Transcript;
use crate::client::{config, start};

/// Faults that a transcript without durations cannot show; each is shown elsewhere or by the
/// suite that measures it.
const TIMED: [Fault; 11] = [
    Fault::Sec003EarlyExit,
    Fault::Sec003LengthLeak,
    Fault::Perf001StallsAt100,
    Fault::Perf002StallsAt200,
    Fault::Perf003SlowAll,
    Fault::Perf003SlowOneEndpoint,
    Fault::Perf004SlowExploits,
    Fault::Perf004SlowFiltered,
    Fault::Perf005SlowStats,
    Fault::Perf006Timeouts8Percent,
    Fault::Hlth001Slow,
];

/// Faults whose scene would take many seconds: they hang, or end the service.
const TERMINAL: [Fault; 4] = [
    Fault::Hlth003Hangs,
    Fault::Hlth003Crash,
    Fault::Cache005HangsWithoutCache,
    Fault::Db004UnboundedPool,
];

fn embedded() -> Vec<Fault> {
    let all = Fault::all().iter().copied();
    // Those of the second product are shown by its suite's own matrix.
    all.filter(|fault| fault.product() == Product::Kamiyo && fault.carrier().is_embedded())
        .filter(|fault| !TIMED.contains(fault) && !TERMINAL.contains(fault))
        .collect()
}

async fn play(scene: &str, fault: Option<Fault>) -> Transcript {
    let mut config = config();
    if let Some(fault) = fault {
        config = config.fault(fault);
    }
    let target = start(config).await;
    let mut transcript = Transcript::default();
    scenes::play(scene, &target, &mut transcript).await;
    transcript
}

/// The scenes that are about a requirement.
fn scenes_of(requirement: &str) -> Vec<&'static str> {
    let concerned =
        |(_, about): &&(&str, &[&str])| about.iter().any(|prefix| requirement.starts_with(prefix));
    SCENES
        .iter()
        .filter(concerned)
        .map(|(scene, _)| *scene)
        .collect()
}

#[tokio::test]
async fn a_sound_service_gives_the_same_transcript_twice() {
    for (scene, _) in SCENES {
        let (first, second) = (play(scene, None).await, play(scene, None).await);
        let differences = first.differences(&second);
        assert!(differences.is_empty(), "{scene}: {differences:?}");
        assert!(first != Transcript::default(), "{scene} saw nothing");
    }
}

#[tokio::test]
async fn every_fault_shows_in_the_scene_of_its_requirement() {
    let mut sound = BTreeMap::new();
    let mut invisible = Vec::new();
    for fault in embedded() {
        let mut differs = false;
        for scene in scenes_of(fault.requirement()) {
            if !sound.contains_key(scene) {
                sound.insert(scene, play(scene, None).await);
            }
            differs = play(scene, Some(fault)).await != sound[scene];
            if differs {
                break;
            }
        }
        if !differs {
            invisible.push(fault.id());
        }
    }
    assert!(
        invisible.is_empty(),
        "these alter nothing that is looked at: {invisible:#?}"
    );
}

#[tokio::test]
async fn faults_of_other_carriers_alter_nothing() {
    let others = Fault::all()
        .iter()
        .copied()
        .filter(|fault| !fault.carrier().is_embedded());
    let mut config = config();
    let mut carriers = BTreeSet::new();
    for fault in others {
        carriers.insert(fault.carrier());
        config = config.fault(fault);
    }
    assert!(!carriers.contains(&Carrier::Service) && carriers.len() == 5);
    let target = start(config).await;
    let mut transcript = Transcript::default();
    scenes::play("data", &target, &mut transcript).await;
    assert!(play("data", None).await.differences(&transcript).is_empty());
}

#[tokio::test]
#[ignore = "minutes: every scene under every fault"]
async fn all_scenes_under_all_faults() {
    let mut sound = BTreeMap::new();
    for (scene, _) in SCENES {
        sound.insert(*scene, play(scene, None).await);
    }
    let mut text = String::new();
    for fault in embedded() {
        writeln!(text, "{fault}").unwrap();
        let mut all = BTreeSet::new();
        for (scene, sound) in &sound {
            let differences = play(scene, Some(fault)).await.differences(sound);
            all.extend(
                differences
                    .into_iter()
                    .map(|facet| format!("{scene}: {facet}")),
            );
        }
        for line in summary(&all) {
            writeln!(text, "    {line}").unwrap();
        }
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/matrix/blast.txt");
    if std::env::var_os("BLAST").is_some_and(|value| value == "write") {
        std::fs::write(path, &text).unwrap();
    }
    let reviewed = std::fs::read_to_string(path).unwrap();
    for (seen, reviewed) in text.lines().zip(reviewed.lines()) {
        assert_eq!(
            seen, reviewed,
            "a fault alters other things than were reviewed"
        );
    }
    assert_eq!(text.lines().count(), reviewed.lines().count());
}

/// A facet that differs in more steps than this is told once, for all of them.
const EVERYWHERE: usize = 8;
/// A step that differs in more facets than this differs as a whole.
const WHOLE: usize = 4;

/// The differences in few lines: `data: page 2: body.has_more`. The count of requests left is
/// passed over, since it follows from any request that is answered otherwise.
fn summary(differences: &BTreeSet<String>) -> Vec<String> {
    let pairs: Vec<(&str, &str)> = differences
        .iter()
        .map(|difference| difference.split_once('/').unwrap())
        .collect();
    let mut by_facet: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, facet) in &pairs {
        *by_facet.entry(facet).or_default() += 1;
    }
    let mut by_step: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let remaining = "header x-ratelimit-remaining";
    for (step, facet) in pairs {
        let told_apart = by_facet[facet] > EVERYWHERE || facet == remaining;
        if !told_apart {
            by_step.entry(step).or_default().push(facet);
        }
    }
    let everywhere = by_facet
        .iter()
        .filter(|(facet, count)| **count > EVERYWHERE && **facet != remaining);
    let mut lines: Vec<String> = everywhere
        .map(|(facet, count)| format!("{facet} in {count} steps"))
        .collect();
    lines.extend(
        by_step
            .into_iter()
            .map(|(step, facets)| match facets.len() {
                ..=WHOLE => format!("{step}: {}", facets.join(", ")),
                _ => format!("{step}: all of it"),
            }),
    );
    if lines.is_empty() && !differences.is_empty() {
        lines.push(remaining.to_owned());
    }
    lines
}
