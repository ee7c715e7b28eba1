//! Just enough Markdown: headings, numbered steps, dates, durations, links and tables.

use jiff::civil::Date;

/// A heading with what stands below it, up to the next one.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Section {
    /// In lower case.
    pub title: String,
    pub lines: Vec<String>,
    /// Numbered steps.
    pub steps: usize,
}

impl Section {
    /// The dates in it.
    pub fn dates(&self) -> Vec<Date> {
        let words = self.lines.iter().flat_map(|line| {
            line.split(|c: char| !(c.is_ascii_digit() || c == '-'))
                .filter(|word| word.len() == 10)
        });
        words.filter_map(|word| word.parse().ok()).collect()
    }
}

/// The sections of a text; what stands before the first heading has an empty title.
pub(super) fn sections(text: &str) -> Vec<Section> {
    let mut sections = vec![Section::default()];
    let mut in_code = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if let Some(title) = heading(line).filter(|_| !in_code) {
            sections.push(Section {
                title: title.to_lowercase(),
                ..Section::default()
            });
        } else if let Some(section) = sections.last_mut() {
            let number = line.trim_start().split_once(['.', ')']);
            let is_step = number.is_some_and(|(number, rest)| {
                !number.is_empty()
                    && number.bytes().all(|b| b.is_ascii_digit())
                    && !rest.trim().is_empty()
            });
            section.steps += usize::from(is_step);
            section.lines.push(line.to_owned());
        }
    }
    sections
}

/// The titles of the sections that have something below them.
pub(super) fn section_titles(text: &str) -> Vec<String> {
    let has_text = |section: &Section| section.lines.iter().any(|line| !line.trim().is_empty());
    let all = sections(text).into_iter();
    all.filter(has_text).map(|section| section.title).collect()
}

fn heading(line: &str) -> Option<&str> {
    let rest = line.trim_start_matches('#');
    let level = line.len() - rest.len();
    ((1..=6).contains(&level) && rest.starts_with(' ')).then(|| rest.trim())
}

/// The minutes that follow `word` in a line: `RTO: 4 hours` is 240.
pub(super) fn duration_after(line: &str, word: &str) -> Option<f64> {
    let at = line.find(word)?;
    let rest = &line[at + word.len()..];
    let digits = rest.find(|c: char| c.is_ascii_digit())?;
    let rest = &rest[digits..];
    let end = rest
        .find(|c: char| !(c.is_ascii_digit() || c == '.'))
        .unwrap_or(rest.len());
    let number: f64 = rest[..end].trim_end_matches('.').parse().ok()?;
    let unit = rest[end..].trim_start().to_lowercase();
    let factor = match unit {
        unit if unit.starts_with("min") => 1.0,
        unit if unit.starts_with('h') => 60.0,
        unit if unit.starts_with("day") => 1_440.0,
        unit if unit.starts_with('s') => 1.0 / 60.0,
        _ => return None,
    };
    Some(number * factor)
}

/// Where a text leads to below `folder`, each once: what follows the folder's path. An address that
/// ends in a sentence's full stop is taken without it.
pub(super) fn targets_below(text: &str, folder: &str) -> Vec<String> {
    let mut targets: Vec<String> = Vec::new();
    for (at, _) in text.match_indices(folder) {
        let rest = &text[at + folder.len()..];
        let is_part = |c: char| c.is_ascii_alphanumeric() || "/-_.".contains(c);
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let target = rest[..end].trim_end_matches('.').to_owned();
        if !targets.contains(&target) {
            targets.push(target);
        }
    }
    targets
}

/// A row of a table of variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariableRow {
    /// The variable.
    pub name: String,
    /// Whether its value may differ between environments.
    pub differs: bool,
}

pub(super) fn variable_rows(text: &str) -> Vec<VariableRow> {
    let row = |line: &str| {
        let mut cells = line.trim().strip_prefix('|')?.split('|');
        let name = cells.next()?.trim().strip_prefix('`')?.strip_suffix('`')?;
        let is_name = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        if name.is_empty() || !name.bytes().all(is_name) {
            return None;
        }
        let differs = cells.any(|cell| cell.trim().eq_ignore_ascii_case("differs"));
        Some(VariableRow {
            name: name.to_owned(),
            differs,
        })
    };
    text.lines().filter_map(row).collect()
}
