//! What needs the whole document, once all items are known: the order in which it is found out.

use super::survey::Survey;
use super::{Parts, bullets, counts, ids};
use crate::blocks::{Outline, Unclosed};
use crate::diagnostic::{Code, Diagnostic};
use crate::ids::derived;
use crate::item::{IdOrigin, Item, Place};
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
    name_items(&parts.items, &mut found);
    counts::tallies(&parts.items, &mut parts.claims, &mut found);
    counts::skip_meaning(&parts, &mut found);
    found.sort_by_key(|diagnostic| diagnostic.line);
    parts.diagnostics = found;
    parts
}

/// What was found in a row before its derived id was known names the id too.
fn name_items(items: &[Item], found: &mut [Diagnostic]) {
    let about_a_row = |diagnostic: &&mut Diagnostic| {
        diagnostic.id.is_none()
            && matches!(
                diagnostic.code,
                Code::RowShort
                    | Code::RowPipeInCode
                    | Code::PipeAmbiguous
                    | Code::StatusCellComplex
                    | Code::StatusUnknown
                    | Code::StateContradiction
                    | Code::BoxOdd
            )
    };
    for diagnostic in found.iter_mut().filter(about_a_row) {
        let at = items.binary_search_by_key(&diagnostic.line, Item::line);
        diagnostic.id = at.ok().map(|at| items[at].id().to_owned());
    }
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
