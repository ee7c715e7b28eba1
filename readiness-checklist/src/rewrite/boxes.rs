//! Writing a box: its one byte, and the Status bullet that says what a box cannot.

use super::reason;
use super::writer::{Writer, tick};
use super::{EditKind, ItemUpdate, Status};
use crate::boxes::{BoxPlace, Key, Mark, Meta};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::item::Item;
use crate::marker::{MACHINE, machine_marker};
use crate::reader::{StatusNote, human_value, status_note};
use crate::source::{Span, is_blank_byte};

impl Writer<'_> {
    pub(super) fn box_item(&mut self, item: &Item, place: &BoxPlace, result: &ItemUpdate) {
        let pass = result.status == Status::Pass;
        match place.mark {
            Mark::Symbol(span) => {
                if Self::says(item.state, result.status) {
                    return;
                }
                match self.chooser.symbol(result.status) {
                    Some(symbol) => {
                        self.edit(span, symbol.as_bytes(), item.line, EditKind::Box);
                    }
                    None => self.no_symbol(item, span, result.status),
                }
            }
            Mark::Box { at, ticked } => {
                if ticked != pass {
                    let mark = Span {
                        start: at,
                        end: at + 1,
                    };
                    self.edit(
                        mark,
                        tick(pass, self.checklist.parts.upper_ticks),
                        item.line,
                        EditKind::Box,
                    );
                }
                if self.checklist.options.status_bullets {
                    self.bullet(item, place, ticked, result);
                }
            }
        }
    }

    /// Reports that the symbol of a bullet stays as it is.
    fn no_symbol(&mut self, item: &Item, span: Span, status: Status) {
        let (code, reason, hint) = if self.source().is_utf8() {
            (
                Code::StatusUnknown,
                "the legend gives the usual symbol another meaning",
                "add a symbol for this status to the legend",
            )
        } else {
            (
                Code::EncodingNotUtf8,
                "some bytes of the file are not UTF-8",
                "save the file as UTF-8 to have symbols written",
            )
        };
        let message = format!("no symbol can be written for {status}: {reason}");
        let mut fault = Diagnostic::new(code, item.line, span, message, hint).about(item.id());
        fault.severity = Severity::ItemError;
        self.report(fault);
    }

    fn bullet(&mut self, item: &Item, place: &BoxPlace, ticked: bool, result: &ItemUpdate) {
        let mut notes = place.metadata.iter().filter(|meta| meta.key == Key::Status);
        match (notes.next(), notes.next()) {
            (Some(meta), None) => self.update_bullet(item, meta, result),
            (Some(_), Some(_)) => {}
            (None, _) => {
                let says_more = match result.status {
                    Status::Pass => false,
                    Status::Warn | Status::Fail => true,
                    // An open box says it already, unless there is something to add.
                    Status::Skip => {
                        ticked
                            || !Self::says(item.state, Status::Skip)
                            || reason_of(result).is_some()
                    }
                };
                if says_more {
                    self.new_bullet(item, place, result);
                }
            }
        }
    }

    fn update_bullet(&mut self, item: &Item, meta: &Meta, result: &ItemUpdate) {
        let source = self.source();
        let StatusNote::Clean(value, state) =
            status_note(source, meta, &self.checklist.parts.legend)
        else {
            return;
        };
        let empty = value.is_empty();
        if empty || !Self::says(state, result.status) {
            let behind_blank = source
                .bytes()
                .get((value.start as usize).wrapping_sub(1))
                .is_some_and(|&b| is_blank_byte(b));
            let space = if empty && !behind_blank { " " } else { "" };
            let text = format!("{space}{}", result.status);
            self.edit(value, text.as_bytes(), item.line, EditKind::StatusBullet);
        }
        if meta.pair {
            return;
        }
        let human = human_value(source, meta.value);
        let line = source.slice(meta.line.span);
        let offset = meta.line.span.start;
        let marked = machine_marker(
            line,
            (human.end - offset) as usize,
            (meta.value.end - offset) as usize,
        );
        let owned = Span {
            start: human.end,
            end: if marked.is_some() {
                meta.value.end
            } else {
                human.end
            },
        };
        let text = reason_of(result).map_or(String::new(), |reason| format!(" {MACHINE} {reason}"));
        if empty && owned.is_empty() && !text.is_empty() {
            // Both stand at one place: one edit in the right order.
            self.extend_last(text.as_bytes());
        } else {
            self.edit(owned, text.as_bytes(), item.line, EditKind::StatusBullet);
        }
    }

    fn new_bullet(&mut self, item: &Item, place: &BoxPlace, result: &ItemUpdate) {
        let source = self.source();
        let Some(at) = place.bullet_at else { return };
        let listed = || {
            place
                .metadata
                .iter()
                .rev()
                .filter(|meta| meta.marker.is_some())
        };
        let sibling = listed().next();
        // What stands within metadata ends with it; the bullet comes behind the outermost.
        let above = listed().rfind(|meta| meta.end == at);
        let own = self.prefix(place.item.marker, place.item.content);
        let wanted = match (above.and_then(|meta| meta.marker), place.first_child) {
            (Some(marker), _) => self.prefix(marker, marker),
            // Deeper children would otherwise become children of the new bullet.
            (None, Some(child)) if place.metadata.is_empty() => {
                let beside = self.prefix(child, child);
                if quotes(&beside) == quotes(&own) {
                    beside
                } else {
                    own.clone()
                }
            }
            _ => own.clone(),
        };
        let Some(indent) = self.beside_what_follows(at as usize, &own, wanted) else {
            return;
        };
        let bytes = source.bytes();
        let bullet = sibling
            .and_then(|meta| meta.marker)
            .map(|marker| bytes[marker as usize] as char)
            .filter(|c| matches!(c, '-' | '*' | '+'))
            .unwrap_or('-');
        let style = sibling.map(|meta| meta.style);
        let emphasis = style.map_or("**".into(), |style| source.text(style.emphasis));
        let close: String = emphasis.chars().rev().collect();
        let label = if style.is_none_or(|style| style.colon_inside) {
            format!("{emphasis}Status:{close}")
        } else {
            format!("{emphasis}Status{close}:")
        };
        let reason =
            reason_of(result).map_or(String::new(), |reason| format!(" {MACHINE} {reason}"));
        let end = source.terminator_after(at as usize);
        let mut text = end.as_bytes().to_vec();
        text.extend_from_slice(&indent);
        text.extend_from_slice(format!("{bullet} {label} {}{reason}", result.status).as_bytes());
        self.edit(
            Span { start: at, end: at },
            &text,
            item.line,
            EditKind::StatusBullet,
        );
    }

    /// Where the bullet stands so that the next block of the same item stays beside it: as wanted,
    /// or as deep as that block; none if that is too deep for a bullet.
    fn beside_what_follows(&self, at: usize, own: &[u8], wanted: Vec<u8>) -> Option<Vec<u8>> {
        /// A bullet one column deeper would be indented code.
        const DEEPEST: usize = 3;
        let source = self.source();
        let mut next = source.line_at(at).map_or(at, |line| line.next);
        let around = quotes(own);
        let following = loop {
            let Some(line) = source.line_at(next) else {
                return Some(wanted);
            };
            let text = &source.bytes()[line.start..line.end];
            // A quote mark more is the block that follows.
            let mut marks = 0;
            let prefix = |&&b: &&u8| {
                marks += usize::from(b == b'>');
                is_blank_byte(b) || b == b'>' && marks <= around.len()
            };
            let length = text.iter().take_while(prefix).count();
            if length < text.len() {
                break &text[..length];
            }
            next = line.next;
        };
        let (column, inside) = (columns(following), columns(own));
        let belongs = quotes(following) == around && column >= inside;
        if !belongs || column < columns(&wanted) + 2 {
            return Some(wanted);
        }
        (column - inside <= DEEPEST).then(|| following.to_vec())
    }

    /// The start of a line below `marker` whose text starts in the column of `content`: blanks
    /// and quote marks stay, everything else becomes a space.
    fn prefix(&self, marker: u32, content: u32) -> Vec<u8> {
        let bytes = self.source().bytes();
        let start = self.source().line_start(marker as usize);
        let (mut prefix, mut column, mut shifted) = (Vec::new(), 0, false);
        for at in start..content.max(marker) as usize {
            let width = width(bytes[at], column);
            column += width;
            match bytes[at] {
                // Further right than it stood, a tab would be of another width.
                b'\t' if shifted => prefix.extend(std::iter::repeat_n(b' ', width)),
                blank if is_blank_byte(blank) => prefix.push(blank),
                b'>' if at < marker as usize => {
                    prefix.push(b'>');
                    // A quote mark takes one space behind it; here the text stood right behind it.
                    let next = bytes.get(at + 1);
                    if next.is_some_and(|&next| !is_blank_byte(next) && next != b'>') {
                        prefix.push(b' ');
                        shifted = true;
                    }
                }
                _ => prefix.push(b' '),
            }
        }
        prefix
    }
}

