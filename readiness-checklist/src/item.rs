//! An item of a checklist: one row or one box.

use crate::diagnostic::Diagnostic;

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
    /// Made from the section and the first words.
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

/// One row or box.
#[derive(Debug, Clone)]
pub struct Item {
    id: String,
    id_origin: IdOrigin,
    requirement: String,
    normalized: String,
    section: Vec<String>,
    line: usize,
    column: usize,
    state: State,
    state_text: String,
    test: Option<String>,
    notes: Option<String>,
    owner: Option<String>,
    priority: Option<String>,
    due: Option<String>,
    evidence: Option<String>,
    shape: Shape,
    depth: usize,
    parent: Option<usize>,
    read_only: Option<Diagnostic>,
}

impl Item {
    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Where the id comes from.
    pub fn id_origin(&self) -> IdOrigin {
        self.id_origin
    }

    /// The requirement as plain text for display, without id and status.
    pub fn requirement(&self) -> &str {
        &self.requirement
    }

    /// The requirement in the form that is hashed to notice a changed text: without markup,
    /// symbols and superfluous space.
    pub fn normalized_text(&self) -> &str {
        &self.normalized
    }

    /// The headings it stands under, outermost first, without the title of the document.
    pub fn section(&self) -> &[String] {
        &self.section
    }

    /// Its line, 1-based.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column of its first byte on that line, 1-based, in bytes.
    pub fn column(&self) -> usize {
        self.column
    }

    /// What the author's document says.
    pub fn state(&self) -> State {
        self.state
    }

    /// The words or symbols that say it, as they stand there.
    pub fn state_text(&self) -> &str {
        &self.state_text
    }

    /// The author's words on how it is tested.
    pub fn test(&self) -> Option<&str> {
        self.test.as_deref()
    }

    /// The author's note, without what the tool wrote behind it.
    pub fn notes(&self) -> Option<&str> {
        self.notes.as_deref()
    }

    /// Who is responsible.
    pub fn owner(&self) -> Option<&str> {
        self.owner.as_deref()
    }

    /// How important it is.
    pub fn priority(&self) -> Option<&str> {
        self.priority.as_deref()
    }

    /// When it is due.
    pub fn due(&self) -> Option<&str> {
        self.due.as_deref()
    }

    /// Where the proof is.
    pub fn evidence(&self) -> Option<&str> {
        self.evidence.as_deref()
    }

    /// Row or box.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// How many boxes it is nested in.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// The index, among the items, of the box that sums it up.
    pub fn parent(&self) -> Option<usize> {
        self.parent
    }

    /// Why its status cannot be written, if it cannot.
    pub fn read_only(&self) -> Option<&Diagnostic> {
        self.read_only.as_ref()
    }
}

/// A box that a person ticks when signing; never bound, never counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignOff {
    pub(crate) text: String,
    pub(crate) ticked: bool,
    pub(crate) line: usize,
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
}
