//! What changed, as lines for people.

use super::side::Side;
use crate::compare::{Changes, Moved, Op, Piece, Reworded, Single, Status, Turn, Turned};
use crate::summary::cut;

/// The changes between two sides.
pub(super) fn lines(changes: &Changes, old: &Side, new: &Side) -> Vec<String> {
    if changes.is_empty() {
        return vec![format!("no change in {} items", new.items.len())];
    }
    let mut lines = Vec::new();
    section(&mut lines, "added", &changes.added, single);
    section(&mut lines, "removed", &changes.removed, single);
    section(&mut lines, "reworded", &changes.reworded, reworded);
    section(&mut lines, "renamed", &changes.renamed, |one| {
        format!("{} -> {}{}", one.old_id, one.id, at(one.line))
    });
    section(&mut lines, "moved", &changes.moved, moved);
    for (title, turn) in [
        ("statuses gained", Turn::Gained),
        ("statuses lost", Turn::Lost),
        ("other statuses", Turn::Changed),
    ] {
        let turned: Vec<_> = changes
            .statuses
            .iter()
            .filter(|one| one.change == turn)
            .collect();
        section(&mut lines, title, &turned, |one| self::turned(one));
    }
    let met = |side: &Side| side.items.iter().filter(|item| item.status.met).count();
    lines.push(String::new());
    lines.push(format!(
        "{} of {} -> {} of {} pass",
        met(old),
        old.items.len(),
        met(new),
        new.items.len()
    ));
    lines
}

fn section<T>(lines: &mut Vec<String>, title: &str, list: &[T], line: impl Fn(&T) -> String) {
    if list.is_empty() {
        return;
    }
    lines.push(String::new());
    lines.push(format!("{title}: {}", list.len()));
    lines.extend(list.iter().map(|one| format!("  {}", line(one))));
}

fn at(line: Option<usize>) -> String {
    line.map_or_else(String::new, |line| format!("  line {line}"))
}

fn single(one: &Single) -> String {
    let text = one
        .text
        .as_deref()
        .map_or_else(String::new, |text| format!(": {}", cut(text)));
    format!("{}  {}{}{text}", one.id, status(&one.status), at(one.line))
}

fn reworded(one: &Reworded) -> String {
    let was = one
        .old_id
        .as_ref()
        .map_or_else(String::new, |id| format!(" (was {id})"));
    let words = if one.words.is_empty() {
        "its text changed".to_owned()
    } else {
        one.words.iter().map(piece).collect::<Vec<_>>().join(" ")
    };
    format!("{}{was}{}: {words}", one.id, at(one.line))
}

/// As `git diff --word-diff` marks them.
fn piece(piece: &Piece) -> String {
    match piece.op {
        Op::Keep => cut(&piece.text),
        Op::Delete => format!("[-{}-]", cut(&piece.text)),
        Op::Insert => format!("{{+{}+}}", cut(&piece.text)),
    }
}

fn moved(one: &Moved) -> String {
    let section = |names: &[String]| names.join(" / ");
    let line = |line: Option<usize>| line.map_or_else(|| "?".to_owned(), |line| line.to_string());
    let lines = format!("line {} -> {}", line(one.from.line), line(one.to.line));
    if one.from.section == one.to.section {
        return format!("{}  {lines}", one.id);
    }
    format!(
        "{}  {lines}, from \"{}\" to \"{}\"",
        one.id,
        section(&one.from.section),
        section(&one.to.section)
    )
}

fn turned(one: &Turned) -> String {
    format!(
        "{}  {} -> {}{}",
        one.id,
        status(&one.old),
        status(&one.new),
        at(one.line)
    )
}

fn status(status: &Status) -> String {
    let typed = if status.typed { " (typed)" } else { "" };
    format!("{}{typed}", status.word)
}
