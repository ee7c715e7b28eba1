//! Inline markup: taking it off a text.
//!
//! Three readers want plain text, each a little different: people (display), the hash of a
//! requirement, and slugs. All drop comments, emphasis, code marks and link targets.

use std::borrow::Cow;

use crate::blocks::{code_spans, tag_length};

/// What else to drop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plain {
    /// For people: HTML tags go, an image leaves its alternative text.
    Display,
    /// For the hash: tags stay, they are part of the wording.
    Hash,
    /// For ids and headings: images go altogether.
    Slug,
}

/// How far a link's target is searched, and how deep its parentheses nest: beyond it is text.
/// Keeps hostile brackets linear.
const LONGEST_TARGET: usize = 2000;
const DEEPEST_TARGET: usize = 32;

/// The text without its markup.
pub(crate) fn plain(text: &str, mode: Plain) -> Cow<'_, str> {
    let special = |b: u8| matches!(b, b'*' | b'_' | b'~' | b'`' | b'[' | b'<' | b'\\');
    if !text.bytes().any(special) {
        return Cow::Borrowed(text);
    }
    let mut scanner = Scanner {
        text,
        mode,
        drops: Vec::new(),
        brackets: Vec::new(),
        delimiters: Vec::new(),
    };
    scanner.scan();
    emphasis(text, &mut scanner.delimiters, &mut scanner.drops);
    scanner
        .drops
        .sort_unstable_by_key(|drop| (drop.start, drop.end));
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for drop in &scanner.drops {
        if drop.end <= at {
            continue;
        }
        out.push_str(text.get(at..drop.start.max(at)).unwrap_or_default());
        if drop.space {
            out.push(' ');
        }
        at = drop.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    Cow::Owned(out)
}

/// Runs of white space to one space, none at the ends.
pub(crate) fn collapse(text: &str) -> Cow<'_, str> {
    let mut previous = ' ';
    let tidy = text.chars().all(|c| {
        let ok = !c.is_whitespace() || (c == ' ' && previous != ' ');
        previous = c;
        ok
    });
    if tidy && !text.ends_with(' ') {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

struct Drop {
    start: usize,
    end: usize,
    space: bool,
}

struct Delimiter {
    at: usize,
    byte: u8,
    count: usize,
    opens: bool,
    closes: bool,
}

struct Scanner<'a> {
    text: &'a str,
    mode: Plain,
    drops: Vec<Drop>,
    /// Open brackets, each with whether it belongs to an image.
    brackets: Vec<(usize, bool)>,
    delimiters: Vec<Delimiter>,
}

impl Scanner<'_> {
    fn drop(&mut self, start: usize, end: usize) {
        self.drops.push(Drop {
            start,
            end,
            space: false,
        });
    }

    fn scan(&mut self) {
        let bytes = self.text.as_bytes();
        let mut spans = code_spans(bytes).into_iter().peekable();
        let mut at = 0;
        while at < bytes.len() {
            while spans.next_if(|span| span.0 < at).is_some() {}
            match bytes[at] {
                b'\\' if bytes.get(at + 1).is_some_and(u8::is_ascii_punctuation) => {
                    self.drop(at, at + 1);
                    at += 2;
                }
                b'`' => match spans.next_if(|span| span.0 == at) {
                    Some((start, end)) => {
                        self.code(start, end);
                        at = end;
                    }
                    None => at += 1,
                },
                b'<' => at = self.angle(at),
                b'[' => {
                    self.brackets.push((at, at > 0 && bytes[at - 1] == b'!'));
                    at += 1;
                }
                b']' => at = self.close_bracket(at),
                byte @ (b'*' | b'_' | b'~') => {
                    let count = bytes[at..].iter().take_while(|&&b| b == byte).count();
                    self.delimiter(at, byte, count);
                    at += count;
                }
                _ => at += 1,
            }
        }
    }

    fn code(&mut self, start: usize, end: usize) {
        let ticks = self.text.as_bytes()[start..]
            .iter()
            .take_while(|&&b| b == b'`')
            .count();
        let (mut from, mut to) = (start + ticks, end - ticks);
        let inside = &self.text[from..to];
        if inside.len() > 2
            && inside.starts_with(' ')
            && inside.ends_with(' ')
            && !inside.trim().is_empty()
        {
            (from, to) = (from + 1, to - 1);
        }
        self.drop(start, from);
        self.drop(to, end);
    }

    fn angle(&mut self, at: usize) -> usize {
        let rest = &self.text[at..];
        if rest.starts_with("<!--") {
            if let Some(length) = rest[2..].find("-->") {
                self.drop(at, at + length + 5);
                return at + length + 5;
            }
            return at + 4;
        }
        if let Some(length) = tag_length(rest.as_bytes()) {
            if self.mode != Plain::Hash {
                self.drops.push(Drop {
                    start: at,
                    end: at + length,
                    space: true,
                });
            }
            return at + length;
        }
        at + 1
    }

    fn close_bracket(&mut self, at: usize) -> usize {
        let Some((open, image)) = self.brackets.pop() else {
            return at + 1;
        };
        let bytes = self.text.as_bytes();
        let end = match bytes.get(at + 1) {
            Some(b'(') => target_end(bytes, at + 1),
            Some(b'[') => reference_end(bytes, at + 1),
            _ => None,
        };
        let Some(end) = end else { return at + 1 };
        if image && self.mode == Plain::Slug {
            self.drop(open - 1, end);
        } else {
            self.drop(open - usize::from(image), open + 1);
            self.drop(at, end);
        }
        end
    }

    fn delimiter(&mut self, at: usize, byte: u8, count: usize) {
        if byte == b'~' && count != 2 {
            return;
        }
        let before = self.text[..at].chars().next_back().unwrap_or(' ');
        let after = self.text[at + count..].chars().next().unwrap_or(' ');
        let punct =
            |c: char| c.is_ascii_punctuation() || (!c.is_alphanumeric() && !c.is_whitespace());
        let left =
            !after.is_whitespace() && (!punct(after) || before.is_whitespace() || punct(before));
        let right =
            !before.is_whitespace() && (!punct(before) || after.is_whitespace() || punct(after));
        let (opens, closes) = if byte == b'_' {
            (
                left && (!right || punct(before)),
                right && (!left || punct(after)),
            )
        } else {
            (left, right)
        };
        self.delimiters.push(Delimiter {
            at,
            byte,
            count,
            opens,
            closes,
        });
    }
}

