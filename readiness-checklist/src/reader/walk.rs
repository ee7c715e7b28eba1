//! The main pass over the blocks: sections and claims here, boxes and tables next door.

use std::borrow::Cow;
use std::sync::Arc;

use super::Parts;
use super::rows::Last;
use super::sections::{Sections, pseudo_heading, stated_count};
use super::survey::Survey;
use crate::blocks::{Block, ListItem, Outline, TextLine};
use crate::claims::{Claim, ClaimKind, OwnedSpan, Percent, Scope};
use crate::diagnostic::{Code, Diagnostic};
use crate::item::{Context, Item, SignOff};
use crate::marker::Placed;
use crate::source::{Source, trim};
use crate::status::box_at;
use crate::table::cells::Cells;

/// An open list item.
pub(super) struct Frame {
    pub item: ListItem,
    /// Something stands in it already.
    pub filled: bool,
    pub kind: FrameKind,
}

#[derive(Clone, Copy)]
pub(super) enum FrameKind {
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
    /// As in [`Parts`].
    pub ids_rise: bool,
    pub diagnostics: Vec<Diagnostic>,
    pub frames: Vec<Frame>,
    pub sign_offs: Vec<SignOff>,
    claims: Vec<Claim>,
    owned: Vec<OwnedSpan>,
    minimum_score: Option<Percent>,
    counts: Vec<StatedCount>,
    /// The header row of the table before.
    pub heads: Option<super::tables::Heads>,
    /// The cells of the last row, for their allocation.
    pub cells: Cells,
    /// The last status text of a row; most rows repeat one.
    pub last: Option<Last>,
    /// The context of boxes in the current section.
    pub context: Option<Arc<Context>>,
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
            // Room for every row at once: while it grows, a list of this size is held twice.
            items: Vec::with_capacity(outline.rows()),
            ids_rise: true,
            diagnostics,
            frames: Vec::new(),
            sign_offs: Vec::new(),
            claims: Vec::new(),
            owned: survey.owned.clone(),
            minimum_score: None,
            counts: Vec::new(),
            heads: None,
            cells: Cells::default(),
            last: None,
            context: None,
        }
    }

    pub fn into_parts(self) -> Parts {
        Parts {
            title: self.survey.title.clone(),
            items: self.items,
            ids_rise: self.ids_rise,
            index: super::IdIndex::default(),
            sign_offs: self.sign_offs,
            claims: self.claims,
            owned: self.owned,
            minimum_score: self.minimum_score,
            diagnostics: self.diagnostics,
            legend: self.survey.legend.clone(),
            upper_ticks: self.survey.upper_ticks,
            may_hold_comments: self.outline.may_hold_comments,
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
        if self.survey.heading_is_ours(lines) {
            return;
        }
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
