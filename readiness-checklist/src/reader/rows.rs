//! Tables: finding the columns, deciding the kind, and reading the rows that are items.

use std::sync::Arc;

use super::survey::{cell_text, named};
use super::walk::Walk;
use super::{markers_in, without_comments, without_outer_comments};
use crate::blocks::TextLine;
use crate::diagnostic::{Code, Diagnostic};
use crate::ids::cell_id;
use crate::item::{Context, IdOrigin, Item, Place, Row, State};
use crate::marker::{MACHINE, Marker};
use crate::source::{Span, trim_span};
use crate::status::{Look, Reading, box_at, read};
use crate::table::Table;
use crate::table::cells::{self, Cells};
use crate::table::kind::{self, Kind, Shape};
use crate::table::roles::{self, Named, Roles, normalize};
use crate::text::Text;

/// What the rows of one table share while they are read.
struct Rows {
    roles: Roles,
    context: Arc<Context>,
    /// Why no row of this table can be written.
    read_only: Option<Arc<Diagnostic>>,
    cells: Cells,
    /// The last status text and what it says; most rows repeat one.
    last: Option<(Span, Reading)>,
}

/// A header row and what was decided from it.
pub(super) struct Heads {
    line: Span,
    named: Named,
    names: Vec<String>,
    roles: Roles,
}

