//! The rows of a table that are items: their id, their state, and what is wrong with them.

use std::sync::Arc;

use super::walk::Walk;
use super::{markers_in, without_comments, without_outer_comments};
use crate::blocks::TextLine;
use crate::diagnostic::{Code, Diagnostic};
use crate::ids::cell_id;
use crate::item::{Context, IdOrigin, Item, Place, State};
use crate::marker::{MACHINE, Marker};
use crate::source::{Source, Span, trim_span};
use crate::status::{Look, Reading, box_at, read};
use crate::table::cells::{self, Cells};
use crate::table::roles::Roles;
use crate::table::{Collector, Usage};
use crate::text::{Text, quoted};

/// What the rows of one table share while they are read.
pub(super) struct Rows<'a> {
    pub roles: Arc<Roles>,
    pub context: Arc<Context>,
    /// Why no row of this table can be written.
    pub read_only: Option<Arc<Diagnostic>>,
    pub cells: Cells,
    /// The last status text.
    pub last: Option<Last>,
    pub texts: Collector<'a>,
}

/// A status text and what it says.
#[derive(Clone, Copy)]
pub(super) struct Last {
    span: Span,
    pub reading: Reading,
    /// It is the one that was counted last.
    counted: bool,
}

impl Last {
    /// As the next table finds it.
    fn uncounted(self) -> Self {
        Self {
            counted: false,
            ..self
        }
    }
}

impl Rows<'_> {
    /// Counts the status text of a row that can be written.
    fn count(&mut self) {
        let Some(last) = self.last.as_mut().filter(|last| !last.span.is_empty()) else {
            return;
        };
        if last.counted {
            self.texts.again();
        } else {
            last.counted = true;
            self.texts.add(Usage {
                span: last.span,
                count: 1,
                reading: last.reading,
            });
        }
    }
}

