//! HTML blocks: the seven ways one starts, and how each ends.

use memchr::memmem;

/// How a block of HTML ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HtmlEnd {
    /// At a line that holds this text, in any case.
    Text(&'static str),
    /// At a blank line.
    BlankLine,
    /// At the end of its comment, which the comment scanner knows.
    Comment,
}

const BLOCK_TAGS: &[&str] = &[
    "address",
    "article",
    "aside",
    "base",
    "basefont",
    "blockquote",
    "body",
    "caption",
    "center",
    "col",
    "colgroup",
    "dd",
    "details",
    "dialog",
    "dir",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "frame",
    "frameset",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "iframe",
    "legend",
    "li",
    "link",
    "main",
    "menu",
    "menuitem",
    "nav",
    "noframes",
    "ol",
    "optgroup",
    "option",
    "p",
    "param",
    "search",
    "section",
    "summary",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "title",
    "tr",
    "track",
    "ul",
];

/// Whether the line starts an HTML block. A lone tag of another kind does not interrupt a
/// paragraph.
pub(super) fn html_start(line: &[u8], interrupts_paragraph: bool) -> Option<HtmlEnd> {
    if line.first() != Some(&b'<') {
        return None;
    }
    let rest = &line[1..];
    if rest.starts_with(b"!--") {
        return Some(HtmlEnd::Comment);
    }
    if rest.starts_with(b"?") {
        return Some(HtmlEnd::Text("?>"));
    }
    if rest.starts_with(b"![CDATA[") {
        return Some(HtmlEnd::Text("]]>"));
    }
    if rest.first() == Some(&b'!') && rest.get(1).is_some_and(u8::is_ascii_alphabetic) {
        return Some(HtmlEnd::Text(">"));
    }
    let closing = rest.first() == Some(&b'/');
    let name = tag_name(&rest[usize::from(closing)..]);
    let after = rest.get(usize::from(closing) + name.len());
    if !closing && matches!(after, None | Some(b' ' | b'\t' | b'>')) {
        for (tag, end) in [
            ("script", "</script>"),
            ("pre", "</pre>"),
            ("style", "</style>"),
            ("textarea", "</textarea>"),
        ] {
            if name.eq_ignore_ascii_case(tag.as_bytes()) {
                return Some(HtmlEnd::Text(end));
            }
        }
    }
    let ends_name = matches!(after, None | Some(b' ' | b'\t' | b'>'))
        || rest[usize::from(closing) + name.len()..].starts_with(b"/>");
    if ends_name
        && BLOCK_TAGS
            .iter()
            .any(|tag| name.eq_ignore_ascii_case(tag.as_bytes()))
    {
        return Some(HtmlEnd::BlankLine);
    }
    (!interrupts_paragraph && lone_tag(line)).then_some(HtmlEnd::BlankLine)
}

fn tag_name(bytes: &[u8]) -> &[u8] {
    if !bytes.first().is_some_and(u8::is_ascii_alphabetic) {
        return &[];
    }
    let length = bytes
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || **b == b'-')
        .count();
    &bytes[..length]
}

pub(super) fn html_ends(line: &[u8], end: &str) -> bool {
    // All end texts are lower case; the scan for `>`-like ones is exact anyway.
    if end.len() <= 3 {
        return memmem::find(line, end.as_bytes()).is_some();
    }
    line.windows(end.len())
        .any(|window| window.eq_ignore_ascii_case(end.as_bytes()))
}

/// The length of the HTML tag at the start of the bytes, if there is a whole one.
pub(crate) fn tag_length(bytes: &[u8]) -> Option<usize> {
    if bytes.first() != Some(&b'<') {
        return None;
    }
    let closing = bytes.get(1) == Some(&b'/');
    let name = tag_name(&bytes[1 + usize::from(closing)..]);
    if name.is_empty() {
        return None;
    }
    let mut at = 1 + usize::from(closing) + name.len();
    if closing {
        at += blanks(&bytes[at..]);
        return (bytes.get(at) == Some(&b'>')).then_some(at + 1);
    }
    loop {
        let space = blanks(&bytes[at..]);
        at += space;
        match bytes.get(at)? {
            b'>' => return Some(at + 1),
            b'/' => return (bytes.get(at + 1) == Some(&b'>')).then_some(at + 2),
            b if space > 0 && (b.is_ascii_alphabetic() || matches!(b, b'_' | b':')) => {
                at = attribute(bytes, at)?;
            }
            _ => return None,
        }
    }
}

fn blanks(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .take_while(|b| matches!(b, b' ' | b'\t'))
        .count()
}

/// One attribute from its name on: where it ends.
fn attribute(bytes: &[u8], mut at: usize) -> Option<usize> {
    at += bytes[at..]
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || b"_.:-".contains(b))
        .count();
    let after_name = at;
    at += blanks(&bytes[at..]);
    if bytes.get(at) != Some(&b'=') {
        return Some(after_name);
    }
    at += 1;
    at += blanks(&bytes[at..]);
    let quote = *bytes.get(at)?;
    if matches!(quote, b'"' | b'\'') {
        let length = memchr::memchr(quote, &bytes[at + 1..])?;
        return Some(at + length + 2);
    }
    let length = bytes[at..]
        .iter()
        .take_while(|b| !b" \t\"'=<>`".contains(b))
        .count();
    (length > 0).then_some(at + length)
}

fn lone_tag(line: &[u8]) -> bool {
    tag_length(line).is_some_and(|length| blanks(&line[length..]) == line.len() - length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_only_starts_with_a_tag_is_not_a_block() {
        assert_eq!(html_start(b"<br>more", false), None);
        assert_eq!(html_start(b"<br>", false), Some(HtmlEnd::BlankLine));
        assert_eq!(html_start(b"<br>", true), None);
        assert_eq!(html_start(b"<details>", true), Some(HtmlEnd::BlankLine));
        assert_eq!(html_start(b"<PRE>", true), Some(HtmlEnd::Text("</pre>")));
        assert_eq!(html_start(b"<!-- x", true), Some(HtmlEnd::Comment));
        assert_eq!(
            html_start(b"<a href='x' b>", false),
            Some(HtmlEnd::BlankLine)
        );
        assert_eq!(html_start(b"<https://example.com>", false), None);
    }
}