/// The end of `(target)` that starts at `open`.
fn target_end(bytes: &[u8], open: usize) -> Option<usize> {
    let mut depth = 0;
    for (offset, &byte) in bytes[open..].iter().take(LONGEST_TARGET).enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(open + offset + 1);
        }
        if depth > DEEPEST_TARGET {
            return None;
        }
    }
    None
}

fn reference_end(bytes: &[u8], open: usize) -> Option<usize> {
    let label = bytes[open + 1..]
        .iter()
        .take(LONGEST_TARGET)
        .position(|b| matches!(b, b']' | b'['))?;
    (bytes[open + 1 + label] == b']').then_some(open + label + 2)
}

/// Pairs delimiters as `CommonMark` does and drops the pairs; what has no partner is text.
fn emphasis(text: &str, delimiters: &mut [Delimiter], drops: &mut Vec<Drop>) {
    let _ = text;
    // Openers still without a partner, per character, innermost last.
    let mut open: [Vec<usize>; 3] = [Vec::new(), Vec::new(), Vec::new()];
    for index in 0..delimiters.len() {
        let kind = match delimiters[index].byte {
            b'*' => 0,
            b'_' => 1,
            _ => 2,
        };
        if delimiters[index].closes {
            while delimiters[index].count > 0 {
                let Some(&opener) = open[kind].last() else {
                    break;
                };
                let used = if delimiters[opener].count >= 2 && delimiters[index].count >= 2 {
                    2
                } else {
                    1
                };
                delimiters[opener].count -= used;
                delimiters[index].count -= used;
                let from = delimiters[opener].at + delimiters[opener].count;
                drops.push(Drop {
                    start: from,
                    end: from + used,
                    space: false,
                });
                let at = delimiters[index].at;
                drops.push(Drop {
                    start: at,
                    end: at + used,
                    space: false,
                });
                delimiters[index].at += used;
                if delimiters[opener].count == 0 {
                    open[kind].pop();
                }
                // Openers of the other kinds between the two can no longer close.
                for (other, stack) in open.iter_mut().enumerate() {
                    while other != kind && stack.last().is_some_and(|&o| o > opener) {
                        stack.pop();
                    }
                }
            }
        }
        if delimiters[index].opens && delimiters[index].count > 0 {
            open[kind].push(index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn display(text: &str) -> String {
        plain(text, Plain::Display).into_owned()
    }

    #[test]
    fn markup_goes_and_text_stays() {
        assert_eq!(
            display("**JWT** tokens with _P0_ fixes"),
            "JWT tokens with P0 fixes"
        );
        assert_eq!(
            display("`CAIO_ENV=production` set"),
            "CAIO_ENV=production set"
        );
        assert_eq!(
            display("see [the guide](https://x/y_(z)) now"),
            "see the guide now"
        );
        assert_eq!(display("[a][ref] and [b]"), "a and [b]");
        assert_eq!(display(r"a \| b \*c\*"), "a | b *c*");
        assert_eq!(display("a<br>b <!-- req: X --> c"), "a b  c");
        assert_eq!(display("***both*** ~~gone~~"), "both gone");
        assert_eq!(plain("![logo](x.png) a", Plain::Slug), " a");
    }

    #[test]
    fn lone_stars_and_underscores_are_text() {
        assert_eq!(
            display("No wildcard (*) origins in production"),
            "No wildcard (*) origins in production"
        );
        assert_eq!(display("X-RateLimit-* headers"), "X-RateLimit-* headers");
        assert_eq!(display("snake_case_name"), "snake_case_name");
        assert_eq!(display("2 * 3 * 4"), "2 * 3 * 4");
        assert_eq!(display("`a*b` *c"), "a*b *c");
    }

    #[test]
    fn white_space_collapses() {
        assert_eq!(collapse("  a \t b\n"), "a b");
        assert!(matches!(collapse("a b"), Cow::Borrowed(_)));
        assert_eq!(collapse("a "), "a");
    }

    #[test]
    fn hostile_brackets_are_linear() {
        let text = "[](".repeat(100_000) + &"[".repeat(100_000) + &"*a _b ".repeat(50_000);
        assert!(!display(&text).is_empty());
    }
}
