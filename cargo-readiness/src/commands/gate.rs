//! `cargo readiness gate`: the decision on the results there are.

use crate::cli::GateOptions;
use crate::codes::Exit;
use crate::report::{self, Destination};
use crate::ui::Ui;
use crate::workspace::Workspace;
use crate::{documents, journals, summary};

pub(crate) fn run(options: &GateOptions, ui: &mut Ui) -> anyhow::Result<Exit> {
    let workspace = Workspace::load()?;
    let run = journals::read(options.source.run.as_deref(), workspace.as_ref())?;
    for problem in run.iter().flat_map(journals::Run::problems) {
        ui.diagnostic(&problem);
    }
    let mut exit = Exit::Met;
    for document in documents::find(&options.source, run.as_ref(), workspace.as_ref())? {
        let (judged, found) = report::report(&document, &Destination::Nowhere, ui)?;
        for line in summary::gate(&judged.gate) {
            ui.line(line);
        }
        let decision = if judged.gate.met {
            Exit::Met
        } else {
            Exit::NotMet
        };
        exit = exit.max(found).max(decision);
    }
    Ok(exit)
}
