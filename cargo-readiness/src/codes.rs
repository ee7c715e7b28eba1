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
        let all = [Exit::Met, Exit::NotMet, Exit::CheckFailed, Exit::Misuse];
        assert_eq!(all.map(Exit::code), [0, 1, 101, 2]);
        assert_eq!(all.into_iter().max(), Some(Exit::Misuse));
    }
}
