//! Ids once all items are known: markers and metadata before the text, collisions, duplicates.

use std::sync::Arc;

use super::survey::Survey;
use super::{IdIndex, Parts, markers_in};
use crate::boxes::Key;
use crate::diagnostic::{Code, Diagnostic};
use crate::ids::valid_id;
use crate::inline::{Plain, plain};
use crate::item::{IdOrigin, Item, Place};
use crate::marker::{Marker, Placed};
use crate::options::Options;
use crate::source::{Span, narrow};

/// A marker or `Id` sub-bullet is stronger than what the text of a box gave.
pub(super) fn box_id(item: &mut Item, markers: &[Placed]) {
    let Place::Box(place) = &item.place else {
        return;
    };
    let source = &item.context.source;
    let start = place.item.marker;
    let end = source
        .line_at(start as usize)
        .map_or(start, |line| narrow(line.end));
    let marked = markers_in(markers, Span { start, end })
        .iter()
        .find_map(|placed| match &placed.marker {
            Marker::Req(id) => Some((id.clone(), IdOrigin::Marker)),
            _ => None,
        });
    let labelled = || {
        let meta = place.metadata.iter().find(|meta| meta.key == Key::Id)?;
        let value = plain(&source.text(meta.value), Plain::Display)
            .trim()
            .to_owned();
        valid_id(&value).then_some((value, IdOrigin::Metadata))
    };
    if let Some((id, origin)) = marked.or_else(labelled) {
        item.set_id(id.into(), origin);
    }
}

/// Two machine markers in one cell or line, or two ids for one item.
pub(super) fn duplicate_markers(
    parts: &Parts,
    survey: &Survey,
    markers: &[Placed],
    found: &mut Vec<Diagnostic>,
) {
    let Some(source) = parts
        .items
        .first()
        .map(|item| Arc::clone(&item.context.source))
    else {
        return;
    };
    for pair in markers.windows(2) {
        let [first, second] = pair else { continue };
        let same_kind = matches!(
            (&first.marker, &second.marker),
            (Marker::Machine, Marker::Machine) | (Marker::Req(_), Marker::Req(_))
        );
        let between = source.slice(Span {
            start: first.span.end,
            end: second.span.start,
        });
        if !same_kind
            || first.line != second.line
            || survey.in_region(first.line)
            || has_pipe(between)
        {
            continue;
        }
        let message = "two markers of the same kind stand in one place".to_owned();
        found.push(Diagnostic::new(
            Code::MarkerDuplicate,
            second.line,
            second.span,
            message,
            "delete the extra marker",
        ));
    }
}

fn has_pipe(bytes: &[u8]) -> bool {
    memchr::memchr_iter(b'|', bytes).any(|at| at == 0 || bytes[at - 1] != b'\\')
}

pub(super) fn ids(parts: &mut Parts, options: &Options, found: &mut Vec<Diagnostic>) {
    parts.index = IdIndex::new(&parts.items);
    for first in parts.index.shared() {
        collision(&mut parts.items, &parts.index, first, found);
    }
    let mut mapped = false;
    if !options.ids.is_empty() {
        for item in &mut parts.items {
            let free = item.id_origin == IdOrigin::Derived
                && item.read_only().is_none_or(|d| d.code != Code::IdCollision);
            if let Some(id) = options.ids.get(item.id()).filter(|_| free) {
                item.set_id(id.clone().into(), IdOrigin::Derived);
                mapped = true;
            }
        }
    }
    if mapped {
        parts.index = IdIndex::new(&parts.items);
    }
    for first in parts.index.shared() {
        duplicate(&parts.items, &parts.index, first, found);
    }
}

/// Several items that derive the same id: none of them can be bound.
fn collision(items: &mut [Item], index: &IdIndex, first: usize, found: &mut Vec<Diagnostic>) {
    let group: Vec<usize> = std::iter::once(first).chain(index.others(first)).collect();
    if group
        .iter()
        .all(|&number| items[number].id_origin != IdOrigin::Derived)
    {
        return;
    }
    let lines: Vec<usize> = group.iter().map(|&number| items[number].line()).collect();
    let source = Arc::clone(&items[first].context.source);
    let span = source
        .line_at(items[first].start() as usize)
        .map_or(Span::default(), |line| Span::new(line.start, line.end));
    let shown: Vec<String> = lines.iter().take(10).map(usize::to_string).collect();
    let message = format!(
        "{} items derive this id, on lines {}; none can be bound",
        lines.len(),
        shown.join(", ")
    );
    let hint = "add `<!-- req: … -->` to these lines, or run `adopt`";
    let fault = Diagnostic::new(Code::IdCollision, items[first].line, span, message, hint)
        .about(items[first].id())
        .with_lines(lines[1..].iter().copied());
    let shared = Arc::new(fault.clone());
    for number in group {
        if items[number].id_origin == IdOrigin::Derived {
            items[number].set_read_only(Arc::clone(&shared));
        }
    }
    found.push(fault);
}

/// The same explicit id on items with different text.
fn duplicate(items: &[Item], index: &IdIndex, first: usize, found: &mut Vec<Diagnostic>) {
    let explicit = |item: &Item| {
        item.id_origin != IdOrigin::Derived
            || item.read_only().is_none_or(|d| d.code != Code::IdCollision)
    };
    let group: Vec<&Item> = std::iter::once(first)
        .chain(index.others(first))
        .map(|number| &items[number])
        .filter(|i| explicit(i))
        .collect();
    let Some((head, rest)) = group.split_first() else {
        return;
    };
    let Some(other) = rest
        .iter()
        .find(|item| item.normalized_text() != head.normalized_text())
    else {
        return;
    };
    let source = &head.context.source;
    let at = other.start() as usize;
    let span = source
        .line_at(at)
        .map_or(Span::default(), |line| Span::new(at, line.end));
    let message = format!(
        "lines {} and {} have this id, but different requirements",
        head.line, other.line
    );
    found.push(
        Diagnostic::new(
            Code::IdDuplicate,
            other.line,
            span,
            message,
            "rename one of them",
        )
        .about(head.id())
        .with_lines(
            group
                .iter()
                .filter(|item| item.line != other.line)
                .map(|item| item.line()),
        ),
    );
}
