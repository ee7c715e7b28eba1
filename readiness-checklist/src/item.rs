//! An item of a checklist: one row or one box.
//!
//! An item is small, because a document may hold hundreds of thousands: it keeps spans and makes
//! plain texts when they are first asked for.

use std::fmt;
use std::sync::{Arc, OnceLock};

use unicode_normalization::UnicodeNormalization;

use crate::boxes::{BoxPlace, Key};
use crate::diagnostic::Diagnostic;
use crate::ids::slug;
use crate::inline::{Plain, collapse, plain};
use crate::marker::machine_marker;
use crate::source::{Source, Span, narrow, trim, trim_span};
use crate::status::symbol::{pictograph_at, symbol_state};
use crate::table::Table;
use crate::table::cells::{self, Cells};
use crate::text::Text;

/// What the author's document says about an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Ticked, or a word or symbol that says so.
    Pass,
    /// Partly met.
    Warn,
    /// Not met.
    Fail,
    /// Being worked on.
    InProgress,
    /// Not looked at; stays in the denominator.
    NotRun,
    /// Declared not applicable.
    NotApplicable,
    /// Something that the vocabulary does not know.
    Unknown,
}

impl State {
    /// The name in lower case, as reports print it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::InProgress => "in-progress",
            Self::NotRun => "not-run",
            Self::NotApplicable => "not-applicable",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where an item's id comes from, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdOrigin {
    /// A `<!-- req: ID -->` comment.
    Marker,
    /// An `Id` sub-bullet.
    Metadata,
    /// The id column of a table.
    Column,
    /// A token at the start of a box's text.
    Leading,
    /// Made from the section and the first words, or mapped from such an id by the options.
    Derived,
}

/// The two shapes an item can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// A row of a table.
    Row,
    /// A box of a list.
    Box,
}

/// What the items of one section, or of one table, have in common.
#[derive(Debug)]
pub(crate) struct Context {
    pub source: Arc<Source>,
    pub section: Vec<String>,
    /// The slug of the innermost section, for derived ids; made when first needed.
    slug: OnceLock<String>,
    pub table: Option<Table>,
}

impl Context {
    pub fn new(source: Arc<Source>, section: Vec<String>, table: Option<Table>) -> Self {
        Self {
            source,
            section,
            slug: OnceLock::new(),
            table,
        }
    }

    pub fn slug(&self) -> &str {
        self.slug.get_or_init(|| {
            self.section
                .last()
                .map(|heading| slug(heading))
                .unwrap_or_default()
        })
    }
}

/// Where a row stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    /// The line without the prefix of its containers.
    pub line: Span,
    /// The status cell with its padding; none where the row has no such cell.
    pub status: Option<Span>,
}

/// Where an item stands in the document.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Row(Row),
    Box(Box<BoxPlace>),
}

/// What is only made when somebody asks.
#[derive(Clone, Debug, Default)]
struct Lazy {
    requirement: Option<Box<str>>,
    normalized: Option<Box<str>>,
    test: Option<Box<str>>,
    notes: Option<Box<str>>,
    owner: Option<Box<str>>,
    priority: Option<Box<str>>,
    due: Option<Box<str>>,
    evidence: Option<Box<str>>,
}

/// One row or box.
#[derive(Clone)]
pub struct Item {
    pub(crate) context: Arc<Context>,
    pub(crate) id: Text,
    /// The requirement with its markup, without id and status.
    pub(crate) raw: Text,
    pub(crate) state_text: Text,
    pub(crate) place: Place,
    lazy: OnceLock<Box<Lazy>>,
    pub(crate) read_only: Option<Arc<Diagnostic>>,
    pub(crate) line: u32,
    /// Index of the parent item; `u32::MAX` for none.
    pub(crate) parent: u32,
    pub(crate) depth: u16,
    pub(crate) state: State,
    pub(crate) id_origin: IdOrigin,
}

