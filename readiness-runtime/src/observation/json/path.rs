//! A JSON pointer with the two forms that people and facets need.

use std::sync::Arc;

use serde_json::Value;

/// A path from the root of a value. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path(Arc<str>);

impl Path {
    pub(crate) fn root() -> Self {
        Self(Arc::from(""))
    }

    pub(crate) fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn as_pointer(&self) -> &str {
        &self.0
    }

    pub(crate) fn of_pointer(pointer: &str) -> Self {
        Self(Arc::from(pointer))
    }

    /// The place of a field or an element below.
    pub(crate) fn key(&self, key: &str) -> Self {
        let escaped = if key.contains(['~', '/']) {
            key.replace('~', "~0").replace('/', "~1")
        } else {
            key.to_owned()
        };
        Self(Arc::from(format!("{}/{escaped}", self.0)))
    }

    /// The place that a pointer leads to from here; a missing leading `/` is forgiven.
    pub(crate) fn pointer(&self, pointer: &str) -> Self {
        if pointer.is_empty() {
            return self.clone();
        }
        let slash = if pointer.starts_with('/') { "" } else { "/" };
        Self(Arc::from(format!("{}{slash}{pointer}", self.0)))
    }

    /// `below`, seen from where this begins.
    pub(crate) fn join(&self, below: &Self) -> Self {
        if self.is_root() {
            return below.clone();
        }
        Self(Arc::from(format!("{}{}", self.0, below.0)))
    }

    pub(crate) fn find<'v>(&self, root: &'v Value) -> Option<&'v Value> {
        root.pointer(&self.0)
    }

    /// The place above and the last key, unless this is the root.
    pub(crate) fn split(&self) -> Option<(Self, String)> {
        let (above, key) = self.0.rsplit_once('/')?;
        Some((Self(Arc::from(above)), unescape(key)))
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = String> {
        self.0.split('/').skip(1).map(unescape)
    }

    /// `data[0].chain`.
    pub(crate) fn words(&self) -> String {
        let mut words = String::new();
        for key in self.keys() {
            if !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit()) {
                words.push('[');
                words.push_str(&key);
                words.push(']');
            } else {
                if !words.is_empty() {
                    words.push('.');
                }
                words.push_str(&key);
            }
        }
        if words.is_empty() {
            words.push_str("the document");
        }
        words
    }

    /// The path with every position in a list replaced: what the elements have in common.
    pub(crate) fn pattern(&self) -> String {
        let mut pattern = String::new();
        for key in self.keys() {
            pattern.push('/');
            if !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit()) {
                pattern.push('*');
            } else {
                pattern.push_str(&key);
            }
        }
        pattern
    }
}

fn unescape(key: &str) -> String {
    key.replace("~1", "/").replace("~0", "~")
}
