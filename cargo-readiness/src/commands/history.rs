//! `cargo readiness history`: how the score went from run to run, and what moved.

use anyhow::{Context as _, bail};
use readiness::assess::{Outcome, Score, nearest_hint};

use crate::cli::HistoryOptions;
use crate::codes::Exit;
use crate::documents::{self, Document};
use crate::history::{self, Entry, FILE_NAME};
use crate::ui::Ui;
use crate::workspace::Workspace;

/// How many moves of one run are named; the rest is counted.
const MOST_MOVES: usize = 12;

/// From nothing to all of it.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

pub(crate) fn run(options: &HistoryOptions, ui: &mut Ui) -> anyhow::Result<Exit> {
    let workspace = Workspace::load()?;
    for document in documents::find(&options.source, None, workspace.as_ref())? {
        show(options, &document, ui)?;
    }
    Ok(Exit::Met)
}

fn show(options: &HistoryOptions, document: &Document, ui: &mut Ui) -> anyhow::Result<()> {
    let path = history::path(document);
    let history =
        history::read(&path).with_context(|| format!("failed to read {}", path.display()))?;
    for problem in &history.problems {
        ui.progress(format!("warning: {}: {problem}", documents::shown(&path)));
    }
    if !history.entries.is_empty() && !history::merges(&path) {
        ui.progress(format!(
            "note: branches merge by themselves with this line in .gitattributes: {}",
            history::ATTRIBUTE
        ));
    }
    let entries = &history.entries;
    let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
        ui.line(format!(
            "{}: no run was reported yet ({FILE_NAME} is written by a report)",
            document.name()
        ));
        return Ok(());
    };
    if let Some(id) = &options.id {
        return of_one(document, entries, id, ui);
    }
    let runs = if entries.len() == 1 { "run" } else { "runs" };
    ui.line(format!(
        "{}: {} {runs}, {} to {}",
        document.name(),
        entries.len(),
        day(first),
        day(last)
    ));
    let shown = &entries[entries.len().saturating_sub(options.last)..];
    let bars: String = shown.iter().map(|entry| bar(entry.score())).collect();
    ui.line(format!("{bars}  {}", last.score()));
    for (index, entry) in entries.iter().enumerate().skip(entries.len() - shown.len()) {
        ui.line("");
        ui.line(line(entry));
        let earlier = index.checked_sub(1).map(|index| &entries[index]);
        for moved in earlier
            .into_iter()
            .flat_map(|earlier| moves(earlier, entry))
        {
            ui.line(format!("    {moved}"));
        }
    }
    Ok(())
}

fn day(entry: &Entry) -> &str {
    entry.at.get(..10).unwrap_or(&entry.at)
}

fn line(entry: &Entry) -> String {
    let part = |words: &str, value: Option<&String>| {
        value.map_or_else(String::new, |value| format!("{words}{value}"))
    };
    let commit = entry
        .commit
        .as_ref()
        .map(|commit| commit.chars().take(9).collect());
    format!(
        "{}  {}  {} failed, {} not verified  {}{}{}, run {}{}",
        entry.at,
        entry.score(),
        entry.count(Outcome::Failed),
        entry.count(Outcome::NotVerified),
        entry.target.as_deref().unwrap_or("no target"),
        part(" ", entry.version.as_ref()),
        part(", commit ", commit.as_ref()),
        entry.run,
        if entry.partial {
            ", a part of the checks"
        } else {
            ""
        },
    )
}

/// The height of a score: an eighth for each eighth, the last for all of it only.
fn bar(score: Score) -> char {
    let hundredths = score.hundredths().unwrap_or(0).min(10_000);
    let index = usize::try_from(hundredths * 7 / 10_000).unwrap_or(0);
    BARS[index]
}

/// What came to something else than in the run before.
fn moves(earlier: &Entry, now: &Entry) -> Vec<String> {
    let (before, after) = (earlier.outcomes(), now.outcomes());
    let mut moves = Vec::new();
    for (id, outcome) in &after {
        match before.get(id) {
            Some(old) if old == outcome => {}
            Some(old) => moves.push(format!("{id}: {old} -> {outcome}")),
            None => moves.push(format!("{id}: new -> {outcome}")),
        }
    }
    let gone = before.keys().filter(|id| !after.contains_key(*id));
    moves.extend(gone.map(|id| format!("{id}: gone")));
    let more = moves.len().saturating_sub(MOST_MOVES);
    moves.truncate(MOST_MOVES);
    if more > 0 {
        moves.push(format!("and {more} more"));
    }
    moves
}

/// The runs in which one item came to something else.
fn of_one(document: &Document, entries: &[Entry], id: &str, ui: &mut Ui) -> anyhow::Result<()> {
    let mut last = None;
    let mut known = false;
    for entry in entries {
        let outcome = entry
            .outcomes()
            .get(id)
            .map(|outcome| (*outcome).to_owned());
        known |= outcome.is_some();
        if outcome != last && known {
            let words = outcome.as_deref().unwrap_or("gone");
            ui.line(format!("{}  {id}: {words}, run {}", entry.at, entry.run));
        }
        last = outcome;
    }
    if !known {
        bail!(
            "no run knows `{id}`\n  hint: {}",
            nearest_hint(&document.located.checklist, id)
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_all_of_it_is_a_full_bar() {
        let of = |passed, applicable| bar(Score { passed, applicable });
        assert_eq!(of(0, 10), '▁');
        assert_eq!(of(0, 0), '▁');
        assert_eq!(of(5, 10), '▄');
        assert_eq!(of(9_999, 10_000), '▇');
        assert_eq!(of(10, 10), '█');
    }
}
