//! Sign-offs of a document: the roles there are, what is on file for each, and what it is worth.
//!
//! ```text
//! readiness.signatures/
//!   engineering-lead.txt        the statement that was signed
//!   engineering-lead.txt.sig    -----BEGIN SSH SIGNATURE----- …
//! ```
//!
//! A pair of files for each role, as `ssh-keygen -Y sign` and `verify` have them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use readiness::config::date;
use readiness::diagnostic::{Code, Diagnostic};
use readiness::ledger::LedgerState;
use readiness::signoff::{FOLDER, SignOff, Standing, State, StateInputs, file_stem, role_of_box};
use readiness_checklist::Checklist;

use crate::documents::Document;

pub(crate) mod allowed;
mod check;
pub(crate) mod key;

use allowed::Signers;
use check::{Against, OnFile};

/// No statement of ours is larger: some hundred thousand items.
const MAX_STATEMENT: u64 = 64 * 1024 * 1024;

/// No signature is larger: an RSA key of 16,384 bits makes one of some 6 KiB.
const MAX_SIGNATURE: u64 = 64 * 1024;

/// How many changes are named; the rest is counted.
const MOST_CHANGES: usize = 8;

/// What a document's sign-offs come to.
#[derive(Debug)]
pub(crate) struct SignOffs {
    /// By the order of the boxes, then those that only the configuration names.
    pub(crate) all: Vec<SignOff>,
    /// What the files say now.
    pub(crate) state: State,
    /// What is wrong with the signers' file.
    pub(crate) found: Vec<Diagnostic>,
}

/// A role of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Role {
    /// Its name.
    pub(crate) name: String,
    /// The boxes of this role: index among the document's.
    pub(crate) boxes: Vec<usize>,
}

/// The roles of the boxes, then those that the gate names and no box has.
pub(crate) fn roles(document: &Document) -> Vec<Role> {
    let mut roles: Vec<Role> = Vec::new();
    for (index, sign_off) in document.located.checklist.sign_offs().iter().enumerate() {
        let name = role_of_box(sign_off.text());
        match roles.iter_mut().find(|role| role.name == name) {
            Some(role) => role.boxes.push(index),
            None => roles.push(Role {
                name: name.to_owned(),
                boxes: vec![index],
            }),
        }
    }
    for name in &document.located.config.rules.gate.sign_offs {
        if !name.ends_with('*') && roles.iter().all(|role| role.name != *name) {
            roles.push(Role {
                name: name.clone(),
                boxes: Vec::new(),
            });
        }
    }
    roles
}

/// Where the signers' keys are: named, configured, or beside the configuration or the checklist.
pub(crate) fn signers_path(document: &Document, named: Option<&Path>) -> PathBuf {
    if let Some(named) = named {
        return named.to_path_buf();
    }
    let config = &document.located.config;
    let beside = config.path.as_ref().unwrap_or(&document.located.path);
    let name = config.rules.sign_off.allowed_signers.as_deref();
    beside.with_file_name(name.unwrap_or(Path::new(allowed::FILE_NAME)))
}

/// The files of a role: the statement and its signature.
pub(crate) fn paths(document: &Document, role: &str) -> (PathBuf, PathBuf) {
    let folder = document.located.path.with_file_name(FOLDER);
    let stem = file_stem(role);
    (
        folder.join(format!("{stem}.txt")),
        folder.join(format!("{stem}.txt.sig")),
    )
}

/// What the files say now.
pub(crate) fn state(document: &Document, checklist: &Checklist, ledger: &LedgerState) -> State {
    let (state, _) = State::of(&StateInputs {
        checklist,
        path: &document.located.path,
        config: &document.located.config,
        ledger,
        today: date::today(),
    });
    state
}

/// Holds every signature on file against what a document and a ledger say.
pub(crate) fn judge(
    document: &Document,
    checklist: &Checklist,
    ledger: &LedgerState,
    signers: Option<&Path>,
) -> anyhow::Result<SignOffs> {
    let roles = roles(document);
    if roles.is_empty() {
        return Ok(SignOffs {
            all: Vec::new(),
            state: State::default(),
            found: Vec::new(),
        });
    }
    let signers = Signers::read(&signers_path(document, signers))?;
    let state = state(document, checklist, ledger);
    let against = |role| Against {
        role,
        state: &state,
        signers: &signers,
        config: &document.located.config.rules.sign_off,
        now: Timestamp::now(),
    };
    let mut all = Vec::new();
    let twice = twice(&roles);
    for role in &roles {
        let standing = match on_file(document, &role.name) {
            Ok(None) => Standing::Unsigned,
            Ok(Some(_)) if role.boxes.len() > 1 || twice.contains(&file_stem(&role.name)) => {
                Standing::Refused {
                    why: "several boxes are of this role".to_owned(),
                }
            }
            Ok(Some((text, signature))) => {
                let on_file = OnFile {
                    text: &text,
                    signature: &signature,
                };
                check::standing(on_file, &against(&role.name))
            }
            Err(why) => Standing::Refused { why },
        };
        all.extend(spread(checklist, role, &standing));
    }
    // A file of signers that nothing was held against is nobody's concern.
    let asked = all
        .iter()
        .any(|sign_off| sign_off.standing != Standing::Unsigned);
    let found = if asked { signers.found } else { Vec::new() };
    Ok(SignOffs { all, state, found })
}

