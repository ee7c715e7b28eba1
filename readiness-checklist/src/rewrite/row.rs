//! Writing a row: its status cell and the machine's part of its notes cell.

use std::borrow::Cow;

use super::choose::Column;
use super::reason;
use super::width::display_width;
use super::writer::{Writer, tick};
use super::{EditKind, ItemUpdate, Status};
use crate::blocks::ends_table;
use crate::item::Item;
use crate::marker::{MACHINE, machine_marker};
use crate::source::{Source, Span, narrow, trim_span};
use crate::status::box_at;
use crate::table::Table;
use crate::table::cells::{self, Cells};

/// How the cells of a width-padded column are measured, and their common width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Padding {
    width: usize,
    display: bool,
}

impl Padding {
    fn measure(self, text: &str) -> usize {
        if self.display {
            display_width(text)
        } else {
            text.chars().count()
        }
    }
}

impl Writer<'_> {
    pub(super) fn row(
        &mut self,
        item: &Item,
        status: Option<Span>,
        column: &Column<'_>,
        result: &ItemUpdate,
    ) {
        if let Some(cell) = status {
            self.status_cell(item, cell, column, result.status);
        }
        self.note(item, result);
    }

    fn status_cell(&mut self, item: &Item, cell: Span, column: &Column<'_>, status: Status) {
        if Self::says(item.state, status) {
            return;
        }
        let source = self.source();
        let bytes = source.bytes();
        let span = trim_span(bytes, cell);
        if let Some(was) = box_at(source.slice(span)) {
            let ticked = status == Status::Pass;
            if was != ticked {
                let mark = Span {
                    start: span.start + 1,
                    end: span.start + 2,
                };
                let text = tick(ticked, self.checklist.parts.upper_ticks);
                self.edit(mark, text, item.line, EditKind::StatusCell);
            }
            return;
        }
        let mut text = self.chooser.text(column, status);
        // Behind a pipe, no text makes another block of the line.
        let leads = bytes.get((cell.start as usize).wrapping_sub(1)) != Some(&b'|');
        if leads && !keeps_row(source, item.row_line(), span, text.as_bytes()) {
            text = status.as_str();
        }
        let (from, text) = if span.is_empty() {
            empty_cell(cell, text)
        } else {
            (span, Cow::Borrowed(text))
        };
        let padding = *column.padded.get_or_init(|| self.padding(item, cell));
        match padding.and_then(|padding| self.pad(cell, from, &text, padding)) {
            Some((span, text)) => self.edit(span, text.as_bytes(), item.line, EditKind::StatusCell),
            None => self.edit(from, text.as_bytes(), item.line, EditKind::StatusCell),
        }
    }

    /// The replacement up to the end of the cell that keeps its width, if the cell has a pipe
    /// behind it; at least one space stays.
    fn pad(&self, cell: Span, from: Span, text: &str, padding: Padding) -> Option<(Span, String)> {
        let source = self.source();
        if source.bytes().get(cell.end as usize) != Some(&b'|') {
            return None;
        }
        let left = source.text(Span {
            start: cell.start,
            end: from.start,
        });
        let used = padding.measure(&left) + padding.measure(text.trim_end_matches(' '));
        let right = padding.width.saturating_sub(used).max(1);
        let text = format!("{}{}", text.trim_end_matches(' '), " ".repeat(right));
        Some((
            Span {
                start: from.start,
                end: cell.end,
            },
            text,
        ))
    }

    /// Whether somebody padded the status column: all cells have one width, and at least one of
    /// them has more than one space behind its text. Without the second condition a column whose
    /// texts happen to be equally long would count, as six characters of a mis-decoded symbol
    /// below "Status" do.
    fn padding(&self, item: &Item, cell: Span) -> Option<Padding> {
        let table = item.context.table.as_ref()?;
        let column = table.roles.status?;
        let source = self.source();
        let mut cells = Cells::default();
        // One cell that has neither width in common with this one decides; mostly the header's does.
        let own = source.text(cell);
        let (display, characters) = (display_width(&own), own.chars().count());
        let (mut same_display, mut same_characters) = (true, true);
        let mut padded = false;
        for line in &table.lines {
            cells::split(source.bytes(), line.span, &mut cells);
            let text = source.text(*cells.cells.get(column)?);
            padded |= text.ends_with("  ") || text.starts_with("  ");
            let (wide, count) = (display_width(&text), text.chars().count());
            same_display &= display == wide;
            same_characters &= characters == count;
            if !same_display && !same_characters {
                return None;
            }
        }
        padded.then_some(Padding {
            width: if same_display { display } else { characters },
            display: same_display,
        })
    }

    /// Writes, replaces or removes the machine's part of the notes cell.
    ///
    /// Everything is decided on the line as it reads once its status is written: a backtick that
    /// the old status held would otherwise count the first time and be gone the second time.
    fn note(&mut self, item: &Item, result: &ItemUpdate) {
        let Some(notes) = item
            .context
            .table
            .as_ref()
            .and_then(|table: &Table| table.roles.notes)
        else {
            return;
        };
        let says_why = result.reason.is_some() && result.status != Status::Pass;
        if !says_why && !self.checklist.parts.may_hold_comments {
            return;
        }
        let row = item.row_line();
        if !says_why && !may_hold_comment(self.source().slice(row)) {
            return;
        }
        let shown = self.line_with_status(row);
        let line = &*shown.bytes;
        let whole = Span::new(0, line.len());
        // A pipe in code left of it puts the position of the notes in doubt.
        if cells::pipe_in_code(line, whole).is_some() {
            return;
        }
        let mut cells = Cells::default();
        cells::split(line, whole, &mut cells);
        let Some(&cell) = cells.cells.get(notes) else {
            return;
        };
        let span = trim_span(line, cell);
        let marker = machine_marker(line, span.start as usize, span.end as usize);
        let human = match marker {
            Some((at, _)) => trim_span(
                line,
                Span {
                    start: cell.start,
                    end: narrow(at),
                },
            ),
            None => span,
        };
        // What is owned starts right behind the human's text, or behind the pipe.
        let start = if human.is_empty() {
            cell.start
        } else {
            human.end
        };
        let owned = Span {
            start,
            end: if marker.is_some() { span.end } else { start },
        };
        let Some(mut text) = Self::note_text(line, owned.range(), result) else {
            return;
        };
        let before_pipe = owned.end == cell.end && line.get(cell.end as usize) == Some(&b'|');
        // A backslash that stood before our marker must not escape the pipe.
        let escapes = line[..start as usize].last() == Some(&b'\\');
        if before_pipe && (!text.is_empty() || escapes) {
            text.push(' ');
        }
        let (start, end) = (shown.in_source(owned.start), shown.in_source(owned.end));
        self.edit(
            Span { start, end },
            text.as_bytes(),
            item.line,
            EditKind::Note,
        );
    }

    /// A row's line with the edit of its status, which is the last one made, if there is one.
    fn line_with_status(&self, line: Span) -> ShownLine<'_> {
        let source = self.source();
        let bytes = source.slice(line);
        let offset = line.start;
        let range = line.range();
        let edit = self.last_edit().filter(|edit| {
            edit.what == EditKind::StatusCell
                && range.start <= edit.span.start
                && edit.span.end <= range.end
        });
        let Some(edit) = edit else {
            return ShownLine {
                bytes: bytes.into(),
                offset,
                behind: narrow(bytes.len()),
                before: narrow(bytes.len()),
            };
        };
        let (from, to) = (edit.span.start - range.start, edit.span.end - range.start);
        let shown = [&bytes[..from], &edit.text, &bytes[to..]].concat();
        ShownLine {
            bytes: shown.into(),
            offset,
            behind: narrow(from + edit.text.len()),
            before: narrow(to),
        }
    }

    /// The machine's text with its marker, empty to remove it; none if it cannot be written so
    /// that it is found again.
    fn note_text(
        line: &[u8],
        owned: std::ops::Range<usize>,
        result: &ItemUpdate,
    ) -> Option<String> {
        let reason = match (&result.reason, result.status) {
            (Some(reason), Status::Warn | Status::Fail | Status::Skip) => reason::clean(reason),
            _ => String::new(),
        };
        if reason.is_empty() {
            return Some(String::new());
        }
        [reason::without_backticks(&reason), reason]
            .into_iter()
            .rev()
            .find_map(|reason| {
                let text = format!(" {MACHINE} {reason}");
                let mut after = line[..owned.start].to_vec();
                after.extend_from_slice(text.as_bytes());
                after.extend_from_slice(&line[owned.end..]);
                let found = machine_marker(&after, owned.start, owned.start + text.len());
                let in_code = cells::pipe_in_code(&after, Span::new(0, after.len())).is_some();
                let is_row = line.first() == Some(&b'|') || !ends_table(&after);
                (found.map(|(at, _)| at) == Some(owned.start + 1) && !in_code && is_row)
                    .then_some(text)
            })
    }
}