impl Item {
    pub(crate) fn new(context: Arc<Context>, place: Place, raw: Text, line: u32) -> Self {
        Self {
            context,
            id: Text::default(),
            raw,
            state_text: Text::default(),
            place,
            lazy: OnceLock::new(),
            read_only: None,
            line,
            parent: u32::MAX,
            depth: 0,
            state: State::NotRun,
            id_origin: IdOrigin::Derived,
        }
    }

    pub(crate) fn source(&self) -> &Source {
        &self.context.source
    }

    /// Its id.
    pub fn id(&self) -> &str {
        self.id.get(self.source())
    }

    /// Where the id comes from.
    pub fn id_origin(&self) -> IdOrigin {
        self.id_origin
    }

    /// The requirement as plain text for display, without id and status.
    pub fn requirement(&self) -> &str {
        let raw = self.raw.get(self.source());
        if is_plain(raw) {
            raw
        } else {
            self.lazy().requirement.as_deref().unwrap_or(raw)
        }
    }

    /// The requirement in the form that is hashed to notice a changed text: without markup,
    /// status symbols and superfluous space, in Unicode normal form C.
    pub fn normalized_text(&self) -> &str {
        let raw = self.raw.get(self.source());
        if is_plain(raw) {
            raw
        } else {
            self.lazy().normalized.as_deref().unwrap_or(raw)
        }
    }

    /// The headings it stands under, outermost first, without the title of the document.
    pub fn section(&self) -> &[String] {
        &self.context.section
    }

    /// Its line, 1-based.
    pub fn line(&self) -> usize {
        self.line as usize
    }

    /// The column of its first byte on that line, 1-based, in bytes.
    pub fn column(&self) -> usize {
        let start = match &self.place {
            Place::Row(row) => row.line.start,
            Place::Box(place) => place.item.marker,
        } as usize;
        1 + start - self.source().line_start(start)
    }

    /// What the author's document says.
    pub fn state(&self) -> State {
        self.state
    }

    /// The words or symbols that say it, as they stand there. Bytes that are not UTF-8 are
    /// replaced.
    pub fn state_text(&self) -> &str {
        self.state_text.get(self.source())
    }

    /// The author's words on how it is tested.
    pub fn test(&self) -> Option<&str> {
        self.lazy().test.as_deref()
    }

    /// The author's note, without what the tool wrote behind it.
    pub fn notes(&self) -> Option<&str> {
        self.lazy().notes.as_deref()
    }

    /// Who is responsible.
    pub fn owner(&self) -> Option<&str> {
        self.lazy().owner.as_deref()
    }

    /// How important it is.
    pub fn priority(&self) -> Option<&str> {
        self.lazy().priority.as_deref()
    }

    /// When it is due.
    pub fn due(&self) -> Option<&str> {
        self.lazy().due.as_deref()
    }

    /// Where the proof is.
    pub fn evidence(&self) -> Option<&str> {
        self.lazy().evidence.as_deref()
    }

    /// Row or box.
    pub fn shape(&self) -> Shape {
        match self.place {
            Place::Row(_) => Shape::Row,
            Place::Box(_) => Shape::Box,
        }
    }

    /// How many boxes it is nested in.
    pub fn depth(&self) -> usize {
        usize::from(self.depth)
    }

    /// The index, among the items, of the box that sums it up.
    pub fn parent(&self) -> Option<usize> {
        (self.parent != u32::MAX).then_some(self.parent as usize)
    }

    /// Why its status cannot be written, if it cannot.
    pub fn read_only(&self) -> Option<&Diagnostic> {
        self.read_only.as_deref()
    }

    fn lazy(&self) -> &Lazy {
        self.lazy.get_or_init(|| {
            let mut lazy = Lazy::default();
            let raw = self.raw.get(self.source());
            if !is_plain(raw) {
                lazy.requirement = Some(collapse(&plain(raw, Plain::Display)).into());
                lazy.normalized = Some(normalize(raw).into());
            }
            match &self.place {
                Place::Row(row) => self.row_details(*row, &mut lazy),
                Place::Box(place) => self.box_details(place, &mut lazy),
            }
            Box::new(lazy)
        })
    }

