//! A reply's body: text that is parsed as JSON at most once, however often a replay asks.

use std::sync::{Arc, OnceLock};

use readiness::observation::json::Alteration;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// Cheap to clone; clones share the parsed form.
///
/// An object or a list is stored as such, not as text: redaction then masks values and leaves the
/// form alone.
#[derive(Debug, Clone, Default)]
pub(super) struct Body(Arc<Inner>);

/// One of the two is there from the start; the other is made when it is asked for.
#[derive(Debug, Default)]
struct Inner {
    text: OnceLock<String>,
    parsed: OnceLock<Option<Arc<Value>>>,
}

impl Body {
    pub(super) fn new(text: String) -> Body {
        Body(Arc::new(Inner {
            text: OnceLock::from(text),
            parsed: OnceLock::new(),
        }))
    }

    /// The body that this value is the parsed form of.
    pub(super) fn of_json(value: Value) -> Body {
        Body(Arc::new(Inner {
            text: OnceLock::new(),
            parsed: OnceLock::from(Some(Arc::new(value))),
        }))
    }

    /// This body, altered; as it is where it is not JSON.
    pub(super) fn altered(&self, alteration: &Alteration) -> Body {
        match self.json() {
            Some(value) => Body::of_json(alteration.apply(&value)),
            None => self.clone(),
        }
    }

    pub(super) fn as_str(&self) -> &str {
        self.0.text.get_or_init(|| match self.0.parsed.get() {
            Some(Some(value)) => value.to_string(),
            _ => String::new(),
        })
    }

    /// `None` where it is not JSON.
    pub(super) fn json(&self) -> Option<Arc<Value>> {
        let parse = || serde_json::from_str(self.as_str()).ok().map(Arc::new);
        self.0.parsed.get_or_init(parse).clone()
    }

    /// Whether two bodies say the same. JSON is compared as such: a body that was stored and read back
    /// may have its fields in another order.
    pub(super) fn same(&self, other: &Body) -> bool {
        if Arc::ptr_eq(&self.0, &other.0) {
            return true;
        }
        if self.0.text.get().is_some() && self.0.text.get() == other.0.text.get() {
            return true;
        }
        match (self.json(), other.json()) {
            (Some(this), Some(other)) => this == other,
            (None, None) => self.as_str() == other.as_str(),
            _ => false,
        }
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
        match self.json() {
            Some(value) if value.is_object() || value.is_array() => value.serialize(serializer),
            _ => serializer.serialize_str(self.as_str()),
        }
    }
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Value::deserialize(deserializer)? {
            Value::String(text) => Body::new(text),
            value => Body::of_json(value),
        })
    }
}
