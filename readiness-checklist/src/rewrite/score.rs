//! Writing the score block: counts, scores and the lines of marked regions.

use super::writer::Writer;
use super::{EditKind, Status, Tally};
use crate::claims::{OwnedKind, OwnedSpan};
use crate::source::{Span, is_blank_byte};

impl Writer<'_> {
    pub(super) fn score(&mut self, tally: &Tally) {
        let checklist = self.checklist;
        let is_region = |owned: &&OwnedSpan| {
            matches!(owned.kind, OwnedKind::TallyRegion | OwnedKind::ScoreRegion)
        };
        for owned in &checklist.parts.owned {
            match owned.kind {
                OwnedKind::Tally(status) => {
                    let count = count(tally, status).to_string();
                    self.edit(owned.span, count.as_bytes(), owned.line, EditKind::Tally);
                }
                OwnedKind::Score { parenthesis } => self.bold_score(owned, parenthesis, tally),
                OwnedKind::OverallScore => self.overall_score(owned, tally),
                OwnedKind::TallyRegion | OwnedKind::ScoreRegion | OwnedKind::Date => {}
            }
        }
        let regions: Vec<&OwnedSpan> = checklist.parts.owned.iter().filter(is_region).collect();
        if !regions.is_empty() {
            let symbols = self.is_utf8_outside(&regions);
            for owned in regions {
                self.region(owned, tally, symbols);
            }
        }
    }

    /// Whether the document is UTF-8 once everything but these regions is written. They are written anew
    /// each time: a symbol may stand there exactly if the next run finds that it may.
    fn is_utf8_outside(&self, regions: &[&OwnedSpan]) -> bool {
        let source = self.source();
        if source.is_utf8() {
            return true;
        }
        let edits = self.edits().iter().map(|edit| edit.span.clone());
        let mut gone: Vec<_> = edits
            .chain(regions.iter().map(|owned| owned.span.range()))
            .collect();
        gone.sort_by_key(|span| (span.start, span.end));
        let end = source.bytes().len();
        let mut at = 0;
        gone.into_iter()
            .chain(std::iter::once(end..end))
            .all(|span| {
                let kept = source.bytes().get(at..span.start).unwrap_or_default();
                at = at.max(span.end);
                std::str::from_utf8(kept).is_ok()
            })
    }

    fn bold_score(&mut self, owned: &OwnedSpan, parenthesis: Option<Span>, tally: &Tally) {
        let old = self.source().text(owned.span);
        let Some(percent) = percent_like(&old, tally) else {
            return;
        };
        self.edit(owned.span, percent.as_bytes(), owned.line, EditKind::Score);
        if let Some(span) = parenthesis {
            self.edit(
                span,
                fraction(tally).as_bytes(),
                owned.line,
                EditKind::Score,
            );
        }
    }

    fn overall_score(&mut self, owned: &OwnedSpan, tally: &Tally) {
        let old = self.source().text(owned.span);
        let Some(mut text) = percent_like(&old, tally) else {
            return;
        };
        if old.contains('(') {
            text.push(' ');
            text.push_str(&fraction(tally));
        }
        self.edit(owned.span, text.as_bytes(), owned.line, EditKind::Score);
    }

    /// All lines between the two comments of a region.
    fn region(&mut self, owned: &OwnedSpan, tally: &Tally, symbols: bool) {
        let source = self.source();
        let start = owned.span.start as usize;
        let begin = source.line_start(start.saturating_sub(1));
        let end_of_begin = source.line_at(begin).map_or(start, |line| line.end);
        let terminator = source.terminator_after(end_of_begin);
        // That of the end: the line of the begin may hold the mark of the list item that both stand in.
        let prefix = &source.bytes()[owned.span.end as usize..];
        let length = prefix
            .iter()
            .take_while(|&&b| is_blank_byte(b) || b == b'>')
            .count();
        let indent = String::from_utf8_lossy(&prefix[..length]).into_owned();
        let mut text = String::new();
        let mut push = |content: String| {
            text.push_str(&indent);
            text.push_str(&content);
            text.push_str(terminator);
        };
        if owned.kind == OwnedKind::TallyRegion {
            for status in [Status::Pass, Status::Warn, Status::Fail, Status::Skip] {
                let symbol = self
                    .chooser
                    .legend_symbol(status)
                    .filter(|symbol| symbols || symbol.is_ascii())
                    .map(|symbol| format!("{symbol} "))
                    .unwrap_or_default();
                push(format!("- {symbol}{status}: {}", count(tally, status)));
            }
        } else {
            let percent = tally.percent(1).unwrap_or_else(|| "TBD".to_owned());
            push(format!("**Score: {percent}** {}", fraction(tally)));
        }
        self.edit(owned.span, text.as_bytes(), owned.line, EditKind::Region);
    }
}

fn count(tally: &Tally, status: Status) -> u64 {
    match status {
        Status::Pass => tally.pass,
        Status::Warn => tally.warn,
        Status::Fail => tally.fail,
        Status::Skip => tally.skip,
    }
}

fn fraction(tally: &Tally) -> String {
    format!("({} of {})", tally.pass, tally.applicable())
}

/// The score with the precision of the old value: one decimal for `TBD`.
fn percent_like(old: &str, tally: &Tally) -> Option<String> {
    let number = old.split('%').next().unwrap_or_default();
    let whole = !old.starts_with("TBD") && !number.contains('.');
    tally.percent(u32::from(!whole))
}
