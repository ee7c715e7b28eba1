//! What holds for the whole document: title, legend, settings, regions, habits.

use std::borrow::Cow;

use crate::blocks::{Block, Outline, TextLine};
use crate::claims::{OwnedKind, OwnedSpan};
use crate::diagnostic::{Code, Diagnostic};
use crate::ids::leading_token;
use crate::item::State;
use crate::marker::{Marker, Placed, Region};
use crate::source::{Source, Span, trim_span};
use crate::status::symbol::{pictograph_at, symbol_at};
use crate::status::{Legend, box_at};
use crate::table::cells::{self, Cells};
use crate::table::kind::{self, Shape};
use crate::table::roles::{Named, normalize};

use super::sections::Sections;

/// Boxes that must carry a token before tokens are ids, in percent: else `HS256` becomes one.
const ID_SHARE: usize = 40;

/// The first line of the text of a box, if the block with this number is one. An underline below it makes
/// a heading of the text, which stays a box all the same: a Status bullet may come between.
fn text_of_box(source: &Source, outline: &Outline, number: usize) -> Option<TextLine> {
    let Block::ItemStart(item) = outline.blocks.get(number.checked_sub(1)?)? else {
        return None;
    };
    let (Block::Paragraph { lines } | Block::Heading { lines, .. }) = &outline.blocks[number]
    else {
        return None;
    };
    let first = *outline.lines(lines).first()?;
    let is_box = first.span.start == item.content && box_at(source.slice(first.span)).is_some();
    is_box.then_some(first)
}

/// The lines that belong to a region, its markers included.
#[derive(Debug)]
struct Lines {
    first: u32,
    last: u32,
    /// They are written anew by a run.
    ours: bool,
}

/// The habits and settings of one document.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    pub title: Option<String>,
    pub legend: Legend,
    /// Columns named for the whole document.
    pub named: Named,
    pub emoji_bullets: bool,
    pub box_ids: bool,
    pub upper_ticks: bool,
    /// In order.
    regions: Vec<Lines>,
    pub owned: Vec<OwnedSpan>,
}

impl Survey {
    pub fn new(
        source: &Source,
        outline: &Outline,
        markers: &[Placed],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut survey = Self::default();
        survey.read_regions(source, markers, diagnostics);
        survey.read_headings(source, outline);
        survey.read_config(outline, source, markers);
        survey.read_habits(source, outline);
        survey.read_legend(source, outline);
        survey
    }

    /// Whether a line belongs to a region.
    pub fn in_region(&self, line: u32) -> bool {
        self.region(line).is_some()
    }

    /// Whether a line belongs to a region that a run writes anew: what stands there says nothing about
    /// the document, because it may be gone tomorrow.
    pub fn is_ours(&self, line: u32) -> bool {
        self.region(line).is_some_and(|region| region.ours)
    }

    fn region(&self, line: u32) -> Option<&Lines> {
        let after = self.regions.partition_point(|region| region.first <= line);
        let before = self.regions[..after].last()?;
        (line <= before.last).then_some(before)
    }

    fn read_regions(
        &mut self,
        source: &Source,
        markers: &[Placed],
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let mut broken = |placed: &Placed, message: &str, hint: &str| {
            diagnostics.push(Diagnostic::new(
                Code::RegionBroken,
                placed.line,
                placed.span,
                message.to_owned(),
                hint,
            ));
        };
        let mut open: Option<(Region, &Placed)> = None;
        for placed in markers {
            match (&placed.marker, open) {
                (Marker::Begin(_) | Marker::End, _) if !placed.alone => {
                    broken(
                        placed,
                        "a region marker shares its line with other text",
                        "put it on a line of its own",
                    );
                }
                (Marker::Begin(_) | Marker::End, _) if placed.home.is_none() => {
                    broken(
                        placed,
                        "a region marker goes on with the text above it",
                        "put an empty line above it, or indent it less",
                    );
                }
                (Marker::Begin(None), _) => {
                    broken(
                        placed,
                        "no such region marker",
                        "the regions are tally, score and ignore",
                    );
                }
                (Marker::Begin(Some(_)), Some((_, begin))) => {
                    let message =
                        format!("this region begins inside the one of line {}", begin.line);
                    broken(placed, &message, "end that one first; regions do not nest");
                }
                (Marker::Begin(Some(region)), None) => open = Some((*region, placed)),
                (Marker::End, Some((_, begin))) if placed.home != begin.home => {
                    let message = format!(
                        "this region does not end in the list item, quote or HTML block that it begins in, on line {}",
                        begin.line
                    );
                    let hint = "indent both markers alike, with an empty line above each";
                    broken(placed, &message, hint);
                    open = None;
                }
                (Marker::End, Some((region, begin))) => {
                    self.close_region(source, region, begin, placed);
                    open = None;
                }
                (Marker::End, None) => {
                    broken(
                        placed,
                        "this region marker ends nothing",
                        "pair it with `<!-- readiness:begin … -->`",
                    );
                }
                _ => {}
            }
        }
        if let Some((_, begin)) = open {
            broken(
                begin,
                "this region has no end",
                "end it with `<!-- readiness:end -->` on a line of its own",
            );
        }
    }

