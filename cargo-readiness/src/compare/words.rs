//! Which words of a text stayed, went and came.

use std::collections::HashMap;

use serde::Serialize;

/// Beyond so many pairs of words the differing middle is taken as replaced: no requirement that
/// people read comes near it.
const MOST_PAIRS: usize = 250_000;

/// Words in a row of which the same became.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Piece {
    pub(crate) op: Op,
    pub(crate) text: String,
}

/// What became of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Op {
    /// They stayed.
    Keep,
    /// They went.
    Delete,
    /// They came.
    Insert,
}

/// The pieces of both texts, in order; of a replacement what went comes first.
pub(crate) fn diff(old: &str, new: &str) -> Vec<Piece> {
    let (old, new): (Vec<&str>, Vec<&str>) = (
        old.split_whitespace().collect(),
        new.split_whitespace().collect(),
    );
    let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let (rest_old, rest_new) = (&old[head..], &new[head..]);
    let tail = rest_old
        .iter()
        .rev()
        .zip(rest_new.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let middle_old = &rest_old[..rest_old.len() - tail];
    let middle_new = &rest_new[..rest_new.len() - tail];
    let mut pieces = Pieces::default();
    pieces.extend(Op::Keep, &old[..head]);
    if middle_old.len().saturating_mul(middle_new.len()) > MOST_PAIRS {
        pieces.extend(Op::Delete, middle_old);
        pieces.extend(Op::Insert, middle_new);
    } else {
        middle(middle_old, middle_new, &mut pieces);
    }
    pieces.extend(Op::Keep, &rest_old[rest_old.len() - tail..]);
    pieces
        .0
        .into_iter()
        .map(|(op, words)| Piece {
            op,
            text: words.join(" "),
        })
        .collect()
}

/// The differing middle, by the longest common subsequence of its words.
fn middle<'t>(old: &[&'t str], new: &[&'t str], pieces: &mut Pieces<'t>) {
    // common[i][j]: how many words `old[i..]` and `new[j..]` have in common.
    let width = new.len() + 1;
    let mut common = vec![0_u32; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i * width + j] = if old[i] == new[j] {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < old.len() && j < new.len() {
        if old[i] == new[j] {
            pieces.extend(Op::Keep, &old[i..=i]);
            (i, j) = (i + 1, j + 1);
        } else if common[(i + 1) * width + j] >= common[i * width + j + 1] {
            pieces.extend(Op::Delete, &old[i..=i]);
            i += 1;
        } else {
            pieces.extend(Op::Insert, &new[j..=j]);
            j += 1;
        }
    }
    pieces.extend(Op::Delete, &old[i..]);
    pieces.extend(Op::Insert, &new[j..]);
}

#[derive(Default)]
struct Pieces<'t>(Vec<(Op, Vec<&'t str>)>);

impl<'t> Pieces<'t> {
    fn extend(&mut self, op: Op, words: &[&'t str]) {
        if words.is_empty() {
            return;
        }
        match self.0.last_mut() {
            Some((last, known)) if *last == op => known.extend_from_slice(words),
            _ => self.0.push((op, words.to_vec())),
        }
    }
}

/// The share of words that two texts have in common, in percent of the longer one.
pub(super) fn likeness(a: &str, b: &str) -> usize {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let (mut in_a, mut in_b, mut both) = (0, 0, 0);
    for word in a.split_whitespace() {
        *counts.entry(word).or_default() += 1;
        in_a += 1;
    }
    for word in b.split_whitespace() {
        in_b += 1;
        if let Some(left) = counts.get_mut(word).filter(|left| **left > 0) {
            *left -= 1;
            both += 1;
        }
    }
    (both * 100_usize).checked_div(in_a.max(in_b)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(old: &str, new: &str) -> String {
        let mark = |piece: Piece| match piece.op {
            Op::Keep => piece.text,
            Op::Delete => format!("[-{}-]", piece.text),
            Op::Insert => format!("{{+{}+}}", piece.text),
        };
        diff(old, new)
            .into_iter()
            .map(mark)
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn words_that_stayed_are_kept() {
        assert_eq!(
            shown(
                "Keys are rotated every 90 days",
                "All keys are rotated within 90 days"
            ),
            "[-Keys-] {+All keys+} are rotated [-every-] {+within+} 90 days"
        );
        assert_eq!(shown("a b", "a b"), "a b");
        assert_eq!(shown("", "a"), "{+a+}");
        assert_eq!(shown("a b c", "c"), "[-a b-] c");
    }

    #[test]
    fn a_text_without_end_is_replaced_in_bounded_time() {
        let (old, new) = ("x ".repeat(200_000), "y ".repeat(200_000));
        assert_eq!(diff(&old, &new).len(), 2);
    }

    #[test]
    fn likeness_counts_words_once() {
        assert_eq!(likeness("a b c d", "a b c e"), 75);
        assert_eq!(likeness("a a", "a b"), 50);
        assert_eq!(likeness("", ""), 0);
    }
}
