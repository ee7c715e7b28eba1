//! What is different between two texts, word by word, on one line for people.
//!
//! `It is [-backed up-] {+backed up daily and restored+} at night`: what went stands in `[-…-]`, what
//! came in `{+…+}`, as `git diff --word-diff` has it.

/// Words of each text that are compared; the rest of a longer one is compared as a whole. It bounds
/// the work, which grows with the product of both.
const MOST_WORDS: usize = 400;

/// The difference; the text itself when there is none.
pub fn diff(old: &str, new: &str) -> String {
    let (old, new) = (words(old), words(new));
    let common = table(&old, &new);
    let (mut i, mut j) = (0, 0);
    let mut out = Out::default();
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            out.same(old[i]);
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || i < old.len() && common[i + 1][j] >= common[i][j + 1] {
            out.gone.push(old[i]);
            i += 1;
        } else {
            out.came.push(new[j]);
            j += 1;
        }
    }
    out.flush();
    out.text.join(" ")
}

fn words(text: &str) -> Vec<&str> {
    let mut words: Vec<&str> = Vec::new();
    let mut rest = text.trim();
    while words.len() < MOST_WORDS && !rest.is_empty() {
        let (word, behind) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        words.push(word);
        rest = behind.trim_start();
    }
    if !rest.is_empty() {
        words.push(rest);
    }
    words
}

/// Length of the longest common subsequence of the rests from each pair of places on.
fn table(old: &[&str], new: &[&str]) -> Vec<Vec<u32>> {
    let mut table = vec![vec![0; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            table[i][j] = if old[i] == new[j] {
                table[i + 1][j + 1] + 1
            } else {
                table[i + 1][j].max(table[i][j + 1])
            };
        }
    }
    table
}

#[derive(Default)]
struct Out<'a> {
    text: Vec<String>,
    gone: Vec<&'a str>,
    came: Vec<&'a str>,
}

impl<'a> Out<'a> {
    fn same(&mut self, word: &'a str) {
        self.flush();
        self.text.push(word.to_owned());
    }

    fn flush(&mut self) {
        if !self.gone.is_empty() {
            self.text.push(format!("[-{}-]", self.gone.join(" ")));
        }
        if !self.came.is_empty() {
            self.text.push(format!("{{+{}+}}", self.came.join(" ")));
        }
        self.gone.clear();
        self.came.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_went_and_came_are_marked() {
        for (old, new, shown) in [
            ("It is backed up", "It is backed up", "It is backed up"),
            (
                "It is backed up",
                "It is backed up daily",
                "It is backed up {+daily+}",
            ),
            (
                "It is backed up",
                "It is not backed",
                "It is {+not+} backed [-up-]",
            ),
            (
                "P95 below 200 ms",
                "P95 below 500 ms",
                "P95 below [-200-] {+500+} ms",
            ),
            ("", "new", "{+new+}"),
            ("old", "", "[-old-]"),
            ("a  b", "a b", "a b"),
        ] {
            assert_eq!(diff(old, new), shown);
        }
    }

    #[test]
    fn long_texts_are_compared_within_a_bound() {
        let long = "word ".repeat(100_000);
        let other = format!("{long}end");
        assert!(diff(&long, &other).contains("end+}"));
    }
}
