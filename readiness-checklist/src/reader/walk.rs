//! The main pass: sections, boxes with their metadata, tables, claims.

use std::borrow::Cow;
use std::sync::Arc;

use super::sections::{Sections, pseudo_heading, stated_count};
use super::survey::Survey;
use super::{Parts, without_outer_comments};
use crate::blocks::{Block, ListItem, Outline, TextLine};
use crate::boxes::{self, BoxPlace, Mark, Meta};
use crate::claims::{Claim, ClaimKind, OwnedSpan, Percent, Scope};
use crate::diagnostic::{Code, Diagnostic};
use crate::inline::{Plain, collapse, plain};
use crate::item::{Context, Item, Place, SignOff};
use crate::marker::Placed;
use crate::source::{Source, Span, narrow, trim};
use crate::status::box_at;
use crate::status::symbol::symbol_at;
use crate::text::Text;

/// An open list item.
struct Frame {
    item: ListItem,
    /// Something stands in it already.
    filled: bool,
    kind: FrameKind,
}

#[derive(Clone, Copy)]
enum FrameKind {
    Plain,
    /// The box with this number among the items.
    Box(usize),
    SignOff,
    /// Metadata of the box with this number, from this entry on.
    Meta(usize, usize),
}

/// A stated `(N items)` and the number of items before it, to be compared when its section ends.
struct StatedCount {
    stated: u64,
    line: TextLine,
    level: u8,
    before: usize,
}

pub(super) struct Walk<'a> {
    pub source: &'a Arc<Source>,
    pub outline: &'a Outline,
    pub markers: &'a [Placed],
    pub survey: &'a Survey,
    pub sections: Sections,
    pub items: Vec<Item>,
    pub diagnostics: Vec<Diagnostic>,
    frames: Vec<Frame>,
    sign_offs: Vec<SignOff>,
    claims: Vec<Claim>,
    owned: Vec<OwnedSpan>,
    minimum_score: Option<Percent>,
    counts: Vec<StatedCount>,
    /// The header row of the table before.
    pub heads: Option<super::rows::Heads>,
    /// The context of boxes in the current section.
    context: Option<Arc<Context>>,
}

/// A pseudo heading ends where any heading follows.
const PSEUDO_LEVEL: u8 = 7;

impl<'a> Walk<'a> {
    pub fn new(
        source: &'a Arc<Source>,
        outline: &'a Outline,
        markers: &'a [Placed],
        survey: &'a Survey,
        diagnostics: Vec<Diagnostic>,
    ) -> Self {
        Self {
            source,
            outline,
            markers,
            survey,
            sections: Sections::new(survey.title.is_some()),
            items: Vec::new(),
            diagnostics,
            frames: Vec::new(),
            sign_offs: Vec::new(),
            claims: Vec::new(),
            owned: survey.owned.clone(),
            minimum_score: None,
            counts: Vec::new(),
            heads: None,
            context: None,
        }
    }

    pub fn into_parts(self) -> Parts {
        Parts {
            title: self.survey.title.clone(),
            items: self.items,
            index: super::IdIndex::default(),
            sign_offs: self.sign_offs,
            claims: self.claims,
            owned: self.owned,
            minimum_score: self.minimum_score,
            diagnostics: self.diagnostics,
            legend: self.survey.legend.clone(),
            upper_ticks: self.survey.upper_ticks,
        }
    }

    pub fn run(&mut self) {
        let outline = self.outline;
        for (number, block) in outline.blocks.iter().enumerate() {
            match block {
                Block::Heading { level, lines } => self.heading(*level, outline.lines(lines)),
                Block::Paragraph { lines } => self.paragraph(outline.lines(lines), number),
                Block::Table { lines, .. } => {
                    self.fill();
                    self.table(outline.lines(lines));
                }
                Block::ItemStart(item) => {
                    self.fill();
                    self.note_child(*item, number);
                    self.frames.push(Frame {
                        item: *item,
                        filled: false,
                        kind: FrameKind::Plain,
                    });
                }
                Block::ItemEnd { end } => self.leave(*end),
                Block::Opaque { .. } => self.fill(),
            }
        }
        self.compare_counts(0);
    }

