//! `cargo readiness sign ROLE`: one person signs, with an SSH key, what the files say now.
//!
//! What is signed is made from the committed files alone. A document that does not show yet what is
//! known is not signed: the next report would change it and take the signature away.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use jiff::Timestamp;
use readiness::assess::gate;
use readiness::diagnostic::{Code, nearest};
use readiness::document::{WriteLock, write_atomically};
use readiness::signoff::{NAMESPACE, Standing, State, StateInputs, Statement};
use readiness_checklist::Update;

use crate::ask::{Unasked, agreed};
use crate::cli::SignOptions;
use crate::codes::Exit;
use crate::commands::people;
use crate::documents::{Document, shown};
use crate::report;
use crate::signoff::allowed::Signers;
use crate::signoff::key::{self, Key};
use crate::signoff::{self, Role};
use crate::summary;
use crate::ui::Ui;

pub(crate) fn run(options: &SignOptions, ui: &mut Ui) -> anyhow::Result<Exit> {
    let document = people::the_document(&options.place)?;
    let role = role(&document, &options.role)?;
    refuse_unfit(&document)?;
    refuse_taken(&document, &role)?;
    let signers_path = signoff::signers_path(&document, options.allowed_signers.as_deref());
    let signers = Signers::read(&signers_path)?;
    for found in &signers.found {
        ui.diagnostic(found);
    }
    let key = Key::open(&key_path(options)?)?;
    let signer = signer(options, &key, &signers)?;
    let state = show(&document, &role, ui);
    ui.line(format!("signing as {signer} with {}", shown(key.path())));
    if options.place.dry_run {
        ui.line("nothing signed (--dry-run)");
        return Ok(Exit::Met);
    }
    ui.flush();
    if !agreed(options.place.yes, Unasked::GoOn, "sign it? [y/N] ")? {
        ui.line("nothing signed");
        return Ok(Exit::Met);
    }
    let statement = Statement {
        role: role.name.clone(),
        signer,
        at: now(),
        state,
    };
    let text = statement.to_text();
    let signature = key.sign(text.as_bytes())?;
    prove(&document, &role, &text, &signature, &signers)?;
    write(
        options,
        &document,
        &role,
        (&text, &signature),
        &statement.state,
    )?;
    let (path, _) = signoff::paths(&document, &role.name);
    ui.line(format!("signed: {}", shown(&path)));
    ui.line(format!(
        "anybody can verify it: cargo readiness verify, or ssh-keygen -Y verify -f {} -I {} -n {NAMESPACE} -s {}.sig < {}",
        shown(&signers_path),
        statement.signer,
        shown(&path),
        shown(&path),
    ));
    Ok(Exit::Met)
}

/// The role that is meant: by name, in any case.
fn role(document: &Document, name: &str) -> anyhow::Result<Role> {
    let roles = signoff::roles(document);
    if roles.is_empty() {
        bail!(
            "{} has no sign-off boxes\n  hint: a section `## Sign-off` with boxes: - [ ] Engineering Lead",
            document.name()
        );
    }
    let exact = roles.iter().find(|role| role.name == name);
    let mut alike = roles
        .iter()
        .filter(|role| role.name.eq_ignore_ascii_case(name));
    let found = exact.or_else(|| alike.next().filter(|_| alike.next().is_none()));
    let Some(found) = found else {
        let names: Vec<_> = roles.iter().map(|role| role.name.as_str()).collect();
        let hint = match nearest(name, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", names.join(", ")),
        };
        bail!(
            "no sign-off box of {} is for `{name}`\n  hint: {hint}",
            document.name()
        );
    };
    let twins = roles
        .iter()
        .filter(|role| role.name.eq_ignore_ascii_case(&found.name))
        .count();
    if found.boxes.len() > 1 || twins > 1 {
        bail!(
            "several sign-off boxes of {} are for `{}`: a signature could not tell which is meant\n  \
             hint: name the roles differently",
            document.name(),
            found.name
        );
    }
    Ok(found.clone())
}

/// What nobody should sign.
fn refuse_unfit(document: &Document) -> anyhow::Result<()> {
    if document.located.checklist.has_file_error() {
        bail!(
            "{} has faults because of which nothing of it may be written\n  hint: `cargo readiness check` names them",
            document.name()
        );
    }
    let assessment = document.assess();
    if assessment.demonstration {
        bail!(
            "the target is the embedded one: a demonstration, which nobody can sign off\n  \
             hint: [target] kind = \"remote\" names what is to go live"
        );
    }
    let unknown = assessment
        .diagnostics
        .iter()
        .any(|d| d.code == Code::ResultIdUnknown);
    let plan = assessment.plan(&document.ledger);
    let (after, ledger) = report::afterwards(document, &plan)?;
    let now = signoff::state(document, &document.located.checklist, &document.ledger);
    if unknown || signoff::state(document, &after, &ledger) != now {
        bail!(
            "{} does not show yet what is known: it would be signed unseen, and for nothing\n  \
             hint: `cargo readiness report` writes it",
            document.name()
        );
    }
    Ok(())
}

