//! An item of a checklist: one row or one box.
//!
//! An item is small, because a document may hold hundreds of thousands: it keeps spans and makes
//! plain texts when they are first asked for.

mod sign_off;
mod state;
mod wording;

use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::boxes::{BoxPlace, Key};
use crate::diagnostic::Diagnostic;
use crate::ids::slug;
use crate::inline::{Plain, collapse, plain};
use crate::marker::machine_marker;
use crate::source::{Source, Span, narrow, trim_span};
use crate::table::Table;
use crate::table::cells::{self, Cells};
use crate::text::Text;
pub use sign_off::SignOff;
pub use state::{IdOrigin, Shape, State};
use wording::{display, is_plain, normalize};

/// What the items of one section, or of one table, have in common.
#[derive(Debug)]
pub(crate) struct Context {
    pub source: Arc<Source>,
    pub section: Vec<String>,
    /// The slug of the innermost section, for derived ids; made when first needed.
    slug: OnceLock<Box<str>>,
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
                .map(|heading| slug(heading).into())
                .unwrap_or_default()
        })
    }
}

/// Where an item stands in the document.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// A row: its status cell with the padding; none where the row has no such cell.
    Row(Option<Span>),
    Box(Box<BoxPlace>),
}

/// What few items have: texts that do not stand in the document as they are wanted, and a fault.
#[derive(Clone, Debug, Default)]
struct Own {
    id: Option<Box<str>>,
    raw: Option<Box<str>>,
    read_only: Option<Arc<Diagnostic>>,
}

/// What most items of a large document have no need of.
#[derive(Clone, Debug, Default)]
struct More {
    own: Own,
    lazy: OnceLock<Lazy>,
}

/// What is only made when somebody asks.
#[derive(Clone, Debug, Default)]
struct Lazy {
    requirement: Option<Box<str>>,
    normalized: Option<Box<str>>,
    state_text: Option<Box<str>>,
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
    /// Where its id stands, unless it is one of its own.
    id: Span,
    /// The requirement with its markup, without id and status.
    raw: Span,
    pub(crate) place: Place,
    more: OnceLock<Box<More>>,
    pub(crate) line: u32,
    pub(crate) state: State,
    pub(crate) id_origin: IdOrigin,
}

// A document may hold hundreds of thousands; what makes them larger has to be worth it.
const _: () = assert!(size_of::<Item>() <= 64);

impl Item {
    #[inline]
    pub(crate) fn new(context: Arc<Context>, place: Place, raw: Text, line: u32) -> Self {
        let mut item = Self {
            context,
            id: Span::default(),
            raw: Span::default(),
            place,
            more: OnceLock::new(),
            line,
            state: State::NotRun,
            id_origin: IdOrigin::Derived,
        };
        match raw {
            Text::Span(span) => item.raw = span,
            Text::Owned(text) => item.change_own(|own| own.raw = Some(text)),
        }
        item
    }

    #[inline]
    pub(crate) fn set_id(&mut self, id: Text, origin: IdOrigin) {
        match id {
            Text::Span(span) => {
                self.id = span;
                if let Some(more) = self.more.get_mut() {
                    more.own.id = None;
                }
            }
            Text::Owned(text) => self.change_own(|own| own.id = Some(text)),
        }
        self.id_origin = origin;
    }

    pub(crate) fn set_read_only(&mut self, fault: Arc<Diagnostic>) {
        self.change_own(|own| own.read_only = Some(fault));
    }

    fn change_own(&mut self, change: impl FnOnce(&mut Own)) {
        let mut more = self.more.take().unwrap_or_default();
        change(&mut more.own);
        self.more = more.into();
    }

    fn own(&self) -> Option<&Own> {
        self.more.get().map(|more| &more.own)
    }

    pub(crate) fn source(&self) -> &Source {
        &self.context.source
    }

    /// Its id.
    pub fn id(&self) -> &str {
        match self.own().and_then(|own| own.id.as_deref()) {
            Some(id) => id,
            None => self.source().str(self.id).unwrap_or_default(),
        }
    }

