//! `[sign-off]`: who may sign, and for which role.
//!
//! ```toml
//! [sign-off]
//! allowed_signers = "allowed_signers"   # as for ssh-keygen -Y verify; beside this file by default
//!
//! [sign-off.roles]
//! "Engineering Lead" = ["ann@example.com"]
//! "Security Lead" = ["*@security.example.com"]
//! ```

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::config::reader::{Source, Table};

/// Who may sign.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SignOffConfig {
    /// The file with the keys of those who may sign, relative to the configuration; `allowed_signers`
    /// when none.
    pub allowed_signers: Option<PathBuf>,
    /// Who may sign for a role, by identity; `*` stands for any rest. Every allowed signer may sign
    /// for a role that is not listed.
    pub roles: BTreeMap<String, Vec<String>>,
}

pub(super) fn read(source: &mut Source<'_>, root: &Table<'_>) -> SignOffConfig {
    let Some(table) = root.table(source, "sign-off") else {
        return SignOffConfig::default();
    };
    table.only(source, &["allowed_signers", "roles"]);
    let mut config = SignOffConfig {
        allowed_signers: table.string(source, "allowed_signers").map(PathBuf::from),
        roles: BTreeMap::new(),
    };
    let Some(mut roles) = table.table(source, "roles") else {
        return config;
    };
    "[sign-off.roles]".clone_into(&mut roles.name);
    for entry in roles.entries() {
        let signers = roles.strings(source, entry.key).unwrap_or_default();
        if signers.is_empty() && entry.value.is_array() {
            let message = "nobody may sign";
            let hint = "list who may, as in [\"ann@example.com\"]".to_owned();
            roles.wrong_value(source, entry, message, hint);
        }
        config.roles.insert(entry.key.to_owned(), signers);
    }
    config
}
