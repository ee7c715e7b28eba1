//! What needs the whole document: the state of boxes, ids and their collisions, roll-ups, and the
//! comparison of claims with counts.

use std::sync::Arc;

use super::survey::Survey;
use super::{IdIndex, Parts, markers_in};
use crate::blocks::{Outline, Unclosed};
use crate::boxes::{self, BoxPlace, Key, Mark, Meta};
use crate::claims::{Claim, ClaimKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::ids::{derived, valid_id};
use crate::inline::{Plain, plain};
use crate::item::{IdOrigin, Item, Place, State};
use crate::marker::{Marker, Placed, machine_marker};
use crate::options::Options;
use crate::rewrite::Status;
use crate::source::{Source, Span, narrow, trim};
use crate::status::{Legend, Look, read};
use crate::text::Text;

pub(super) fn finish(
    mut parts: Parts,
    survey: &Survey,
    outline: &Outline,
    markers: &[Placed],
    options: &Options,
) -> Parts {
    let mut found = std::mem::take(&mut parts.diagnostics);
    let open_comment = outline
        .unclosed
        .iter()
        .find(|(kind, _)| *kind == Unclosed::Comment)
        .map_or(u32::MAX, |(_, line)| line.span.start);
    for item in &mut parts.items {
        box_id(item, markers);
        bullet_place(item, outline, open_comment);
        if item.id_origin == IdOrigin::Derived {
            item.id = derived(item.context.slug(), item.raw.get(&item.context.source)).into();
        }
        box_state(item, &parts.legend, &mut found);
    }
    duplicate_markers(&parts, survey, markers, &mut found);
    ids(&mut parts, options, &mut found);
    roll_ups(&parts.items, &mut found);
    labels(&parts.items, &mut found);
    tallies(&parts.items, &mut parts.claims, &mut found);
    skip_meaning(&parts, &mut found);
    found.sort_by_key(|diagnostic| diagnostic.line);
    parts.diagnostics = found;
    parts
}

/// Finds where a new Status bullet goes, now that all metadata is known.
fn bullet_place(item: &mut Item, outline: &Outline, open_comment: u32) {
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

/// A marker or `Id` sub-bullet is stronger than what the text of a box gave.
fn box_id(item: &mut Item, markers: &[Placed]) {
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
        item.id = id.into();
        item.id_origin = origin;
    }
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

fn box_state(item: &mut Item, legend: &Legend, found: &mut Vec<Diagnostic>) {
    let source = Arc::clone(&item.context.source);
    let Place::Box(place) = &item.place else {
        return;
    };
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
    match (note, word) {
        (Some((span, _)), _) => item.state_text = Text::of(&source, span),
        (None, Some(_)) => {}
        (None, None) => item.state_text = Text::of(&source, tick_text),
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

/// Two machine markers in one cell or line, or two ids for one item.
fn duplicate_markers(
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

fn ids(parts: &mut Parts, options: &Options, found: &mut Vec<Diagnostic>) {
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
                item.id = id.clone().into();
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
        .line_at(position(&items[first]))
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
            items[number].read_only = Some(Arc::clone(&shared));
        }
    }
    found.push(fault);
}

fn position(item: &Item) -> usize {
    match &item.place {
        Place::Row(row) => row.line.start as usize,
        Place::Box(place) => place.item.marker as usize,
    }
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
    let at = position(other);
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

/// A parent sums up its children: it should be ticked exactly when all of them are.
fn roll_ups(items: &[Item], found: &mut Vec<Diagnostic>) {
    let ticked = |item: &Item| match &item.place {
        Place::Box(place) => match place.mark {
            Mark::Box { ticked, .. } => Some(ticked),
            Mark::Symbol(_) => None,
        },
        Place::Row(_) => None,
    };
    // For each parent: how many children, and the first that is not ticked.
    let mut children: Vec<(u32, Option<u32>)> = vec![
        (0, None);
        if items.iter().any(|i| i.parent != u32::MAX) {
            items.len()
        } else {
            0
        }
    ];
    for item in items {
        if let (Some(parent), Some(ticked)) = (item.parent(), ticked(item)) {
            let entry = &mut children[parent];
            entry.0 += 1;
            if !ticked && entry.1.is_none() {
                entry.1 = Some(item.line);
            }
        }
    }
    for (number, (count, open)) in children
        .into_iter()
        .enumerate()
        .filter(|(_, (count, _))| *count > 0)
    {
        let parent = &items[number];
        let Some(is_ticked) = ticked(parent) else {
            continue;
        };
        if is_ticked == open.is_none() {
            continue;
        }
        let (message, related) = match open {
            Some(line) => (
                format!("the box is ticked, but the one below it on line {line} is not"),
                Some(line as usize),
            ),
            None => (
                format!("all {count} boxes below it are ticked, but this one is not"),
                None,
            ),
        };
        let at = position(parent);
        let span = Span::new(at, at + 5);
        found.push(
            Diagnostic::new(
                Code::RollupMismatch,
                parent.line,
                span,
                message,
                "let it sum up the boxes below it",
            )
            .about(parent.id())
            .with_lines(related),
        );
    }
}

/// Boxes that stand at labels are reported once for the document.
fn labels(items: &[Item], found: &mut Vec<Diagnostic>) {
    let is_label = |item: &&Item| {
        matches!(item.place, Place::Box(_))
            && boxes::label_only(trim(item.raw.get(&item.context.source)))
    };
    let lines: Vec<&Item> = items.iter().filter(is_label).collect();
    let Some((first, rest)) = lines.split_first() else {
        return;
    };
    let message = format!(
        "{} boxes stand at labels, not at requirements; each is an item",
        lines.len()
    );
    let at = position(first);
    let hint = "write the requirement behind the box";
    found.push(
        Diagnostic::new(
            Code::BoxLabels,
            first.line,
            Span::new(at, at + 5),
            message,
            hint,
        )
        .about(first.id())
        .with_lines(rest.iter().map(|item| item.line())),
    );
}

/// The status that an item's state is counted under.
pub(crate) fn shown_as(state: State) -> Status {
    match state {
        State::Pass => Status::Pass,
        State::Warn => Status::Warn,
        State::Fail => Status::Fail,
        State::InProgress | State::NotRun | State::NotApplicable | State::Unknown => Status::Skip,
    }
}

fn tallies(items: &[Item], claims: &mut [Claim], found: &mut Vec<Diagnostic>) {
    let mut stated_total: Option<(u64, usize, Span)> = None;
    let mut lines = Vec::new();
    let mut mismatch = |line: usize, span: Span, message: String, related: &[usize]| {
        let hint = "correct it, or let a run with results write it";
        found.push(
            Diagnostic::new(Code::TallyMismatch, narrow(line), span, message, hint)
                .with_lines(related.iter().copied()),
        );
    };
    for claim in claims
        .iter_mut()
        .filter(|claim| claim.kind == ClaimKind::Tally)
    {
        let Some(status) = claim.status else { continue };
        let counted = items
            .iter()
            .filter(|item| shown_as(item.state) == status)
            .count() as u64;
        let stated: u64 = claim.stated.parse().unwrap_or(u64::MAX);
        claim.counted = Some(counted.to_string());
        let total = stated_total.get_or_insert((0, claim.line, claim.span));
        total.0 = total.0.saturating_add(stated);
        lines.push(claim.line);
        if stated != counted {
            mismatch(
                claim.line,
                claim.span,
                format!("{status} is stated as {stated}, the document shows {counted}"),
                &[],
            );
        }
    }
    let total = items.len() as u64;
    if let Some((stated, line, span)) = stated_total.filter(|(stated, ..)| *stated != total) {
        mismatch(
            line,
            span,
            format!("the tallies add up to {stated}, the document has {total} items"),
            &lines[1..],
        );
    }
}

/// A legend that calls skipped items not applicable would let an untested document score 100 %.
fn skip_meaning(parts: &Parts, found: &mut Vec<Diagnostic>) {
    let Some(entry) = parts
        .legend
        .skip_called_not_applicable()
        .filter(|_| parts.legend.skip.is_none())
    else {
        return;
    };
    let tally = parts
        .claims
        .iter()
        .find(|c| c.kind == ClaimKind::Tally && c.status == Some(Status::Skip));
    let message = match tally {
        Some(tally) => format!(
            "the legend calls a skipped item not applicable, while line {} counts skipped items; they are read as not run",
            tally.line
        ),
        None => "the legend calls a skipped item not applicable; it is read as not run".to_owned(),
    };
    let hint = "say it with `<!-- readiness:config skip=\"not-applicable\" -->` or \"not-run\"; not run counts against the score";
    found.push(
        Diagnostic::new(
            Code::SkipMeaningUnclear,
            entry.line,
            entry.span,
            message,
            hint,
        )
        .with_lines(tally.map(|tally| tally.line)),
    );
}