/// Two checklists of one folder would take each other's signatures.
fn refuse_taken(document: &Document, role: &Role) -> anyhow::Result<()> {
    let (path, _) = signoff::paths(document, &role.name);
    let signed = std::fs::read_to_string(&path).ok();
    let Some(signed) = signed.and_then(|text| Statement::parse(&text).ok()) else {
        return Ok(());
    };
    let ours = document
        .located
        .path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    let theirs = signed
        .state
        .facts("checklist")
        .and_then(|facts| facts.get("file"));
    match theirs {
        Some(theirs) if *theirs != ours => bail!(
            "{} is the signature of {theirs}, in the same folder\n  hint: give each checklist a folder of its \
             own, or delete it if {theirs} was renamed",
            shown(&path)
        ),
        _ => Ok(()),
    }
}

fn key_path(options: &SignOptions) -> anyhow::Result<PathBuf> {
    options
        .key
        .clone()
        .or_else(key::default_path)
        .context("no SSH key found\n  hint: name one with --key; ssh-keygen -t ed25519 makes one")
}

/// Who signs: as given, as the signers' file knows the key, or as git knows the person. Whoever it
/// is has to be allowed before anything is signed, as far as the files tell the key.
fn signer(options: &SignOptions, key: &Key, signers: &Signers) -> anyhow::Result<String> {
    let known = key
        .public()
        .and_then(|public| signers.identity(public.key_data()));
    let signer = options
        .signer
        .clone()
        .or_else(|| known.map(str::to_owned))
        .or_else(|| key::git_config(&["user.email"]))
        .context("who signs?\n  hint: --as ann@example.com")?;
    if let Some(public) = key.public()
        && let Err(why) = signers.allow(public.key_data(), &signer, &[Timestamp::now()])
    {
        // The comment is left out: it is the owner's own note.
        let mut line = public.clone();
        line.set_comment("");
        let line = line.to_openssh().unwrap_or_default();
        let advice = if signers.present {
            "if it may, add the line"
        } else {
            "if it may, write that file with the line"
        };
        bail!(
            "{signer} may not sign with {}: {why}\n  hint: {advice}: {signer} namespaces=\"{NAMESPACE}\" {}",
            shown(key.path()),
            line.trim_end()
        );
    }
    Ok(signer)
}

/// Shows what is about to be signed.
fn show(document: &Document, role: &Role, ui: &mut Ui) -> State {
    let (state, assessment) = State::of(&StateInputs {
        checklist: &document.located.checklist,
        path: &document.located.path,
        config: &document.located.config,
        ledger: &document.ledger,
        today: readiness::config::date::today(),
    });
    let stated = document.located.checklist.minimum_score();
    let gate = gate::judge_results(&assessment, &document.located.config, stated);
    ui.line(format!("{}, for {}", role.name, document.name()));
    ui.line(assessment.counts.strength());
    ui.line(format!("score {}", assessment.score()));
    for line in summary::gate(&gate) {
        ui.line(line);
    }
    ui.line(format!("state sha256:{}", state.digest()));
    state
}

/// Whole seconds: a statement says when, not how precisely somebody's clock counts.
fn now() -> String {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second())
        .unwrap_or(now)
        .to_string()
}

/// A signature that would not hold is not written.
fn prove(
    document: &Document,
    role: &Role,
    text: &str,
    signature: &str,
    signers: &Signers,
) -> anyhow::Result<()> {
    match signoff::hold(
        document,
        &role.name,
        (text.as_bytes(), signature.as_bytes()),
        signers,
    ) {
        Standing::Holds { .. } => Ok(()),
        Standing::Refused { why } => {
            bail!("nothing written: the signature would be refused: {why}")
        }
        Standing::Changed { .. } | Standing::Unsigned => bail!(CHANGED),
    }
}

const CHANGED: &str = "nothing written: the files changed meanwhile\n  hint: sign again";

/// Writes statement and signature and ticks the box, if the files still say what was signed.
fn write(
    options: &SignOptions,
    document: &Document,
    role: &Role,
    (text, signature): (&str, &str),
    state: &State,
) -> anyhow::Result<()> {
    let lock = WriteLock::acquire(&document.located.path)?;
    let now = people::the_document(&options.place)?;
    if signoff::state(&now, &now.located.checklist, &now.ledger) != *state {
        bail!(CHANGED);
    }
    let (statement_path, signature_path) = signoff::paths(document, &role.name);
    make_folder(&statement_path)?;
    write_atomically(&statement_path, text.as_bytes())?;
    write_atomically(&signature_path, signature.as_bytes())?;
    let mut update = Update::default();
    for sign_off in role
        .boxes
        .iter()
        .filter_map(|&index| now.located.checklist.sign_offs().get(index))
    {
        update.sign_offs.insert(sign_off.text().to_owned(), true);
    }
    let rewrite = now.located.checklist.rewrite(&update);
    lock.replace(now.located.checklist.bytes(), &rewrite.bytes)?;
    Ok(())
}

fn make_folder(file: &Path) -> anyhow::Result<()> {
    let folder = file.parent().unwrap_or(Path::new(""));
    std::fs::create_dir_all(folder)
        .with_context(|| format!("failed to create {}", folder.display()))
}