impl Walk<'_> {
    pub(super) fn table(&mut self, lines: &[TextLine]) {
        let [header, _, body @ ..] = lines else {
            return;
        };
        if self.survey.in_region(header.line) {
            return;
        }
        let source = self.source;
        let cell = |row: usize, column: usize| cell_text(source, body[row].span, column);
        let heads = self.heads(*header, body);
        let sign_off_section = self.sections.is_sign_off();
        let shape = Shape {
            headers: &heads.names,
            rows: body.len(),
            cell: &cell,
            sign_off_section,
        };
        let kind = kind::decide(&shape, &heads.roles);
        if matches!(kind, Kind::Status | Kind::NoStatus) {
            let table = Table {
                roles: heads.roles,
                lines: lines.into(),
            };
            let context = Context::new(Arc::clone(source), self.sections.path(), Some(table));
            let read_only = self.table_fault(&heads, *header);
            self.rows(
                body,
                Rows {
                    roles: heads.roles,
                    context: Arc::new(context),
                    read_only,
                    cells: Cells::default(),
                    last: None,
                },
            );
        }
        self.heads = Some(heads);
    }

    /// What the header row says; the tables of a document often share one.
    fn heads(&mut self, header: TextLine, body: &[TextLine]) -> Heads {
        let source = self.source;
        let named = self.columns_named_above(header);
        let known = self.heads.take().filter(|heads| {
            heads.named == named && source.slice(heads.line) == source.slice(header.span)
        });
        // Whether `#` is an id depends on the rows below it.
        let by_header = |heads: &Heads| heads.names.iter().all(|name| name != "#");
        if let Some(heads) = known.filter(by_header) {
            return heads;
        }
        let mut line = Cells::default();
        cells::split(source.bytes(), header.span, &mut line);
        let columns: Vec<String> = line
            .cells
            .iter()
            .map(|&cell| normalize(&source.text(trim_span(source.bytes(), cell))))
            .collect();
        let ordinal = |column: usize| {
            (0..body.len()).all(|row| {
                cell_text(source, body[row].span, column)
                    .trim_end_matches('.')
                    .parse()
                    == Ok(row + 1)
            })
        };
        let roles = roles::decide(&columns, &named, ordinal);
        Heads {
            line: header.span,
            named,
            names: columns,
            roles,
        }
    }

    fn rows(&mut self, body: &[TextLine], mut rows: Rows) {
        self.items.reserve(body.len());
        for line in body {
            if !self.survey.in_region(line.line) {
                self.row(*line, &mut rows);
            }
        }
    }

    /// The columns named by a settings comment right above the table, else by the document's.
    fn columns_named_above(&self, header: TextLine) -> Named {
        let before = self
            .markers
            .partition_point(|placed| placed.span.start < header.span.start);
        let above = self.markers[..before].last().filter(|placed| placed.alone);
        if let Some(placed) = above
            && let Marker::Config(config) = &placed.marker
        {
            let between = placed.span.end as usize..header.span.start as usize;
            if self.source.bytes()[between]
                .iter()
                .all(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n' | b'>'))
            {
                return named(config);
            }
        }
        self.survey.named.clone()
    }

    fn table_fault(&mut self, heads: &Heads, header: TextLine) -> Option<Arc<Diagnostic>> {
        let (headers, roles) = (&heads.names, &heads.roles);
        if let Some((first, second)) = roles.ambiguous {
            let message = format!(
                "the columns \"{}\" and \"{}\" could both hold the status",
                headers[first], headers[second]
            );
            let hint =
                "name one in a comment above the table: `<!-- readiness:config status=\"…\" -->`";
            let fault = Diagnostic::new(
                Code::StatusColumnAmbiguous,
                header.line,
                header.span,
                message,
                hint,
            );
            self.diagnostics.push(fault.clone());
            return Some(Arc::new(fault));
        }
        roles.status.is_none().then(|| {
            let message = "the table has no status column".to_owned();
            let hint = "add a column \"Status\", or name the one that holds it in a comment above the table";
            Arc::new(Diagnostic::new(Code::StatusColumnMissing, header.line, header.span, message, hint))
        })
    }

    fn row(&mut self, line: TextLine, rows: &mut Rows) {
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
        let mut raw = without_comments(source, subject);
        if box_at(&bytes[raw.range()]).is_some() {
            raw = without_outer_comments(
                source,
                Span {
                    start: raw.start + 3,
                    end: raw.end,
                },
            );
        }
        if raw.is_empty() && id_cell.is_none() {
            return;
        }
        let status = rows
            .roles
            .status
            .and_then(|column| rows.cells.cells.get(column))
            .copied();
        let place = Place::Row(Row {
            line: line.span,
            status,
        });
        let mut item = Item::new(
            Arc::clone(&rows.context),
            place,
            Text::of(source, raw),
            line.line,
        );
        self.row_id(&mut item, line, id_cell, subject);
        let reading = self.row_state(&mut item, status, rows);
        let fault = rows.read_only.clone().or_else(|| {
            let fault = self.row_fault(line, rows, reading)?;
            let fault = if item.id_origin == IdOrigin::Derived {
                fault
            } else {
                fault.about(item.id())
            };
            self.diagnostics.push(fault.clone());
            Some(Arc::new(fault))
        });
        item.read_only = fault;
        self.report_reading(&item, status, reading);
        self.items.push(item);
    }

    fn row_id(&self, item: &mut Item, line: TextLine, id_cell: Option<Span>, subject: Span) {
        for placed in markers_in(self.markers, line.span) {
            let inside =
                |cell: Span| cell.start <= placed.span.start && placed.span.end <= cell.end;
            if let Marker::Req(id) = &placed.marker
                && (inside(subject) || id_cell.is_some_and(inside))
            {
                item.id = id.clone().into();
                item.id_origin = IdOrigin::Marker;
                return;
            }
        }
        let Some(span) = id_cell else { return };
        let span = without_comments(self.source, span);
        let text = self.source.text(span);
        if let Some(id) = cell_id(&text) {
            let as_it_stands = id.len() == span.len() && self.source.is_utf8();
            item.id = if as_it_stands {
                Text::Span(span)
            } else {
                id.into_owned().into()
            };
            item.id_origin = IdOrigin::Column;
        }
    }

    fn row_state(&self, item: &mut Item, status: Option<Span>, rows: &mut Rows) -> Option<Reading> {
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
        let reading = match rows.last {
            Some((known, reading)) if source.slice(known) == source.slice(span) => reading,
            _ => {
                let text = source.text(span);
                let reading = read(&text, &self.survey.legend);
                Reading {
                    // Our marker has no business in a status cell.
                    complex: reading.complex || text.contains(MACHINE),
                    ..reading
                }
            }
        };
        rows.last = Some((span, reading));
        item.state = reading.state;
        item.state_text = Text::of(source, span);
        Some(reading)
    }

    /// Why this row cannot be written, if it cannot.
    fn row_fault(
        &self,
        line: TextLine,
        rows: &Rows,
        reading: Option<Reading>,
    ) -> Option<Diagnostic> {
        let cells = &rows.cells;
        let status = rows.roles.status?;
        let bytes = self.source.bytes();
        let pipe = cells.pipe_in_code(bytes, line.span);
        if let (Some(reading), None, false) = (reading, pipe, cells.ambiguous)
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
        let Some(cell) = cells.cells.get(status) else {
            return fault(
                Code::RowShort,
                line.span,
                "the row ends before its status cell",
                "complete the row",
            );
        };
        let reading = reading?;
        let span = trim_span(bytes, *cell);
        let text = self.source.text(span);
        if reading.state == State::Unknown && crate::boxes::odd_box(&text).is_some() {
            let message = format!("`{text}` is no box that markdown knows");
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

    fn report_reading(&mut self, item: &Item, status: Option<Span>, reading: Option<Reading>) {
        let (Some(reading), Some(cell)) = (reading, status) else {
            return;
        };
        let span = trim_span(self.source.bytes(), cell);
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
                item.state_text(),
                reading.state
            );
            report(Code::StateContradiction, message, "let both say the same");
        }
        if reading.state == State::Unknown
            && reading.look == Look::Other
            && item.read_only.is_none()
        {
            let message = format!("\"{}\" is no status that is known", item.state_text());
            report(
                Code::StatusUnknown,
                message,
                "use a common word, or add this one to a legend",
            );
        }
    }
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
