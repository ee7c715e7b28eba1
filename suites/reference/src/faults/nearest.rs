//! The answer to a mistyped fault: at most three that were probably meant.

use super::Fault;

/// A fault that does not exist, with those that were probably meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFault {
    id: String,
    nearest: Vec<Fault>,
}

impl UnknownFault {
    pub(super) fn new(id: &str) -> UnknownFault {
        // A bound, because the text may come from a command line and is shown again.
        let id: String = id.chars().take(80).collect();
        let wanted = id.to_lowercase();
        let mut ranked: Vec<(f64, Fault)> = Fault::all()
            .iter()
            .map(|&fault| {
                (
                    strsim::jaro_winkler(&wanted, &fault.id().to_lowercase()),
                    fault,
                )
            })
            .filter(|(score, _)| *score > 0.8)
            .collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
        UnknownFault {
            id,
            nearest: ranked.into_iter().take(3).map(|(_, fault)| fault).collect(),
        }
    }

    /// At most three faults, the best first.
    pub fn nearest(&self) -> &[Fault] {
        &self.nearest
    }
}

impl std::fmt::Display for UnknownFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "there is no fault {:?}", self.id)?;
        match self.nearest.as_slice() {
            [] => write!(f, "; `--list-faults` prints them all"),
            [first, rest @ ..] => {
                write!(f, "; did you mean {first}")?;
                rest.iter().try_for_each(|fault| write!(f, " or {fault}"))
            }
        }
    }
}

impl std::error::Error for UnknownFault {}
