//! Unified diffs, byte for byte: what `patch` and `git apply` read. Lines end at LF alone, as they do
//! for those; a lone CR stands inside its line.
//!
//! ```text
//! --- a/CHECKLIST.md
//! +++ b/CHECKLIST.md
//! @@ -3,3 +3,3 @@
//!  ## Security
//! -- [ ] Backups are tested
//! +- [ ] Backups are tested <!-- req: security/backups-are-tested -->
//!  - [ ] …
//! ```

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices, group_diff_ops};

/// The names of both texts, and how many unchanged lines are shown around a change.
pub(crate) struct Header<'a> {
    pub old: &'a str,
    pub new: &'a str,
    pub context: usize,
}

/// The diff of any two texts; empty where nothing differs.
pub(crate) fn unified(header: &Header<'_>, old: &[u8], new: &[u8]) -> Vec<u8> {
    let (old, new) = (lines(old), lines(new));
    let changes = capture_diff_slices(Algorithm::Myers, &old, &new);
    print(header, &old, &new, changes)
}

/// The diff of two texts that have the same lines but for what stands inside them. Nothing is searched
/// for, so a document of any size with a change on every line costs no more than its length.
pub(crate) fn unified_in_place(header: &Header<'_>, old: &[u8], new: &[u8]) -> Vec<u8> {
    let (old, new) = (lines(old), lines(new));
    debug_assert_eq!(old.len(), new.len(), "only lines that stay are changed");
    let all: Vec<usize> = (0..old.len().min(new.len())).collect();
    let same = |line: usize| old[line] == new[line];
    let runs = all.chunk_by(|&a, &b| same(a) == same(b));
    let changes = runs.map(|run| {
        let (index, len) = (run[0], run.len());
        if same(index) {
            DiffOp::Equal {
                old_index: index,
                new_index: index,
                len,
            }
        } else {
            DiffOp::Replace {
                old_index: index,
                old_len: len,
                new_index: index,
                new_len: len,
            }
        }
    });
    let changes = changes.collect();
    print(header, &old, &new, changes)
}

fn print(header: &Header<'_>, old: &[&[u8]], new: &[&[u8]], changes: Vec<DiffOp>) -> Vec<u8> {
    let mut out = Vec::new();
    for hunk in group_diff_ops(changes, header.context) {
        let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else {
            continue;
        };
        if out.is_empty() {
            let names = format!("--- {}\n+++ {}\n", header.old, header.new);
            out.extend_from_slice(names.as_bytes());
        }
        let removed = range(first.old_range().start..last.old_range().end);
        let added = range(first.new_range().start..last.new_range().end);
        out.extend_from_slice(format!("@@ -{removed} +{added} @@\n").as_bytes());
        for change in &hunk {
            if let DiffOp::Equal { .. } = change {
                push(&mut out, b' ', &old[change.old_range()]);
            } else {
                push(&mut out, b'-', &old[change.old_range()]);
                push(&mut out, b'+', &new[change.new_range()]);
            }
        }
    }
    out
}

/// Lines as a hunk names them: the first, 1-based, and how many unless it is one.
fn range(lines: Range<usize>) -> String {
    match lines.len() {
        // Nothing stands behind the line before.
        0 => format!("{},0", lines.start),
        1 => format!("{}", lines.start + 1),
        len => format!("{},{len}", lines.start + 1),
    }
}

fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|&b| b == b'\n').collect()
}

fn push(out: &mut Vec<u8>, mark: u8, lines: &[&[u8]]) {
    for line in lines {
        out.push(mark);
        out.extend_from_slice(line);
        if !line.ends_with(b"\n") {
            out.extend_from_slice(b"\n\\ No newline at end of file\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Header, unified, unified_in_place};

    const HEADER: Header<'_> = Header {
        old: "a/a.md",
        new: "b/a.md",
        context: 3,
    };

    fn diff(old: &str, new: &str) -> String {
        let diff = unified_in_place(&HEADER, old.as_bytes(), new.as_bytes());
        String::from_utf8(diff).unwrap()
    }

    #[test]
    fn neighbours_share_a_hunk_and_far_changes_do_not() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n";
        let new = old.replace("2\n3\n", "2x\n3x\n").replace("13\n", "13x\n");
        let expected = "--- a/a.md\n+++ b/a.md\n@@ -1,6 +1,6 @@\n 1\n-2\n-3\n+2x\n+3x\n 4\n 5\n 6\n\
                        @@ -10,4 +10,4 @@\n 10\n 11\n 12\n-13\n+13x\n";
        assert_eq!(diff(old, &new), expected);
        let searched = unified(&HEADER, old.as_bytes(), new.as_bytes());
        assert_eq!(String::from_utf8_lossy(&searched), expected);
    }

    #[test]
    fn line_ends_and_their_absence_are_kept() {
        assert_eq!(
            diff("a\r\nb", "a1\r\nb1"),
            "--- a/a.md\n+++ b/a.md\n@@ -1,2 +1,2 @@\n-a\r\n-b\n\\ No newline at end of file\n\
             +a1\r\n+b1\n\\ No newline at end of file\n"
        );
        assert_eq!(diff("a\n", "a\n"), "");
    }

    #[test]
    fn new_lines_new_files_and_lone_carriage_returns() {
        let show = |old: &str, new: &str| {
            let diff = unified(&HEADER, old.as_bytes(), new.as_bytes());
            String::from_utf8(diff).unwrap()
        };
        assert_eq!(
            show("a\rb\nc\n", "a\rb\nx\nc\n"),
            "--- a/a.md\n+++ b/a.md\n@@ -1,2 +1,3 @@\n a\rb\n+x\n c\n"
        );
        assert_eq!(
            show("", "a\n"),
            "--- a/a.md\n+++ b/a.md\n@@ -0,0 +1 @@\n+a\n"
        );
        assert_eq!(
            show("a\n", ""),
            "--- a/a.md\n+++ b/a.md\n@@ -1 +0,0 @@\n-a\n"
        );
        assert_eq!(show("a", "a"), "");
    }
}
