//! A place in a JSON value: a JSON pointer, with the two forms that people and facets need.
//!
//! A check that goes through a list asks for thousands of places, and each replay asks again. So a
//! path is a chain of keys that shares what is above, and its texts are made when they are wanted.

use std::sync::Arc;

use serde_json::Value;

/// A path from the root of a value. Cheap to clone and to extend.
#[derive(Debug, Clone, Default)]
pub(crate) struct Path(Option<Arc<Step>>);

#[derive(Debug)]
struct Step {
    above: Path,
    key: Key,
}

#[derive(Debug)]
enum Key {
    /// A field's name, or a position as a pointer writes it.
    Name(Box<str>),
    /// A position, as code asks for it.
    Index(usize),
}

impl Path {
    pub(crate) fn root() -> Self {
        Self(None)
    }

    pub(crate) fn is_root(&self) -> bool {
        self.0.is_none()
    }

    pub(crate) fn of_pointer(pointer: &str) -> Self {
        Self::root().pointer(pointer)
    }

    /// The place of a field below, or of an element by the digits of its position.
    pub(crate) fn key(&self, key: &str) -> Self {
        self.step(Key::Name(Box::from(key)))
    }

    /// The place of an element below.
    pub(crate) fn index(&self, at: usize) -> Self {
        self.step(Key::Index(at))
    }

    /// The place that a pointer leads to from here; a missing leading `/` is forgiven.
    pub(crate) fn pointer(&self, pointer: &str) -> Self {
        if pointer.is_empty() {
            return self.clone();
        }
        let keys = pointer.strip_prefix('/').unwrap_or(pointer).split('/');
        keys.fold(self.clone(), |path, key| {
            path.step(Key::Name(unescape(key).into_boxed_str()))
        })
    }

    fn step(&self, key: Key) -> Self {
        let above = self.clone();
        Self(Some(Arc::new(Step { above, key })))
    }

    pub(crate) fn find<'v>(&self, root: &'v Value) -> Option<&'v Value> {
        let Some(step) = &self.0 else {
            return Some(root);
        };
        let above = step.above.find(root)?;
        match (above, &step.key) {
            (Value::Object(fields), Key::Name(name)) => fields.get(&**name),
            (Value::Object(fields), Key::Index(at)) => fields.get(&at.to_string()),
            (Value::Array(items), Key::Name(name)) => items.get(position(name)?),
            (Value::Array(items), Key::Index(at)) => items.get(*at),
            _ => None,
        }
    }

    /// The place above and the last key, unless this is the root.
    pub(crate) fn split(&self) -> Option<(&Self, String)> {
        let step = self.0.as_deref()?;
        Some((&step.above, step.key.text()))
    }

    /// From the root down.
    pub(crate) fn keys(&self) -> Vec<String> {
        let mut keys = Vec::new();
        let mut here = self;
        while let Some((above, key)) = here.split() {
            keys.push(key);
            here = above;
        }
        keys.reverse();
        keys
    }

    /// Writes the pointer behind what `text` holds.
    pub(crate) fn write(&self, text: &mut String) {
        let Some(step) = &self.0 else {
            return;
        };
        step.above.write(text);
        text.push('/');
        match &step.key {
            Key::Name(name) if name.contains(['~', '/']) => {
                text.push_str(&name.replace('~', "~0").replace('/', "~1"));
            }
            Key::Name(name) => text.push_str(name),
            Key::Index(at) => text.push_str(&at.to_string()),
        }
    }

    /// `data[0].chain`, for a place in what is itself at `base`.
    pub(crate) fn words_from(&self, base: &Self) -> String {
        let mut words = String::new();
        for key in base.keys().into_iter().chain(self.keys()) {
            if is_position(&key) {
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

    /// `data[0].chain`.
    pub(crate) fn words(&self) -> String {
        self.words_from(&Self::root())
    }

    /// The path with every position in a list replaced: what the elements have in common.
    pub(crate) fn pattern(&self) -> String {
        let mut pattern = String::new();
        for key in self.keys() {
            pattern.push('/');
            pattern.push_str(if is_position(&key) { "*" } else { &key });
        }
        pattern
    }
}

impl Key {
    fn text(&self) -> String {
        match self {
            Key::Name(name) => String::from(&**name),
            Key::Index(at) => at.to_string(),
        }
    }
}

/// A position as RFC 6901 writes it: without leading zeros.
fn position(name: &str) -> Option<usize> {
    let is_plain = is_position(name) && (name == "0" || !name.starts_with('0'));
    is_plain.then(|| name.parse().ok()).flatten()
}

fn is_position(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit())
}

fn unescape(key: &str) -> String {
    if key.contains('~') {
        return key.replace("~1", "/").replace("~0", "~");
    }
    key.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pointer(path: &Path) -> String {
        let mut text = String::new();
        path.write(&mut text);
        text
    }

    #[test]
    fn a_path_finds_what_its_pointer_finds() {
        let value = json!({"data": [{"a/b": 1, "~": 2, "": 3}, [4]], "0": 5, "01": 6});
        let root = Path::root();
        for path in [
            root.clone(),
            root.key("data"),
            root.key("data").index(0).key("a/b"),
            root.key("data").key("0").key("~"),
            root.key("data").index(0).key(""),
            root.pointer("/data/0/~0"),
            root.pointer("data/1/0"),
            root.key("data").key("01"),
            root.key("data").index(7),
            root.index(0),
            root.key("01"),
            root.pointer("/"),
        ] {
            let text = pointer(&path);
            assert_eq!(path.find(&value), value.pointer(&text), "{text}");
            assert_eq!(pointer(&Path::of_pointer(&text)), text);
        }
    }

    #[test]
    fn people_and_patterns_see_positions() {
        let path = Path::root().key("data").index(3).key("a.b");
        assert_eq!(path.words(), "data[3].a.b");
        assert_eq!(path.pattern(), "/data/*/a.b");
        assert_eq!(Path::root().words(), "the document");
        let base = Path::root().index(2);
        assert_eq!(path.words_from(&base), "[2].data[3].a.b");
    }
}