    fn fill(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.filled = true;
        }
    }

    fn heading(&mut self, level: u8, lines: &[TextLine]) {
        // An underline below the text of a box makes it a heading, but it stays a box.
        let boxed = |frame: &Frame| {
            let first = lines
                .first()
                .filter(|line| line.span.start == frame.item.content)?;
            (!frame.filled).then(|| box_at(self.source.slice(first.span)))?
        };
        if self.frames.last().and_then(boxed).is_some() {
            self.fill();
            if !self.survey.in_region(lines[0].line) {
                self.item_text(lines, true);
            }
            return;
        }
        self.fill();
        self.compare_counts(level);
        let text = joined(self.source, lines);
        self.sections.enter(level, &text);
        self.context = None;
        let Some(&line) = lines.first() else { return };
        if self.survey.in_region(line.line) {
            return;
        }
        self.note_count(&text, line, level);
        if let Some(percent) = crate::claims::minimum_score(&text) {
            self.minimum(percent, line);
        }
    }

    fn minimum(&mut self, percent: Percent, line: TextLine) {
        self.minimum_score.get_or_insert(percent);
        self.claims.push(Claim::new(
            ClaimKind::MinimumScore,
            line,
            &percent.to_string(),
        ));
    }

    fn note_count(&mut self, text: &str, line: TextLine, level: u8) {
        if let Some((stated, _)) = stated_count(text) {
            self.counts.push(StatedCount {
                stated,
                line,
                level,
                before: self.items.len(),
            });
        }
    }

    /// Compares the stated counts of the sections that end where this level starts.
    fn compare_counts(&mut self, level: u8) {
        while let Some(count) = self.counts.pop_if(|count| count.level >= level) {
            let counted = (self.items.len() - count.before) as u64;
            let mut claim = Claim::new(ClaimKind::Count, count.line, &count.stated.to_string());
            claim.counted = Some(counted.to_string());
            self.claims.push(claim);
            if counted != count.stated {
                let message = format!(
                    "the heading states {} items, there are {counted}",
                    count.stated
                );
                self.diagnostics.push(Diagnostic::new(
                    Code::TallyMismatch,
                    count.line.line,
                    count.line.span,
                    message,
                    "correct the heading",
                ));
            }
        }
    }

    fn paragraph(&mut self, lines: &[TextLine], number: usize) {
        let Some(&first) = lines.first() else { return };
        let starts_item = self
            .frames
            .last()
            .is_some_and(|frame| !frame.filled && frame.item.line == first.line);
        self.fill();
        if self.survey.in_region(first.line) {
            return;
        }
        if starts_item && self.item_text(lines, false) {
            return;
        }
        if let Some(owner) = self.enclosing_box() {
            self.metadata(owner, lines, starts_item);
            return;
        }
        if self.frames.is_empty() && lines.len() == 1 && self.is_pseudo_heading(first, number) {
            return;
        }
        let scope = Scope {
            score_block: self.sections.is_score_block(),
            preamble: !self.sections.past_preamble,
            list_item: starts_item,
        };
        for &line in lines {
            let text = self.source.text(line.span);
            if let Some(percent) = crate::claims::minimum_score(&text) {
                self.minimum(percent, line);
                continue;
            }
            crate::claims::read_line(
                self.source,
                line,
                scope,
                &self.survey.legend,
                &mut self.claims,
                &mut self.owned,
            );
        }
    }

    /// A wholly bold line right above a list or a table.
    fn is_pseudo_heading(&mut self, line: TextLine, number: usize) -> bool {
        let next = self.outline.blocks.get(number + 1);
        if !matches!(next, Some(Block::ItemStart(_) | Block::Table { .. })) {
            return false;
        }
        let text = self.source.text(line.span);
        let Some(heading) = pseudo_heading(&text) else {
            return false;
        };
        let heading = heading.to_owned();
        self.compare_counts(PSEUDO_LEVEL);
        self.sections.enter_pseudo(&heading);
        self.context = None;
        self.note_count(&heading, line, PSEUDO_LEVEL);
        true
    }

    /// The first paragraph of a list item, on the line of its marker; true if it is an item or
    /// something that only looks like one.
    ///
    /// An underlined one is a heading too; nothing can be put between it and its underline.
    fn item_text(&mut self, lines: &[TextLine], underlined: bool) -> bool {
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
        if !self.survey.emoji_bullets || self.sections.is_sign_off() {
            return false;
        }
        let Some(found) =
            symbol_at(&text).filter(|found| text[found.length..].starts_with([' ', '\t']))
        else {
            return false;
        };
        let symbol = Span {
            start: first.span.start,
            end: first.span.start + narrow(found.length),
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
        let message = format!("`{shown}` is no box that markdown knows, so this is not an item");
        let hint = "write `[ ]` or `[x]`, a space and the requirement";
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
        let mut new = Item::new(context, Place::Box(Box::new(place)), requirement, item.line);
        if let Some((text, state)) = status {
            new.state_text = text;
            new.state = state;
        } else {
            new.state = crate::item::State::Unknown;
        }
        if let Some(id) = id {
            new.id = id;
            new.id_origin = crate::item::IdOrigin::Leading;
        }
        self.nest(&mut new);
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

    fn nest(&self, new: &mut Item) {
        let mut depth = 0;
        for frame in &self.frames[..self.frames.len().saturating_sub(1)] {
            if let FrameKind::Box(number) = frame.kind {
                depth += 1;
                new.parent = narrow(number);
            }
        }
        new.depth = depth;
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
    fn enclosing_box(&self) -> Option<usize> {
        self.frames.iter().rev().find_map(|frame| match frame.kind {
            FrameKind::Box(number) => Some(number),
            _ => None,
        })
    }

    fn metadata(&mut self, owner: usize, lines: &[TextLine], starts_item: bool) {
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
    fn note_child(&mut self, item: ListItem, number: usize) {
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

    fn leave(&mut self, end: u32) {
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

/// The lines of a block as one text.
pub(super) fn joined<'a>(source: &'a Source, lines: &[TextLine]) -> Cow<'a, str> {
    match lines {
        [only] => source.text(only.span),
        several => several
            .iter()
            .map(|line| trim(&source.text(line.span)).to_owned())
            .collect::<Vec<_>>()
            .join(" ")
            .into(),
    }
}
