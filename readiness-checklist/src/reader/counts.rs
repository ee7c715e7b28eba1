//! What the document states about itself, compared with what it holds: roll-ups, labels, tallies.

use super::Parts;
use crate::boxes::{self, Mark};
use crate::claims::{Claim, ClaimKind};
use crate::diagnostic::{Code, Diagnostic};
use crate::item::{Item, Place, State};
use crate::rewrite::Status;
use crate::source::{Span, narrow, trim};

/// A parent sums up its children: it should be ticked exactly when all of them are.
pub(super) fn roll_ups(items: &[Item], found: &mut Vec<Diagnostic>) {
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
        if items.iter().any(|item| item.parent().is_some()) {
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
            None if count == 1 => (
                "the box below it is ticked, but this one is not".to_owned(),
                None,
            ),
            None => (
                format!("all {count} boxes below it are ticked, but this one is not"),
                None,
            ),
        };
        let at = parent.start() as usize;
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
pub(super) fn labels(items: &[Item], found: &mut Vec<Diagnostic>) {
    let is_label =
        |item: &&Item| matches!(item.place, Place::Box(_)) && boxes::label_only(trim(item.raw()));
    let lines: Vec<&Item> = items.iter().filter(is_label).collect();
    let Some((first, rest)) = lines.split_first() else {
        return;
    };
    let message = format!(
        "{} boxes stand at labels, not at requirements; each is an item",
        lines.len()
    );
    let at = first.start() as usize;
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

pub(super) fn tallies(items: &[Item], claims: &mut [Claim], found: &mut Vec<Diagnostic>) {
    if claims.iter().all(|claim| claim.kind != ClaimKind::Tally) {
        return;
    }
    let mut counts = [0_u64; 4];
    for item in items {
        counts[shown_as(item.state) as usize] += 1;
    }
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
        let counted = counts[status as usize];
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
pub(super) fn skip_meaning(parts: &Parts, found: &mut Vec<Diagnostic>) {
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
