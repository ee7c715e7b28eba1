//! One part of a run that is split over machines: `READINESS_SHARD=i/n` (from 1), or Bazel's
//! `TEST_SHARD_INDEX` (from 0) of `TEST_TOTAL_SHARDS`.
//!
//! The trials of a test target, sorted by name, are dealt out in turn: every trial is in exactly
//! one shard, whatever filters each of them runs with, and the shards are of one size. Groups do
//! not hold between machines.

use std::path::PathBuf;

use crate::journal::process;

/// The variable that names the shard.
pub(crate) const SHARD: &str = "READINESS_SHARD";

/// Part `index` (from 1) of `total`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shard {
    pub(crate) index: u32,
    pub(crate) total: u32,
}

impl Shard {
    /// Whether the trial at `position` of the sorted list is in this shard.
    pub(crate) fn takes(self, position: usize) -> bool {
        let (index, total) = (u64::from(self.index), u64::from(self.total.max(1)));
        u64::try_from(position).is_ok_and(|position| position % total + 1 == index)
    }
}

/// What the environment says about sharding, by Bazel's protocol or ours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sharding {
    /// The part of this process; none runs all.
    pub(crate) shard: Option<Shard>,
    /// Bazel wants this file touched by a runner that understands sharding.
    pub(crate) status_file: Option<PathBuf>,
    /// Bazel's `--test_filter`.
    pub(crate) filter: Option<String>,
    /// Where Bazel wants a `JUnit` file.
    pub(crate) xml: Option<PathBuf>,
}

impl Sharding {
    /// Reads the variables through `env`.
    ///
    /// # Errors
    /// A sentence that names the variable and what it should be.
    pub(crate) fn read(env: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let env = |name: &str| env(name).filter(|value| !value.is_empty());
        let bazel = match (env("TEST_TOTAL_SHARDS"), env("TEST_SHARD_INDEX")) {
            (Some(total), Some(index)) => Some(bazel(&index, &total)?),
            _ => None,
        };
        let own = env(SHARD).map(|text| own(&text)).transpose()?;
        Ok(Self {
            shard: own.or(bazel.flatten()),
            status_file: env("TEST_SHARD_STATUS_FILE").map(PathBuf::from),
            filter: env("TESTBRIDGE_TEST_ONLY"),
            xml: env("XML_OUTPUT_FILE").map(PathBuf::from),
        })
    }

    /// Reads this process's environment.
    ///
    /// # Errors
    /// As [`Sharding::read`].
    pub(crate) fn of_this_process() -> Result<Self, String> {
        Self::read(|name| {
            let value = std::env::var(name).ok()?;
            // Everything that a check starts inherits it; a run inside of a check is whole.
            (!process::comes_from_a_check(name)).then_some(value)
        })
    }

    /// Tells Bazel that this runner heeds the shard.
    ///
    /// # Errors
    /// A sentence that names the file.
    pub(crate) fn acknowledge(&self) -> Result<(), String> {
        match &self.status_file {
            None => Ok(()),
            Some(path) => std::fs::write(path, b"")
                .map_err(|error| format!("TEST_SHARD_STATUS_FILE {}: {error}", path.display())),
        }
    }
}

fn own(text: &str) -> Result<Shard, String> {
    let parts = text.split_once('/');
    let numbers = parts.and_then(|(i, n)| Some((i.trim().parse().ok()?, n.trim().parse().ok()?)));
    match numbers {
        Some((index, total)) if (1..=total).contains(&index) => Ok(Shard { index, total }),
        _ => Err(format!(
            "{SHARD} is {:?}; it has to be `i/n`, e.g. `1/3` to `3/3`",
            crate::journal::bounded(text, 40)
        )),
    }
}

/// One shard of one is no sharding; Bazel sets both variables only with `shard_count`.
fn bazel(index: &str, total: &str) -> Result<Option<Shard>, String> {
    match (index.parse::<u32>(), total.parse::<u32>()) {
        (Ok(_), Ok(0 | 1)) => Ok(None),
        (Ok(index), Ok(total)) if index < total => Ok(Some(Shard {
            index: index + 1,
            total,
        })),
        _ => Err(format!(
            "TEST_SHARD_INDEX is {index:?} and TEST_TOTAL_SHARDS is {total:?}; the index has to be \
             below the total"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Sharding, String> {
        Sharding::read(|name| {
            let pair = pairs.iter().find(|(known, _)| *known == name);
            pair.map(|(_, value)| (*value).to_owned())
        })
    }

    fn shard(pairs: &[(&str, &str)]) -> Option<(u32, u32)> {
        read(pairs).unwrap().shard.map(|s| (s.index, s.total))
    }

    #[test]
    fn every_trial_is_in_one_shard() {
        for total in 1..6 {
            for position in 0..20 {
                let takers = (1..=total).filter(|&index| Shard { index, total }.takes(position));
                assert_eq!(takers.count(), 1, "{position} of {total}");
            }
        }
    }

    #[test]
    fn both_protocols() {
        assert_eq!(shard(&[]), None);
        assert_eq!(shard(&[(SHARD, "2/3")]), Some((2, 3)));
        let bazel = [("TEST_TOTAL_SHARDS", "3"), ("TEST_SHARD_INDEX", "0")];
        assert_eq!(shard(&bazel), Some((1, 3)));
        assert_eq!(
            shard(&[("TEST_TOTAL_SHARDS", "1"), ("TEST_SHARD_INDEX", "0")]),
            None
        );
        assert_eq!(shard(&[("TEST_TOTAL_SHARDS", "3")]), None);
        let both = [bazel[0], bazel[1], (SHARD, "3/4")];
        assert_eq!(shard(&both), Some((3, 4)));
        let rest = read(&[
            ("TESTBRIDGE_TEST_ONLY", "RT"),
            ("XML_OUTPUT_FILE", "/x.xml"),
        ])
        .unwrap();
        assert_eq!(rest.filter.as_deref(), Some("RT"));
        assert_eq!(rest.xml, Some(PathBuf::from("/x.xml")));
    }

    #[test]
    fn what_is_no_shard_is_an_error_and_not_everything() {
        for text in ["0/3", "4/3", "1", "a/b", "1/0", "-1/3", "/"] {
            let error = read(&[(SHARD, text)]).unwrap_err();
            assert!(error.contains(SHARD) && error.contains("i/n"), "{error}");
        }
        let out = [("TEST_TOTAL_SHARDS", "3"), ("TEST_SHARD_INDEX", "3")];
        assert!(read(&out).unwrap_err().contains("TEST_SHARD_INDEX"));
    }
}
