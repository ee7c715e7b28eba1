//! The text of a box: what is id, priority, requirement and status in it.

use super::super::ids::leading_token;
use crate::item::State;
use crate::source::{is_blank_byte, trim};
use crate::status::symbol::symbols;
use crate::status::{Legend, word_state};

/// The parts of a box's text, as ranges of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BoxText {
    /// The id token at the start.
    pub id: Option<(usize, usize)>,
    /// What stands in `[P0]`.
    pub priority: Option<(usize, usize)>,
    /// The requirement with its markup.
    pub requirement: (usize, usize),
    /// A status at the end, and what it says.
    pub status: Option<((usize, usize), State)>,
}

/// Takes a box's text apart. `ids` says whether this document's boxes carry id tokens.
pub(crate) fn read_text(text: &str, ids: bool, legend: &Legend) -> BoxText {
    let mut parts = BoxText::default();
    let mut start = 0;
    let mut end = text.len();
    if let Some((from, to)) = leading_token(text).filter(|_| ids) {
        parts.id = Some((from, to));
        start = after_token(text, from, to);
    }
    if let Some(length) = priority(&text[start..]) {
        parts.priority = Some((start + 1, start + length - 1));
        start = skip_separators(text, start + length);
    }
    if let Some((from, state)) = trailing_status(&text[start..], legend) {
        parts.status = Some((trimmed(text, start + from, end), state));
        end = start + from;
    }
    // A text that is nothing but an id or a status keeps it, else nothing would be left.
    if trim(&text[start..end]).is_empty() {
        if trim(&text[start..]).is_empty() {
            start = 0;
        }
        end = text.len();
    }
    parts.requirement = trimmed(text, start, end);
    parts
}

fn trimmed(text: &str, start: usize, end: usize) -> (usize, usize) {
    let inner = &text[start..end];
    let from = start + (inner.len() - inner.trim_start_matches([' ', '\t']).len());
    let to = from + trim(inner).len();
    (from, to)
}

/// Where the requirement starts behind an id token that stands at `from..to`.
fn after_token(text: &str, from: usize, to: usize) -> usize {
    let opening = &text[..from];
    let rest = &text[to..];
    // Emphasis that closes right behind the token belongs to it; else it goes on over the text.
    let closing: String = opening
        .chars()
        .rev()
        .map(|c| if c == '[' { ']' } else { c })
        .collect();
    let mut at = to;
    let colon = rest.starts_with(':');
    if let Some(after) = rest
        .strip_prefix(':')
        .unwrap_or(rest)
        .strip_prefix(&closing)
    {
        at = text.len() - after.len();
        // The target of a link around the token goes with it.
        if closing.ends_with(']') && after.starts_with('(') {
            at = after.find(')').map_or(at, |end| at + end + 1);
        }
    } else if colon {
        at = to + 1;
    }
    skip_separators(text, at)
}

fn skip_separators(text: &str, at: usize) -> usize {
    let rest = &text[at..];
    text.len()
        - rest
            .trim_start_matches([' ', '\t', ':', '-', '–', '—'])
            .len()
}

/// `[P0]`, `[HIGH]` at the start: its length with the brackets.
fn priority(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    if bytes.first() != Some(&b'[') {
        return None;
    }
    let end = bytes.iter().take(12).position(|&b| b == b']')?;
    let inner = &text[1..end];
    let level = matches!(inner.as_bytes(), [b'P' | b'p', b'0'..=b'9'])
        || ["critical", "high", "medium", "low"]
            .iter()
            .any(|level| inner.eq_ignore_ascii_case(level));
    (level
        && bytes
            .get(end + 1)
            .is_none_or(|&b| is_blank_byte(b) || b == b':'))
    .then_some(end + 1)
}

/// A status at the end of a text: where it starts, with the symbol or sign before it, and what it
/// says.
///
/// A word counts only behind a status symbol, in capitals behind a dash, colon or bracket, or in
/// bold; words inside a sentence say nothing.
fn trailing_status(text: &str, legend: &Legend) -> Option<(usize, State)> {
    let whole = text.trim_end_matches([' ', '\t']);
    after_symbol(whole, legend)
        .or_else(|| in_capitals(whole))
        .or_else(|| in_bold(whole))
}

fn after_symbol(text: &str, legend: &Legend) -> Option<(usize, State)> {
    let (at, found) = symbols(text).filter(|(_, found)| !found.shortcode).last()?;
    let word = text[at + found.length()..].trim_matches([' ', '\t', '*', '_', '(', ')']);
    let state = legend.word(word)?;
    Some((strip_opening(text, at), state))
}

/// Emphasis or a bracket that opens right before the status goes with it.
fn strip_opening(text: &str, at: usize) -> usize {
    text[..at].trim_end_matches(['*', '_', '(']).len()
}

fn in_capitals(text: &str) -> Option<(usize, State)> {
    let inner = text.trim_end_matches([')', '*', '_']);
    let (at, sign) = inner
        .char_indices()
        .rev()
        .take(24)
        .find(|(_, c)| matches!(c, '—' | '–' | '-' | ':' | '('))?;
    let word = inner[at + sign.len_utf8()..].trim_matches([' ', '\t', '*', '_']);
    let capitals = word.bytes().any(|b| b.is_ascii_uppercase())
        && !word.bytes().any(|b| b.is_ascii_lowercase());
    // A hyphen inside a word, `PRE-READY`, is no dash.
    let joined = sign == '-' && !text[..at].ends_with([' ', '\t']);
    if !capitals || joined {
        return None;
    }
    let state = word_state(word)?;
    Some((
        text[..at].trim_end_matches([' ', '\t', '*', '_']).len(),
        state,
    ))
}

