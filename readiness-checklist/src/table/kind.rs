//! Which tables hold items, and which only look like it.

use std::borrow::Cow;

use super::roles::{self, Roles};
use crate::status::symbol::symbol_at;

/// What a table is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Its rows are items with a status.
    Status,
    /// Its rows are items, but have no place for a status.
    NoStatus,
    /// Explains symbols or words.
    Legend,
    /// Counts things.
    Tally,
    /// People sign here.
    SignOff,
    /// Ticks, or words in their place, say at which level a requirement applies.
    Levels,
    Other,
}

#[rustfmt::skip]
const COUNTS: &[&str] = &[
    "total", "pass", "passed", "passing", "fail", "failed", "failing", "warn", "warning", "warnings", "skip",
    "skipped", "count", "verified", "complete", "completed", "%",
    // Summaries by category state a percentage under these names.
    "completion", "score",
];
/// How much of the count columns must be numbers, in percent.
const NUMERIC_SHARE: usize = 70;
/// There are not more symbols than that to explain.
const LONGEST_LEGEND: usize = 50;

/// Gives the trimmed cells of a row in some columns.
pub(crate) type CellTexts<'a> = dyn Fn(usize, &[usize]) -> Vec<Cow<'a, str>> + 'a;

/// A table as the decision sees it: normalised headers and the trimmed cells of its rows.
pub(crate) struct Shape<'a> {
    pub headers: &'a [String],
    pub rows: usize,
    /// The cells of a row in some columns, which it is split for.
    pub cells: &'a CellTexts<'a>,
    /// A heading above it says that people sign here.
    pub sign_off_section: bool,
}

/// Decides what a table is; look-alikes come before items.
pub(crate) fn decide(shape: &Shape<'_>, roles: &Roles) -> Kind {
    if shape.sign_off_section {
        Kind::SignOff
    } else if let Some(kind) = by_headers(shape.headers, roles) {
        kind
    } else if is_legend(shape) {
        Kind::Legend
    } else if is_tally(shape) {
        Kind::Tally
    } else {
        by_roles(shape.headers, roles)
    }
}

/// What a table is, where its headers decide it whatever its rows say.
pub(crate) fn by_headers(headers: &[String], roles: &Roles) -> Option<Kind> {
    if is_sign_off(headers) {
        return Some(Kind::SignOff);
    }
    let may_explain = (2..=3).contains(&headers.len());
    let may_count = headers.iter().any(|h| COUNTS.contains(&h.as_str()));
    (!may_explain && !may_count).then(|| by_roles(headers, roles))
}

fn by_roles(headers: &[String], roles: &Roles) -> Kind {
    if roles.status.is_none() && roles.ambiguous.is_none() && is_levels(headers) {
        Kind::Levels
    } else if roles.status.is_some() || roles.ambiguous.is_some() {
        if roles.id.is_some() || roles.requirement.is_some() {
            Kind::Status
        } else {
            Kind::Other
        }
    } else if roles.id.is_some() && roles.requirement.is_some() {
        Kind::NoStatus
    } else {
        Kind::Other
    }
}

fn is_sign_off(headers: &[String]) -> bool {
    let has = |names: &[&str]| {
        headers
            .iter()
            .any(|header| names.contains(&header.as_str()))
    };
    has(&["role", "name", "stakeholder"]) && has(&["signature", "date", "approved"])
}

/// Whether a table explains symbols or words.
pub(crate) fn is_legend(shape: &Shape<'_>) -> bool {
    if !(2..=3).contains(&shape.headers.len()) || shape.rows == 0 || shape.rows > LONGEST_LEGEND {
        return false;
    }
    if named_legend(shape.headers) {
        return true;
    }
    // Statuses in front of what they are about: next to each other they may all be symbols, once
    // they are written.
    if roles::is_status(&shape.headers[0]) && roles::has_subject(&shape.headers[1..]) {
        return false;
    }
    let first_cell = |row| (shape.cells)(row, &[0]).pop().unwrap_or_default();
    if shape.rows < 2 || symbol_at(&first_cell(0)).is_none() {
        return false;
    }
    let mut first: Vec<_> = (0..shape.rows).map(first_cell).collect();
    let all_symbols = first
        .iter()
        .all(|cell| symbol_at(cell).is_some_and(|s| s.length() == cell.len()));
    // A legend explains each symbol once.
    first.sort_unstable();
    first.dedup();
    all_symbols && first.len() == shape.rows
}

