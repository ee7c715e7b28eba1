//! What a test target registers, as one JSON object: the answer to `--readiness-describe`, from
//! which `cargo readiness check` and `list` learn what nobody can know without linking.
//!
//! ```json
//! {"readiness":1,"package":"kamiyo","manifest_dir":"…","checklist":"…/CHECKLIST.md","trials":[
//!   {"trial":"RL-001::limits::is_429","id":"RL-001","source":"src/limits.rs:12","digest":"…","phase":"burst","exclusive":"anonymous"}]}
//! ```

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::registry::{Phase, Registration};

/// The format's version, in the field `readiness`.
pub const FORMAT: u32 = 1;

/// A test target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// [`FORMAT`]; the field by which the object is recognised.
    pub readiness: u32,
    /// Cargo package of the test target.
    pub package: String,
    /// Directory of its manifest.
    pub manifest_dir: String,
    /// The checklist that its checks answer to, where one was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checklist: Option<String>,
    /// Every trial, sorted by id, file and line.
    pub trials: Vec<DescribedTrial>,
}

/// A registered trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DescribedTrial {
    /// Its name.
    pub trial: String,
    /// Its requirement.
    pub id: String,
    /// `file:line` of the attribute.
    pub source: String,
    /// Digest of the check.
    pub digest: String,
    /// When it runs.
    #[serde(default)]
    pub phase: Phase,
    /// The arguments as written; empty without.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub arguments: String,
    /// The group that it has to itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclusive: Option<String>,
    /// The group that it shares with other readers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared: Option<String>,
    /// Why it does not run unless asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ignored: Option<String>,
    /// Why it is excused from proof.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_proof: Option<String>,
}

impl Description {
    /// Of these registrations.
    pub fn of<'a>(
        registrations: impl IntoIterator<Item = &'a Registration>,
        package: &str,
        manifest_dir: &str,
        checklist: Option<&Path>,
    ) -> Self {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let trials = registrations.into_iter().flat_map(|registration| {
            registration.ids.iter().map(|id| DescribedTrial {
                trial: registration.trial_name(id),
                id: (*id).to_owned(),
                source: format!("{}:{}", registration.file, registration.line),
                digest: registration.digest.to_owned(),
                phase: registration.phase,
                arguments: registration.arguments.to_owned(),
                exclusive: owned(registration.exclusive),
                shared: owned(registration.shared),
                ignored: owned(registration.ignore),
                no_proof: owned(registration.no_proof),
            })
        });
        Self {
            readiness: FORMAT,
            package: package.to_owned(),
            manifest_dir: manifest_dir.to_owned(),
            checklist: checklist.map(|path| path.display().to_string()),
            trials: trials.collect(),
        }
    }
}
