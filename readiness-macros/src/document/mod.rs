//! Whether the checklist has the ids that a check is registered for.
//!
//! This is the early, friendly answer. The authority is the same question at the start of the tests
//! and at the merge of their results, because the document may change without a recompilation.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use readiness_checklist::{Checklist, Item};
use syn::{Error, LitStr};

mod cache;
mod locate;

use cache::Cache;
use locate::Located;

/// Longest excerpt of a requirement in a message, in characters.
const EXCERPT: usize = 100;

/// The ids of a document, or why it has none.
type Ids = Result<BTreeSet<Box<str>>, String>;

/// Only ids are kept: the document itself is parsed again in the rare case of an unknown one.
static IDS: Cache<Ids> = Cache::new();

/// Faults of the document that were reported in this process. Every attribute meets the same one,
/// and a person needs to read it once.
static REPORTED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// One error for each id that the document lacks, or one for a document that cannot be read.
pub(crate) fn unknown_ids(ids: &[LitStr]) -> Vec<Error> {
    let Some(first) = ids.first() else {
        return Vec::new();
    };
    let located = match locate::locate() {
        Ok(located) => located,
        Err(message) => return once(first, message),
    };
    let known = match known(&located) {
        Ok(known) => known,
        Err(error) => {
            let shown = shown(&located.document);
            return once(first, format!("cannot read the checklist {shown}: {error}"));
        }
    };
    let known = match &*known {
        Ok(known) => known,
        Err(message) => return once(first, message.clone()),
    };
    ids.iter()
        .filter(|id| !known.contains(id.value().as_str()))
        .map(|id| Error::new(id.span(), unknown(&id.value(), &located)))
        .collect()
}

fn known(located: &Located) -> std::io::Result<Arc<Ids>> {
    let index = |bytes| {
        let checklist = parse(bytes, located)?;
        if checklist.items().is_empty() {
            let shown = shown(&located.document);
            return Err(format!(
                "{shown} has no items: no table with a status column, no box"
            ));
        }
        Ok(checklist
            .items()
            .iter()
            .map(|item| item.id().into())
            .collect())
    };
    IDS.get(&located.document, located.config, index)
}

fn parse(bytes: Vec<u8>, located: &Located) -> Result<Checklist, String> {
    let options = readiness_checklist::Options {
        ids: located.ids().clone(),
        ..Default::default()
    };
    Checklist::parse_with(bytes, &options).map_err(|error| {
        format!(
            "{}:{}: {error}: {}",
            shown(&located.document),
            error.line(),
            error.hint()
        )
    })
}

fn once(at: &LitStr, message: String) -> Vec<Error> {
    let error = Error::new(at.span(), &message);
    let mut reported = REPORTED.lock().unwrap_or_else(PoisonError::into_inner);
    if reported.insert(message) {
        vec![error]
    } else {
        Vec::new()
    }
}

/// What to say of an unknown id: where it was looked for, and what is nearest to it.
fn unknown(id: &str, located: &Located) -> String {
    let shown = shown(&located.document);
    let checklist = std::fs::read(&located.document)
        .ok()
        .and_then(|bytes| parse(bytes, located).ok());
    let mut message = format!("{shown} has no requirement `{}`", id.escape_debug());
    let Some(checklist) = checklist else {
        return message;
    };
    for (n, item) in checklist.nearest(id).into_iter().enumerate() {
        let lead = if n == 0 { "did you mean" } else { "or" };
        message.push_str(&suggestion(lead, &shown, item));
    }
    message
}

fn suggestion(lead: &str, shown: &str, item: &Item) -> String {
    let text: String = item.requirement().escape_debug().collect();
    let mut excerpt: String = text.chars().take(EXCERPT).collect();
    if excerpt.len() < text.len() {
        excerpt.push('…');
    }
    format!(
        "\n{lead} `{}`, {shown}:{}: {excerpt}",
        item.id(),
        item.line()
    )
}

/// A path as the compiler's own messages have it: relative to where the compiler runs.
fn shown(path: &Path) -> String {
    let relative = std::env::current_dir().ok().and_then(|here| {
        let relative = path.strip_prefix(here).ok()?;
        Some(relative.display().to_string())
    });
    relative.unwrap_or_else(|| path.display().to_string())
}
