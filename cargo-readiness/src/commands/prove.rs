//! `cargo readiness prove`: which alterations of what it saw each passing check noticed.
//!
//! ```text
//! check                      proof   fine   gross  survived
//! HDR-002::headers::frame    proven  6/7    3/3    when the header is empty
//! 1 checks passed, 1 proven able to fail; fine alterations noticed: 6/7 = 85.71 %
//! ```
//!
//! A requirement with several checks has a line of its own below, with what they noticed together.

use std::collections::BTreeMap;

use anyhow::bail;
use readiness::assess::Score;
use readiness::journal::record::{
    Evidence, Fate, Finished, MutantRecord, Proof, ProofStrength, Tally,
};
use readiness::observation::Strength;

use crate::cli::ProveOptions;
use crate::codes::Exit;
use crate::journals;
use crate::summary::cut;
use crate::ui::Ui;
use crate::workspace::Workspace;

pub(crate) fn run(options: &ProveOptions, ui: &mut Ui) -> anyhow::Result<Exit> {
    let workspace = Workspace::load()?;
    let Some(run) = journals::read(options.run.as_deref(), workspace.as_ref())? else {
        bail!("there are no runs yet\n  hint: cargo readiness run");
    };
    let trials = run.journals.trials();
    let finished = || trials.values().filter_map(|trial| trial.finished());
    if let Some(id) = &options.explain {
        let mut any = false;
        for finished in finished().filter(|finished| finished.id == *id) {
            any = true;
            explain(finished, ui);
        }
        if !any {
            bail!("no check for `{id}` ended in this run");
        }
        return Ok(Exit::Met);
    }
    let chosen = |finished: &&Finished| {
        finished.proof.is_some()
            && (options.filters.is_empty()
                || options.filters.iter().any(|f| finished.trial.contains(f)))
    };
    let mut rows: Vec<_> = finished().filter(chosen).collect();
    // The weakest first, then those that noticed least.
    rows.sort_by_key(|finished| (rank(finished), finished.trial.clone()));
    table(&rows, ui);
    Ok(Exit::Met)
}

fn rank(finished: &Finished) -> u8 {
    let Some(proof) = &finished.proof else {
        return 0;
    };
    match proof.strength {
        ProofStrength::Vacuous => 0,
        ProofStrength::Unproven => 1,
        ProofStrength::Off => 2,
        ProofStrength::Excused | ProofStrength::Imported => 3,
        ProofStrength::Proven if proof.fine.survived > 0 => 4,
        ProofStrength::Proven => 5,
    }
}

fn table(rows: &[&Finished], ui: &mut Ui) {
    let width = rows
        .iter()
        .map(|row| row.trial.chars().count())
        .max()
        .unwrap_or(5)
        .max(5);
    ui.line(format!(
        "{:width$}  proof     fine     gross    survived",
        "check"
    ));
    let mut total = Tally::default();
    for row in rows {
        let Some(proof) = &row.proof else { continue };
        total.killed += proof.fine.killed;
        total.survived += proof.fine.survived;
        ui.line(format!(
            "{:width$}  {:8}  {:7}  {:7}  {}",
            row.trial,
            word(proof.strength),
            share(proof.fine),
            share(proof.gross),
            hint(proof),
        ));
    }
    by_requirement(rows, ui);
    let proven = rows.iter().filter(|row| {
        row.proof
            .as_ref()
            .is_some_and(|proof| proof.strength == ProofStrength::Proven)
    });
    ui.line(format!(
        "{} checks passed, {} proven able to fail; fine alterations noticed: {}",
        rows.len(),
        proven.count(),
        score(total),
    ));
}

/// What the checks of one requirement noticed together, where it has several.
fn by_requirement(rows: &[&Finished], ui: &mut Ui) {
    let mut requirements: BTreeMap<&str, (usize, Tally)> = BTreeMap::new();
    for row in rows {
        let Some(proof) = &row.proof else { continue };
        let (checks, tally) = requirements.entry(&row.id).or_default();
        *checks += 1;
        tally.killed += proof.fine.killed;
        tally.survived += proof.fine.survived;
    }
    for (id, (checks, tally)) in requirements {
        if checks > 1 {
            let score = score(tally);
            ui.line(format!(
                "{id}: {checks} checks, fine alterations noticed: {score}"
            ));
        }
    }
}

/// Noticed of tried, as an exact fraction.
fn score(tally: Tally) -> String {
    let score = Score {
        passed: u64::from(tally.killed),
        applicable: u64::from(tally.killed) + u64::from(tally.survived),
    };
    if score.applicable == 0 {
        "none tried".to_owned()
    } else {
        score.to_string()
    }
}

