//! Boxes: making items of them, and the metadata that belongs to each.

use std::sync::Arc;

use super::walk::{FrameKind, Walk};
use super::without_outer_comments;
use crate::blocks::{Block, ListItem, TextLine};
use crate::boxes::{self, BoxPlace, Mark, Meta};
use crate::diagnostic::{Code, Diagnostic};
use crate::inline::{Plain, collapse, plain};
use crate::item::{Context, IdOrigin, Item, Place, SignOff, State};
use crate::source::{Span, is_blank_byte, narrow};
use crate::status::box_at;
use crate::status::symbol::symbol_at;
use crate::text::Text;

impl Walk<'_> {
    /// The first paragraph of a list item, on the line of its marker; true if it is an item or
    /// something that only looks like one.
    ///
    /// An underlined one is a heading too; nothing can be put between it and its underline.
    pub(super) fn item_text(&mut self, lines: &[TextLine], underlined: bool) -> bool {
        let first = lines[0];
        let bytes = &self.source.bytes()[first.span.range()];
        let Some(ticked) = box_at(bytes) else {
            return self.odd_or_symbol(lines);
        };
        let text = Span {
            start: first.span.start + 3,
            end: first.span.end,
        };
        let text = without_outer_comments(self.source, text);
        if text.is_empty() {
            self.report_odd(first, 3);
            return true;
        }
        let mark = Mark::Box {
            at: first.span.start + 1,
            ticked,
        };
        if self.sections.is_sign_off() {
            self.sign_off(text, ticked, first);
            return true;
        }
        self.push_box(mark, text, lines, underlined);
        true
    }

    fn odd_or_symbol(&mut self, lines: &[TextLine]) -> bool {
        let first = lines[0];
        let text = self.source.text(first.span);
        if let Some(length) = boxes::odd_box(&text) {
            self.report_odd(first, length);
            return true;
        }
        // What explains a symbol must go on explaining it.
        let explains = || {
            let entries = &self.survey.legend.entries;
            let at = entries.binary_search_by_key(&first.span.start, |entry| entry.span.start);
            at.is_ok()
        };
        if !self.survey.emoji_bullets || self.sections.is_sign_off() || explains() {
            return false;
        }
        let Some(found) =
            symbol_at(&text).filter(|found| text[found.length()..].starts_with([' ', '\t']))
        else {
            return false;
        };
        let symbol = Span {
            start: first.span.start,
            end: first.span.start + narrow(found.length()),
        };
        let rest = without_outer_comments(
            self.source,
            Span {
                start: symbol.end,
                end: first.span.end,
            },
        );
        if rest.is_empty() {
            return false;
        }
        self.push_box(Mark::Symbol(symbol), rest, lines, false);
        true
    }

    fn report_odd(&mut self, line: TextLine, length: usize) {
        let span = Span {
            start: line.span.start,
            end: (line.span.start + narrow(length)).min(line.span.end),
        };
        let shown = self.source.text(span);
        let behind = self.source.slice(Span {
            start: span.end,
            end: line.span.end,
        });
        let empty =
            matches!(&*shown, "[ ]" | "[x]" | "[X]") && behind.iter().all(|&b| is_blank_byte(b));
        let (message, hint) = if empty {
            (
                "nothing stands behind this box, so it is not an item".to_owned(),
                "write the requirement behind it",
            )
        } else {
            (
                format!("`{shown}` is no box that markdown knows, so this is not an item"),
                "write `[ ]` or `[x]`, a space and the requirement",
            )
        };
        self.diagnostics.push(Diagnostic::new(
            Code::BoxOdd,
            line.line,
            span,
            message,
            hint,
        ));
    }

    fn sign_off(&mut self, text: Span, ticked: bool, line: TextLine) {
        if let Some(frame) = self.frames.last_mut() {
            frame.kind = FrameKind::SignOff;
        }
        let shown = self.source.text(text);
        self.sign_offs.push(SignOff {
            text: collapse(&plain(&shown, Plain::Display)).into_owned(),
            ticked,
            line: line.line as usize,
            section: self.sections.path(),
            mark: line.span.start as usize + 1,
        });
    }

    fn push_box(&mut self, mark: Mark, text: Span, lines: &[TextLine], underlined: bool) {
        let number = self.items.len();
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        frame.kind = FrameKind::Box(number);
        let item = frame.item;
        let mut metadata = Vec::new();
        // Lines of the same paragraph that are labels end the text.
        let labelled =
            |line: &TextLine| boxes::read_line(self.source.bytes(), *line, None, &mut Vec::new());
        let text_lines = 1 + lines[1..].iter().take_while(|line| !labelled(line)).count();
        for line in &lines[text_lines..] {
            boxes::read_line(self.source.bytes(), *line, None, &mut metadata);
        }
        let text_end = self.end_of(lines[text_lines - 1]).filter(|_| !underlined);
        self.close_metadata(&mut metadata, lines);
        if underlined {
            // Nothing may come between them and their underline: no end that a bullet could follow.
            for meta in &mut metadata {
                meta.end = u32::MAX;
            }
        }
        let mut wanted = vec![text];
        wanted.extend(
            lines[1..text_lines]
                .iter()
                .map(|line| without_outer_comments(self.source, line.span)),
        );
        let raw = self.box_raw(&wanted);
        let context = self.box_context();
        let mut place = BoxPlace {
            mark,
            item,
            bullet_at: text_end,
            priority: None,
            metadata,
            first_child: None,
            state_text: Text::default(),
            parent: None,
            depth: 0,
        };
        let parts = boxes::read_text(
            raw.get(self.source),
            self.survey.box_ids,
            &self.survey.legend,
        );
        let (requirement, status) = (parts.requirement, parts.status);
        let part = |range: (usize, usize)| Self::part(&raw, range);
        let id = parts.id.map(part);
        if let (Some((from, to)), Text::Span(span)) = (parts.priority, &raw) {
            place.priority = Some(Span {
                start: span.start + narrow(from),
                end: span.start + narrow(to),
            });
        }
        let requirement = part(requirement);
        let status = status.map(|(range, state)| (part(range), state));
        let mut state = State::Unknown;
        if let Some((text, says)) = status {
            place.state_text = text;
            state = says;
        }
        self.nest(&mut place);
        let mut new = Item::new(context, Place::Box(Box::new(place)), requirement, item.line);
        new.state = state;
        if let Some(id) = id {
            new.set_id(id, IdOrigin::Leading);
        }
        self.ids_rise = false;
        self.items.push(new);
    }

    /// The whole text of a box as one piece.
    fn box_raw(&self, spans: &[Span]) -> Text {
        match spans {
            [only] => Text::of(self.source, *only),
            several => several
                .iter()
                .map(|span| self.source.text(*span))
                .collect::<Vec<_>>()
                .join(" ")
                .into(),
        }
    }

    /// A range of a text as a text of its own.
    fn part(whole: &Text, (from, to): (usize, usize)) -> Text {
        match whole {
            Text::Span(span) => Text::Span(Span {
                start: span.start + narrow(from),
                end: span.start + narrow(to),
            }),
            Text::Owned(text) => text.get(from..to).unwrap_or_default().to_owned().into(),
        }
    }

    /// The end of the last line of some text; none where a comment goes on behind it.
    fn end_of(&self, line: TextLine) -> Option<u32> {
        let rest = &self.source.bytes()[line.span.end as usize..];
        (!rest.starts_with(b"<!--")).then(|| boxes::line_end(self.source, line))
    }

    /// Ends metadata with the last line of its paragraph; beyond everything where a comment goes
    /// on behind it.
    fn close_metadata(&self, metadata: &mut [Meta], lines: &[TextLine]) {
        let end = lines
            .last()
            .and_then(|line| self.end_of(*line))
            .unwrap_or(u32::MAX);
        for meta in metadata {
            meta.end = end;
        }
    }

    fn nest(&self, new: &mut BoxPlace) {
        for frame in &self.frames[..self.frames.len().saturating_sub(1)] {
            if let FrameKind::Box(number) = frame.kind {
                new.depth += 1;
                new.parent = Some(narrow(number));
            }
        }
    }

    fn box_context(&mut self) -> Arc<Context> {
        let context = self.context.get_or_insert_with(|| {
            Arc::new(Context::new(
                Arc::clone(self.source),
                self.sections.path(),
                None,
            ))
        });
        Arc::clone(context)
    }

    /// The innermost open box.
    pub(super) fn enclosing_box(&self) -> Option<usize> {
        self.frames.iter().rev().find_map(|frame| match frame.kind {
            FrameKind::Box(number) => Some(number),
            _ => None,
        })
    }

    pub(super) fn metadata(&mut self, owner: usize, lines: &[TextLine], starts_item: bool) {
        let marker = self
            .frames
            .last()
            .filter(|_| starts_item)
            .map(|frame| frame.item.marker);
        let Some(Place::Box(place)) = self.items.get_mut(owner).map(|item| &mut item.place) else {
            return;
        };
        let from = place.metadata.len();
        for (index, line) in lines.iter().enumerate() {
            let marker = marker.filter(|_| index == 0);
            boxes::read_line(self.source.bytes(), *line, marker, &mut place.metadata);
        }
        let mut added = place.metadata.split_off(from);
        if added.is_empty() {
            return;
        }
        self.close_metadata(&mut added, lines);
        if let Some(Place::Box(place)) = self.items.get_mut(owner).map(|item| &mut item.place) {
            place.metadata.extend(added);
        }
        if let (true, Some(frame)) = (starts_item, self.frames.last_mut()) {
            frame.kind = FrameKind::Meta(owner, from);
        }
    }

    /// Remembers the first list item below a box that is no metadata.
    pub(super) fn note_child(&mut self, item: ListItem, number: usize) {
        let Some(FrameKind::Box(owner)) = self.frames.last().map(|frame| frame.kind) else {
            return;
        };
        let first = match self.outline.blocks.get(number + 1) {
            Some(Block::Paragraph { lines }) => self.outline.lines(lines).first().copied(),
            _ => None,
        };
        let labelled = first
            .is_some_and(|line| boxes::read_line(self.source.bytes(), line, None, &mut Vec::new()));
        if labelled {
            return;
        }
        if let Some(Place::Box(place)) = self.items.get_mut(owner).map(|item| &mut item.place) {
            place.first_child.get_or_insert(item.marker);
        }
    }

    pub(super) fn leave(&mut self, end: u32) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        let FrameKind::Meta(owner, from) = frame.kind else {
            return;
        };
        if let Some(Place::Box(place)) = self.items.get_mut(owner).map(|item| &mut item.place) {
            for meta in place.metadata.iter_mut().skip(from) {
                meta.end = if meta.end == u32::MAX {
                    end
                } else {
                    meta.end.max(end)
                };
            }
        }
    }
}
