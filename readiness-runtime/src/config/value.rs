//! Values of `[target]` as suites get them: without their places in the file, typed by whoever asks.
//!
//! A type of our own and not `toml`'s: that one needs serde inside of the parser, which the attribute does
//! without, and a test crate would build the parser twice.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::value::{Error, MapAccessDeserializer, MapDeserializer, SeqDeserializer};
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
pub(crate) fn typed<T: DeserializeOwned>(values: Values) -> Result<T, Error> {
    T::deserialize(Input(Value::Table(values)))
}

/// What serde reads a value from.
struct Input(Value);

impl IntoDeserializer<'_, Error> for Input {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

type Entries = std::iter::Map<
    std::collections::btree_map::IntoIter<String, Value>,
    fn((String, Value)) -> (String, Input),
>;

/// The entries of a table for serde.
fn entries(table: Values) -> MapDeserializer<'static, Entries, Error> {
    MapDeserializer::new(table.into_iter().map(|(key, value)| (key, Input(value))))
}

impl<'de> Deserializer<'de> for Input {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Text(text) | Value::Datetime(text) => visitor.visit_string(text),
            Value::Integer(number) => visitor.visit_i64(number),
            Value::Float(number) => visitor.visit_f64(number),
            Value::Boolean(truth) => visitor.visit_bool(truth),
            Value::Array(values) => {
                visitor.visit_seq(SeqDeserializer::new(values.into_iter().map(Input)))
            }
            Value::Table(table) => visitor.visit_map(entries(table)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let other = match self.0 {
            Value::Text(text) => return visitor.visit_enum(text.into_deserializer()),
            Value::Table(table) => {
                return visitor.visit_enum(MapAccessDeserializer::new(entries(table)));
            }
            Value::Integer(number) => Unexpected::Signed(number),
            Value::Float(number) => Unexpected::Float(number),
            Value::Boolean(truth) => Unexpected::Bool(truth),
            Value::Datetime(_) => Unexpected::Other("date"),
            Value::Array(_) => Unexpected::Seq,
        };
        Err(Error::invalid_type(other, &"a string or a table"))
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
            "invalid type: integer `1`, expected a string"
        );
        assert_eq!(
            refused("modes = ['of']"),
            "unknown variant `of`, expected one of `off`, `every`, `between`"
        );
        assert_eq!(
            refused("modes = [1]"),
            "invalid type: integer `1`, expected a string or a table"
        );
    }

    #[test]
    fn a_number_that_does_not_fit_is_found() {
        let (value, too_large) = read("a = 9223372036854775808\nb = [1e999]\nc = 1\n");
        assert_eq!(too_large, [4, 29]);
        assert_eq!(value.get("c"), Some(&Value::Integer(1)));
    }
}
