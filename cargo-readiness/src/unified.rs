//! A unified diff of two texts that differ inside their lines only, byte for byte: what `patch` and
//! `git apply` read.
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

/// Unchanged lines around a change, as is usual.
const CONTEXT: usize = 3;

/// The diff; empty where nothing differs. Lines end at LF alone, as they do for `patch`; both texts
/// have the same number of them.
pub(crate) fn unified(name: &str, old: &[u8], new: &[u8]) -> Vec<u8> {
    let (old, new) = (lines(old), lines(new));
    debug_assert_eq!(old.len(), new.len(), "only lines that stay are changed");
    let changed: Vec<usize> = (0..old.len().min(new.len()))
        .filter(|&line| old[line] != new[line])
        .collect();
    let mut out = Vec::new();
    if changed.is_empty() {
        return out;
    }
    out.extend_from_slice(format!("--- a/{name}\n+++ b/{name}\n").as_bytes());
    // Changes whose contexts touch share a hunk.
    for hunk in changed.chunk_by(|a, b| b - a <= 2 * CONTEXT) {
        let start = hunk[0].saturating_sub(CONTEXT);
        let end = (hunk[hunk.len() - 1] + 1 + CONTEXT).min(old.len());
        let size = end - start;
        let first = start + 1;
        out.extend_from_slice(format!("@@ -{first},{size} +{first},{size} @@\n").as_bytes());
        let mut line = start;
        while line < end {
            let run = (line..end).take_while(|&at| old[at] != new[at]).count();
            if run == 0 {
                push(&mut out, b' ', old[line]);
                line += 1;
                continue;
            }
            old[line..line + run]
                .iter()
                .for_each(|text| push(&mut out, b'-', text));
            new[line..line + run]
                .iter()
                .for_each(|text| push(&mut out, b'+', text));
            line += run;
        }
    }
    out
}

fn lines(text: &[u8]) -> Vec<&[u8]> {
    text.split_inclusive(|&b| b == b'\n').collect()
}

fn push(out: &mut Vec<u8>, mark: u8, line: &[u8]) {
    out.push(mark);
    out.extend_from_slice(line);
    if !line.ends_with(b"\n") {
        out.extend_from_slice(b"\n\\ No newline at end of file\n");
    }
}

#[cfg(test)]
mod tests {
    use super::unified;

    fn diff(old: &str, new: &str) -> String {
        String::from_utf8(unified("a.md", old.as_bytes(), new.as_bytes())).unwrap()
    }

    #[test]
    fn neighbours_share_a_hunk_and_far_changes_do_not() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n";
        let new = old.replace("2\n3\n", "2x\n3x\n").replace("13\n", "13x\n");
        assert_eq!(
            diff(old, &new),
            "--- a/a.md\n+++ b/a.md\n@@ -1,6 +1,6 @@\n 1\n-2\n-3\n+2x\n+3x\n 4\n 5\n 6\n\
             @@ -10,4 +10,4 @@\n 10\n 11\n 12\n-13\n+13x\n"
        );
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
}