    /// Its id, for comparing it.
    pub(crate) fn id_bytes(&self) -> &[u8] {
        match self.own().and_then(|own| own.id.as_deref()) {
            Some(id) => id.as_bytes(),
            None => self.source().slice(self.id),
        }
    }

    /// The requirement as it stands in the document, with its markup.
    pub(crate) fn raw(&self) -> &str {
        match self.own().and_then(|own| own.raw.as_deref()) {
            Some(raw) => raw,
            None => self.source().str(self.raw).unwrap_or_default(),
        }
    }

    /// Where the id comes from.
    pub fn id_origin(&self) -> IdOrigin {
        self.id_origin
    }

    /// The requirement as plain text for display, without id and status.
    pub fn requirement(&self) -> &str {
        let raw = self.raw();
        if is_plain(raw) {
            raw
        } else {
            self.lazy().requirement.as_deref().unwrap_or(raw)
        }
    }

    /// The requirement in the form that is hashed to notice a changed text: without markup,
    /// status symbols and superfluous space, in Unicode normal form C.
    pub fn normalized_text(&self) -> &str {
        let raw = self.raw();
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
        let start = self.start() as usize;
        1 + start - self.source().line_start(start)
    }

    /// Where its first line starts, behind the prefix of its containers.
    pub(crate) fn start(&self) -> u32 {
        match &self.place {
            Place::Row(_) => self.row_line().start,
            Place::Box(place) => place.item.marker,
        }
    }

    /// The line of a row without the prefix of its containers.
    pub(crate) fn row_line(&self) -> Span {
        let table = self.context.table.as_ref();
        table
            .and_then(|table| table.line(self.line))
            .unwrap_or_default()
    }

    /// What the author's document says.
    pub fn state(&self) -> State {
        self.state
    }

    /// The words or symbols that say it, as they stand there. Bytes that are not UTF-8 are
    /// replaced.
    pub fn state_text(&self) -> &str {
        match &self.place {
            Place::Row(status) => {
                let source = self.source();
                let span = status.map_or(Span::default(), |cell| trim_span(source.bytes(), cell));
                source
                    .str(span)
                    .or_else(|| self.lazy().state_text.as_deref())
                    .unwrap_or_default()
            }
            Place::Box(place) => place.state_text.get(self.source()),
        }
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
        match &self.place {
            Place::Row(_) => 0,
            Place::Box(place) => usize::from(place.depth),
        }
    }

    /// The index, among the items, of the box that sums it up.
    pub fn parent(&self) -> Option<usize> {
        match &self.place {
            Place::Row(_) => None,
            Place::Box(place) => place.parent.map(|parent| parent as usize),
        }
    }

    /// Why its status cannot be written, if it cannot.
    pub fn read_only(&self) -> Option<&Diagnostic> {
        self.own()?.read_only.as_deref()
    }

    fn lazy(&self) -> &Lazy {
        let more = self.more.get_or_init(Box::default);
        more.lazy.get_or_init(|| {
            let mut lazy = Lazy::default();
            let raw = self.raw();
            if !is_plain(raw) {
                lazy.requirement = Some(collapse(&plain(raw, Plain::Display)).into());
                lazy.normalized = Some(normalize(raw).into());
            }
            match &self.place {
                Place::Row(status) => self.row_details(*status, &mut lazy),
                Place::Box(place) => self.box_details(place, &mut lazy),
            }
            lazy
        })
    }

    fn row_details(&self, status: Option<Span>, lazy: &mut Lazy) {
        let Some(table) = &self.context.table else {
            return;
        };
        if let (Some(cell), false) = (status, self.source().is_utf8()) {
            let span = trim_span(self.source().bytes(), cell);
            lazy.state_text = Some(self.source().text(span).into());
        }
        let row = self.row_line();
        let mut cells = Cells::default();
        cells::split(self.source().bytes(), row, &mut cells);
        let line = self.source().slice(row);
        let text = |column: Option<usize>| {
            let mut span = cells.trimmed(self.source().bytes(), column?)?;
            let offset = row.start as usize;
            if let Some((at, _)) = machine_marker(
                line,
                span.start as usize - offset,
                span.end as usize - offset,
            ) {
                span.end = row.start + narrow(at);
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
