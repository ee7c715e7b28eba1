//! Opens this process's part of a run: the folder, the run id, the journal with its header and the
//! registered trials, the redactor and what all trials share.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::plan;
use super::start::{Refusal, Start};
use crate::digest::{hex, sha256};
use crate::document::Located;
use crate::journal::line::{InfoLine, RegisteredLine};
use crate::journal::process::Process;
use crate::journal::record::{FORMAT, Header, Record, Registered, Target};
use crate::journal::writer::Journal;
use crate::journal::{commit, folder, run_id, time};
use crate::redact::Redactor;
use crate::run::{ProveSettings, Run};

/// What [`open`] opened.
pub(crate) struct Opened {
    /// The folder of all runs.
    pub(crate) root: PathBuf,
    pub(crate) run: Arc<Run>,
    pub(crate) journal: Journal,
    /// This executable.
    pub(crate) exe: PathBuf,
    /// Begins the tokens of isolated children.
    pub(crate) token: String,
}

/// Opens.
pub(crate) fn open(start: &Start, located: &Located) -> Result<Opened, Refusal> {
    let site = start.site;
    let own = Process::own();
    let root = folder::root(site.manifest_dir, site.tmp_dir);
    let child = start.args.readiness_child.as_deref();
    let id = match child {
        // A child is a descendant of its run on purpose.
        Some(_) => std::env::var(run_id::RUN_ID).unwrap_or_default(),
        None => run_id::of_this_process(&root, &own, exact(start))?,
    };
    run_id::check(run_id::RUN_ID, &id)?;
    let folder = folder::create(&root, &id)?;
    let run = Run::new(
        folder.clone(),
        id.clone(),
        Arc::new(located.config.clone()),
        Redactor::default(),
        ProveSettings::from_config(&located.config),
    );
    let process = match child {
        Some(token) => {
            run_id::check("--readiness-child", token)?;
            run_id::with_token(&own, token)
        }
        None => run_id::process_name(&own),
    };
    let header = Header {
        format: FORMAT,
        run: id,
        process: process.clone(),
        package: site.package.to_owned(),
        manifest_dir: site.manifest_dir.to_owned(),
        checklist: located.path.display().to_string(),
        target: Target::of(&run.target),
        at: time::now(),
        commit: commit::of(Path::new(site.manifest_dir)),
        shard: start.sharding.shard.map(|shard| (shard.index, shard.total)),
        config_digest: Some(config_digest(&run)),
        import: None,
    };
    let journal = Journal::create(&folder, header.clone())?;
    register(start, &folder, &header, &journal)?;
    let exe = std::env::current_exe()
        .map_err(|error| Refusal(format!("error: this executable cannot be found: {error}")))?;
    let token = process.rsplit('-').next().unwrap_or_default().to_owned();
    Ok(Opened {
        root,
        run,
        journal,
        exe,
        token,
    })
}

/// The one trial that this process was asked for.
fn exact(start: &Start) -> Option<&str> {
    match start.args.filters.as_slice() {
        [name] if start.args.exact => Some(name),
        _ => None,
    }
}

/// Records the trials of this target. A process that runs one of them records that one, and the
/// first such process of the run records all of them beside it: N processes that each list N trials
/// would make a run quadratic.
fn register(
    start: &Start,
    folder: &Path,
    header: &Header,
    journal: &Journal,
) -> Result<(), Refusal> {
    let refused = |error: crate::journal::writer::NotWritten| Refusal(format!("error: {error}"));
    let one = start.one_process_per_trial();
    let heeds_ignore = start.args.heeds_ignore();
    let by_name = plan::by_name(&start.trials);
    let listed = by_name.iter().map(|&at| &start.trials[at]);
    let listed = listed.filter(|trial| trial.selected || !one);
    let mut list = RegisteredLine::default();
    for trial in listed {
        list.push(&InfoLine {
            trial: trial.written_name(),
            id: trial.written_id(),
            selected: trial.selected,
            ignored: trial.ignored().filter(|_| heeds_ignore),
            digest: trial.written_digest(),
            source: &trial.source(),
        });
    }
    journal.registered(list).map_err(refused)?;
    if !one {
        return Ok(());
    }
    // The parent of a child has listed everything.
    if start.args.readiness_child.is_none() {
        list_once(start, folder, header)?;
    }
    Ok(())
}

/// Writes the whole registry of this executable into the run, if nobody has yet.
fn list_once(start: &Start, folder: &Path, header: &Header) -> Result<(), Refusal> {
    let exe = std::env::current_exe().unwrap_or_default();
    let hash = hex(&sha256(exe.as_os_str().as_encoded_bytes())[..6]);
    let name = format!("registered-{hash}");
    if folder.join(format!("{name}.jsonl")).exists() {
        return Ok(());
    }
    let trials = plan::by_name(&start.trials);
    let trials = trials.into_iter().map(|at| {
        let mut info = start.trials[at].info(true);
        info.selected = false;
        info
    });
    let trials = trials.collect();
    // Made under a name that is not read, then renamed: it is there whole or not at all, and of two
    // that make it at once either is right.
    let unfinished = folder.join(".unfinished");
    let made = std::fs::create_dir_all(&unfinished).map_err(|source| {
        crate::journal::JournalError::ReadOnly {
            path: unfinished.clone(),
            source,
        }
    });
    made?;
    let listing = Header {
        process: name.clone(),
        ..header.clone()
    };
    let path = unfinished.join(&header.process);
    let lines = [
        Record::Header(listing),
        Record::Registered(Registered { trials }),
    ];
    let mut text = String::new();
    for line in &lines {
        let json = serde_json::to_string(line)
            .map_err(|error| Refusal(format!("error: the registry cannot be listed: {error}")))?;
        text.push_str(&json);
        text.push('\n');
    }
    std::fs::write(&path, text)
        .and_then(|()| std::fs::rename(&path, folder.join(format!("{name}.jsonl"))))
        .map_err(|source| crate::journal::JournalError::ReadOnly { path, source })?;
    Ok(())
}

/// Digest over what can change a verdict: the target's table without its addresses, which may change
/// under one logical name, and without its version, which is compared by itself.
fn config_digest(run: &Run) -> String {
    let mut table = run.target.clone();
    table.retain(|key, _| key != "url" && key != "version" && !key.ends_with("_url"));
    let text = serde_json::to_string(&table).unwrap_or_default();
    hex(&sha256(text.as_bytes()))
}