/// How a signature would stand against what the files say now.
pub(crate) fn hold(
    document: &Document,
    role: &str,
    (text, signature): (&[u8], &[u8]),
    signers: &Signers,
) -> Standing {
    let against = Against {
        role,
        state: &state(document, &document.located.checklist, &document.ledger),
        signers,
        config: &document.located.config.rules.sign_off,
        now: Timestamp::now(),
    };
    check::standing(OnFile { text, signature }, &against)
}

/// File names that more than one role would have.
fn twice(roles: &[Role]) -> BTreeSet<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for role in roles {
        *counts.entry(file_stem(&role.name)).or_default() += 1;
    }
    counts.retain(|_, count| *count > 1);
    counts.into_keys().collect()
}

/// One entry for each box of a role, or one without a box.
fn spread(checklist: &Checklist, role: &Role, standing: &Standing) -> Vec<SignOff> {
    let sign_off = |text: Option<&str>, line, ticked| SignOff {
        role: role.name.clone(),
        text: text.map(str::to_owned),
        line,
        ticked,
        standing: standing.clone(),
    };
    if role.boxes.is_empty() {
        return vec![sign_off(None, None, false)];
    }
    let boxes = role
        .boxes
        .iter()
        .filter_map(|&index| checklist.sign_offs().get(index));
    boxes
        .map(|b| sign_off(Some(b.text()), Some(b.line()), b.ticked()))
        .collect()
}

type Pair = (Vec<u8>, Vec<u8>);

/// What is on file for a role; an error is a reason to refuse it.
fn on_file(document: &Document, role: &str) -> Result<Option<Pair>, String> {
    let (statement, signature) = paths(document, role);
    match (
        read(&statement, MAX_STATEMENT)?,
        read(&signature, MAX_SIGNATURE)?,
    ) {
        (None, None) => Ok(None),
        (Some(text), Some(signature)) => Ok(Some((text, signature))),
        (Some(_), None) => Err("there is a statement and no signature".to_owned()),
        (None, Some(_)) => Err("there is a signature and no statement".to_owned()),
    }
}

fn read(path: &Path, most: u64) -> Result<Option<Vec<u8>>, String> {
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("{} cannot be read ({error})", path.display())),
    };
    let mut bytes = Vec::new();
    match file.take(most + 1).read_to_end(&mut bytes) {
        Ok(_) if bytes.len() as u64 > most => {
            Err(format!("{} is larger than {most} bytes", path.display()))
        }
        Ok(_) => Ok(Some(bytes)),
        Err(error) => Err(format!("{} cannot be read ({error})", path.display())),
    }
}

/// What there is to report: signatures that do not hold, and boxes that are ticked by hand.
pub(crate) fn diagnostics(document: &Document, sign_offs: &SignOffs) -> Vec<Diagnostic> {
    let mut found = sign_offs.found.clone();
    for sign_off in &sign_offs.all {
        let role = &sign_off.role;
        let (statement, _) = paths(document, role);
        let about_box = |code, message: String, hint: &str| {
            let mut found = Diagnostic::new(code, &document.located.path, message)
                .about(role)
                .hint(hint);
            found.line = sign_off.line;
            found
        };
        found.extend(match &sign_off.standing {
            Standing::Refused { why } => Some(
                Diagnostic::new(
                    Code::SignOffRefused,
                    &statement,
                    format!("the signature is refused: {why}"),
                )
                .about(role)
                .hint("it counts for nothing; whoever is of this role signs again"),
            ),
            Standing::Changed {
                signer,
                at,
                changes,
            } => Some(about_box(
                Code::SignOffChanged,
                format!(
                    "signed by {signer} on {at}, and changed since: {}",
                    some(changes).join("; ")
                ),
                "read what changed, then sign again",
            )),
            Standing::Unsigned if sign_off.is_claimed() => Some(about_box(
                Code::SignOffClaimed,
                "ticked by hand, with no signature behind it: left as it is".to_owned(),
                "`cargo readiness sign` ticks it with one",
            )),
            _ => None,
        });
    }
    found
}

/// The first few changes, and how many more there are.
pub(crate) fn some(changes: &[String]) -> Vec<String> {
    let mut shown: Vec<_> = changes
        .iter()
        .take(MOST_CHANGES)
        .map(|c| crate::summary::cut(c))
        .collect();
    if changes.len() > MOST_CHANGES {
        shown.push(format!("and {} more", changes.len() - MOST_CHANGES));
    }
    shown
}
