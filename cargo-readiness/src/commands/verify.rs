//! `cargo readiness verify`: who signed off what the files say now; for CI, and for strangers with a
//! clone. Nothing is run, nothing is written, no other program is needed.

use anyhow::bail;
use readiness::signoff::{FOLDER, SignOff, Standing, file_stem};

use crate::cli::VerifyOptions;
use crate::codes::Exit;
use crate::documents::{self, Document, shown};
use crate::signoff;
use crate::ui::Ui;
use crate::workspace::Workspace;

pub(crate) fn run(options: &VerifyOptions, ui: &mut Ui) -> anyhow::Result<Exit> {
    let workspace = Workspace::load()?;
    let mut exit = Exit::Met;
    let mut asked = 0;
    let documents = documents::find(&options.source, None, workspace.as_ref())?;
    for document in &documents {
        let (count, found) = verify(options, document, ui)?;
        asked += count;
        exit = exit.max(found);
    }
    // Nothing examined is never a pass.
    if asked == 0 {
        match options.roles.as_slice() {
            [] => bail!("there is nothing to verify: no document has sign-off boxes"),
            roles => bail!("no sign-off box is for {}", roles.join(", ")),
        }
    }
    Ok(exit)
}

/// How many sign-offs were asked for, and whether they hold.
fn verify(
    options: &VerifyOptions,
    document: &Document,
    ui: &mut Ui,
) -> anyhow::Result<(usize, Exit)> {
    let located = &document.located;
    let signers = options.allowed_signers.as_deref();
    let sign_offs = signoff::judge(document, &located.checklist, &document.ledger, signers)?;
    if sign_offs.all.is_empty() {
        return Ok((0, Exit::Met));
    }
    ui.line(format!(
        "{}: state sha256:{}",
        document.name(),
        sign_offs.state.digest()
    ));
    for found in &sign_offs.found {
        ui.diagnostic(found);
    }
    let mut exit = Exit::Met;
    let mut asked = 0;
    for sign_off in &sign_offs.all {
        if !is_named(options, sign_off) {
            continue;
        }
        for line in told(sign_off) {
            ui.line(line);
        }
        if is_asked(options, document, sign_off) {
            asked += 1;
            if !sign_off.holds() {
                exit = Exit::NotMet;
            }
        }
    }
    for stray in strays(document, &sign_offs.all) {
        ui.line(format!(
            "  {stray}: no sign-off box is of this role; it counts for nothing"
        ));
    }
    Ok((asked, exit))
}

fn is_named(options: &VerifyOptions, sign_off: &SignOff) -> bool {
    let alike = |name: &String| name.eq_ignore_ascii_case(&sign_off.role);
    options.roles.is_empty() || options.roles.iter().any(alike)
}

/// The roles that were named, else those that the gate asks for, else all.
fn is_asked(options: &VerifyOptions, document: &Document, sign_off: &SignOff) -> bool {
    let patterns = &document.located.config.rules.gate.sign_offs;
    !options.roles.is_empty()
        || patterns.is_empty()
        || patterns
            .iter()
            .any(|pattern| readiness::assess::gate::matches(pattern, &sign_off.role))
}

fn told(sign_off: &SignOff) -> Vec<String> {
    let role = &sign_off.role;
    match &sign_off.standing {
        Standing::Holds { signer, at, key } => {
            let unticked = sign_off.text.is_some() && !sign_off.ticked;
            let note = if unticked {
                "; its box is not ticked yet: `cargo readiness report`"
            } else {
                ""
            };
            vec![format!("  holds    {role}: {signer}, {at}, {key}{note}")]
        }
        Standing::Changed {
            signer,
            at,
            changes,
        } => {
            let title = format!("  changed  {role}: signed by {signer}, {at}; since then");
            let changes = signoff::some(changes)
                .into_iter()
                .map(|change| format!("             {change}"));
            std::iter::once(title).chain(changes).collect()
        }
        Standing::Refused { why } => vec![format!("  refused  {role}: {why}")],
        Standing::Unsigned if sign_off.ticked => {
            vec![format!(
                "  claimed  {role}: ticked by hand, with no signature behind it"
            )]
        }
        Standing::Unsigned => vec![format!("  open     {role}")],
    }
}

/// Statements of roles that the document does not have.
fn strays(document: &Document, known: &[SignOff]) -> Vec<String> {
    let folder = document.located.path.with_file_name(FOLDER);
    let known: Vec<_> = known
        .iter()
        .map(|sign_off| format!("{}.txt", file_stem(&sign_off.role)))
        .collect();
    let mut strays: Vec<_> = std::fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.strip_suffix(".txt").is_some() && !known.contains(name))
        .map(|name| shown(&folder.join(name)))
        .collect();
    strays.sort();
    strays.truncate(20);
    strays
}
