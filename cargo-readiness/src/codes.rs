//! Exit codes.

/// How the command ends. When several documents end differently, the one that needs attention
/// first wins: the order of the variants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// The gate is met, or there was nothing to meet.
    Met,
    /// The gate is not met, or the document is out of date.
    NotMet,
    /// A check failed on a demonstration, which has no gate to meet.
    CheckFailed,
    /// Usage, configuration or document error.
    Misuse,
}

impl Exit {
    /// Every way to end, by code.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 4] = [Self::Met, Self::NotMet, Self::Misuse, Self::CheckFailed];

    /// What it means, for the book.
    #[cfg(test)]
    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Self::Met => "the gate is met, or there was nothing to meet",
            Self::NotMet => "the gate is not met; or, with `--check`, the document is out of date",
            Self::CheckFailed => "a check failed on a demonstration, which has no gate to meet",
            Self::Misuse => "usage, configuration or document error: nothing was decided",
        }
    }

    /// The process's exit code.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Met => 0,
            Self::NotMet => 1,
            Self::CheckFailed => 101,
            Self::Misuse => 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn codes_are_as_documented_and_an_error_wins() {
        assert_eq!(Exit::ALL.map(Exit::code), [0, 1, 2, 101]);
        assert_eq!(Exit::ALL.into_iter().max(), Some(Exit::Misuse));
    }
}