/// A symbol or status and, next or with its word between, what it means. This does not depend on the
/// cells: a table of items that is no legend today must not be one once its statuses are written.
fn named_legend(headers: &[String]) -> bool {
    let is_meaning = |header: &String| header == "meaning" || header == "description";
    let meaning = headers.iter().skip(1).position(is_meaning);
    match headers[0].as_str() {
        "symbol" | "icon" => meaning.is_some(),
        "status" => meaning == Some(0),
        _ => false,
    }
}

fn is_tally(shape: &Shape<'_>) -> bool {
    let columns: Vec<usize> = (0..shape.headers.len())
        .filter(|&column| COUNTS.contains(&shape.headers[column].as_str()))
        .collect();
    let cells = columns.len() * shape.rows;
    if cells == 0 {
        return false;
    }
    let numeric = (0..shape.rows)
        .flat_map(|row| (shape.cells)(row, &columns))
        .filter(|cell| is_number(cell))
        .count();
    numeric * 100 >= cells * NUMERIC_SHARE
}

/// `12`, `**12**`, `12/14`, `85.5%`.
fn is_number(cell: &str) -> bool {
    let text = cell.trim_matches([' ', '*', '_', '~']);
    text.bytes().any(|b| b.is_ascii_digit())
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || b"/%., ".contains(&b))
}

fn is_levels(headers: &[String]) -> bool {
    let is_level = |header: &str| {
        let rest = header
            .strip_prefix("level ")
            .or_else(|| header.strip_prefix("tier "))
            .or_else(|| header.strip_prefix('l'));
        rest.is_some_and(|rest| {
            (1..=2).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_alphanumeric())
        }) && (header.len() > 3 || header.bytes().any(|b| b.is_ascii_digit()))
    };
    headers.iter().filter(|header| is_level(header)).count() >= 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::roles::{Named, decide as decide_roles, normalize};

    fn kind(lines: &[&str]) -> Kind {
        let split = |line: &str| {
            line.split('|')
                .map(|c| c.trim().to_owned())
                .collect::<Vec<_>>()
        };
        let headers: Vec<String> = split(lines[0]).iter().map(|h| normalize(h)).collect();
        let rows: Vec<Vec<String>> = lines[1..].iter().map(|l| split(l)).collect();
        let roles = decide_roles(&headers, &Named::default(), |_| false);
        let cells = |row: usize, columns: &[usize]| {
            let cell = |&column: &usize| rows[row].get(column).cloned().unwrap_or_default().into();
            columns.iter().map(cell).collect()
        };
        decide(
            &Shape {
                headers: &headers,
                rows: rows.len(),
                cells: &cells,
                sign_off_section: false,
            },
            &roles,
        )
    }

    #[test]
    fn look_alikes() {
        assert_eq!(kind(&["Symbol | Meaning", "✅ | Done"]), Kind::Legend);
        assert_eq!(
            kind(&["Mark | Says", "✅ | Done", "❌ | Not done"]),
            Kind::Legend
        );
        assert_eq!(
            kind(&[
                "Category | Total | Passed",
                "Auth | 5 | 3",
                "**All** | **5** | **3**"
            ]),
            Kind::Tally
        );
        assert_eq!(
            kind(&["Role | Name | Signature", "Lead | | "]),
            Kind::SignOff
        );
        assert_eq!(
            kind(&["Test | Level B | Level A", "Unit tests | ✅ | ✅"]),
            Kind::Levels
        );
        assert_eq!(
            kind(&["# | Description | L1 | L2", "1.1 | Hash | ✓ | ✓"]),
            Kind::Levels
        );
        assert_eq!(kind(&["Setting | Value", "a | b"]), Kind::Other);
    }

    #[test]
    fn item_tables() {
        // What is a legend does not depend on the statuses, where they are written.
        for cell in ["✅", "❌", "", "[ ]"] {
            let row = format!("{cell} | b");
            assert_eq!(
                kind(&["Status | Description", "✅ | a", &row]),
                Kind::Legend
            );
            assert_eq!(kind(&["Status | Item", "✅ | a", &row]), Kind::Status);
            assert_eq!(
                kind(&["Status | ID | Description", "✅ | A | a", &row]),
                Kind::Status
            );
        }
        assert_eq!(
            kind(&["Done | Check | Evidence", "[ ] | a | b"]),
            Kind::Status
        );
        assert_eq!(kind(&["ID | Requirement", "A-1 | a"]), Kind::NoStatus);
        assert_eq!(kind(&["Item | Verified", "a | yes"]), Kind::Status);
        assert_eq!(kind(&["Item | Verified", "a | 3/4"]), Kind::Tally);
    }
}
