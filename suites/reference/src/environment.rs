//! The environment that a deployment of the service would have: what an env file holds.
//!
//! The values are demonstration values. Faults with the carrier `env` alter them, and nothing
//! else: the running service is set up by its configuration.

use std::collections::BTreeMap;

use crate::config::Environment;
use crate::faults::{Fault, FaultSet};

/// The variables, with the faults that are on.
pub(crate) fn variables(
    environment: Environment,
    origins: &[String],
    faults: &FaultSet,
) -> BTreeMap<String, String> {
    let mut variables: BTreeMap<String, String> = sound(environment, origins);
    for &(fault, name, edit) in EDITS {
        if faults.on(fault) {
            edit.apply(name, &mut variables);
        }
    }
    variables
}

/// The variables of a sound deployment.
fn sound(environment: Environment, origins: &[String]) -> BTreeMap<String, String> {
    [
        ("ENVIRONMENT", environment.as_str().to_owned()),
        ("ALLOWED_ORIGINS", origins.join(",")),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// What a fault does to a variable.
#[derive(Clone, Copy)]
enum Edit {
    Set(&'static str),
    Append(&'static str),
}

impl Edit {
    fn apply(self, name: &str, variables: &mut BTreeMap<String, String>) {
        match self {
            Edit::Set(value) => {
                variables.insert(name.to_owned(), value.to_owned());
            }
            Edit::Append(tail) => variables.entry(name.to_owned()).or_default().push_str(tail),
        }
    }
}

const EDITS: &[(Fault, &str, Edit)] = &[
    (
        Fault::Cor001HttpInEnv,
        "ALLOWED_ORIGINS",
        Edit::Append(",http://staging.kamiyo.example"),
    ),
    (Fault::Cor002EmptyList, "ALLOWED_ORIGINS", Edit::Set("")),
    (
        Fault::Cor003WildcardEnv,
        "ALLOWED_ORIGINS",
        Edit::Append(",*"),
    ),
];
