//! Tables: finding the columns and deciding what a table is; its rows are read next door.

use std::cell::OnceCell;
use std::sync::{Arc, OnceLock};

use super::rows::{Rows, requirement_in};
use super::survey::{cell_texts, named};
use super::walk::Walk;
use crate::blocks::TextLine;
use crate::diagnostic::{Code, Diagnostic};
use crate::item::Context;
use crate::marker::Marker;
use crate::source::{Source, Span, trim_span};
use crate::status::Look;
use crate::table::cells::{self, Cells};
use crate::table::kind::{self, Kind, Shape};
use crate::table::roles::{self, Named, Roles, normalize};
use crate::table::{Collector, Table};

/// A header row and what was decided from it.
pub(super) struct Heads {
    line: Span,
    named: Named,
    names: Vec<String>,
    roles: Arc<Roles>,
    /// What the table is, where the rows have no say in it.
    kind: Option<Kind>,
}

impl Heads {
    /// Statuses, and something that no header calls a requirement: with a symbol in each row the table
    /// would read as one that explains them.
    fn may_become_a_legend(&self) -> bool {
        self.roles.guessed && self.roles.status == Some(0) && self.names.len() <= 3
    }
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
        let heads = self.heads(*header, body);
        let kind = self.kind(&heads, body);
        if matches!(kind, Kind::Status | Kind::NoStatus) {
            let table = Table {
                roles: Arc::clone(&heads.roles),
                lines: lines.into(),
                texts: OnceLock::new(),
            };
            let context = Context::new(Arc::clone(source), self.sections.path(), Some(table));
            let read_only = self.table_fault(&heads, *header);
            let rows = Rows {
                roles: Arc::clone(&heads.roles),
                context: Arc::new(context),
                read_only,
                cells: std::mem::take(&mut self.cells),
                last: self.last,
                texts: Collector::new(source),
            };
            self.rows(body, rows);
        } else if kind == Kind::Legend {
            self.doubt_legend(&heads, *header, body);
        }
        self.heads = Some(heads);
    }

    /// Reports a table that says by its headers that it explains statuses, and does not look so.
    fn doubt_legend(&mut self, heads: &Heads, header: TextLine, body: &[TextLine]) {
        if heads.names[0] != "status" {
            return;
        }
        let first = |line: &TextLine| cell_texts(self.source, line.span, &[0]).pop();
        let mut texts: Vec<_> = body.iter().filter_map(first).collect();
        let count = texts.len();
        texts.sort_unstable();
        texts.dedup();
        if texts.len() == count && texts.first().is_none_or(|text| !text.is_empty()) {
            return;
        }
        self.diagnostics.push(Diagnostic::new(
            Code::LegendDoubtful,
            header.line,
            header.span,
            "by its headers this table explains statuses, so its rows are no items".to_owned(),
            "if they are, call the second column \"Requirement\"",
        ));
    }

    fn kind(&self, heads: &Heads, body: &[TextLine]) -> Kind {
        let sign_off_section = self.sections.is_sign_off();
        if let Some(kind) = heads.kind.filter(|_| !sign_off_section) {
            return kind;
        }
        let shape = Shape {
            headers: &heads.names,
            rows: body.len(),
            cells: &|row, columns| cell_texts(self.source, body[row].span, columns),
            sign_off_section,
        };
        match kind::decide(&shape, &heads.roles) {
            Kind::Status
                if heads.may_become_a_legend() && !self.says_no_symbols(&heads.roles, body) =>
            {
                Kind::Other
            }
            kind => kind,
        }
    }

    /// Whether boxes or words are what a column of statuses in front of their subject mostly holds, so
    /// that no symbols will be written to it.
    fn says_no_symbols(&self, roles: &Roles, body: &[TextLine]) -> bool {
        let bytes = self.source.bytes();
        let mut split = Cells::default();
        let (mut symbols, mut words, mut both, mut boxes) = (0, 0, 0, 0);
        for line in body {
            cells::split(bytes, line.span, &mut split);
            let subject = roles
                .requirement
                .and_then(|column| split.trimmed(bytes, column));
            let Some((status, subject)) = split.trimmed(bytes, 0).zip(subject) else {
                continue;
            };
            if requirement_in(self.source, subject).is_empty() {
                continue;
            }
            let reading = self.read_status(status).reading;
            // What is not written does not say how its column is written.
            let shifted = split
                .pipe_in_code(bytes, line.span)
                .is_some_and(|pipe| pipe <= split.cells[0].end as usize);
            if reading.complex || split.ambiguous || shifted {
                continue;
            }
            match reading.look {
                Look::Symbol => symbols += 1,
                Look::Word => words += 1,
                Look::SymbolWord => both += 1,
                Look::Box | Look::BoxText => boxes += 1,
                Look::Empty | Look::Other => {}
            }
        }
        words.max(both).max(boxes) > symbols
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
        let ordinals = OnceCell::new();
        let ordinal = |column: usize| {
            let found = ordinals.get_or_init(|| ordinals_among(source, &columns, body));
            found.contains(&column)
        };
        let roles = roles::decide(&columns, &named, ordinal);
        Heads {
            line: header.span,
            named,
            kind: kind::by_headers(&columns, &roles),
            names: columns,
            roles: Arc::new(roles),
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
            // From below: what stands between is read once, however many tables follow.
            if self.source.bytes()[between]
                .iter()
                .rev()
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
}

/// The columns below `#` whose cells are 1, 2, 3 and so on. All at once, because each row is split
/// for them.
fn ordinals_among(source: &Source, headers: &[String], body: &[TextLine]) -> Vec<usize> {
    let numbered = |&column: &usize| headers[column] == "#";
    let mut columns: Vec<usize> = (0..headers.len()).filter(numbered).collect();
    for (row, line) in body.iter().enumerate() {
        let mut texts = cell_texts(source, line.span, &columns).into_iter();
        columns.retain(|_| {
            let text = texts.next().unwrap_or_default();
            text.trim_end_matches('.').parse() == Ok(row + 1)
        });
        if columns.is_empty() {
            break;
        }
    }
    columns
}
