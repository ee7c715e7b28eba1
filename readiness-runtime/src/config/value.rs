//! Values of `[target]` as suites get them: without their places in the file, typed by whoever asks.
//!
//! A type of our own and not `toml`'s: that one needs serde inside of the parser, which the attribute does
//! without, and a test crate would build the parser twice.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde::de::value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer};
use serde::de::{
    DeserializeOwned, Deserializer, Error as _, IntoDeserializer, Unexpected, Visitor,
};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A table of `readiness.toml`, by key.
pub type Values = BTreeMap<String, Value>;

/// A value of `readiness.toml`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// A string.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction, `inf` or `nan`.
    Float(f64),
    /// `true` or `false`.
    Boolean(bool),
    /// A date, a time or both, as TOML writes it; whoever asks for it gets a string.
    Datetime(String),
    /// A list.
    Array(Vec<Value>),
    /// A table.
    Table(Values),
}

impl Value {
    /// The value below a key, if this is a table that has it.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.as_table()?.get(key)
    }

    /// The text, if this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The whole number, if this is one.
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// The truth value, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Boolean(truth) => Some(*truth),
            _ => None,
        }
    }

    /// The table, if this is one.
    pub fn as_table(&self) -> Option<&Values> {
        match self {
            Self::Table(table) => Some(table),
            _ => None,
        }
    }
}

/// What the parser read below a table. Numbers that 64 bits do not hold are left out, and `too_large`
/// gets their places.
pub(super) fn values(table: &DeTable<'_>, too_large: &mut Vec<usize>) -> Values {
    let entries = table.iter().filter_map(|(key, entry)| {
        let value = value(entry, too_large)?;
        Some((key.get_ref().to_string(), value))
    });
    entries.collect()
}

fn value(entry: &Spanned<DeValue<'_>>, too_large: &mut Vec<usize>) -> Option<Value> {
    let value = match entry.get_ref() {
        DeValue::String(text) => Some(Value::Text(text.to_string())),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .ok()
            .map(Value::Integer),
        DeValue::Float(number) => float(number.as_str()).map(Value::Float),
        DeValue::Boolean(truth) => Some(Value::Boolean(*truth)),
        DeValue::Datetime(time) => Some(Value::Datetime(time.to_string())),
        DeValue::Array(entries) => {
            let entries = entries.iter();
            let values = entries.filter_map(|entry| self::value(entry, too_large));
            Some(Value::Array(values.collect()))
        }
        DeValue::Table(table) => Some(Value::Table(values(table, too_large))),
    };
    if value.is_none() {
        too_large.push(entry.span().start);
    }
    value
}

/// A float that is infinite only where the text says so.
fn float(text: &str) -> Option<f64> {
    let number: f64 = text.parse().ok()?;
    (!number.is_infinite() || text.contains("inf")).then_some(number)
}

/// The values of a text, for tests.
#[cfg(test)]
pub(crate) fn parsed(text: &str) -> Values {
    let table = DeTable::parse(text).expect("TOML");
    values(table.get_ref(), &mut Vec::new())
}

/// The values in a type of somebody else's.
pub(crate) fn typed<T: DeserializeOwned>(values: Values) -> Result<T, Mistyped> {
    T::deserialize(Input {
        value: Value::Table(values),
        path: String::new(),
    })
}

/// What is not of the type that is asked for, and the dotted path to it.
#[derive(Debug, PartialEq)]
pub(crate) struct Mistyped {
    /// Empty for the table itself.
    path: String,
    message: String,
}

impl Mistyped {
    /// With a path, if it has none: the innermost value knows best.
    fn at(mut self, path: String) -> Self {
        if self.path.is_empty() {
            self.path = path;
        }
        self
    }
}

impl fmt::Display for Mistyped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" => f.write_str(&self.message),
            path => write!(f, "`{path}`: {}", self.message),
        }
    }
}

impl std::error::Error for Mistyped {}

impl serde::de::Error for Mistyped {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self {
            path: String::new(),
            message: message.to_string(),
        }
    }
}

/// What serde reads a value from.
struct Input {
    value: Value,
    path: String,
}

impl Input {
    fn below(value: Value, path: &str, name: &str) -> Self {
        let dot = if path.is_empty() { "" } else { "." };
        let path = format!("{path}{dot}{name}");
        Self { value, path }
    }
}

impl IntoDeserializer<'_, Mistyped> for Input {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

type Entries = std::vec::IntoIter<(String, Input)>;

