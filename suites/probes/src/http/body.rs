//! A reply's body: text that is parsed as JSON at most once, however often a replay asks.

use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// Cheap to clone; clones share the parsed form.
#[derive(Debug, Clone, Default)]
pub(super) struct Body(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    text: String,
    parsed: OnceLock<Option<Arc<Value>>>,
}

impl Body {
    pub(super) fn new(text: String) -> Body {
        Body(Arc::new(Inner {
            text,
            parsed: OnceLock::new(),
        }))
    }

    /// The body that this value is the parsed form of.
    pub(super) fn of_json(value: Value) -> Body {
        let body = Body::new(value.to_string());
        // A fresh cell takes the value.
        let _ = body.0.parsed.set(Some(Arc::new(value)));
        body
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0.text
    }

    /// `None` where it is not JSON.
    pub(super) fn json(&self) -> Option<Arc<Value>> {
        let parse = || serde_json::from_str(&self.0.text).ok().map(Arc::new);
        self.0.parsed.get_or_init(parse).clone()
    }
}

/// The last place at or before `at` where `text` can be cut. (`str::floor_char_boundary` is younger
/// than the oldest compiler that this workspace supports.)
pub(super) fn boundary(text: &str, at: usize) -> usize {
    let fits = |at: &usize| text.is_char_boundary(*at);
    (0..=at.min(text.len())).rev().find(fits).unwrap_or(0)
}

impl Serialize for Body {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Body::new)
    }
}
