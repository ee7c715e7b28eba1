//! Reading a document the simple way, so that expectations do not come from the parser under test.

/// The ids and statuses of a document, in its order: the third cell of each row whose first cell is
/// an id, and what stands between the brackets of each box that starts with one.
pub fn statuses(document: &str) -> Vec<(String, String)> {
    document.lines().filter_map(status).collect()
}

/// The statuses of a document one after the other, `·` for an empty one.
pub fn word(document: &str) -> String {
    let all = statuses(document);
    all.iter()
        .map(|(_, status)| if status.is_empty() { "·" } else { status })
        .collect()
}

fn status(line: &str) -> Option<(String, String)> {
    if let Some(rest) = line.trim_start().strip_prefix("- [") {
        let (mark, text) = rest.split_once("] ")?;
        let id = text.split([':', ' ']).next()?;
        return is_id(id).then(|| (id.to_owned(), format!("[{mark}]")));
    }
    let cells: Vec<_> = line.strip_prefix('|')?.split('|').map(str::trim).collect();
    let (id, status) = (cells.first()?, cells.get(2)?);
    is_id(id).then(|| ((*id).to_owned(), (*status).to_owned()))
}

/// `ABC-001`.
fn is_id(text: &str) -> bool {
    text.rsplit_once('-').is_some_and(|(_, number)| {
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_boxes() {
        let document = "| ID | What | Status |\n|--|--|--|\n| A-1 | x | ✅ |\n| A-2 | y | |\n\n- [x] B-1: z\n- [ ] B-2 w\n- [ ] no id\n";
        let expected = [("A-1", "✅"), ("A-2", ""), ("B-1", "[x]"), ("B-2", "[ ]")];
        let found = statuses(document);
        let found: Vec<_> = found
            .iter()
            .map(|(id, status)| (&**id, &**status))
            .collect();
        assert_eq!(found, expected);
        assert_eq!(word(document), "✅·[x][ ]");
    }
}