/// The entries of a table for serde.
fn entries(table: Values, path: &str) -> MapDeserializer<'static, Entries, Mistyped> {
    let below = |(key, value): (String, Value)| {
        let input = Input::below(value, path, &key);
        (key, input)
    };
    let entries: Vec<_> = table.into_iter().map(below).collect();
    MapDeserializer::new(entries.into_iter())
}

impl<'de> Deserializer<'de> for Input {
    type Error = Mistyped;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistyped> {
        let path = self.path;
        let read = match self.value {
            Value::Text(text) | Value::Datetime(text) => visitor.visit_string(text),
            Value::Integer(number) => visitor.visit_i64(number),
            Value::Float(number) => visitor.visit_f64(number),
            Value::Boolean(truth) => visitor.visit_bool(truth),
            Value::Array(values) => {
                let values = values.into_iter().enumerate();
                let below = |(at, value)| Input::below(value, &path, &format!("{at}"));
                visitor.visit_seq(SeqDeserializer::new(values.map(below)))
            }
            Value::Table(table) => visitor.visit_map(entries(table, &path)),
        };
        read.map_err(|error| error.at(path))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistyped> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mistyped> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mistyped> {
        let path = self.path;
        let wrong = |other| Err(Mistyped::invalid_type(other, &"a string or a table"));
        let read = match self.value {
            Value::Text(text) => visitor.visit_enum(text.into_deserializer()),
            Value::Table(table) => {
                visitor.visit_enum(MapAccessDeserializer::new(entries(table, &path)))
            }
            Value::Integer(number) => wrong(Unexpected::Signed(number)),
            Value::Float(number) => wrong(Unexpected::Float(number)),
            Value::Boolean(truth) => wrong(Unexpected::Bool(truth)),
            Value::Datetime(_) => wrong(Unexpected::Other("date")),
            Value::Array(_) => wrong(Unexpected::Seq),
        };
        read.map_err(|error| error.at(path))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Values, Vec<usize>) {
        let mut too_large = Vec::new();
        let table = DeTable::parse(text).unwrap();
        let values = values(table.get_ref(), &mut too_large);
        (values, too_large)
    }

    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Mode {
        Off,
        Every(u32),
        Between { low: f64, high: Option<f64> },
    }

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Milliseconds(u64);

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Target {
        url: String,
        wait: Milliseconds,
        modes: Vec<Mode>,
        since: String,
        #[serde(default)]
        writes: bool,
        ratio: f64,
    }

    #[test]
    fn a_suite_gets_its_own_type() {
        let text = "url = 'u'\nwait = 0x10\nsince = 2026-01-02\nratio = 1\n\
                    modes = ['off', { every = 3 }, { between = { low = 1, high = inf } }]\n";
        let target: Target = typed(read(text).0).unwrap();
        let between = Mode::Between {
            low: 1.0,
            high: Some(f64::INFINITY),
        };
        assert_eq!(
            target,
            Target {
                url: "u".to_owned(),
                wait: Milliseconds(16),
                modes: vec![Mode::Off, Mode::Every(3), between],
                since: "2026-01-02".to_owned(),
                writes: false,
                ratio: 1.0,
            }
        );
    }

    #[test]
    fn what_does_not_fit_a_type_is_named() {
        let refused = |text| {
            let target: Result<Target, _> = typed(read(text).0);
            target.unwrap_err().to_string()
        };
        assert_eq!(refused("wait = 1"), "missing field `url`");
        assert_eq!(
            refused("url = 1"),
            "`url`: invalid type: integer `1`, expected a string"
        );
        assert_eq!(
            refused("modes = ['off', 'of']"),
            "`modes.1`: unknown variant `of`, expected one of `off`, `every`, `between`"
        );
        assert_eq!(
            refused("modes = [1]"),
            "`modes.0`: invalid type: integer `1`, expected a string or a table"
        );
    }

    #[test]
    fn a_value_inside_of_tables_is_named_by_its_whole_path() {
        let refused = |text| {
            let target: Result<Nested, _> = typed(read(text).0);
            target.unwrap_err().to_string()
        };
        assert_eq!(
            refused("[a.b]\nc = 'x'"),
            "`a.b.c`: invalid type: string \"x\", expected u64"
        );
    }

    type Nested = BTreeMap<String, BTreeMap<String, BTreeMap<String, u64>>>;

    #[test]
    fn a_number_that_does_not_fit_is_found() {
        let (value, too_large) = read("a = 9223372036854775808\nb = [1e999]\nc = 1\n");
        assert_eq!(too_large, [4, 29]);
        assert_eq!(value.get("c"), Some(&Value::Integer(1)));
    }
}