    fn close_region(&mut self, source: &Source, region: Region, begin: &Placed, end: &Placed) {
        self.regions.push(Lines {
            first: begin.line,
            last: end.line,
            ours: !matches!(region, Region::Ignore),
        });
        let kind = match region {
            Region::Ignore => return,
            Region::Tally => OwnedKind::TallyRegion,
            Region::Score => OwnedKind::ScoreRegion,
        };
        let after_begin = source
            .line_at(begin.span.end as usize)
            .map_or(begin.span.end as usize, |line| line.next);
        let before_end = source.line_start(end.span.start as usize);
        self.owned.push(OwnedSpan {
            kind,
            span: Span::new(after_begin, before_end),
            line: begin.line + 1,
        });
    }

    fn read_headings(&mut self, source: &Source, outline: &Outline) {
        let mut titles = 0;
        for (number, block) in outline.blocks.iter().enumerate() {
            if let Block::Heading { level: 1, lines } = block
                && !self.heading_is_ours(outline.lines(lines))
                && text_of_box(source, outline, number).is_none()
            {
                titles += 1;
                if titles == 1 {
                    self.title = Some(super::sections::heading_text(&super::walk::joined(
                        source,
                        outline.lines(lines),
                    )));
                }
            }
        }
        if titles != 1 {
            self.title = None;
        }
    }

    /// Whether a heading stands in a region that a run writes anew, or goes on into one: an indented
    /// comment does not end the paragraph before it.
    pub fn heading_is_ours(&self, lines: &[TextLine]) -> bool {
        lines.iter().any(|line| self.is_ours(line.line))
    }

    fn read_config(&mut self, outline: &Outline, source: &Source, markers: &[Placed]) {
        let first_item = outline.blocks.iter().find_map(|block| match block {
            Block::Table { lines, .. } => {
                let header = outline.lines(lines).first();
                let header = header.filter(|line| !self.in_region(line.line));
                header.map(|line| line.span.start)
            }
            Block::ItemStart(item) if !self.in_region(item.line) => {
                box_at(&source.bytes()[item.content as usize..]).map(|_| item.marker)
            }
            _ => None,
        });
        let before = |placed: &&Placed| {
            first_item.is_none_or(|first| placed.span.start < first) && !self.in_region(placed.line)
        };
        let Some(Marker::Config(config)) = markers
            .iter()
            .filter(|placed| matches!(placed.marker, Marker::Config(_)))
            .find(before)
            .map(|placed| &placed.marker)
        else {
            return;
        };
        self.named = named(config);
        self.emoji_bullets = config
            .get("emoji-bullets")
            .is_some_and(|value| value.eq_ignore_ascii_case("on"));
        if let Some(skip) = config.get("skip") {
            let not_applicable = skip.eq_ignore_ascii_case("not-applicable");
            self.legend.skip = Some(if not_applicable {
                State::NotApplicable
            } else {
                State::NotRun
            });
        }
    }

    fn read_habits(&mut self, source: &Source, outline: &Outline) {
        let (mut boxes, mut with_token, mut upper, mut lower) =
            (0_usize, 0_usize, 0_usize, 0_usize);
        for number in 0..outline.blocks.len() {
            let Some(first) =
                text_of_box(source, outline, number).filter(|first| !self.in_region(first.line))
            else {
                continue;
            };
            let bytes = &source.bytes()[first.span.range()];
            boxes += 1;
            upper += usize::from(bytes[1] == b'X');
            lower += usize::from(bytes[1] == b'x');
            let text = source.text(Span {
                start: first.span.start + 3,
                end: first.span.end,
            });
            with_token +=
                usize::from(leading_token(text.trim_start_matches([' ', '\t'])).is_some());
        }
        self.box_ids = boxes > 0 && with_token * 100 >= boxes * ID_SHARE;
        self.upper_ticks = upper > lower;
    }

