//! Several verdicts made one: the worst wins, and says what it is about.

use readiness::Verdict;

/// The worst of several verdicts: the first failure, else the first warning, else what is not
/// applicable (only if all are), else a pass.
///
/// Nothing examined is never a pass: no verdict at all is a failure.
pub fn worst(verdicts: impl IntoIterator<Item = Verdict>) -> Verdict {
    let mut result: Option<Verdict> = None;
    for verdict in verdicts {
        let better = result.as_ref().is_some_and(|r| rank(r) >= rank(&verdict));
        if !better {
            result = Some(verdict);
        }
    }
    result.unwrap_or_else(|| Verdict::Fail("nothing was examined".to_owned()))
}

/// Puts what it is about in front of a verdict's reason; a pass stays as it is.
pub fn about(subject: &str, verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Pass => Verdict::Pass,
        Verdict::Warn(reason) => Verdict::Warn(format!("{subject}: {reason}")),
        Verdict::Fail(reason) => Verdict::Fail(format!("{subject}: {reason}")),
        Verdict::NotApplicable(reason) => Verdict::NotApplicable(format!("{subject}: {reason}")),
    }
}

fn rank(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::NotApplicable(_) => 0,
        Verdict::Pass => 1,
        Verdict::Warn(_) => 2,
        Verdict::Fail(_) => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_examined_is_not_a_pass() {
        assert!(matches!(worst([]), Verdict::Fail(_)));
    }

    #[test]
    fn the_first_of_the_worst_wins() {
        let fail = |reason: &str| Verdict::Fail(reason.to_owned());
        let verdict = worst([
            Verdict::Pass,
            Verdict::Warn("soft".to_owned()),
            fail("first"),
            fail("second"),
        ]);
        assert_eq!(verdict, fail("first"));
    }

    #[test]
    fn not_applicable_only_if_all_say_so() {
        let other = || Verdict::NotApplicable("elsewhere".to_owned());
        assert_eq!(worst([other(), other()]), other());
        assert_eq!(worst([other(), Verdict::Pass]), Verdict::Pass);
    }

    #[test]
    fn the_subject_stands_in_front_of_the_reason() {
        assert_eq!(
            about("GET /", Verdict::Fail("no header".to_owned())),
            Verdict::Fail("GET /: no header".to_owned())
        );
    }
}
