//! A log record: what it holds, and how it becomes a line.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::redact;
use crate::faults::{Fault, FaultSet};

/// How grave a record is, by the five usual names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Info,
    Warning,
    Error,
}

impl Level {
    fn as_str(self) -> &'static str {
        match self {
            Level::Info => "INFO",
            Level::Warning => "WARNING",
            Level::Error => "ERROR",
        }
    }
}

/// What a record is about; some faults spoil requests alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Request,
    Other,
}

/// The place in the code that wrote a record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Site {
    pub module: &'static str,
    pub function: &'static str,
    pub line: u32,
}

/// The present place, in the function of the given name.
macro_rules! site {
    ($function:literal) => {
        $crate::logs::Site {
            module: module_path!(),
            function: $function,
            line: line!(),
        }
    };
}
pub(crate) use site;

/// One record.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub kind: Kind,
    pub level: Level,
    pub logger: &'static str,
    pub message: String,
    pub site: Site,
    pub fields: Map<String, Value>,
    /// Fields that a fault writes as they are.
    pub unredacted: Vec<(&'static str, Value)>,
}

impl Record {
    /// A record without further fields.
    pub fn new(level: Level, logger: &'static str, message: String, site: Site) -> Record {
        Record {
            kind: Kind::Other,
            level,
            logger,
            message,
            site,
            fields: Map::new(),
            unredacted: Vec::new(),
        }
    }

    /// Adds a field.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Record {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    /// The record as it is written: one line, unless a fault says otherwise.
    ///
    /// `number` counts the records of the service.
    pub fn render(self, now: Timestamp, number: u64, faults: &FaultSet) -> String {
        let readable = faults.on(Fault::Log001PlainText)
            || faults.on(Fault::Log001Mixed) && number.is_multiple_of(5);
        let object = self.object(now, faults);
        if readable {
            return plain(&object);
        }
        if faults.on(Fault::Log001MultiLine) {
            return format!("{object:#}");
        }
        object.to_string()
    }

    /// The record as a line for people.
    pub fn render_for_people(self, now: Timestamp, faults: &FaultSet) -> String {
        plain(&self.object(now, faults))
    }

    fn object(self, now: Timestamp, faults: &FaultSet) -> Value {
        let is_error = self.level == Level::Error;
        let mut object = self.fields;
        object.insert("message".to_owned(), json!(self.message));
        redact_texts(&mut object, faults);
        object.extend(
            self.unredacted
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value)),
        );

        object.insert("logger".to_owned(), json!(self.logger));
        object.insert("module".to_owned(), json!(self.site.module));
        object.insert("function".to_owned(), json!(self.site.function));
        object.insert("line".to_owned(), json!(self.site.line));
        if !faults.on(Fault::Log003Missing) {
            let altered = [
                (Fault::Log003UnknownLevel, "NOTE"),
                (Fault::Log003AllInfo, "INFO"),
            ];
            let level = faults.first(&altered).unwrap_or(self.level.as_str());
            object.insert("level".to_owned(), json!(level));
        }
        let untimed =
            faults.on(Fault::Log002Missing) || faults.on(Fault::Log002MissingOnErrors) && is_error;
        if !untimed {
            object.insert("timestamp".to_owned(), json!(time(now, faults)));
        }
        Value::Object(object)
    }
}

/// RFC 3339 in UTC, with microseconds.
fn time(now: Timestamp, faults: &FaultSet) -> String {
    let now = if faults.on(Fault::Log002WrongClock) {
        now.checked_sub(std::time::Duration::from_secs(3 * 60 * 60))
            .unwrap_or(now)
    } else {
        now
    };
    let zone = if faults.on(Fault::Log002NoZone) {
        ""
    } else {
        "Z"
    };
    format!("{}{zone}", now.strftime("%Y-%m-%dT%H:%M:%S.%6f"))
}

fn redact_texts(object: &mut Map<String, Value>, faults: &FaultSet) {
    for (_, value) in object.iter_mut() {
        redact_value(value, faults);
    }
}

fn redact_value(value: &mut Value, faults: &FaultSet) {
    match value {
        Value::String(text) => *text = redact(text, faults),
        Value::Array(values) => values
            .iter_mut()
            .for_each(|value| redact_value(value, faults)),
        Value::Object(fields) => fields
            .iter_mut()
            .for_each(|(_, value)| redact_value(value, faults)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A record as a line for people.
fn plain(object: &Value) -> String {
    let text = |name: &str| match &object[name] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    format!(
        "{} [{}] {}: {}",
        text("timestamp"),
        text("level"),
        text("logger"),
        text("message")
    )
    .replace('\n', " ")
}