    fn row_details(&self, row: Row, lazy: &mut Lazy) {
        let Some(table) = &self.context.table else {
            return;
        };
        let mut cells = Cells::default();
        cells::split(self.source().bytes(), row.line, &mut cells);
        let line = self.source().slice(row.line);
        let text = |column: Option<usize>| {
            let mut span = cells.trimmed(self.source().bytes(), column?)?;
            let offset = row.line.start as usize;
            if let Some((at, _)) = machine_marker(
                line,
                span.start as usize - offset,
                span.end as usize - offset,
            ) {
                span.end = row.line.start + narrow(at);
            }
            display(&self.source().text(span))
        };
        lazy.test = text(table.roles.test);
        lazy.notes = text(table.roles.notes);
        lazy.owner = text(table.roles.owner);
        lazy.priority = text(table.roles.priority);
        lazy.due = text(table.roles.due);
        lazy.evidence = text(table.roles.evidence);
    }

    fn box_details(&self, place: &BoxPlace, lazy: &mut Lazy) {
        for meta in &place.metadata {
            let slot = match meta.key {
                Key::Test => &mut lazy.test,
                Key::Note => &mut lazy.notes,
                Key::Owner => &mut lazy.owner,
                Key::Priority => &mut lazy.priority,
                Key::Due => &mut lazy.due,
                Key::Evidence => &mut lazy.evidence,
                Key::Status | Key::Reason | Key::Id => continue,
            };
            if slot.is_none() {
                *slot = display(&self.source().text(meta.value));
            }
        }
        if lazy.priority.is_none() {
            lazy.priority = place.priority.map(|span| {
                self.source()
                    .text(trim_span(self.source().bytes(), span))
                    .into()
            });
        }
    }
}

/// A cell or value as people read it; none where it is empty.
fn display(raw: &str) -> Option<Box<str>> {
    let text = plain(trim(raw), Plain::Display);
    let text = collapse(&text);
    (!text.is_empty()).then(|| text.into())
}

/// Whether a text is its own display and normal form: printable ASCII, no markup, single spaces.
fn is_plain(raw: &str) -> bool {
    let mut previous = b' ';
    let tidy = raw.bytes().all(|b| {
        let ok = (b'!'..=b'~').contains(&b) && !b"*_~`[]<\\:".contains(&b)
            || b == b' ' && previous != b' ';
        previous = b;
        ok
    });
    tidy && previous != b' '
}

/// The text that is hashed; see [`Item::normalized_text`].
fn normalize(raw: &str) -> String {
    let text = plain(raw, Plain::Hash);
    let mut clean = String::with_capacity(text.len());
    let mut rest = &*text;
    while let Some(c) = rest.chars().next() {
        let symbol = if c.is_ascii() && c != ':' {
            None
        } else {
            pictograph_at(rest)
        };
        match symbol {
            // A damaged symbol becomes the symbol it was; a status symbol goes.
            Some(found) if symbol_state(found.symbol).is_none() => clean.push(found.symbol),
            Some(_) => {}
            None => clean.push(c),
        }
        rest = &rest[symbol.map_or(c.len_utf8(), |found| found.length)..];
    }
    let composed: String = clean.nfc().collect();
    collapse(&composed).into_owned()
}

impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Item")
            .field("id", &self.id())
            .field("line", &self.line)
            .field("state", &self.state)
            .field("state_text", &self.state_text())
            .field("requirement", &self.requirement())
            .finish_non_exhaustive()
    }
}

/// A box that a person ticks when signing; never bound, never counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignOff {
    pub(crate) text: String,
    pub(crate) ticked: bool,
    pub(crate) line: usize,
    pub(crate) section: Vec<String>,
    /// The byte between the brackets.
    pub(crate) mark: usize,
}

impl SignOff {
    /// Its text, plain.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is ticked.
    pub fn ticked(&self) -> bool {
        self.ticked
    }

    /// Its line, 1-based.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The headings it stands under, as for an item.
    pub fn section(&self) -> &[String] {
        &self.section
    }
}
