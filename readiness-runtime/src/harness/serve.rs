//! `--readiness-serve`: the process that holds the [services](macro@crate::service) of a run.
//!
//! It runs no trial and writes no journal. It prints one line when its services run, and stays until
//! its stdin closes: whoever asked has ended the run, or has died. An interrupt ends it the same
//! way, by its parent: the checks that are being released may still need what it serves.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::process::ExitCode;
use std::sync::Arc;

use super::start::{Refusal, Start};
use super::{notice, panics};
use crate::context::Context;
use crate::document::Located;
use crate::journal::{folder, run_id};
use crate::redact::Redactor;
use crate::run::{ProveSettings, Run};
use crate::service::{self, FORMAT, Service, Serving};

/// Serves; `running` are names of services that the run has already.
pub(crate) fn serve(start: &Start, located: &Located, running: &str) -> Result<ExitCode, Refusal> {
    let mut serving = Serving {
        readiness: FORMAT,
        services: Vec::new(),
        environment: BTreeMap::new(),
    };
    let runs = |service: &Service| running.split(',').any(|name| name == service.name);
    let wanted: Vec<_> = service::all().into_iter().filter(|s| !runs(s)).collect();
    if wanted.is_empty() {
        // Not even a folder is made: whether there is one says whether a run has begun.
        return told(tell(&serving));
    }
    // The parent decides when it is over; where it cannot, the pipe closes.
    let _ = ctrlc::set_handler(|| {});
    let run = open(start, located)?;
    panics::install(&run.redactor, start.site.aborts);
    let mut contexts = Vec::new();
    for service in wanted {
        let cx = Context::for_trial(&run, &format!("service {}", service.name), "");
        contexts.push(cx.clone());
        let started = panics::catch(|| crate::exec::block_on((service.start)(cx)));
        let why = match started {
            Ok(Ok(settings)) => {
                serving.services.push(service.name.to_owned());
                let of = |(key, value): (String, String)| (service::variable(&key), value);
                serving.environment.extend(settings.into_iter().map(of));
                continue;
            }
            Ok(Err(error)) => error.to_string(),
            Err(panic) => panic.message,
        };
        // Each process helps itself then, or says what it lacks.
        let why = run.redactor.text(&why);
        notice::warn(&format!(
            "the service `{}` does not start: {why}",
            service.name
        ));
    }
    let answered = tell(&serving);
    if answered.is_ok() && !serving.services.is_empty() {
        let mut byte = [0_u8; 1];
        while let Ok(1..) = std::io::stdin().read(&mut byte) {}
    }
    for cx in contexts.iter().rev() {
        for problem in cx.release() {
            notice::warn(&run.redactor.text(&problem));
        }
    }
    run.release();
    told(answered)
}

fn told(answered: std::io::Result<()>) -> Result<ExitCode, Refusal> {
    match answered {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) => Err(Refusal(format!("error: nobody can be told: {error}"))),
    }
}

fn open(start: &Start, located: &Located) -> Result<Arc<Run>, Refusal> {
    let root = folder::root(start.site.manifest_dir, start.site.tmp_dir);
    let id = std::env::var(run_id::RUN_ID).unwrap_or_default();
    run_id::check(run_id::RUN_ID, &id)?;
    let folder = folder::create(&root, &id)?;
    let config = Arc::new(located.config.clone());
    let prove = ProveSettings::from_config(&config);
    Ok(Run::new(folder, id, config, Redactor::default(), prove))
}

fn tell(serving: &Serving) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer(&mut out, serving)?;
    out.write_all(b"\n")?;
    out.flush()
}
