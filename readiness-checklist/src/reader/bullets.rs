//! Status bullets and the state of boxes: a bullet's word before the tick.

use std::sync::Arc;

use crate::blocks::Outline;
use crate::boxes::{BoxPlace, Key, Mark, Meta};
use crate::diagnostic::{Code, Diagnostic};
use crate::item::{Item, Place, State};
use crate::marker::machine_marker;
use crate::source::{Source, Span, narrow};
use crate::status::{Legend, Look, read};
use crate::text::Text;

/// Finds where a new Status bullet goes, now that all metadata is known.
pub(super) fn bullet_place(item: &mut Item, outline: &Outline, open_comment: u32) {
    let source = Arc::clone(&item.context.source);
    let Place::Box(place) = &mut item.place else {
        return;
    };
    let after = place.metadata.iter().map(|meta| meta.end).max();
    let wanted = after.or(place.bullet_at.take());
    place.bullet_at = None;
    // Metadata in which a comment goes on ends beyond everything.
    let Some(at) = wanted.filter(|&at| (at as usize) <= source.bytes().len()) else {
        return;
    };
    let in_comment = at >= open_comment || source.bytes()[at as usize..].starts_with(b"<!--");
    let next = source
        .line_at(at as usize)
        .map_or(at, |line| narrow(line.next));
    let swallows = outline.bare.binary_search(&next).is_ok();
    place.bullet_at = (!in_comment && !swallows).then_some(at);
}

/// What a Status bullet says.
pub(crate) enum StatusNote {
    /// Its value is one status: the span inside its emphasis, and the state.
    Clean(Span, State),
    /// A person wrote more than a status.
    Human,
}

/// Reads the value of a Status bullet.
pub(crate) fn status_note(source: &Source, meta: &Meta, legend: &Legend) -> StatusNote {
    let value = human_value(source, meta.value);
    let bytes = source.bytes();
    let mut inner = value;
    for mark in [b"**".as_slice(), b"__", b"*", b"_"] {
        let text = &bytes[inner.range()];
        if text.len() > 2 * mark.len() && text.starts_with(mark) && text.ends_with(mark) {
            inner.start += narrow(mark.len());
            inner.end -= narrow(mark.len());
        }
    }
    let text = source.text(inner);
    let reading = read(&text, legend);
    let one_status =
        matches!(reading.look, Look::Word | Look::Symbol | Look::SymbolWord) && !reading.complex;
    let emphasis_inside = text.contains(['*', '_', '`', '<']);
    if one_status && !emphasis_inside || value.is_empty() {
        StatusNote::Clean(inner, reading.state)
    } else {
        StatusNote::Human
    }
}

/// The part of a value before the machine's marker.
pub(crate) fn human_value(source: &Source, value: Span) -> Span {
    let bytes = source.slice(value);
    let end =
        machine_marker(bytes, 0, bytes.len()).map_or(value.end, |(at, _)| value.start + narrow(at));
    crate::source::trim_span(
        source.bytes(),
        Span {
            start: value.start,
            end,
        },
    )
}

pub(super) fn box_state(item: &mut Item, legend: &Legend, found: &mut Vec<Diagnostic>) {
    let Place::Box(place) = &item.place else {
        return;
    };
    let source = Arc::clone(&item.context.source);
    let (tick, tick_text) = match place.mark {
        Mark::Box { at, ticked } => (
            if ticked { State::Pass } else { State::NotRun },
            Span {
                start: at - 1,
                end: at + 2,
            },
        ),
        Mark::Symbol(span) => (read(&source.text(span), legend).state, span),
    };
    // The walk leaves the state of a word at the end of the text here, if there is one.
    let word = (item.state != State::Unknown).then_some(item.state);
    let note = bullet_state(&source, place, legend, item, found);
    let says = note.map(|(_, state)| state).or(word);
    if let Some(state) = says {
        let ticked = tick == State::Pass;
        if ticked != (state == State::Pass) && (ticked || state == State::Pass) {
            let shown = if ticked { "ticked" } else { "not ticked" };
            let message =
                format!("the box is {shown}, but the item says {state}; the word is believed");
            let span = Span {
                start: place.item.marker,
                end: tick_text.end,
            };
            let hint = "let the box and the word say the same";
            found.push(
                Diagnostic::new(Code::StateContradiction, item.line, span, message, hint)
                    .about(item.id()),
            );
        }
    }
    item.state = says.unwrap_or(tick);
    let shown = match (note, word) {
        (Some((span, _)), _) => span,
        (None, Some(_)) => return,
        (None, None) => tick_text,
    };
    if let Place::Box(place) = &mut item.place {
        place.state_text = Text::of(&source, shown);
    }
}

fn bullet_state(
    source: &Source,
    place: &BoxPlace,
    legend: &Legend,
    item: &Item,
    found: &mut Vec<Diagnostic>,
) -> Option<(Span, State)> {
    let mut notes = place.metadata.iter().filter(|meta| meta.key == Key::Status);
    let meta = notes.next()?;
    let mut report = |code, message: &str, hint| {
        let line = meta.line;
        found.push(
            Diagnostic::new(code, line.line, line.span, message.to_owned(), hint).about(item.id()),
        );
    };
    if notes.next().is_some() {
        report(
            Code::StatusNoteDuplicate,
            "the item has two Status bullets; neither is changed",
            "leave one Status bullet with only a status",
        );
        return None;
    }
    match status_note(source, meta, legend) {
        StatusNote::Clean(span, state) => (!span.is_empty()).then_some((span, state)),
        StatusNote::Human => {
            report(
                Code::StatusNoteHuman,
                "the Status bullet holds more than a status; it is not changed",
                "leave one Status bullet with only a status",
            );
            None
        }
    }
}
