//! Collecting the edits of one rewrite, and applying them.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::choose::{Chooser, Column};
use super::{Edit, EditKind, ItemUpdate, Rewrite, Update};
use crate::checklist::Checklist;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::item::{Context, Item, Place, State};
use crate::source::{Source, Span};

/// How many other lines the report of one item names.
const MOST_RELATED: usize = 20;

/// For how many unknown ids the nearest are looked for, each among all items.
const MOST_SUGGESTIONS: usize = 50;

/// The edits so far and what they are made from.
pub(super) struct Writer<'a> {
    pub checklist: &'a Checklist,
    pub chooser: Chooser<'a>,
    /// What is known of a table's status column, by the table's context.
    columns: HashMap<*const Context, Rc<Column<'a>>>,
    last_column: Option<(*const Context, Rc<Column<'a>>)>,
    edits: Vec<Edit>,
    diagnostics: Vec<Diagnostic>,
    /// How many ids no item has.
    unknown: usize,
}

impl<'a> Writer<'a> {
    pub fn new(checklist: &'a Checklist) -> Self {
        Self {
            checklist,
            chooser: Chooser::new(checklist),
            columns: HashMap::new(),
            last_column: None,
            edits: Vec::new(),
            diagnostics: Vec::new(),
            unknown: 0,
        }
    }

    pub fn source(&self) -> &'a Source {
        &self.checklist.source
    }

    /// The document as it is, with the reasons why nothing of it is written.
    pub fn refuse(self) -> Rewrite {
        let errors = self
            .checklist
            .diagnostics()
            .iter()
            .filter(|d| d.severity == Severity::FileError);
        Rewrite {
            bytes: self.checklist.bytes().to_vec(),
            edits: Vec::new(),
            diagnostics: errors.cloned().collect(),
        }
    }

    /// Adds an edit unless it would change nothing.
    pub fn edit(&mut self, span: Span, text: &[u8], line: u32, what: EditKind) {
        if self.source().slice(span) != text {
            self.edits.push(Edit {
                span: span.range(),
                text: text.into(),
                line,
                what,
            });
        }
    }

    pub fn edits(&self) -> &[Edit] {
        &self.edits
    }

    pub fn last_edit(&self) -> Option<&Edit> {
        self.edits.last()
    }

    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Adds to the text of the last edit.
    pub fn extend_last(&mut self, text: &[u8]) {
        if let Some(edit) = self.edits.last_mut() {
            edit.text = [&*edit.text, text].concat().as_slice().into();
        }
    }

    pub fn items(&mut self, update: &Update) {
        let parts = &self.checklist.parts;
        let mut place = 0;
        self.edits.reserve(update.items.len());
        for (id, result) in &update.items {
            let Some(first) = parts.index.first_from(&parts.items, id, &mut place) else {
                self.unknown(id);
                continue;
            };
            self.item(&parts.items, first, result);
            for other in parts.index.others(first) {
                self.item(&parts.items, other, result);
            }
        }
    }

    fn unknown(&mut self, id: &str) {
        self.unknown += 1;
        let hint = if self.unknown > MOST_SUGGESTIONS {
            "no suggestion: too many ids are unknown; is it the right document?".to_owned()
        } else {
            self.suggestion(id)
        };
        let message = "no item has this id".to_owned();
        self.diagnostics
            .push(Diagnostic::new(Code::IdUnknown, 1, Span::default(), message, &hint).about(id));
    }

    fn suggestion(&self, id: &str) -> String {
        let near = self.checklist.nearest(id);
        if near.is_empty() {
            return "no id is like it".to_owned();
        }
        let near = near
            .iter()
            .map(|item| format!("{} (line {})", item.id(), item.line()));
        format!("nearest: {}", near.collect::<Vec<_>>().join(", "))
    }

    fn item(&mut self, items: &'a [Item], number: usize, result: &ItemUpdate) {
        let item = &items[number];
        if let Some(fault) = item.read_only() {
            self.diagnostics.push(Diagnostic {
                severity: Severity::ItemError,
                line: item.line(),
                id: Some(item.id().to_owned()),
                // All of them would make the report of a thousand equal items a million lines.
                related: fault.related.iter().copied().take(MOST_RELATED).collect(),
                message: fault.message.clone(),
                hint: fault.hint.clone(),
                span: fault.span.clone(),
                code: fault.code,
            });
            return;
        }
        match &item.place {
            Place::Row(status) => {
                let column = self.column(item);
                self.row(item, *status, &column, result);
            }
            Place::Box(place) => self.box_item(item, place, result),
        }
    }

    /// What is known of the status column that this row belongs to.
    fn column(&mut self, item: &'a Item) -> Rc<Column<'a>> {
        let key = Arc::as_ptr(&item.context);
        if let Some((known, column)) = &self.last_column
            && *known == key
        {
            return Rc::clone(column);
        }
        let column = self
            .columns
            .entry(key)
            .or_insert_with(|| Rc::new(Column::new(&item.context)));
        self.last_column = Some((key, Rc::clone(column)));
        Rc::clone(column)
    }

    pub fn sign_offs(&mut self, update: &Update) {
        let upper = self.checklist.parts.upper_ticks;
        for sign_off in self.checklist.sign_offs() {
            let Some(&ticked) = update.sign_offs.get(sign_off.text()) else {
                continue;
            };
            if ticked != sign_off.ticked() {
                let span = Span::new(sign_off.mark, sign_off.mark + 1);
                let line = crate::source::narrow(sign_off.line());
                self.edit(span, tick(ticked, upper), line, EditKind::SignOff);
            }
        }
    }

    /// Whether a state already says what is to be written.
    pub fn says(state: State, status: super::Status) -> bool {
        match status {
            super::Status::Pass => state == State::Pass,
            super::Status::Warn => state == State::Warn,
            super::Status::Fail => state == State::Fail,
            super::Status::Skip => matches!(state, State::NotRun | State::NotApplicable),
        }
    }

    /// Writes the day, but only if something else of the file changes too.
    pub fn date(&mut self, today: Option<&str>) {
        let Some(today) = today.filter(|today| crate::claims::is_date(today)) else {
            return;
        };
        if self.edits.is_empty() {
            return;
        }
        for owned in &self.checklist.parts.owned {
            if owned.kind == crate::claims::OwnedKind::Date {
                self.edit(owned.span, today.as_bytes(), owned.line, EditKind::Date);
            }
        }
    }

    pub fn finish(mut self) -> Rewrite {
        self.diagnostics
            .sort_by(|a, b| (a.line, &a.id).cmp(&(b.line, &b.id)));
        let input = self.checklist.bytes();
        // Mostly the ids are in the order of the document, and nothing is to be sorted.
        let length = length_after(input, &self.edits).or_else(|| {
            self.edits.sort_by_key(order);
            length_after(input, &self.edits)
        });
        debug_assert!(length.is_some(), "owned spans overlap: {:?}", self.edits);
        if length.is_none() {
            // Rather nothing than a harmed document.
            self.edits.clear();
        }
        let bytes = apply(input, &self.edits, length.unwrap_or(input.len()));
        Rewrite {
            bytes,
            edits: self.edits,
            diagnostics: self.diagnostics,
        }
    }
}

