//! Headings: the path of sections that an item stands under.

use std::cell::OnceCell;

use crate::ids::slug;
use crate::inline::{Plain, collapse, plain};

/// In characters; what is longer is cut. Every item of a section carries the headings above it, so a
/// heading of a megabyte would be kept as often as there are sections below it.
const LONGEST_HEADING: usize = 200;

/// One heading of the current path.
#[derive(Clone, Debug)]
struct Heading {
    level: u8,
    text: String,
    /// People sign below it; found out when somebody asks.
    signs: OnceCell<bool>,
}

impl Heading {
    fn new(level: u8, text: &str) -> Self {
        let mut text = heading_text(text);
        if let Some((at, _)) = text.char_indices().nth(LONGEST_HEADING) {
            text.truncate(at);
            text.push('…');
        }
        Self {
            level,
            text,
            signs: OnceCell::new(),
        }
    }

    fn signs(&self) -> bool {
        *self.signs.get_or_init(|| is_sign_off(&self.text))
    }
}

/// The current path of headings.
#[derive(Debug, Default)]
pub(crate) struct Sections {
    stack: Vec<Heading>,
    pseudo: Option<Heading>,
    /// The only heading of level one is the title and no section.
    has_title: bool,
    /// A heading of level two was seen.
    pub past_preamble: bool,
}

impl Sections {
    pub fn new(has_title: bool) -> Self {
        Self {
            has_title,
            ..Self::default()
        }
    }

    pub fn enter(&mut self, level: u8, text: &str) {
        while self
            .stack
            .last()
            .is_some_and(|heading| heading.level >= level)
        {
            self.stack.pop();
        }
        self.pseudo = None;
        self.past_preamble |= level >= 2;
        self.stack.push(Heading::new(level, text));
    }

    pub fn enter_pseudo(&mut self, text: &str) {
        self.pseudo = Some(Heading::new(u8::MAX, text));
    }

    fn headings(&self) -> impl Iterator<Item = &Heading> {
        let skip_title = self.has_title;
        self.stack
            .iter()
            .filter(move |heading| !(skip_title && heading.level == 1))
            .chain(&self.pseudo)
    }

    fn parts(&self) -> impl Iterator<Item = &str> {
        self.headings().map(|heading| heading.text.as_str())
    }

    pub fn path(&self) -> Vec<String> {
        // With as much room as there are: every table keeps one.
        let mut path = Vec::with_capacity(self.parts().count());
        path.extend(self.parts().map(str::to_owned));
        path
    }

    /// Whether people sign in this section.
    pub fn is_sign_off(&self) -> bool {
        self.headings().any(Heading::signs)
    }

    /// Whether the heading right above says `Status` or `Score`.
    pub fn is_score_block(&self) -> bool {
        self.parts().last().is_some_and(|text| {
            let lower = text.to_lowercase();
            lower.contains("status") || lower.contains("score")
        })
    }

    /// Whether the innermost heading may stand over a legend.
    pub fn is_legend(&self) -> bool {
        self.parts().any(|text| {
            let lower = text.to_lowercase();
            lower.contains("legend") || lower.contains("status")
        })
    }
}

/// A heading as people read it, without a trailing colon and `(N items)`.
pub(crate) fn heading_text(text: &str) -> String {
    let text = plain(text, Plain::Display);
    let text = collapse(&text);
    let text = text.trim_end_matches([':', ' ']);
    let text = stated_count(text).map_or(text, |(_, at)| &text[..at]);
    text.trim_end_matches([':', ' ']).to_owned()
}

/// `(12 items)` at the end of a heading: the number, and where the bracket stands.
pub(crate) fn stated_count(text: &str) -> Option<(u64, usize)> {
    let inner = text
        .trim_end_matches([':', ' ', '*', '_'])
        .strip_suffix(')')?;
    let at = inner.rfind('(')?;
    let (number, unit) = inner[at + 1..].split_once(' ')?;
    let unit = unit.trim();
    (unit.eq_ignore_ascii_case("items") || unit.eq_ignore_ascii_case("item")).then_some(())?;
    Some((number.parse().ok()?, at))
}