impl Walk<'_> {
    pub(super) fn rows<'a>(&mut self, body: &[TextLine], mut rows: Rows<'a>)
    where
        Self: 'a,
    {
        self.items.reserve(body.len());
        for line in body {
            if !self.survey.in_region(line.line) {
                self.row(*line, &mut rows);
            }
        }
        let Rows {
            context,
            texts,
            cells,
            last,
            ..
        } = rows;
        self.cells = cells;
        self.last = last.map(Last::uncounted);
        if let Some(table) = &context.table {
            table.texts.get_or_init(|| texts.texts());
        }
    }

    fn row(&mut self, line: TextLine, rows: &mut Rows<'_>) {
        let source = self.source;
        let bytes = source.bytes();
        cells::split(bytes, line.span, &mut rows.cells);
        let cell = |column: Option<usize>| {
            column
                .and_then(|column| rows.cells.trimmed(bytes, column))
                .filter(|span| !span.is_empty())
        };
        let (id_cell, requirement) = (cell(rows.roles.id), cell(rows.roles.requirement));
        let Some(subject) = requirement.or(id_cell) else {
            return;
        };
        let emphasis = matches!(bytes[subject.start as usize], b'*' | b'_');
        if emphasis && is_group(bytes, &rows.cells, &rows.roles) {
            return;
        }
        let raw = requirement_in(source, subject);
        if raw.is_empty() && id_cell.is_none() {
            return;
        }
        let status = rows
            .roles
            .status
            .and_then(|column| rows.cells.cells.get(column))
            .copied();
        let mut item = Item::new(
            Arc::clone(&rows.context),
            Place::Row(status),
            Text::of(source, raw),
            line.line,
        );
        self.row_id(&mut item, line, id_cell, subject);
        let last = self.row_state(&mut item, status, rows);
        let fault = rows.read_only.clone().or_else(|| {
            let fault = self.row_fault(line, rows, last)?;
            let fault = if item.id_origin == IdOrigin::Derived {
                fault
            } else {
                fault.about(item.id())
            };
            self.diagnostics.push(fault.clone());
            Some(Arc::new(fault))
        });
        match fault {
            Some(fault) => item.set_read_only(fault),
            None => rows.count(),
        }
        if let Some(Last { span, reading, .. }) = last {
            self.report_reading(&item, span, reading);
        }
        self.ids_rise = self.ids_rise
            && item.id_origin != IdOrigin::Derived
            && self
                .items
                .last()
                .is_none_or(|last| last.id_bytes() < item.id_bytes());
        self.items.push(item);
    }

    fn row_id(&self, item: &mut Item, line: TextLine, id_cell: Option<Span>, subject: Span) {
        for placed in markers_in(self.markers, line.span) {
            let inside =
                |cell: Span| cell.start <= placed.span.start && placed.span.end <= cell.end;
            if let Marker::Req(id) = &placed.marker
                && (inside(subject) || id_cell.is_some_and(inside))
            {
                item.set_id(id.clone().into(), IdOrigin::Marker);
                return;
            }
        }
        let Some(span) = id_cell else { return };
        let span = without_comments(self.source, span);
        let text = self.source.text(span);
        if let Some(id) = cell_id(&text) {
            let as_it_stands = id.len() == span.len() && self.source.is_utf8();
            let id = if as_it_stands {
                Text::Span(span)
            } else {
                id.into_owned().into()
            };
            item.set_id(id, IdOrigin::Column);
        }
    }

    fn row_state(
        &self,
        item: &mut Item,
        status: Option<Span>,
        rows: &mut Rows<'_>,
    ) -> Option<Last> {
        let Some(cell) = status else {
            item.state = if rows.roles.status.is_some() {
                State::NotRun
            } else {
                State::Unknown
            };
            return None;
        };
        let source = self.source;
        let span = trim_span(source.bytes(), cell);
        let says_the_same = |last: &Last| source.slice(last.span) == source.slice(span);
        let last = match rows.last.filter(says_the_same) {
            Some(last) => Last { span, ..last },
            None => *rows.last.insert(self.read_status(span)),
        };
        item.state = last.reading.state;
        Some(last)
    }

    pub(super) fn read_status(&self, span: Span) -> Last {
        let text = self.source.text(span);
        let reading = read(&text, &self.survey.legend);
        Last {
            span,
            reading: Reading {
                // Our marker has no business in a status cell.
                complex: reading.complex || text.contains(MACHINE),
                ..reading
            },
            counted: false,
        }
    }

    /// Why this row cannot be written, if it cannot.
    fn row_fault(&self, line: TextLine, rows: &Rows<'_>, last: Option<Last>) -> Option<Diagnostic> {
        let cells = &rows.cells;
        let status = rows.roles.status?;
        let bytes = self.source.bytes();
        let pipe = cells.pipe_in_code(bytes, line.span);
        if let (Some(Last { reading, .. }), None, false) = (last, pipe, cells.ambiguous)
            && !reading.complex
            && reading.state != State::Unknown
        {
            // The usual row.
            return None;
        }
        let fault = |code, span, message: &str, hint| {
            Some(Diagnostic::new(
                code,
                line.line,
                span,
                message.to_owned(),
                hint,
            ))
        };
        if cells.ambiguous {
            let message = "renderers disagree on whether `\\\\|` ends a cell";
            return fault(
                Code::PipeAmbiguous,
                line.span,
                message,
                "write `\\|` for a pipe, or put a space before it",
            );
        }
        if let Some(pipe) = pipe
            && cells
                .cells
                .get(status)
                .is_none_or(|cell| pipe <= cell.end as usize)
        {
            let message = "a pipe inside code splits the cell and shifts those behind it";
            return fault(
                Code::RowPipeInCode,
                Span::new(pipe, pipe + 1),
                message,
                "write `\\|` inside the code",
            );
        }
        if cells.cells.get(status).is_none() {
            return fault(
                Code::RowShort,
                line.span,
                "the row ends before its status cell",
                "complete the row",
            );
        }
        let Last { span, reading, .. } = last?;
        let text = self.source.text(span);
        if reading.state == State::Unknown && crate::boxes::odd_box(&text).is_some() {
            let message = format!("`{}` is no box that markdown knows", quoted(&text));
            return fault(Code::BoxOdd, span, &message, "write `[ ]` or `[x]`");
        }
        if reading.complex {
            let message = "the status cell holds more than one status, or markup";
            return fault(
                Code::StatusCellComplex,
                span,
                message,
                "leave one status in the cell",
            );
        }
        None
    }

    fn report_reading(&mut self, item: &Item, span: Span, reading: Reading) {
        let mut report = |code, message: String, hint| {
            let found = Diagnostic::new(code, item.line, span, message, hint);
            self.diagnostics
                .push(if item.id_origin == IdOrigin::Derived {
                    found
                } else {
                    found.about(item.id())
                });
        };
        if reading.contradiction {
            let message = format!(
                "symbol and word disagree in \"{}\"; it is read as {}",
                quoted(item.state_text()),
                reading.state
            );
            report(Code::StateContradiction, message, "let both say the same");
        }
        if reading.state == State::Unknown
            && reading.look == Look::Other
            && item.read_only().is_none()
        {
            let message = format!(
                "\"{}\" is no status that is known",
                quoted(item.state_text())
            );
            report(
                Code::StatusUnknown,
                message,
                "use a common word, or add this one to a legend",
            );
        }
    }
}

/// The requirement in its cell, without comments and without a box that shares the cell.
#[inline]
pub(super) fn requirement_in(source: &Source, cell: Span) -> Span {
    let raw = without_comments(source, cell);
    if box_at(source.slice(raw)).is_none() {
        return raw;
    }
    without_outer_comments(
        source,
        Span {
            start: raw.start + 3,
            end: raw.end,
        },
    )
}

/// A row that groups those below it: only id or requirement are filled, all of it bold.
fn is_group(bytes: &[u8], cells: &Cells, roles: &Roles) -> bool {
    let mut any = false;
    for column in 0..cells.cells.len() {
        let Some(span) = cells.trimmed(bytes, column).filter(|span| !span.is_empty()) else {
            continue;
        };
        let text = &bytes[span.range()];
        let subject = roles.id == Some(column) || roles.requirement == Some(column);
        if !subject || !is_bold(text) {
            return false;
        }
        any = true;
    }
    any
}

fn is_bold(text: &[u8]) -> bool {
    let inside = |mark: &[u8]| {
        text.strip_prefix(mark)
            .and_then(|rest| rest.strip_suffix(mark))
            .is_some_and(|inner| !inner.is_empty() && memchr::memmem::find(inner, mark).is_none())
    };
    inside(b"**") || inside(b"__")
}
