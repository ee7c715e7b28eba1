//! Did you mean: the items whose ids resemble an unknown one.

use crate::item::Item;

/// How many to offer.
const MOST: usize = 3;
/// Below this likeness (0 to 1, Jaro-Winkler) a suggestion confuses more than it helps.
const LIKENESS: f64 = 0.7;

/// The items whose ids are most like this one, best first; equal ones in document order.
pub(crate) fn nearest<'a>(items: &'a [Item], id: &str) -> Vec<&'a Item> {
    let wanted = id.to_lowercase();
    let mut best: Vec<(f64, &Item)> = Vec::new();
    for item in items {
        let likeness = likeness(&item.id().to_lowercase(), &wanted);
        if likeness < LIKENESS || best.iter().any(|(_, known)| known.id() == item.id()) {
            continue;
        }
        let at = best.partition_point(|(known, _)| *known >= likeness);
        if at < MOST {
            best.insert(at, (likeness, item));
            best.truncate(MOST);
        }
    }
    best.into_iter().map(|(_, item)| item).collect()
}

/// A slip of one or two keys counts more than a common start, which all ids of a section share.
fn likeness(id: &str, wanted: &str) -> f64 {
    if id == wanted {
        return 1.0;
    }
    f64::midpoint(
        strsim::normalized_damerau_levenshtein(id, wanted),
        strsim::jaro_winkler(id, wanted),
    )
}
