//! Which items a test case is about.
//!
//! 1. Ids that the case states as a property, or that stand in its name or class as words: `HDR-002`
//!    as well as `test_hdr_002_frame_options`.
//! 2. Without any: items whose *Test* cell names the case, its class or its file, as in
//!    `tests/api/test_x.py::TestClass::test_name`. A path may be seen from another folder on either
//!    side, and parameters (`test_name[case]`) belong to their test.
//!
//! Both sides are compared as lists of words, because every tool writes the same address differently:
//! pytest's class of that test is `tests.api.test_x.TestClass`.

use std::collections::{BTreeMap, BTreeSet};

use readiness_checklist::{Checklist, IdOrigin};

use super::xml::Case;

/// Endings of files with tests, which no address in a report keeps.
const ENDINGS: [&str; 19] = [
    "py", "js", "jsx", "ts", "tsx", "mjs", "cjs", "go", "rs", "java", "kt", "rb", "php", "cs",
    "exs", "swift", "scala", "feature", "sh",
];

/// Shorter ids are found only as they are written: `a_1` stands in too many names.
const SHORT: usize = 4;

/// What binds cases to the items of one checklist.
pub(super) struct Binder<'a> {
    /// Words of an id, in lower case, to the id.
    ids: BTreeMap<Vec<String>, &'a str>,
    longest: usize,
    tests: Vec<Test<'a>>,
}

/// A test that an item names.
struct Test<'a> {
    id: &'a str,
    written: String,
    /// Words of the file; empty when none is named.
    path: Vec<String>,
    /// Words behind it: classes and the test.
    rest: Vec<String>,
}

impl<'a> Binder<'a> {
    pub(super) fn new(checklist: &'a Checklist) -> Self {
        let mut ids = BTreeMap::new();
        let mut tests = Vec::new();
        for item in checklist.items() {
            if item.id_origin() != IdOrigin::Derived
                && item.id().bytes().any(|b| b.is_ascii_digit())
            {
                ids.entry(id_words(item.id())).or_insert(item.id());
            }
            tests.extend(
                item.test()
                    .into_iter()
                    .flat_map(|cell| named(item.id(), cell)),
            );
        }
        Self {
            longest: ids.keys().map(Vec::len).max().unwrap_or(0),
            ids,
            tests,
        }
    }

    /// The tests that items name, as they are written.
    pub(super) fn tests(&self) -> Vec<String> {
        let all: BTreeSet<_> = self.tests.iter().map(|test| test.written.clone()).collect();
        all.into_iter().collect()
    }

    /// The items that a case is about, sorted.
    pub(super) fn items(&self, case: &Case) -> Vec<&'a str> {
        let mut found: BTreeSet<&str> = BTreeSet::new();
        for stated in &case.requirements {
            found.extend(self.ids.get(&id_words(stated)));
        }
        if found.is_empty() {
            for text in [&case.name, &case.class] {
                self.ids_in(text, &mut found);
            }
        }
        if found.is_empty() {
            let addresses = addresses(case);
            let naming = (self.tests.iter()).filter(|test| addresses.iter().any(|a| test.is(a)));
            found.extend(naming.map(|test| test.id));
        }
        found.into_iter().collect()
    }

    /// Ids that stand in a text as words, the longest first.
    fn ids_in(&self, text: &str, found: &mut BTreeSet<&'a str>) {
        let words = id_words(text);
        let mut at = 0;
        while at < words.len() {
            let most = self.longest.min(words.len() - at);
            let hit = (1..=most).rev().find_map(|count| {
                let id = self.ids.get(&words[at..at + count])?;
                (id.len() >= SHORT || text.contains(id)).then_some((count, *id))
            });
            match hit {
                Some((count, id)) => {
                    found.insert(id);
                    at += count;
                }
                None => at += 1,
            }
        }
    }
}

/// Runs of letters and digits, in lower case.
fn id_words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// The tests that a cell names. What a person is told to do by hand names none.
fn named<'a>(id: &'a str, cell: &str) -> Vec<Test<'a>> {
    if cell.trim_start().to_lowercase().starts_with("manual") {
        return Vec::new();
    }
    let words = cell.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '`' | '(' | ')'));
    let mut tests: Vec<_> = words
        .filter(|word| is_address(word))
        .map(|word| test(id, word))
        .collect();
    // A title with blanks, as Jest has them.
    if tests.is_empty() && !cell.trim().is_empty() {
        let title = cell.trim().trim_matches('`').to_owned();
        tests.push(Test {
            id,
            rest: vec![title.clone()],
            written: title,
            path: Vec::new(),
        });
    }
    tests
}

/// Whether a word of a cell can be the address of a test and not just prose.
fn is_address(word: &str) -> bool {
    word.contains("::")
        || has_ending(word)
        || word.starts_with("test_")
        || (word.starts_with("Test") && word.len() > 4)
}

fn has_ending(word: &str) -> bool {
    let ending = word.rsplit_once('.').map(|(_, ending)| ending);
    ending.is_some_and(|ending| ENDINGS.contains(&ending))
}

fn test<'a>(id: &'a str, word: &str) -> Test<'a> {
    let (first, rest) = word.split_once("::").unwrap_or((word, ""));
    let (path, rest) = if has_ending(first) || first.contains('/') {
        (path_words(first), address_words(rest))
    } else {
        (Vec::new(), address_words(word))
    };
    Test {
        id,
        written: word.to_owned(),
        path,
        rest,
    }
}

