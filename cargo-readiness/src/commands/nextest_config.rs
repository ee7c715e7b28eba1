//! `cargo readiness nextest-config`: what keeps groups and phases apart when nextest runs one
//! process per trial.
//!
//! The locks of groups hold under nextest without any configuration, but a trial that waits for one
//! occupies a slot. With these test groups nextest does not start it before it can run.
//!
//! ```toml
//! [test-groups.readiness-anonymous]
//! max-threads = 1
//!
//! [[profile.default.overrides]]
//! filter = 'package(=shop) & (test(=RL-001::limits::is_429))'
//! test-group = 'readiness-anonymous'
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use readiness::describe::{DescribedTrial, Description};
use readiness::document::write_atomically;
use readiness::registry::Phase;

use crate::cli::NextestConfigOptions;
use crate::codes::Exit;
use crate::commands::list::described;
use crate::documents::shown;
use crate::ui::Ui;
use crate::workspace::Workspace;

pub(crate) fn run(options: &NextestConfigOptions, ui: &mut Ui) -> anyhow::Result<Exit> {
    let described = described(&Workspace::require()?, &options.build, ui)?;
    let descriptions: Vec<_> = described.into_iter().flat_map(|(_, all)| all).collect();
    let text = config(&descriptions, &options.nextest_profile);
    match &options.output {
        Some(output) => {
            write_atomically(output, text.as_bytes())?;
            ui.line(format!(
                "written: {}; use it with `cargo nextest run --config-file {0}`",
                shown(output)
            ));
        }
        None => text.lines().for_each(|line| ui.line(line)),
    }
    Ok(Exit::Met)
}

/// The configuration file.
fn config(descriptions: &[Description], profile: &str) -> String {
    let mut text = String::from(
        "# Written by `cargo readiness nextest-config`: groups and phases of the checks.\n",
    );
    let groups = groups(descriptions);
    // Writing to a string cannot fail.
    for name in groups.keys() {
        let group = key(&group_name(name));
        let _ = writeln!(text, "\n[test-groups.{group}]\nmax-threads = 1");
    }
    let table = format!("[[profile.{}.overrides]]", key(profile));
    for (name, members) in &groups {
        let (filter, group) = (string(&filter(members)), string(&group_name(name)));
        let _ = writeln!(text, "\n{table}\nfilter = {filter}\ntest-group = {group}");
    }
    for (phase, members) in phases(descriptions) {
        let (filter, priority) = (string(&filter(&members)), priority(phase));
        let _ = writeln!(text, "\n{table}\nfilter = {filter}\npriority = {priority}");
    }
    text
}

/// A trial in nextest's terms: package and name.
type Member<'a> = (&'a str, &'a str);

/// Groups with at least one trial that wants them for itself: readers alone exclude nobody.
fn groups(descriptions: &[Description]) -> BTreeMap<&str, BTreeSet<Member<'_>>> {
    let mut groups: BTreeMap<&str, BTreeSet<Member<'_>>> = BTreeMap::new();
    let exclusive: BTreeSet<&str> = trials(descriptions)
        .filter_map(|(_, trial)| trial.exclusive.as_deref())
        .collect();
    for (package, trial) in trials(descriptions) {
        // Nextest has one group per test; the exclusive one is the one that matters.
        let shared = trial
            .shared
            .as_deref()
            .filter(|name| exclusive.contains(name));
        if let Some(name) = trial.exclusive.as_deref().or(shared) {
            groups
                .entry(name)
                .or_default()
                .insert((package, &trial.trial));
        }
    }
    groups
}

fn phases(descriptions: &[Description]) -> BTreeMap<Phase, BTreeSet<Member<'_>>> {
    let mut phases: BTreeMap<Phase, BTreeSet<Member<'_>>> = BTreeMap::new();
    for (package, trial) in trials(descriptions) {
        if trial.phase != Phase::Probe {
            let members = phases.entry(trial.phase).or_default();
            members.insert((package, &trial.trial));
        }
    }
    phases
}

fn trials(descriptions: &[Description]) -> impl Iterator<Item = (&str, &DescribedTrial)> {
    descriptions
        .iter()
        .flat_map(|d| d.trials.iter().map(|trial| (d.package.as_str(), trial)))
}

/// Nextest starts higher priorities first; its default, for probes, is 0.
fn priority(phase: Phase) -> i8 {
    match phase {
        // What takes its time is begun first.
        Phase::Aside => 20,
        Phase::Probe => 0,
        Phase::Write => -20,
        Phase::Disrupt => -40,
        Phase::Burst => -60,
        Phase::Load => -80,
    }
}

/// A filter for exactly these tests.
fn filter(members: &BTreeSet<Member<'_>>) -> String {
    let mut packages: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (package, trial) in members {
        packages
            .entry(package)
            .or_default()
            .push(format!("test(={trial})"));
    }
    let parts: Vec<_> = packages
        .into_iter()
        .map(|(package, tests)| format!("(package(={package}) & ({}))", tests.join(" | ")))
        .collect();
    parts.join(" | ")
}

/// Letters, digits and `-`, as nextest wants the names of groups.
fn group_name(name: &str) -> String {
    let plain = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' });
    format!("readiness-{}", plain.collect::<String>())
}

fn key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !name.is_empty() && name.chars().all(bare) {
        name.to_owned()
    } else {
        string(name)
    }
}

/// A TOML basic string.
fn string(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(
        id: &str,
        phase: Phase,
        exclusive: Option<&str>,
        shared: Option<&str>,
    ) -> DescribedTrial {
        DescribedTrial {
            trial: format!("{id}::f"),
            id: id.to_owned(),
            source: "src/lib.rs:1".to_owned(),
            digest: "d".to_owned(),
            phase,
            arguments: String::new(),
            exclusive: exclusive.map(str::to_owned),
            shared: shared.map(str::to_owned),
            ignored: None,
            no_proof: None,
        }
    }

    #[test]
    fn groups_and_phases_become_groups_and_priorities() {
        let description = Description {
            readiness: 1,
            package: "shop".to_owned(),
            manifest_dir: String::new(),
            checklist: None,
            trials: vec![
                trial("A-1", Phase::Probe, None, None),
                trial("A-2", Phase::Burst, Some("per ip"), None),
                trial("A-3", Phase::Probe, None, Some("per ip")),
                trial("A-4", Phase::Probe, None, Some("readers only")),
            ],
        };
        let text = config(&[description], "default");
        let table: toml::Table = toml::from_str(&text).unwrap();
        let groups = table["test-groups"].as_table().unwrap();
        assert_eq!(groups.keys().collect::<Vec<_>>(), ["readiness-per-ip"]);
        assert_eq!(
            groups["readiness-per-ip"]["max-threads"].as_integer(),
            Some(1)
        );
        let overrides = table["profile"]["default"]["overrides"].as_array().unwrap();
        assert_eq!(
            overrides[0]["filter"].as_str(),
            Some("(package(=shop) & (test(=A-2::f) | test(=A-3::f)))")
        );
        assert_eq!(
            overrides[0]["test-group"].as_str(),
            Some("readiness-per-ip")
        );
        assert_eq!(
            overrides[1]["filter"].as_str(),
            Some("(package(=shop) & (test(=A-2::f)))")
        );
        assert_eq!(overrides[1]["priority"].as_integer(), Some(-60));
        assert_eq!(overrides.len(), 2);
    }
}
