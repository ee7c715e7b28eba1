//! A structured dictionary (RFC 9651) as far as header fields with allow-lists need it: keys with a
//! token, a string or an inner list. Anything else, and anything left over, is not one.

/// Most members that are read; a header is at most a few hundred kilobytes.
const MEMBERS: usize = 1_000;

/// Keys with their members, in order; a bare key or a single value is a list of one. A repeated key
/// replaces the earlier one, as the grammar says.
pub(super) fn parse(text: &str) -> Option<Vec<(String, Vec<String>)>> {
    let mut rest = text.trim_matches([' ', '\t']);
    let mut members: Vec<(String, Vec<String>)> = Vec::new();
    while !rest.is_empty() {
        let (name, after) = key(rest)?;
        let (value, after) = match after.strip_prefix('=') {
            Some(after) if after.starts_with('(') => list(after)?,
            Some(after) => item(after).map(|(value, after)| (vec![value], after))?,
            None => (vec!["?1".to_owned()], after),
        };
        members.retain(|(known, _)| *known != name);
        members.push((name, value));
        if members.len() > MEMBERS {
            return None;
        }
        let after = parameters(after)?.trim_start_matches([' ', '\t']);
        if after.is_empty() {
            return Some(members);
        }
        rest = after.strip_prefix(',')?.trim_start_matches([' ', '\t']);
        if rest.is_empty() {
            return None;
        }
    }
    Some(members)
}

fn key(text: &str) -> Option<(String, &str)> {
    if !text.starts_with(|c: char| c.is_ascii_lowercase() || c == '*') {
        return None;
    }
    let end = text
        .find(|c: char| {
            !(c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '.' | '*'))
        })
        .unwrap_or(text.len());
    Some((text[..end].to_owned(), &text[end..]))
}

fn list(text: &str) -> Option<(Vec<String>, &str)> {
    let mut rest = text.strip_prefix('(')?.trim_start_matches(' ');
    let mut items = Vec::new();
    loop {
        if let Some(after) = rest.strip_prefix(')') {
            return Some((items, after));
        }
        let (value, after) = item(rest)?;
        items.push(value);
        let after = parameters(after)?;
        rest = after.trim_start_matches(' ');
        if rest.len() == after.len() && !rest.starts_with(')') {
            return None;
        }
    }
}

/// A token, a string, or a bare number, which no allow-list uses but the grammar allows.
fn item(text: &str) -> Option<(String, &str)> {
    if let Some(inner) = text.strip_prefix('"') {
        let mut value = String::new();
        let mut chars = inner.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => return Some((value, &inner[at + 1..])),
                '\\' => match chars.next() {
                    Some((_, escaped @ ('"' | '\\'))) => value.push(escaped),
                    _ => return None,
                },
                ' '..='~' => value.push(c),
                _ => return None,
            }
        }
        return None;
    }
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~:/?".contains(c)))
        .unwrap_or(text.len());
    (end > 0).then(|| (text[..end].to_owned(), &text[end..]))
}

/// Skips `;name=value` parameters.
fn parameters(mut rest: &str) -> Option<&str> {
    while let Some(after) = rest.strip_prefix(';') {
        let (_, after) = key(after.trim_start_matches(' '))?;
        rest = match after.strip_prefix('=') {
            Some(after) => item(after)?.1,
            None => after,
        };
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn names(text: &str) -> Option<Vec<(String, usize)>> {
        parse(text).map(|m| m.into_iter().map(|(n, v)| (n, v.len())).collect())
    }

    #[test]
    fn lists_tokens_and_strings() {
        let expected = vec![
            ("camera".to_owned(), 0),
            ("usb".to_owned(), 2),
            ("a".to_owned(), 1),
        ];
        assert_eq!(
            names(r#"camera=(), usb=(self "https://a.example"), a=*"#),
            Some(expected)
        );
    }

    #[test]
    fn the_later_of_two_equal_keys_counts() {
        assert_eq!(
            names("camera=*, camera=()"),
            Some(vec![("camera".to_owned(), 0)])
        );
    }

    #[test]
    fn what_is_not_a_dictionary() {
        for text in [
            "camera 'none'",
            "camera=(",
            "camera=(),",
            "Camera=()",
            "camera=() mic=()",
            "=()",
            "a=(b\"c\")",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
