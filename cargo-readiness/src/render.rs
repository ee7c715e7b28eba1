//! A finding with the line it is about, in the manner of rustc:
//!
//! ```text
//! warning[status-cell-complex]: A-1: the status cell holds more than one status, or markup
//!  --> CHECKLIST.md:7:13
//!   |
//! 7 | | A-1 | It starts | [x](y) |
//!   |                     ^^^^^^
//!   |
//!   = help: leave one status in the cell
//! ```
//!
//! The line comes from a file that anybody may have written: what a terminal would act on is shown as
//! a mark, secrets are masked, and of a long line only the piece around the place is shown. Without
//! the line (no such file, another encoding) the finding is printed without it.

use std::ops::Range;
use std::path::{Path, PathBuf};

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet, renderer::DecorStyle};
use readiness::diagnostic::{Code, Diagnostic, Severity, plain, shown_as, without_secrets};
use readiness::document::MAX_BYTES;

/// As many characters of a line stand in JSON, and are shown at most.
const WIDEST: usize = 160;

/// Characters that the frame around a line takes: the number, the bar and the spaces.
const FRAME: usize = 12;

/// Files whose lines were shown; the last one is kept, because findings of one file come together.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    last: Option<(PathBuf, Lines)>,
}

/// A file with the places of its lines: a document may have as many findings as lines, so none of them
/// is looked for from the start.
#[derive(Debug)]
struct Lines {
    bytes: Vec<u8>,
    /// Where each line begins.
    starts: Vec<usize>,
}

/// A piece of a line, safe to print, and which bytes of it are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Excerpt {
    pub(crate) text: String,
    pub(crate) meant: Range<usize>,
}

impl Sources {
    fn lines(&mut self, path: &Path) -> Option<&Lines> {
        let known = self.last.as_ref().is_some_and(|(last, _)| last == path);
        if !known {
            let small = std::fs::metadata(path).is_ok_and(|m| m.is_file() && m.len() <= MAX_BYTES);
            let bytes = small.then(|| std::fs::read(path).ok())??;
            self.last = Some((path.to_path_buf(), Lines::new(bytes)));
        }
        self.last.as_ref().map(|(_, lines)| lines)
    }

    /// The line that a finding is about, at most `width` characters of it.
    pub(crate) fn excerpt(&mut self, found: &Diagnostic, width: usize) -> Option<Excerpt> {
        let line = self.lines(&found.path)?.nth(found.line?)?;
        Some(excerpt(line, meant(line, found), width))
    }

    /// The bytes of its line that a finding is about, counted from 0.
    fn columns(&mut self, found: &Diagnostic) -> Option<Range<usize>> {
        found.columns().or_else(|| {
            let line = self.lines(&found.path)?.nth(found.line?)?;
            typed(line, found)
        })
    }
}

impl Lines {
    /// A lone CR ends a line, as in the document's parser.
    fn new(bytes: Vec<u8>) -> Self {
        let mut starts = vec![0];
        for (at, byte) in bytes.iter().enumerate() {
            let ends = *byte == b'\n' || *byte == b'\r' && bytes.get(at + 1) != Some(&b'\n');
            if ends && at + 1 < bytes.len() {
                starts.push(at + 1);
            }
        }
        Self { bytes, starts }
    }

    /// A line by its 1-based number, without its end. Columns of the first one count from the start of
    /// the file.
    fn nth(&self, number: usize) -> Option<&[u8]> {
        let start = *self.starts.get(number.checked_sub(1)?)?;
        let end = self.starts.get(number).copied();
        let mut line = &self.bytes[start..end.unwrap_or(self.bytes.len())];
        while let [rest @ .., b'\n' | b'\r'] = line {
            line = rest;
        }
        Some(line)
    }
}

/// What of its line a finding is about, as far as that can be told.
fn meant(line: &[u8], found: &Diagnostic) -> Option<Range<usize>> {
    found
        .columns()
        .or_else(|| typed(line, found))
        .or_else(|| named(line, found.id.as_deref()))
}

/// The typed status that a finding quotes: the box of its line, or the one cell that holds it.
fn typed(line: &[u8], found: &Diagnostic) -> Option<Range<usize>> {
    if !matches!(found.code, Code::StatusClaimed | Code::StatusDisagrees) {
        return None;
    }
    let stated = found
        .message
        .strip_prefix('`')?
        .split_once('`')?
        .0
        .as_bytes();
    if stated.is_empty() {
        return None;
    }
    if stated.starts_with(b"[") && !line.trim_ascii_start().starts_with(b"|") {
        let at = line.windows(stated.len()).position(|part| part == stated)?;
        return Some(at..at + stated.len());
    }
    let mut cells = Vec::new();
    let mut start = 0;
    for cell in line.split(|byte| *byte == b'|') {
        let blank = cell.len() - cell.trim_ascii_start().len();
        if cell.trim_ascii() == stated {
            cells.push(start + blank..start + blank + stated.len());
        }
        start += cell.len() + 1;
    }
    match cells.as_slice() {
        [one] => Some(one.clone()),
        _ => None,
    }
}

/// Where a line names the requirement that a finding is about.
fn named(line: &[u8], id: Option<&str>) -> Option<Range<usize>> {
    let id = id.filter(|id| !id.is_empty())?;
    let at = line
        .windows(id.len())
        .position(|part| part == id.as_bytes())?;
    Some(at..at + id.len())
}

