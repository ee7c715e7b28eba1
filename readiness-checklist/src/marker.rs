//! The comments that mean something to us; all others pass through.
//!
//! ```text
//! <!-- req: SEC-001 -->              the id of an item
//! <!-- readiness -->                 from here on the machine's text
//! <!-- readiness:begin tally -->     a region, until <!-- readiness:end -->
//! <!-- readiness:config skip="not-applicable" -->
//! ```

use std::collections::BTreeMap;

use crate::blocks::{Comment, line_comments};
use crate::ids::valid_id;
use crate::source::{Source, Span};

/// The invisible start of the machine's text in a notes cell or Status bullet.
pub(crate) const MACHINE: &str = "<!-- readiness -->";

/// What a region holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Region {
    Tally,
    Score,
    Ignore,
}

/// A comment that is one of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Marker {
    /// The id of an item.
    Req(String),
    /// The start of machine text.
    Machine,
    /// The start of a region; none for a name we do not know.
    Begin(Option<Region>),
    /// The end of a region.
    End,
    /// Settings of the document or of one table; keys in lower case.
    Config(BTreeMap<String, String>),
}

/// A marker and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    pub marker: Marker,
    pub span: Span,
    pub line: u32,
    pub alone: bool,
    /// As that of its [`Comment`].
    pub home: Option<u32>,
}

/// The markers among the comments of a document.
pub(crate) fn markers(source: &Source, comments: &[Comment]) -> Vec<Placed> {
    let place = |comment: &Comment| {
        let marker = parse(&source.text(comment.span))?;
        Some(Placed {
            marker,
            span: comment.span,
            line: comment.line,
            alone: comment.alone,
            home: comment.home,
        })
    };
    comments.iter().filter_map(place).collect()
}

/// Where the machine's text starts in a line and where its marker ends, if the line has one
/// outside code between these positions (relative to the line).
pub(crate) fn machine_marker(line: &[u8], from: usize, to: usize) -> Option<(usize, usize)> {
    memchr::memmem::find(line.get(from..to)?, b"<!--")?;
    line_comments(line)
        .closed
        .into_iter()
        .find(|&(start, end)| {
            start >= from
                && end <= to
                && std::str::from_utf8(&line[start..end])
                    .is_ok_and(|comment| parse(comment) == Some(Marker::Machine))
        })
}

/// Reads a whole comment, from `<!--` to `-->`.
pub(crate) fn parse(comment: &str) -> Option<Marker> {
    let (keyword, rest) = words(comment)?;
    if keyword.eq_ignore_ascii_case("req") {
        let id = named(rest)?;
        return valid_id(id).then(|| Marker::Req(id.to_owned()));
    }
    if !keyword.eq_ignore_ascii_case("readiness") {
        return None;
    }
    if rest.is_empty() {
        return Some(Marker::Machine);
    }
    let rest = rest.strip_prefix(':')?;
    let verb_end = rest.find([' ', '\t']).unwrap_or(rest.len());
    let (verb, rest) = rest.split_at(verb_end);
    let rest = rest.trim_matches([' ', '\t']);
    match verb.to_ascii_lowercase().as_str() {
        "begin" => Some(Marker::Begin(match rest.to_ascii_lowercase().as_str() {
            "tally" => Some(Region::Tally),
            "score" => Some(Region::Score),
            "ignore" => Some(Region::Ignore),
            _ => None,
        })),
        "end" if rest.is_empty() => Some(Marker::End),
        // An end with a name, or a verb we do not know, must not pass silently: text that was
        // meant to be protected or owned would not be.
        "config" => Some(Marker::Config(pairs(rest))),
        _ => Some(Marker::Begin(None)),
    }
}

/// Whether a comment is meant to name an item, by something that cannot be an id.
pub(crate) fn names_no_id(comment: &str) -> bool {
    words(comment).is_some_and(|(keyword, rest)| {
        keyword.eq_ignore_ascii_case("req") && named(rest).is_some_and(|id| !valid_id(id))
    })
}

/// The first word of a comment, and what follows.
fn words(comment: &str) -> Option<(&str, &str)> {
    let body = comment
        .strip_prefix("<!--")?
        .strip_suffix("-->")?
        .trim_matches([' ', '\t']);
    let end = body.find([':', ' ', '\t']).unwrap_or(body.len());
    Some(body.split_at(end))
}

/// What stands behind the colon.
fn named(rest: &str) -> Option<&str> {
    let behind = rest.trim_start_matches([' ', '\t']).strip_prefix(':')?;
    Some(behind.trim_matches([' ', '\t']))
}

/// `key="value"` pairs; what is not one is skipped.
fn pairs(mut text: &str) -> BTreeMap<String, String> {
    let mut pairs = BTreeMap::new();
    while let Some((key, rest)) = text.split_once('=') {
        let Some((value, rest)) = rest
            .trim_start()
            .strip_prefix('"')
            .and_then(|rest| rest.split_once('"'))
        else {
            break;
        };
        let key = key
            .split_whitespace()
            .next_back()
            .unwrap_or_default()
            .to_ascii_lowercase();
        pairs.insert(key, value.to_owned());
        text = rest;
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_need_the_colon_but_no_space() {
        let req = |id: &str| Some(Marker::Req(id.to_owned()));
        assert_eq!(parse("<!-- req: SEC-001 -->"), req("SEC-001"));
        assert_eq!(parse("<!--REQ:a/b.c_d-->"), req("a/b.c_d"));
        assert_eq!(parse("<!-- req SEC-001 -->"), None);
        assert_eq!(parse("<!-- req: a b -->"), None);
        assert_eq!(parse("<!-- request: a -->"), None);
    }

    #[test]
    fn regions_and_settings() {
        assert_eq!(parse("<!-- readiness -->"), Some(Marker::Machine));
        assert_eq!(
            parse("<!-- Readiness:Begin TALLY -->"),
            Some(Marker::Begin(Some(Region::Tally)))
        );
        assert_eq!(
            parse("<!-- readiness:begin x -->"),
            Some(Marker::Begin(None))
        );
        assert_eq!(parse("<!-- readiness:end -->"), Some(Marker::End));
        assert_eq!(parse("<!-- prettier-ignore -->"), None);
        let Some(Marker::Config(config)) =
            parse("<!-- readiness:config Status=\"Result\" skip=\"not-applicable\" -->")
        else {
            panic!("settings")
        };
        assert_eq!(config["status"], "Result");
        assert_eq!(config["skip"], "not-applicable");
    }
}