/// The character of a box.
pub(super) fn tick(ticked: bool, upper: bool) -> &'static [u8] {
    match (ticked, upper) {
        (false, _) => b" ",
        (true, false) => b"x",
        (true, true) => b"X",
    }
}

/// What edits are sorted by. Of two new lines at one place the one of the later, inner item comes first.
fn order(edit: &Edit) -> (usize, usize, Reverse<u32>) {
    (edit.span.start, edit.span.end, Reverse(edit.line))
}

/// The length of the input with these edits applied; none where they are not in order, or overlap.
fn length_after(input: &[u8], edits: &[Edit]) -> Option<usize> {
    let mut length = input.len();
    let mut before: Option<&Edit> = None;
    for edit in edits {
        if before.is_some_and(|last| last.span.end > edit.span.start || order(last) > order(edit)) {
            return None;
        }
        length = length + edit.text.len() - edit.span.len();
        before = Some(edit);
    }
    Some(length)
}

/// The input with sorted, disjoint edits applied, which make it this long.
fn apply(input: &[u8], edits: &[Edit], length: usize) -> Vec<u8> {
    let mut output = Vec::with_capacity(length);
    let mut at = 0;
    for edit in edits {
        output.extend_from_slice(&input[at..edit.span.start]);
        output.extend_from_slice(&edit.text);
        at = edit.span.end;
    }
    output.extend_from_slice(&input[at..]);
    output
}