/// The piece of a line around what is meant, as a terminal shows it.
pub(crate) fn excerpt(line: &[u8], meant: Option<Range<usize>>, width: usize) -> Excerpt {
    let blank = |b: &&u8| matches!(b, b' ' | b'\t');
    let whole = line.iter().take_while(blank).count()
        ..line.len() - line.iter().rev().take_while(blank).count();
    let meant = meant.unwrap_or(whole);
    let meant =
        meant.start.min(line.len())..meant.end.min(line.len()).max(meant.start.min(line.len()));
    let width = width.max(20);
    // A character has at most four bytes; only that much around the place is looked at.
    let lead = 4 * width;
    let from = meant.start.saturating_sub(lead);
    let to = line.len().min(meant.start + lead);
    let mut text = String::new();
    let mut marks: Vec<(usize, usize)> = Vec::new();
    let mut at = from;
    for chunk in line[from..to].utf8_chunks() {
        for c in chunk.valid().chars() {
            marks.push((at, text.len()));
            text.push(shown_as(c).unwrap_or(c));
            at += c.len_utf8();
        }
        if !chunk.invalid().is_empty() {
            marks.push((at, text.len()));
            text.push(char::REPLACEMENT_CHARACTER);
            at += chunk.invalid().len();
        }
    }
    marks.push((at, text.len()));
    let masked = without_secrets(&text);
    if masked != text {
        // Lengths have changed: the whole is meant, as far as it fits.
        let cut: String = masked.trim().chars().take(width).collect();
        let end = cut.len();
        return Excerpt {
            text: cut,
            meant: 0..end,
        };
    }
    window(&text, &marks, &meant, from > 0, to < line.len(), width)
}

/// At most `width` characters with what is meant among them; `…` where something is left out.
fn window(
    text: &str,
    marks: &[(usize, usize)],
    meant: &Range<usize>,
    cut_left: bool,
    cut_right: bool,
    width: usize,
) -> Excerpt {
    let characters = marks.len() - 1;
    let first = marks
        .partition_point(|mark| mark.0 < meant.start)
        .min(characters);
    let last = marks
        .partition_point(|mark| mark.0 < meant.end)
        .clamp(first, characters);
    let fits = characters <= width && !cut_left && !cut_right;
    let (start, end) = if fits {
        (0, characters)
    } else {
        // A third of the room goes before the place.
        let start = first
            .saturating_sub(width / 3)
            .min(characters.saturating_sub(width));
        let start = if cut_left || start > 0 { start } else { 0 };
        (start, (start + width).min(characters))
    };
    let before = if start > 0 || cut_left { "…" } else { "" };
    let after = if end < characters || cut_right {
        "…"
    } else {
        ""
    };
    let byte = |character: usize| marks[character.clamp(start, end)].1 - marks[start].1;
    Excerpt {
        text: format!("{before}{}{after}", &text[marks[start].1..marks[end].1]),
        meant: before.len() + byte(first)..before.len() + byte(last),
    }
}

/// The finding as rustc would print it.
pub(crate) fn render(
    found: &Diagnostic,
    sources: &mut Sources,
    width: usize,
    colour: bool,
) -> String {
    let level = match found.severity() {
        Severity::Note => Level::NOTE,
        Severity::Warning => Level::WARNING,
        Severity::Error => Level::ERROR,
    };
    let title = match &found.id {
        Some(id) => format!("{}: {}", plain(id), plain(&found.message)),
        None => plain(&found.message).into_owned(),
    };
    let path = crate::documents::shown(&found.path);
    let path = plain(&path).into_owned();
    let excerpt = sources.excerpt(found, width.saturating_sub(FRAME).min(WIDEST));
    let group = level.primary_title(title).id(found.name());
    let mut group = match (&excerpt, found.line) {
        (Some(excerpt), Some(line)) => {
            let mark = AnnotationKind::Primary.span(excerpt.meant.clone());
            group.element(
                Snippet::source(excerpt.text.as_str())
                    .path(path)
                    .line_start(line)
                    .fold(false)
                    .annotation(mark),
            )
        }
        (None, Some(line)) => group.element(Origin::path(path).line(line)),
        (_, None) => group.element(Origin::path(path)),
    };
    if !found.related().is_empty() {
        group = group.element(Level::NOTE.message(related(found.related())));
    }
    if !found.hint.is_empty() {
        group = group.element(Level::HELP.message(plain(&found.hint).into_owned()));
    }
    let renderer = if colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    renderer
        .decor_style(DecorStyle::Ascii)
        .term_width(width)
        .render(&[group])
}

/// The other lines in words, at most a dozen.
fn related(lines: &[usize]) -> String {
    const MOST: usize = 12;
    let shown: Vec<_> = lines.iter().take(MOST).map(usize::to_string).collect();
    let more = match lines.len().saturating_sub(MOST) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let noun = if lines.len() == 1 { "line" } else { "lines" };
    format!("see also {noun} {}{more}", shown.join(", "))
}

/// The finding as one line of JSON.
pub(crate) fn json(found: &Diagnostic, sources: &mut Sources) -> String {
    let excerpt = sources.excerpt(found, WIDEST);
    let columns = sources.columns(found);
    serde_json::json!({
        "severity": found.severity(),
        "code": found.name(),
        "path": found.path,
        "line": found.line,
        "column": columns.as_ref().map(|columns| columns.start + 1),
        "end_column": columns.as_ref().map(|columns| columns.end + 1),
        "id": found.id,
        "message": found.message,
        "hint": found.hint,
        "related": found.related(),
        "source": excerpt.map(|excerpt| excerpt.text),
    })
    .to_string()
}

#[cfg(test)]
#[path = "render_tests.rs"]
mod tests;