/// Whether a row is still one with this text in it: one without a pipe in front may become a list item,
/// as `* PASS | …` is, or `- <!-- … --> | …`.
pub(super) fn keeps_row(source: &Source, row: Span, span: Span, text: &[u8]) -> bool {
    let line = source.slice(row);
    let at = (span.start - row.start) as usize;
    if line.first() == Some(&b'|') || memchr::memchr(b'|', &line[..at]).is_some() {
        return true;
    }
    let behind = &line[(span.end - row.start) as usize..];
    !ends_table(&[&line[..at], text, behind].concat())
}

/// A line as it will read once its status is written.
struct ShownLine<'a> {
    bytes: Cow<'a, [u8]>,
    /// Where the line starts in the document.
    offset: u32,
    /// Where the written status ends in this line, and where the old one ended in the document's.
    behind: u32,
    before: u32,
}

impl ShownLine<'_> {
    /// A position outside the status, in the document.
    fn in_source(&self, at: u32) -> u32 {
        self.offset
            + if at < self.behind {
                at
            } else {
                at - self.behind + self.before
            }
    }
}

/// Whether a comment can start in a line.
fn may_hold_comment(line: &[u8]) -> bool {
    memchr::memchr_iter(b'<', line).any(|at| line[at..].starts_with(b"<!--"))
}

/// Where a text goes in an empty cell: behind one space, and never right before the pipe.
fn empty_cell(cell: Span, text: &str) -> (Span, Cow<'_, str>) {
    let at = cell.start + 1;
    match cell.len() {
        0 => (cell, format!(" {text} ").into()),
        1 => (Span { start: at, end: at }, format!("{text} ").into()),
        _ => (Span { start: at, end: at }, text.into()),
    }
}
