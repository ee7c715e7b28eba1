//! `cargo readiness report`: journals to document, or to reports in other formats.

use anyhow::bail;
use readiness::assess::{NotAccepted, nearest_hint};
use readiness_checklist::Item;

use crate::cli::ReportOptions;
use crate::codes::Exit;
use crate::deliver::Deliveries;
use crate::documents::Document;
use crate::report::{self, Destination};
use crate::ui::Ui;
use crate::workspace::Workspace;
use crate::{documents, journals};

pub(crate) fn run(options: &ReportOptions, ui: &mut Ui) -> anyhow::Result<Exit> {
    let deliveries = Deliveries::plan(&options.formats, options.output.as_deref())?;
    if deliveries.uses_stdout() {
        ui.leave_stdout();
    }
    let workspace = Workspace::load()?;
    let run = journals::read(options.source.run.as_deref(), workspace.as_ref())?;
    for problem in run.iter().flat_map(journals::Run::problems) {
        ui.diagnostic(&problem);
    }
    let mut documents = documents::find(&options.source, run.as_ref(), workspace.as_ref())?;
    accept(&options.accept, &mut documents, ui)?;
    let destination = match (&options.output, options.check) {
        // Reports alone: the document is for `report` without formats.
        _ if !deliveries.is_empty() => Destination::Nowhere,
        (Some(output), _) => Destination::File(output.clone()),
        (None, true) => Destination::Check,
        (None, false) => Destination::InPlace {
            run: run.as_ref().map(|run| run.folder.clone()),
        },
    };
    if matches!(destination, Destination::File(_)) && documents.len() > 1 {
        anyhow::bail!(
            "the run is about {} documents and --output names one file\n  hint: choose one with \
             --checklist",
            documents.len()
        );
    }
    let judged = report::each(&documents, &destination, &deliveries, ui)?;
    let exits = judged.iter().map(|(_, exit)| *exit);
    Ok(exits.max().unwrap_or(Exit::Met))
}

/// Notes whose typed statuses give way to ours.
fn accept(ids: &[String], documents: &mut [Document], ui: &mut Ui) -> anyhow::Result<()> {
    for id in ids {
        let has = |document: &&mut Document| document.located.checklist.item(id).is_some();
        let known = documents
            .first()
            .map(|document| nearest_hint(&document.located.checklist, id));
        let Some(document) = documents.iter_mut().find(has) else {
            bail!(
                "--accept {id}: no item has this id\n  hint: {}",
                known.unwrap_or_default()
            );
        };
        let mut assessment = document.assess();
        match assessment.accept(id) {
            Ok(()) => {}
            Err(NotAccepted::NotTyped) => bail!(
                "--accept {id}: nobody typed a status there: it is empty, or ours already\n  hint: \
                 leave the option out"
            ),
            Err(NotAccepted::Collides | NotAccepted::Unknown) => bail!(
                "--accept {id}: several items derive this id\n  hint: `cargo readiness adopt` gives \
                 them ids of their own"
            ),
        }
        let typed = document
            .located
            .checklist
            .item(id)
            .map_or("", Item::state_text);
        let ours = assessment.items.iter().find(|item| item.id == *id);
        let ours = ours.map(|item| item.resolved.outcome);
        if let Some(ours) = ours {
            ui.line(format!(
                "{id}: `{typed}` was typed; {} ({ours}) takes its place",
                ours.status()
            ));
        }
        document.accepted.push(id.clone());
    }
    Ok(())
}