/// `tests/api/x.test.py` as `tests`, `api`, `x`, `test`: reports write the dots of a name and the
/// slashes of a path alike.
fn path_words(path: &str) -> Vec<String> {
    let path = match path.rsplit_once('.') {
        Some((stem, ending)) if ENDINGS.contains(&ending) => stem,
        _ => path,
    };
    let words = path.split(['/', '\\', '.']).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

/// Classes and a test, without the test's parameters.
fn address_words(text: &str) -> Vec<String> {
    let text = text.split('[').next().unwrap_or_default();
    let words = text.split("::").filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

/// Every way in which a case may be addressed: by its class, and by its file.
fn addresses(case: &Case) -> Vec<Vec<String>> {
    let name = address_words(&case.name);
    let class: Vec<String> = case.class.split("::").flat_map(path_words).collect();
    let mut all = vec![[class.clone(), name.clone()].concat(), name.clone()];
    // A title may hold what an address does not.
    all.push(vec![case.name.clone()]);
    // Subtests of Go: the test, then its part.
    if let Some((test, _)) = case.name.split_once('/') {
        all.push([class.clone(), vec![test.to_owned()]].concat());
    }
    if let Some(file) = &case.file {
        let file = path_words(file);
        all.push([file.clone(), name.clone()].concat());
        all.extend(
            class
                .last()
                .map(|last| [file.clone(), vec![last.clone()], name].concat()),
        );
    }
    all
}

impl Test<'_> {
    /// Whether an address is of this test, or of one within this class or file.
    fn is(&self, address: &[String]) -> bool {
        if self.path.is_empty() {
            return self.is_bare(address);
        }
        (1..=address.len()).any(|end| {
            let path = &address[..end];
            let same = path.ends_with(&self.path) || self.path.ends_with(path);
            same && address[end..].starts_with(&self.rest)
        })
    }

    /// Without a file the address has to end with the test; a class of several words may stand
    /// before tests of its own.
    fn is_bare(&self, address: &[String]) -> bool {
        if self.rest.is_empty() {
            return false;
        }
        address.ends_with(&self.rest)
            || (self.rest.len() > 1
                && address
                    .windows(self.rest.len())
                    .any(|window| window == self.rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binder(cells: &str) -> Checklist {
        let head = "| ID | Requirement | Test | Status |\n|--|--|--|--|\n";
        Checklist::parse(format!("{head}{cells}").into_bytes()).unwrap()
    }

    fn case(class: &str, name: &str) -> Case {
        Case {
            class: class.to_owned(),
            name: name.to_owned(),
            ..Case::default()
        }
    }

    #[test]
    fn ids_in_names_are_found_as_words_and_the_longest_wins() {
        let list = binder(
            "| HDR-002 | a | | |\n| HDR-002-A | b | | |\n| A-1 | c | | |\n| DOCS | d | | |\n",
        );
        let binder = Binder::new(&list);
        for (name, ids) in [
            ("HDR-002 frame options", &["HDR-002"][..]),
            ("test_hdr_002_frame_options", &["HDR-002"]),
            ("hdr-002-a and hdr-002", &["HDR-002", "HDR-002-A"]),
            ("test_hdr_0021", &[]),
            ("xhdr-002", &[]),
            // Too short to be meant when it is spelt otherwise.
            ("test_a_1_b", &[]),
            ("A-1: it starts", &["A-1"]),
            // A word without a figure is prose.
            ("docs", &[]),
        ] {
            assert_eq!(binder.items(&case("", name)), ids, "{name}");
        }
        assert_eq!(binder.items(&case("suite.HDR_002", "x")), ["HDR-002"]);
    }

    #[test]
    fn tests_are_found_by_their_address_in_every_dialect() {
        let list = binder(
            "| T-1 | a | `tests/api/tier.test.py::TestLimits::test_429` | |\n\
             | T-2 | b | `tests/api/tier.test.py::TestLimits` | |\n\
             | T-3 | c | `tests/api/tier.test.py` | |\n\
             | T-4 | d | `limits::per_minute` | |\n\
             | T-5 | e | Manual: check `tests/api/tier.test.py` | |\n\
             | T-6 | f | TestRetry | |\n\
             | T-7 | g | replies with JSON | |\n",
        );
        let binder = Binder::new(&list);
        for (class, name, ids) in [
            (
                "tests.api.tier.test.TestLimits",
                "test_429",
                &["T-1", "T-2", "T-3"][..],
            ),
            (
                "tests.api.tier.test.TestLimits",
                "test_429[pro]",
                &["T-1", "T-2", "T-3"],
            ),
            // From within the folder of the tests, and from above it.
            (
                "api.tier.test.TestLimits",
                "test_429",
                &["T-1", "T-2", "T-3"],
            ),
            (
                "backend.tests.api.tier.test.TestLimits",
                "test_429",
                &["T-1", "T-2", "T-3"],
            ),
            (
                "tests.api.tier.test.TestLimits",
                "test_other",
                &["T-2", "T-3"],
            ),
            ("tests.api.tier.test.TestLimitsToo", "test_429", &["T-3"]),
            ("tests.api.tier.test", "test_429", &["T-3"]),
            ("tests.api.other.TestLimits", "test_429", &[]),
            ("shop::it", "limits::per_minute", &["T-4"]),
            ("shop::it", "per_minute", &[]),
            ("example.com/shop", "TestRetry", &["T-6"]),
            ("example.com/shop", "TestRetry/after", &["T-6"]),
            ("api", "replies with JSON", &["T-7"]),
            ("api", "replies with XML", &[]),
        ] {
            assert_eq!(binder.items(&case(class, name)), ids, "{class} {name}");
        }
        let jest = Case {
            file: Some("tests/api/tier.test.py".to_owned()),
            ..case("limits", "whatever it does")
        };
        assert_eq!(binder.items(&jest), ["T-3"]);
    }
}
