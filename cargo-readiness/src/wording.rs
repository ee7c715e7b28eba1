//! The earlier wording of a requirement, from the document's history in git. Statements and the
//! ledger keep a hash of the text they are for; what it said is found again where the document was
//! committed with it.

use std::path::Path;
use std::process::{Command, Stdio};

use readiness::assess::text_hash;
use readiness::words;
use readiness_checklist::{Checklist, Item};

use crate::documents::Document;

/// How many versions of the document are looked at, latest first.
const MOST_VERSIONS: usize = 300;

/// Larger versions are not looked at: a checklist of people's making is far smaller.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// What changed between the wording with this hash and the one of now, word by word; none where the
/// old one is nowhere in git.
pub(crate) fn difference(document: &Document, item: &Item, old: &str) -> Option<String> {
    let text = earlier(document, item.id(), old)?;
    Some(words::diff(&text, item.normalized_text()))
}

fn earlier(document: &Document, id: &str, hash: &str) -> Option<String> {
    let path = std::path::absolute(&document.located.path).ok()?;
    let (folder, name) = (path.parent()?, path.file_name()?.to_str()?);
    let count = format!("-n{MOST_VERSIONS}");
    let commits = git(folder, &["log", "--format=%H", &count, "--", name])?;
    let options = document.located.config.checklist_options();
    for commit in String::from_utf8(commits).ok()?.lines() {
        let Some(bytes) = git(folder, &["show", &format!("{commit}:./{name}")]) else {
            continue;
        };
        if bytes.len() > MAX_BYTES {
            continue;
        }
        if let Ok(version) = Checklist::parse_with(bytes, &options)
            && let Some(item) = version.item(id)
            && text_hash(item) == hash
        {
            return Some(item.normalized_text().to_owned());
        }
    }
    None
}

fn git(folder: &Path, arguments: &[&str]) -> Option<Vec<u8>> {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output.status.success().then_some(output.stdout)
}
