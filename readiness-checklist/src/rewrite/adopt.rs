//! Giving ids to items that have none: a `<!-- req: ID -->` behind each, and nothing else.
//!
//! Never implicit: a tool calls this when a person asks for it, shows the edits and then writes.

use std::collections::{BTreeMap, BTreeSet};

use super::row::keeps_row;
use super::writer::Writer;
use super::{EditKind, Rewrite};
use crate::blocks::{delimiter_row, line_comments};
use crate::checklist::Checklist;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::ids::valid_id;
use crate::item::{IdOrigin, Item, Place};
use crate::source::{Span, is_blank_byte, narrow, trim_span};
use crate::table::cells::{self, Cells};

/// Writes a marker to every item whose id is derived: the id from `names` by the item's line, else
/// the derived one. Items whose derived id collides or cannot stand in a marker are reported.
pub(crate) fn adopt(checklist: &Checklist, names: &BTreeMap<usize, String>) -> Rewrite {
    let mut writer = Writer::new(checklist);
    if checklist.has_file_error() {
        return writer.refuse();
    }
    let mut taken: BTreeSet<&str> = checklist
        .items()
        .iter()
        .filter(|item| item.id_origin() != IdOrigin::Derived)
        .map(Item::id)
        .collect();
    for item in checklist
        .items()
        .iter()
        .filter(|item| item.id_origin() == IdOrigin::Derived)
    {
        let id = names.get(&item.line()).map_or(item.id(), String::as_str);
        let given = names.contains_key(&item.line());
        if let Some(fault) = fault(item, id, given, &taken) {
            writer.report(fault);
            continue;
        }
        let marker = format!(" <!-- req: {id} -->");
        let Some(at) = marker_place(checklist, item, &marker) else {
            let message = "a marker cannot be found again here, because of code, a comment or a list mark on this line";
            let hint = "simplify the line";
            writer.report(error(Code::IdInvalid, item, id, message.to_owned(), hint));
            continue;
        };
        taken.insert(id);
        writer.edit(
            Span { start: at, end: at },
            marker.as_bytes(),
            item.line,
            EditKind::Marker,
        );
    }
    writer.finish()
}

fn error(code: Code, item: &Item, id: &str, message: String, hint: &str) -> Diagnostic {
    let mut fault = Diagnostic::new(code, item.line, Span::default(), message, hint).about(id);
    fault.severity = Severity::ItemError;
    fault
}

/// Why this id cannot be written for this item.
fn fault(item: &Item, id: &str, given: bool, taken: &BTreeSet<&str>) -> Option<Diagnostic> {
    let hint = "choose an id for this line";
    if let Some(known) = item.read_only() {
        let shifted = matches!(known.code, Code::RowPipeInCode | Code::PipeAmbiguous);
        if shifted || known.code == Code::IdCollision && !given {
            return Some(error(
                known.code,
                item,
                id,
                known.message.clone(),
                if shifted { &known.hint } else { hint },
            ));
        }
    }
    if !valid_id(id) {
        let message = "this id has characters that a marker cannot hold".to_owned();
        return Some(error(Code::IdInvalid, item, id, message, hint));
    }
    taken.contains(id).then(|| {
        error(
            Code::IdCollision,
            item,
            id,
            "another item has this id".to_owned(),
            hint,
        )
    })
}

/// Where the marker goes, if it can be read there.
fn marker_place(checklist: &Checklist, item: &Item, marker: &str) -> Option<u32> {
    let source = &checklist.source;
    let bytes = source.bytes();
    let (line, at) = match &item.place {
        Place::Row(_) => {
            let row = item.row_line();
            let roles = item.context.table.as_ref()?.roles.as_ref();
            let mut cells = Cells::default();
            cells::split(bytes, row, &mut cells);
            let filled = |column: Option<usize>| {
                cells
                    .trimmed(bytes, column?)
                    .filter(|span| !span.is_empty())
            };
            (
                row,
                filled(roles.requirement).or_else(|| filled(roles.id))?.end,
            )
        }
        Place::Box(place) => {
            let found = source.line_at(place.item.marker as usize)?;
            let end = found.end;
            // With the marker in a cell of its own the two lines would be a table.
            let below = source.line_at(found.next).map_or(&[][..], |below| {
                let line = &bytes[below.start..below.end];
                let prefix = line
                    .iter()
                    .take_while(|&&b| is_blank_byte(b) || b == b'>')
                    .count();
                &line[prefix..]
            });
            if delimiter_row(below).is_some() {
                return None;
            }
            let line = Span {
                start: place.item.content,
                end: narrow(end),
            };
            (line, trim_span(bytes, line).end)
        }
    };
    let is_row = matches!(item.place, Place::Row(_));
    if is_row && !keeps_row(source, line, Span { start: at, end: at }, marker.as_bytes()) {
        return None;
    }
    let split = (at - line.start) as usize;
    let text = source.slice(line);
    let after = [&text[..split], marker.as_bytes(), &text[split..]].concat();
    let comments = line_comments(&after);
    let found = comments.closed.iter().any(|&(start, _)| start == split + 1);
    (found && comments.open.is_none()).then_some(at)
}
