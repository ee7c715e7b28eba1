//! `cargo readiness report`: journals to document.

use crate::cli::ReportOptions;
use crate::codes::Exit;
use crate::report::{self, Destination};
use crate::ui::Ui;
use crate::workspace::Workspace;
use crate::{documents, journals, summary};

pub(crate) fn run(options: &ReportOptions, ui: &mut Ui) -> anyhow::Result<Exit> {
    let workspace = Workspace::load()?;
    let run = journals::read(options.source.run.as_deref(), workspace.as_ref())?;
    for problem in run.iter().flat_map(journals::Run::problems) {
        ui.diagnostic(&problem);
    }
    let documents = documents::find(&options.source, run.as_ref(), workspace.as_ref())?;
    let destination = match (&options.output, options.check) {
        (Some(output), _) => Destination::File(output.clone()),
        (None, true) => Destination::Check,
        (None, false) => Destination::InPlace {
            run: run.as_ref().map(|run| run.folder.clone()),
        },
    };
    if options.output.is_some() && documents.len() > 1 {
        anyhow::bail!(
            "the run is about {} documents and --output names one file\n  hint: choose one with \
             --checklist",
            documents.len()
        );
    }
    let mut exit = Exit::Met;
    for document in &documents {
        let (judged, written) = report::report(document, &destination, ui)?;
        for line in summary::gate(&judged.gate) {
            ui.line(line);
        }
        exit = exit.max(written);
    }
    Ok(exit)
}