/// Killed of those that were decided.
fn share(tally: Tally) -> String {
    let decided = tally.killed.saturating_add(tally.survived);
    format!("{}/{decided}", tally.killed)
}

pub(crate) fn word(strength: ProofStrength) -> &'static str {
    match strength {
        ProofStrength::Proven => "proven",
        ProofStrength::Vacuous => "vacuous",
        ProofStrength::Unproven => "unproven",
        ProofStrength::Excused => "excused",
        ProofStrength::Off => "off",
        ProofStrength::Imported => "imported",
    }
}

/// The reason of a weak proof, or what a proven check does not notice.
fn hint(proof: &Proof) -> String {
    if let Some(reason) = &proof.reason {
        return cut(reason);
    }
    let survived: Vec<_> = fine_survivors(proof)
        .map(|mutant| mutant.words.as_str())
        .collect();
    match survived.as_slice() {
        [] => String::new(),
        [first, rest @ ..] => {
            let more = match rest.len() {
                0 => String::new(),
                n => format!(" (and {n} more)"),
            };
            format!("{}{more}", cut(&format!("when {first}")))
        }
    }
}

fn fine_survivors(proof: &Proof) -> impl Iterator<Item = &MutantRecord> {
    proof
        .mutants
        .iter()
        .filter(|mutant| mutant.fate == Fate::Survived && mutant.strength == Strength::Fine)
}

/// What a check still passes on, a line each.
pub(crate) fn survivors(proof: &Proof) -> Vec<String> {
    let head = format!(
        "  {}: {} fine and {} gross alterations noticed{}",
        word(proof.strength),
        share(proof.fine),
        share(proof.gross),
        proof
            .reason
            .as_ref()
            .map_or_else(String::new, |reason| format!(": {}", cut(reason))),
    );
    let survived =
        fine_survivors(proof).map(|mutant| format!("  still passes when {}", mutant.words));
    std::iter::once(head).chain(survived).collect()
}

/// Every alteration, with the observation that it was made on.
fn explain(finished: &Finished, ui: &mut Ui) {
    ui.line(&finished.trial);
    let Some(proof) = &finished.proof else {
        ui.line("  not a pass: nothing to prove");
        return;
    };
    if let Some(reason) = &proof.reason {
        ui.line(format!("  {}: {}", word(proof.strength), cut(reason)));
    }
    if proof.mutants.is_empty() {
        ui.line("  no alteration was tried");
    }
    for observation in observations(proof) {
        ui.line(format!("  on {observation}"));
        if let Some(evidence) = original(finished, observation) {
            ui.line(format!(
                "    as it was: {}",
                cut(&evidence.value.to_string())
            ));
        }
        let here = proof
            .mutants
            .iter()
            .filter(|m| m.observation == observation);
        // Fine alterations are what proves a pass; they come first.
        let (fine, gross): (Vec<_>, Vec<_>) = here.partition(|m| m.strength == Strength::Fine);
        for mutant in fine.into_iter().chain(gross) {
            ui.line(format!("    {}", told(mutant)));
            if let Some(change) = &mutant.change {
                let side = |side: &Option<String>| cut(side.as_deref().unwrap_or("nothing"));
                let (was, now) = (side(&change.was), side(&change.now));
                ui.line(format!("      {}: {was} -> {now}", cut(&change.at)));
            }
        }
    }
}

/// The observations that were altered, in the order in which they first were.
fn observations(proof: &Proof) -> Vec<&str> {
    let mut seen = Vec::new();
    for mutant in &proof.mutants {
        if !seen.contains(&mutant.observation.as_str()) {
            seen.push(&mutant.observation);
        }
    }
    seen
}

/// One alteration and what the check made of it.
fn told(mutant: &MutantRecord) -> String {
    let fate = match mutant.fate {
        Fate::Killed => "noticed",
        Fate::Survived => "NOT noticed",
        Fate::Diverged => "left the recording",
        Fate::Errored => "ended without a verdict",
        Fate::NotApplied => "could not be applied",
    };
    let gross = match mutant.strength {
        Strength::Fine => "",
        Strength::Gross => " (gross)",
    };
    let said = mutant
        .reason
        .as_ref()
        .map_or_else(String::new, |reason| format!(": {}", cut(reason)));
    format!("{fate}{gross} when {}{said}", mutant.words)
}

fn original<'a>(finished: &'a Finished, observation: &str) -> Option<&'a Evidence> {
    finished
        .evidence
        .iter()
        .find(|evidence| evidence.observation == observation)
}
