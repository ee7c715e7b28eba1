//! What a caller may set for one document; everything has a default.

use std::collections::BTreeMap;

/// Settings of one document, usually from the configuration beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Ids for items of a document that must not carry markers: derived id to id, for example
    /// `security-hardening/secrets-stored-in-a-secure-vault` to `SEC-003`.
    pub ids: BTreeMap<String, String>,
    /// Whether a nested `Status` bullet may be written under a box, which by itself cannot say
    /// WARN, FAIL or SKIP. On by default.
    pub status_bullets: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            ids: BTreeMap::new(),
            status_bullets: true,
        }
    }
}
