//! From blocks to items: what the structure of a document means.
//!
//! Two passes over the outline. The first ([`survey`]) learns what holds for the whole document:
//! its legend, its settings, whether its boxes carry ids. The second ([`walk`]) makes the items.
//! [`finish`] then gives boxes their state and every item its id, and compares what the document
//! states about itself with what it holds.

mod boxes;
mod bullets;
mod counts;
mod finish;
mod ids;
mod index;
mod rows;
mod sections;
mod survey;
mod tables;
mod walk;

use std::sync::Arc;

use crate::blocks::{self, Outline, TextLine, Unclosed};
use crate::claims::{Claim, OwnedSpan, Percent};
use crate::diagnostic::{Code, Diagnostic};
use crate::item::{Item, SignOff};
use crate::marker::{self, Placed};
use crate::options::Options;
use crate::source::{Source, Span, line_number, narrow};
use crate::status::Legend;
pub(crate) use bullets::{StatusNote, human_value, status_note};
pub(crate) use index::IdIndex;
use survey::Survey;

/// Everything that was read from a document.
#[derive(Debug, Clone)]
pub(crate) struct Parts {
    pub title: Option<String>,
    pub items: Vec<Item>,
    /// All items are rows, each with an id in the document that is above the one before: nothing is to
    /// be found out about their ids, and they are not gone through again.
    pub ids_rise: bool,
    pub index: IdIndex,
    pub sign_offs: Vec<SignOff>,
    pub claims: Vec<Claim>,
    /// The spans of the score block that may be written.
    pub owned: Vec<OwnedSpan>,
    pub minimum_score: Option<Percent>,
    pub diagnostics: Vec<Diagnostic>,
    pub legend: Legend,
    /// A new tick is an `X`.
    pub upper_ticks: bool,
    /// A comment starts somewhere, be it in code: there may be text of ours.
    pub may_hold_comments: bool,
}

pub(crate) fn read(source: &Arc<Source>, options: &Options) -> Parts {
    let outline = blocks::parse(source);
    let markers = marker::markers(source, &outline.comments);
    let mut diagnostics = Vec::new();
    structure(source, &outline, &mut diagnostics);
    let survey = Survey::new(source, &outline, &markers, &mut diagnostics);
    let mut walk = walk::Walk::new(source, &outline, &markers, &survey, diagnostics);
    walk.run();
    finish::finish(walk.into_parts(), &survey, &outline, &markers, options)
}

/// What the block structure itself has to report.
fn structure(source: &Source, outline: &Outline, diagnostics: &mut Vec<Diagnostic>) {
    if let Some(offset) = source.first_invalid() {
        let line = narrow(line_number(source.bytes(), offset));
        diagnostics.push(Diagnostic::new(
            Code::EncodingNotUtf8,
            line,
            Span::new(offset, offset + 1),
            "some bytes are not UTF-8; they are kept, and only ASCII is written".to_owned(),
            "save the file as UTF-8 to have symbols written",
        ));
    }
    for comment in &outline.comments {
        if marker::names_no_id(&source.text(comment.span)) {
            diagnostics.push(Diagnostic::new(
                Code::MarkerInvalid,
                comment.line,
                comment.span,
                "this marker names no item: what it holds cannot be an id".to_owned(),
                "an id starts with a letter or digit and goes on with those and `._/-`, as in `<!-- req: SEC-001 -->`",
            ));
        }
    }
    for (kind, TextLine { span, line }) in &outline.unclosed {
        let (code, message, hint) = match kind {
            Unclosed::Fence => (
                Code::FenceUnclosed,
                "this code fence has no end; everything below it in its block is ignored",
                "close the fence with as many of its characters",
            ),
            Unclosed::Comment => (
                Code::CommentUnclosed,
                "this comment has no end; everything from here on is ignored",
                "close the comment with `-->`",
            ),
        };
        diagnostics.push(Diagnostic::new(
            code,
            *line,
            *span,
            message.to_owned(),
            hint,
        ));
    }
}

/// As [`without_outer_comments`], of a text without blanks at its ends: mostly there are none.
#[inline]
fn without_comments(source: &Source, span: Span) -> Span {
    let bytes = source.bytes();
    let text = &bytes[span.range()];
    let (first, last) = (text.first(), text.last());
    if first == Some(&b'<') || last == Some(&b'>') {
        without_outer_comments(source, span)
    } else {
        span
    }
}

/// The span of a text without the comments and blanks at both ends.
fn without_outer_comments(source: &Source, span: Span) -> Span {
    let bytes = source.bytes();
    let mut span = crate::source::trim_span(bytes, span);
    loop {
        let text = &bytes[span.range()];
        if text.ends_with(b"-->")
            && let Some(at) = memchr::memmem::rfind(text, b"<!--")
        {
            span.end = span.start + narrow(at);
        } else if text.starts_with(b"<!--")
            && let Some(at) = memchr::memmem::find(text, b"-->")
        {
            span.start += narrow(at + 3);
        } else {
            return span;
        }
        span = crate::source::trim_span(bytes, span);
    }
}

/// The markers that stand inside a span.
fn markers_in(markers: &[Placed], span: Span) -> &[Placed] {
    if markers.is_empty() {
        return markers;
    }
    let first = markers.partition_point(|placed| placed.span.start < span.start);
    let last = markers.partition_point(|placed| placed.span.start < span.end);
    &markers[first..last.max(first)]
}