    fn read_legend(&mut self, source: &Source, outline: &Outline) {
        let mut sections = Sections::new(self.title.is_some());
        let mut in_item = false;
        for (number, block) in outline.blocks.iter().enumerate() {
            match block {
                Block::Heading { lines, .. }
                    if self.heading_is_ours(outline.lines(lines))
                        || text_of_box(source, outline, number).is_some() => {}
                Block::Heading { level, lines } => {
                    sections.enter(*level, &super::walk::joined(source, outline.lines(lines)));
                }
                Block::ItemStart(_) => in_item = true,
                Block::ItemEnd { .. } => in_item = false,
                Block::Paragraph { lines } => {
                    let lines = outline.lines(lines);
                    let Some(first) = lines.first().filter(|line| !self.in_region(line.line))
                    else {
                        continue;
                    };
                    if in_item && sections.is_legend() {
                        self.legend_line(&source.text(first.span), *first);
                    } else if !in_item
                        && let [only] = lines
                        && let Some(text) = super::sections::pseudo_heading(&source.text(only.span))
                    {
                        sections.enter_pseudo(text);
                    }
                }
                Block::Table { lines, columns } if (2..=3).contains(columns) => {
                    self.legend_table(source, outline.lines(lines));
                }
                Block::Table { .. } | Block::Opaque { .. } => {}
            }
        }
    }

    /// `SYMBOL **WORD** - meaning`.
    fn legend_line(&mut self, text: &str, line: TextLine) {
        let Some(found) = pictograph_at(text) else {
            return;
        };
        let rest = text[found.length()..].trim_start_matches([' ', '\t']);
        let Some((word, meaning)) = rest
            .strip_prefix("**")
            .and_then(|rest| rest.split_once("**"))
        else {
            return;
        };
        let word = word.trim_end_matches(':');
        let Some(meaning) = meaning
            .trim_start()
            .strip_prefix(['-', '–', '—', ':', '='])
            .or_else(|| meaning.strip_prefix(' '))
        else {
            return;
        };
        self.legend.add(
            Some((found.symbol, &text[..found.length()], found.form)),
            word,
            meaning.trim(),
            line,
        );
    }

    fn legend_table(&mut self, source: &Source, lines: &[TextLine]) {
        let [header, _, rows @ ..] = lines else {
            return;
        };
        if self.in_region(header.line) {
            return;
        }
        let mut split = Cells::default();
        cells::split(source.bytes(), header.span, &mut split);
        let headers: Vec<String> = split
            .cells
            .iter()
            .map(|&cell| normalize(&source.text(trim_span(source.bytes(), cell))))
            .collect();
        if !kind::is_legend(&Shape {
            headers: &headers,
            rows: rows.len(),
            cells: &|row, columns| cell_texts(source, rows[row].span, columns),
            sign_off_section: false,
        }) {
            return;
        }
        for line in rows {
            let mut texts = cell_texts(source, line.span, &[0, 1, headers.len() - 1]).into_iter();
            let mut next = || texts.next().unwrap_or_default();
            let (first, middle, last) = (next(), next(), next());
            let found = symbol_at(&first).or_else(|| pictograph_at(&first));
            let mut word = found
                .map_or(&*first, |found| &first[found.length()..])
                .trim_matches([' ', '\t', '*', '_', '`'])
                .to_owned();
            if headers.len() == 3 && word.is_empty() {
                word.push_str(middle.trim_matches([' ', '\t', '*', '_', '`']));
            } else if word.is_empty() && last.split_whitespace().count() <= 2 {
                word.push_str(&last);
            }
            let symbol = found.map(|found| (found.symbol, &first[..found.length()], found.form));
            self.legend.add(symbol, &word, &last, *line);
        }
    }
}

/// The trimmed cells of a row in some columns.
pub(crate) fn cell_texts<'a>(
    source: &'a Source,
    line: Span,
    columns: &[usize],
) -> Vec<Cow<'a, str>> {
    let mut split = Cells::default();
    cells::split(source.bytes(), line, &mut split);
    let text = |&column: &usize| {
        let span = split.trimmed(source.bytes(), column);
        span.map_or("".into(), |span| source.text(span))
    };
    columns.iter().map(text).collect()
}

/// The columns that a settings comment names.
pub(crate) fn named(config: &std::collections::BTreeMap<String, String>) -> Named {
    Named {
        status: config.get("status").cloned(),
        id: config.get("id").cloned(),
        requirement: config.get("requirement").cloned(),
    }
}
