//! `cargo readiness run`: build, run, report, decide.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use readiness::assess::Outcome;
use readiness::document;
use readiness::journal::{RunFault, run_id, time};

use crate::cli::{RunOptions, SourceOptions};
use crate::codes::Exit;
use crate::deliver::Deliveries;
use crate::documents;
use crate::execute::{self, Binary, Ended};
use crate::journals::{self, Run, RunPlan, canonical};
use crate::report::{self, Destination, Judged};
use crate::services::Services;
use crate::ui::Ui;
use crate::workspace::{Package, Workspace};

pub(crate) fn run(options: &RunOptions, ui: &mut Ui) -> anyhow::Result<Exit> {
    let deliveries = Deliveries::plan(&options.formats, None)?;
    if deliveries.uses_stdout() {
        ui.leave_stdout();
    }
    let workspace = Workspace::require()?;
    let packages = workspace.select(&options.build.packages)?;
    let binaries = execute::build(&workspace, &packages, &options.build)?;
    let root = journals::root(Some(&workspace)).context("no place for the run's journals")?;
    let run = name()?;
    let folder = root.join(&run);
    let services = Services::start(&binaries, &root, &run, ui);
    let ends = execute::run_all(&binaries, &root, &run, &options.arguments, &services, ui)?;
    if !folder.is_dir() {
        bail!("no test target wrote a journal: there is nothing to report");
    }
    if options.arguments.is_empty() {
        plan(&workspace, &packages).write(&folder)?;
    }
    rerun_in_isolation(&binaries, &root, &run, &services, ui)?;
    drop(services);
    let mut exit = if ends.contains(&Ended::Refused) {
        Exit::Misuse
    } else {
        Exit::Met
    };
    let run = journals::read_folder(folder)?;
    for problem in run.problems() {
        ui.diagnostic(&problem);
    }
    exit = exit.max(report_all(&run, &workspace, &deliveries, ui)?);
    Ok(exit)
}

/// The run's id: the one in the environment, else the time and this process.
fn name() -> anyhow::Result<String> {
    if let Some(given) = std::env::var(run_id::RUN_ID)
        .ok()
        .filter(|id| !id.is_empty())
    {
        run_id::check(run_id::RUN_ID, &given)?;
        return Ok(given);
    }
    let now = time::now();
    let seconds = now.get(..19).unwrap_or(&now).replace(':', "-");
    Ok(format!("{seconds}Z-{}", std::process::id()))
}

/// The documents whose packages all took part.
fn plan(workspace: &Workspace, ran: &[&Package]) -> RunPlan {
    let document = |package: &Package| {
        let located = document::find(&package.dir).ok()?;
        Some(canonical(&located.path))
    };
    let mut complete: BTreeSet<PathBuf> = ran.iter().copied().filter_map(document).collect();
    for package in workspace.packages.iter().filter(|p| p.has_harness()) {
        if ran.iter().all(|other| other.name != package.name)
            && let Some(path) = document(package)
        {
            complete.remove(&path);
        }
    }
    RunPlan {
        complete: complete.into_iter().collect(),
    }
}

/// A process that died with several trials in flight does not say which of them killed it: they are
/// run again, each in a process of its own.
fn rerun_in_isolation(
    binaries: &[Binary],
    root: &Path,
    run: &str,
    services: &Services,
    ui: &mut Ui,
) -> anyhow::Result<()> {
    let before = journals::read_folder(root.join(run))?;
    let mut suspects: BTreeSet<(String, String)> = BTreeSet::new();
    for fault in before.journals.faults() {
        if let RunFault::DiedWithSeveral { process, trials } = fault {
            let package = before
                .journals
                .processes()
                .find(|known| known.header().process == process)
                .map(|known| known.header().package.clone())
                .unwrap_or_default();
            suspects.extend(trials.into_iter().map(|trial| (package.clone(), trial)));
        }
    }
    for binary in binaries {
        let trials: Vec<_> = suspects
            .iter()
            .filter(|(package, _)| *package == binary.package)
            .map(|(_, trial)| trial.clone())
            .collect();
        if trials.is_empty() {
            continue;
        }
        ui.progress(format!(
            "{} of {} died with {} trials in flight: running them one by one",
            binary.target,
            binary.package,
            trials.len()
        ));
        let mut arguments = vec!["--isolate".to_owned(), "--exact".to_owned()];
        arguments.extend(trials);
        binary.run(root, run, &arguments, services, ui)?;
    }
    Ok(())
}

fn report_all(
    run: &Run,
    workspace: &Workspace,
    deliveries: &Deliveries,
    ui: &mut Ui,
) -> anyhow::Result<Exit> {
    let documents = documents::find(&SourceOptions::default(), Some(run), Some(workspace))?;
    let destination = Destination::InPlace {
        run: Some(run.folder.clone()),
    };
    let judged = report::each(&documents, &destination, deliveries, ui)?;
    let exits = judged
        .iter()
        .map(|(judged, exit)| decide(judged).max(*exit));
    Ok(exits.max().unwrap_or(Exit::Met))
}

/// A real target is judged by the gate; a demonstration by its checks alone.
fn decide(judged: &Judged) -> Exit {
    let assessment = &judged.assessment;
    if !assessment.demonstration {
        return if judged.gate.met {
            Exit::Met
        } else {
            Exit::NotMet
        };
    }
    let failed = assessment.counts.of(Outcome::Failed) > 0 || !assessment.faults.is_empty();
    // Nothing examined is never a pass, not of a run either.
    if failed || !assessment.has_results() {
        Exit::CheckFailed
    } else {
        Exit::Met
    }
}
