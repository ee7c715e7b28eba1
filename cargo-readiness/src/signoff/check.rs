//! Whether a signature counts: is it one, is it ours, does it fit its statement, is the statement for
//! this role of this checklist, and may its key sign. Whatever is not as it has to be refuses it, with
//! the reason. Pure but for the clock, which is handed in.

use jiff::Timestamp;
use readiness::config::SignOffConfig;
use readiness::signoff::{NAMESPACE, Standing, State, Statement};
use ssh_key::{HashAlg, PublicKey, SshSig};

use super::allowed::{Signers, matches};

/// How far a signer's clock may be ahead of ours, in seconds: machines that keep time by NTP are
/// within fractions of one, machines that do not drift by minutes.
const CLOCK_SKEW: i64 = 300;

/// What is on file for a role.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OnFile<'a> {
    /// The statement.
    pub(crate) text: &'a [u8],
    /// The signature, in its armor.
    pub(crate) signature: &'a [u8],
}

/// What it is held against.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Against<'a> {
    /// The role.
    pub(crate) role: &'a str,
    /// What the files say now.
    pub(crate) state: &'a State,
    /// Who may sign at all.
    pub(crate) signers: &'a Signers,
    /// Who may sign for which role.
    pub(crate) config: &'a SignOffConfig,
    /// The moment of judging.
    pub(crate) now: Timestamp,
}

/// How a signature stands.
pub(crate) fn standing(on_file: OnFile<'_>, against: &Against<'_>) -> Standing {
    match genuine(on_file, against) {
        Err(why) => Standing::Refused { why },
        Ok((statement, key)) if statement.state == *against.state => Standing::Holds {
            signer: statement.signer,
            at: statement.at,
            key,
        },
        Ok((statement, _)) => Standing::Changed {
            changes: statement.state.changes_to(against.state),
            signer: statement.signer,
            at: statement.at,
        },
    }
}

/// The statement, with the fingerprint of its key, if everything but what it is for is in order.
fn genuine(on_file: OnFile<'_>, against: &Against<'_>) -> Result<(Statement, String), String> {
    let signature = SshSig::from_pem(on_file.signature)
        .map_err(|error| format!("it is no whole SSH signature ({error})"))?;
    if signature.namespace() != NAMESPACE {
        return Err(format!(
            "it was made for `{}`, not for {NAMESPACE}",
            signature.namespace()
        ));
    }
    let key = PublicKey::from(signature.public_key().clone());
    if let Err(error) = key.verify(NAMESPACE, on_file.text, &signature) {
        return Err(unfit(on_file.text, &error));
    }
    let text = std::str::from_utf8(on_file.text).map_err(|_| "its statement is not UTF-8")?;
    let statement = Statement::parse(text).map_err(|why| format!("its statement: {why}"))?;
    if statement.role != against.role {
        return Err(format!("it was made for the role `{}`", statement.role));
    }
    foreign(&statement.state, against.state)?;
    let at: Timestamp = statement
        .at
        .parse()
        .map_err(|_| format!("`{}` is no time", statement.at))?;
    if at.as_second() > against.now.as_second() + CLOCK_SKEW {
        return Err(format!("it is dated {at}, after now, {}", against.now));
    }
    against.signers.allow(
        signature.public_key(),
        &statement.signer,
        &[at, against.now],
    )?;
    may_sign(&statement, against.config)?;
    Ok((statement, key.fingerprint(HashAlg::Sha256).to_string()))
}

fn unfit(text: &[u8], error: &ssh_key::Error) -> String {
    let converted = text.windows(2).any(|pair| pair == b"\r\n");
    if converted {
        "the line ends of its statement were converted; `readiness.signatures/** -text` in \
         .gitattributes prevents it"
            .to_owned()
    } else {
        match error {
            ssh_key::Error::AlgorithmUnknown | ssh_key::Error::AlgorithmUnsupported { .. } => {
                format!("its kind of key cannot be checked ({error})")
            }
            _ => "it does not fit its statement: one of them was altered".to_owned(),
        }
    }
}

/// A statement about another checklist is not one about an older state of this one.
fn foreign(signed: &State, now: &State) -> Result<(), String> {
    let word = |state: &State, key: &str| {
        let facts = state.facts("checklist");
        facts
            .and_then(|facts| facts.get(key).cloned())
            .unwrap_or_default()
    };
    let same = |key: &str| word(signed, key) == word(now, key);
    let items = |state: &State| -> Vec<String> {
        state
            .subjects()
            .filter(|s| s.starts_with("item "))
            .map(str::to_owned)
            .collect()
    };
    let known = items(now);
    let shared = items(signed).iter().any(|item| known.contains(item));
    if (same("file") || same("title")) && shared {
        return Ok(());
    }
    Err(format!(
        "it was made for another checklist, {} ({})",
        word(signed, "title"),
        word(signed, "file")
    ))
}

fn may_sign(statement: &Statement, config: &SignOffConfig) -> Result<(), String> {
    match config.roles.get(&statement.role) {
        Some(signers)
            if !signers
                .iter()
                .any(|pattern| matches(pattern, &statement.signer)) =>
        {
            Err(format!(
                "{} may not sign for `{}`; [sign-off.roles] lists {}",
                statement.signer,
                statement.role,
                signers.join(", ")
            ))
        }
        _ => Ok(()),
    }
}
