//! What needs the whole document, once all items are known: the order in which it is found out.

use super::survey::Survey;
use super::{Parts, bullets, counts, ids};
use crate::blocks::{Outline, Unclosed};
use crate::diagnostic::Diagnostic;
use crate::ids::derived;
use crate::item::{IdOrigin, Place};
use crate::marker::Placed;
use crate::options::Options;

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
    if !parts.ids_rise {
        items(&mut parts, outline, open_comment, markers, &mut found);
    }
    ids::duplicate_markers(&parts, survey, markers, &mut found);
    if !parts.ids_rise {
        ids::ids(&mut parts, options, &mut found);
        counts::roll_ups(&parts.items, &mut found);
        counts::labels(&parts.items, &mut found);
    }
    counts::tallies(&parts.items, &mut parts.claims, &mut found);
    counts::skip_meaning(&parts, &mut found);
    found.sort_by_key(|diagnostic| diagnostic.line);
    parts.diagnostics = found;
    parts
}

/// The ids and states that the text of an item alone does not give.
fn items(
    parts: &mut Parts,
    outline: &Outline,
    open_comment: u32,
    markers: &[Placed],
    found: &mut Vec<Diagnostic>,
) {
    for item in &mut parts.items {
        if let Place::Box(_) = item.place {
            ids::box_id(item, markers);
            bullets::bullet_place(item, outline, open_comment);
        }
        if item.id_origin == IdOrigin::Derived {
            let id = derived(item.context.slug(), item.raw());
            item.set_id(id.into(), IdOrigin::Derived);
        }
        bullets::box_state(item, &parts.legend, found);
    }
}
