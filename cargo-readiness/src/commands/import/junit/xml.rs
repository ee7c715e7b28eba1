//! JUnit XML to a list of cases. The dialects differ; what is read is what they share: suites nested
//! to any depth, cases with `failure`, `error`, `skipped`, attempts before the last one, properties.
//!
//! A report is data from a stranger: a document type, an entity that XML does not predefine, nesting
//! deeper than any suite, more cases than anyone has or broken markup end the reading with an error.

use anyhow::{Context as _, bail};
use jiff::Timestamp;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::summary::cut;

/// Elements within elements: suites within suites, a case, its parts.
const MOST_DEPTH: usize = 64;

const MOST_CASES: usize = 200_000;

const MOST_ATTRIBUTES: usize = 64;

/// Bytes of one attribute; a message that repeats a whole reply is within.
const MOST_ATTRIBUTE: usize = 1024 * 1024;

/// Bytes of the texts of one case that are kept.
const MOST_TEXT: usize = 16 * 1024;

/// Properties that say which requirement a case is about.
const REQUIREMENT: [&str; 5] = [
    "requirement",
    "requirements",
    "requirement_id",
    "requirement-id",
    "readiness",
];

/// A report.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Report {
    pub(super) cases: Vec<Case>,
    /// When the earliest suite began, as far as a suite says so with a time zone.
    pub(super) at: Option<Timestamp>,
}

/// One test case.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Case {
    pub(super) class: String,
    pub(super) name: String,
    pub(super) file: Option<String>,
    pub(super) line: Option<u64>,
    pub(super) micros: u64,
    pub(super) ending: Ending,
    /// Ids that it states.
    pub(super) requirements: Vec<String>,
    /// What stands in its failure.
    pub(super) text: String,
}

/// How a case ended, and why.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) enum Ending {
    #[default]
    Passed,
    /// Passed after a failure.
    Flaky(String),
    Skipped(String),
    Failed(String),
}

impl Ending {
    /// A case with a failure and a skip has failed.
    fn rank(&self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Flaky(_) => 1,
            Self::Skipped(_) => 2,
            Self::Failed(_) => 3,
        }
    }

    fn worse(&mut self, other: Self) {
        if other.rank() > self.rank() {
            *self = other;
        }
    }
}

impl Case {
    /// Its name with its class.
    pub(super) fn label(&self) -> String {
        match self.class.as_str() {
            "" => self.name.clone(),
            class => format!("{class}::{}", self.name),
        }
    }

    /// `file:line`, as far as it is known.
    pub(super) fn place(&self) -> String {
        match (&self.file, self.line) {
            (Some(file), Some(line)) => format!("{file}:{line}"),
            (Some(file), None) => file.clone(),
            (None, _) => String::new(),
        }
    }
}

/// A part of a case whose text is wanted.
struct Part {
    depth: usize,
    what: What,
    text: String,
    message: Option<String>,
    kind: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Failure,
    Skip,
    Flaky,
    Property,
}