/// Whether a heading names a place where people sign.
fn is_sign_off(heading: &str) -> bool {
    let slug = slug(heading);
    let words: Vec<&str> = slug.split('-').collect();
    let pair = |first: &str, second: &str| words.windows(2).any(|w| w == [first, second]);
    let go_no_go = words.windows(3).any(|w| w == ["go", "no", "go"]);
    let approval = |word: &&str| matches!(*word, "approval" | "approvals");
    let form = |word: &&str| {
        matches!(
            *word,
            "checklist" | "section" | "matrix" | "signatures" | "form" | "table"
        )
    };
    words.contains(&"signoff")
        || words.contains(&"signoffs")
        || pair("sign", "off")
        || pair("sign", "offs")
        || go_no_go
        // "Approval workflow" is a feature; "Final approval" and "Approvals" are for people.
        || words.last().is_some_and(approval)
        || words.len() == 2 && words.first().is_some_and(approval) && words.last().is_some_and(form)
}

/// The text of a paragraph line that is wholly bold, `**…**` or `__…__` with an optional colon
/// and `(N items)`: a heading in all but syntax.
pub(crate) fn pseudo_heading(line: &str) -> Option<&str> {
    let line = line.trim_matches([' ', '\t']);
    let bare = line.strip_suffix(':').unwrap_or(line);
    let bare = match bare.strip_suffix(')').and_then(|inner| inner.rfind(" (")) {
        Some(at) if stated_count(bare).is_some() && !bare[..at].trim_end().is_empty() => {
            bare[..at].trim_end()
        }
        _ => bare,
    };
    let bare = bare.strip_suffix(':').unwrap_or(bare);
    for mark in ["**", "__"] {
        if let Some(inner) = bare
            .strip_prefix(mark)
            .and_then(|rest| rest.strip_suffix(mark))
        {
            return (!inner.is_empty() && !inner.contains(mark)).then_some(line);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_only_heading_of_level_one_is_no_section() {
        let mut sections = Sections::new(true);
        sections.enter(1, "Title");
        assert_eq!(sections.path(), [] as [&str; 0]);
        sections.enter(2, "🔒 **Auth**: (5 items)");
        sections.enter(3, "`JWT` tokens");
        assert_eq!(sections.path(), ["🔒 Auth", "JWT tokens"]);
        sections.enter_pseudo("**Core (10 items)**:");
        assert_eq!(sections.path().last().unwrap(), "Core");
        sections.enter(2, "Next");
        assert_eq!(sections.path(), ["Next"]);
    }

    #[test]
    fn endless_headings_are_cut() {
        let mut sections = Sections::new(false);
        sections.enter(1, &"ß".repeat(LONGEST_HEADING));
        sections.enter(2, &"ß ".repeat(LONGEST_HEADING));
        let path = sections.path();
        assert_eq!(path[0], "ß".repeat(200));
        assert_eq!(path[1], format!("{}…", "ß ".repeat(100)));
    }

    #[test]
    fn places_to_sign() {
        for heading in [
            "✅ Sign-Off Checklist",
            "Signoff",
            "Final Approval",
            "Approvals:",
            "Go/No-Go",
            "Sign off",
        ] {
            assert!(is_sign_off(heading), "{heading}");
        }
        for heading in ["Approval workflow", "Signing keys", "Going live", "Sign in"] {
            assert!(!is_sign_off(heading), "{heading}");
        }
    }

    #[test]
    fn bold_lines_are_headings_only_as_a_whole() {
        for line in [
            "**Core**",
            "**Core**:",
            "**Core:**",
            "**Core (10)**:",
            "**Core** (3 items)",
            "**Core** (3 items):",
        ] {
            assert_eq!(pseudo_heading(line), Some(line));
        }
        for line in ["**Core** and more", "**a** **b**", "Core:", "****"] {
            assert_eq!(pseudo_heading(line), None, "{line}");
        }
    }
}