/// The columns of the start of a line behind its last quote mark and the one that belongs to it.
fn columns(prefix: &[u8]) -> usize {
    let (mut column, mut from, mut behind_quote) = (0, 0, false);
    for &byte in prefix {
        column += width(byte, column);
        if byte == b'>' {
            from = column;
        } else if behind_quote {
            from += 1;
        }
        behind_quote = byte == b'>';
    }
    column - from
}

/// The columns in which the quote marks of the start of a line stand.
fn quotes(prefix: &[u8]) -> Vec<usize> {
    let mut column = 0;
    let mut found = Vec::new();
    for &byte in prefix {
        if byte == b'>' {
            found.push(column);
        }
        column += width(byte, column);
    }
    found
}

/// The columns that a byte takes; a tab reaches to the next multiple of four.
fn width(byte: u8, column: usize) -> usize {
    if byte == b'\t' { 4 - column % 4 } else { 1 }
}

/// The cleaned reason of a result that shows one.
fn reason_of(result: &ItemUpdate) -> Option<String> {
    let reason = result
        .reason
        .as_deref()
        .filter(|_| result.status != Status::Pass)?;
    // A line of its own has no other text that a backtick could pair with but its label.
    Some(reason::clean(reason)).filter(|reason| !reason.is_empty())
}