/// Reads a report.
pub(super) fn parse(bytes: &[u8]) -> anyhow::Result<Report> {
    let mut reader = Reader::from_reader(bytes);
    reader.config_mut().expand_empty_elements = true;
    let mut parser = Parser::default();
    loop {
        let at = reader.buffer_position();
        let event = reader
            .read_event()
            .with_context(|| format!("not well-formed XML at byte {at}"))?;
        match event {
            Event::Start(tag) => parser.start(&tag)?,
            Event::End(_) => parser.end(),
            Event::Text(text) => parser.text(&String::from_utf8_lossy(&text)),
            Event::CData(text) => parser.text(&String::from_utf8_lossy(&text)),
            Event::GeneralRef(entity) => {
                let text = entity_text(&entity)?;
                parser.text(&text);
            }
            Event::DocType(_) => bail!("a document type is not read: no test report has one"),
            Event::Eof => break,
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
    if parser.depth > 0 {
        bail!("the file ends within an element: it was cut off");
    }
    if !parser.is_report {
        bail!("not a report of tests: it has no testsuite");
    }
    Ok(parser.report)
}

/// A character reference, or one of the five entities that XML predefines.
fn entity_text(entity: &BytesRef<'_>) -> anyhow::Result<String> {
    if let Some(c) = entity.resolve_char_ref()? {
        return Ok(c.to_string());
    }
    let name = entity.decode()?;
    match quick_xml::escape::resolve_predefined_entity(&name) {
        Some(text) => Ok(text.to_owned()),
        None => bail!("the entity `{name}` is not read: XML does not predefine it"),
    }
}

#[derive(Default)]
struct Parser {
    report: Report,
    depth: usize,
    is_report: bool,
    /// The case that is open, and its depth.
    case: Option<(usize, Case)>,
    part: Option<Part>,
    /// The files of the open suites, by depth: some tools state them there.
    files: Vec<(usize, String)>,
}

impl Parser {
    fn start(&mut self, tag: &BytesStart<'_>) -> anyhow::Result<()> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            bail!("elements are nested deeper than {MOST_DEPTH}");
        }
        let attributes = Attributes::read(tag)?;
        match tag.local_name().as_ref() {
            b"testsuites" => self.is_report = true,
            b"testsuite" => self.suite(&attributes),
            b"testcase" => {
                if self.report.cases.len() >= MOST_CASES {
                    bail!("more than {MOST_CASES} test cases");
                }
                let case = self.case_of(&attributes);
                self.case = Some((self.depth, case));
            }
            name if self.case.is_some() && self.part.is_none() => self.open_part(name, &attributes),
            _ => {}
        }
        Ok(())
    }

    fn suite(&mut self, attributes: &Attributes) {
        self.is_report = true;
        if let Some(file) = attributes.get("file") {
            self.files.push((self.depth, file.to_owned()));
        }
        let at = attributes
            .get("timestamp")
            .and_then(|at| at.parse::<Timestamp>().ok());
        self.report.at = match (self.report.at, at) {
            (Some(known), Some(at)) => Some(known.min(at)),
            (known, at) => known.or(at),
        };
    }

    fn case_of(&self, attributes: &Attributes) -> Case {
        let of = |name| attributes.get(name).map(str::to_owned);
        let mut case = Case {
            class: of("classname").unwrap_or_default(),
            name: of("name").unwrap_or_default(),
            file: of("file").or_else(|| self.files.last().map(|(_, file)| file.clone())),
            line: attributes.get("line").and_then(|line| line.parse().ok()),
            micros: attributes.get("time").map_or(0, micros),
            ..Case::default()
        };
        // GoogleTest and CTest say it in an attribute alone.
        if let Some("notrun" | "disabled" | "skipped") = attributes.get("status") {
            case.ending = Ending::Skipped("not run".to_owned());
        }
        if let Some("skipped" | "suppressed") = attributes.get("result") {
            case.ending = Ending::Skipped("not run".to_owned());
        }
        case
    }

    fn open_part(&mut self, name: &[u8], attributes: &Attributes) {
        let what = match name {
            b"failure" | b"error" => What::Failure,
            b"skipped" => What::Skip,
            b"flakyFailure" | b"flakyError" => What::Flaky,
            b"property" => What::Property,
            _ => return,
        };
        let of = |name| attributes.get(name).map(str::to_owned);
        let (message, kind) = match what {
            What::Property => (of("value"), of("name")),
            _ => (of("message"), of("type")),
        };
        self.part = Some(Part {
            depth: self.depth,
            what,
            text: String::new(),
            message,
            kind,
        });
    }

    fn text(&mut self, text: &str) {
        if let Some(part) = &mut self.part {
            let room = MOST_TEXT.saturating_sub(part.text.len());
            let end = (0..=room.min(text.len()))
                .rev()
                .find(|&end| text.is_char_boundary(end));
            part.text.push_str(&text[..end.unwrap_or(0)]);
        }
    }

    fn end(&mut self) {
        if let Some(part) = self.part.take_if(|part| part.depth == self.depth)
            && let Some((_, case)) = &mut self.case
        {
            close_part(part, case);
        }
        if let Some((_, case)) = self.case.take_if(|(depth, _)| *depth == self.depth) {
            self.report.cases.push(case);
        }
        self.files.retain(|(depth, _)| *depth != self.depth);
        self.depth -= 1;
    }
}

fn close_part(part: Part, case: &mut Case) {
    if part.what == What::Property {
        // The value stands in an attribute or, in some dialects, in the element.
        let value = part.message.unwrap_or(part.text);
        let named = part.kind.unwrap_or_default().to_lowercase();
        if REQUIREMENT.contains(&named.as_str()) {
            let ids = value.split([',', ';', ' ', '\n']).map(str::trim);
            let ids = ids.filter(|id| !id.is_empty()).map(str::to_owned);
            case.requirements.extend(ids);
        }
        return;
    }
    let filled = |text: &&str| !text.trim().is_empty();
    let said = part.message.as_deref().filter(filled);
    let said = said.or_else(|| part.text.lines().find(filled));
    let said = said.or(part.kind.as_deref()).filter(filled);
    let said = said.map(|said| said.trim().to_owned());
    case.ending.worse(match part.what {
        What::Failure => Ending::Failed(said.unwrap_or_else(|| "no reason given".to_owned())),
        What::Flaky => Ending::Flaky(said.unwrap_or_else(|| "failed before".to_owned())),
        What::Skip | What::Property => {
            Ending::Skipped(said.unwrap_or_else(|| "skipped, no reason given".to_owned()))
        }
    });
    if part.what != What::Skip && case.text.is_empty() {
        part.text.trim().clone_into(&mut case.text);
    }
}

/// Seconds, with or without separators of thousands.
fn micros(text: &str) -> u64 {
    let seconds: f64 = text.replace(',', "").trim().parse().unwrap_or(0.0);
    let duration = std::time::Duration::try_from_secs_f64(seconds).unwrap_or_default();
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// The attributes of an element, decoded.
struct Attributes(Vec<(String, String)>);

impl Attributes {
    fn read(tag: &BytesStart<'_>) -> anyhow::Result<Self> {
        let mut read = Vec::new();
        // Looking for the same name twice would take a time that grows with the square.
        for attribute in tag.attributes().with_checks(false) {
            if read.len() >= MOST_ATTRIBUTES {
                bail!("an element has more than {MOST_ATTRIBUTES} attributes");
            }
            let attribute = attribute.context("not well-formed XML")?;
            let name = String::from_utf8_lossy(attribute.key.local_name().as_ref()).into_owned();
            if attribute.value.len() > MOST_ATTRIBUTE {
                bail!(
                    "the attribute `{}` is longer than {MOST_ATTRIBUTE} bytes",
                    cut(&name)
                );
            }
            // Only predefined entities: no attribute has to hold others.
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .with_context(|| format!("the attribute `{name}` cannot be read"))?;
            let value = value.char_indices().take_while(|(at, _)| *at < MOST_TEXT);
            read.push((name, value.map(|(_, c)| c).collect()));
        }
        Ok(Self(read))
    }

    fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }
}