fn in_bold(text: &str) -> Option<(usize, State)> {
    let inner = text.strip_suffix("**")?;
    let at = inner.rfind("**")?;
    let state = word_state(trim(&inner[at + 2..]))?;
    // The bold word must stand apart, and not be the whole text.
    (at > 0 && inner[..at].ends_with([' ', '\t', '(', '-', ':']))
        .then(|| (text[..at].trim_end_matches(['(']).len(), state))
}

/// Something that looks like a box at the start of a list item and is none: its length.
pub(crate) fn odd_box(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('[')?;
    let end = rest
        .char_indices()
        .take(8)
        .find(|(_, c)| *c == ']')
        .map(|(at, _)| at)?;
    let (inner, after) = (&rest[..end], &rest[end + 1..]);
    // A link or a reference is no box.
    if after.starts_with(['(', '[', ':']) {
        return None;
    }
    let spaced = after.is_empty() || after.starts_with([' ', '\t']);
    let single = inner.chars().filter(|c| *c != '\u{fe0f}').count() == 1;
    let odd = match inner {
        "" => true,
        " " | "x" | "X" => !spaced || trim(after).is_empty(),
        _ if inner.eq_ignore_ascii_case("n/a") => true,
        _ => {
            symbols(inner)
                .next()
                .is_some_and(|(at, found)| at == 0 && found.length() == inner.len())
                || single && inner.chars().all(|c| !c.is_alphanumeric())
        }
    };
    odd.then_some(end + 2)
}

/// Whether a box's text is only a label: `**Task**: …`.
pub(crate) fn label_only(text: &str) -> bool {
    let Some(inner) = text.strip_prefix("**") else {
        return false;
    };
    let Some(end) = inner.find("**") else {
        return false;
    };
    let (label, after) = (&inner[..end], &inner[end + 2..]);
    let label_text = label.strip_suffix(':').unwrap_or(label);
    let colon = label_text.len() != label.len() || after.starts_with(':');
    let words = label_text.split_whitespace().count();
    colon
        && (1..=3).contains(&words)
        && label_text
            .chars()
            .all(|c| c.is_alphabetic() || c == ' ' || c == '-' || c == '/')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (Option<&str>, Option<&str>, &str, Option<State>) {
        let parts = read_text(text, true, &Legend::default());
        let get = |(from, to): (usize, usize)| &text[from..to];
        (
            parts.id.map(get),
            parts.priority.map(get),
            get(parts.requirement),
            parts.status.map(|s| s.1),
        )
    }

    #[test]
    fn ids_and_priorities_lead() {
        assert_eq!(
            parts("CHK-010 [P0] Lint passes"),
            (Some("CHK-010"), Some("P0"), "Lint passes", None)
        );
        assert_eq!(
            parts("**SEC-001**: Hash it"),
            (Some("SEC-001"), None, "Hash it", None)
        );
        assert_eq!(
            parts("**SEC-001:** Hash it"),
            (Some("SEC-001"), None, "Hash it", None)
        );
        assert_eq!(
            parts("[A-1](x.md) Hash it"),
            (Some("A-1"), None, "Hash it", None)
        );
        assert_eq!(parts("1.0 Parent"), (Some("1.0"), None, "Parent", None));
        assert_eq!(
            parts("1. Memory hardening"),
            (None, None, "1. Memory hardening", None)
        );
        assert_eq!(parts("SEC-001"), (Some("SEC-001"), None, "SEC-001", None));
    }

    #[test]
    fn a_status_at_the_end_counts_only_where_it_stands_out() {
        assert_eq!(
            parts("Audit complete ✅ DONE"),
            (None, None, "Audit complete", Some(State::Pass))
        );
        assert_eq!(
            parts("Backups (TODO)"),
            (None, None, "Backups", Some(State::NotRun))
        );
        assert_eq!(
            parts("Backups — N/A"),
            (None, None, "Backups", Some(State::NotApplicable))
        );
        assert_eq!(
            parts("Backups: **Done**"),
            (None, None, "Backups:", Some(State::Pass))
        );
        assert_eq!(
            parts("✅ N/A"),
            (None, None, "✅ N/A", Some(State::NotApplicable))
        );
        let text = "Backups (TODO) ";
        let parts_of = read_text(text, true, &Legend::default());
        assert_eq!(
            parts_of.status.map(|((from, to), _)| &text[from..to]),
            Some("(TODO)")
        );
        assert_eq!(parts("The work is done").3, None);
        assert_eq!(parts("Feature (optional)").3, None);
        assert_eq!(parts("Service PRE-READY").3, None);
        assert_eq!(parts("All tests pass").3, None);
    }

    #[test]
    fn odd_boxes() {
        for text in [
            "[] a", "[~] a", "[-] a", "[/] a", "[✅] a", "[❌] a", "[N/A] a", "[x]text", "[ ]",
        ] {
            assert!(odd_box(text).is_some(), "{text}");
        }
        for text in ["[a](b)", "[x](b)", "[a] b", "[1] b", "[ref][x]", "a"] {
            assert!(odd_box(text).is_none(), "{text}");
        }
    }

    #[test]
    fn labels() {
        assert!(label_only("**Task**: add it"));
        assert!(label_only("**Acceptance Criteria**:"));
        assert!(!label_only("**JWT** tokens"));
    }
}
