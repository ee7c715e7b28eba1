//! What fails a run as a whole, beside its trials: a process that died, a signal, a panic of nobody.

use std::fmt;

/// Something that fails the run as a whole, whatever its trials say.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum RunFault {
    /// A process died with several trials in flight.
    DiedWithSeveral {
        /// The process.
        process: String,
        /// Its trials in flight, sorted.
        trials: Vec<String>,
    },
    /// A process ended before its journal was closed, with nothing in flight.
    NotClosed {
        /// The process.
        process: String,
    },
    /// A signal ended a process.
    Interrupted {
        /// The process.
        process: String,
        /// As recorded.
        signal: String,
    },
    /// A panic that belongs to no trial.
    UnattributedPanic {
        /// The process.
        process: String,
        /// Message and place.
        panic: String,
    },
}

impl fmt::Display for RunFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RunFault::DiedWithSeveral { process, trials } => write!(
                f,
                "test process {process} died with {} trials in flight ({}); run them with \
                 --isolate to find the one that killed it",
                trials.len(),
                trials.join(", ")
            ),
            RunFault::NotClosed { process } => write!(
                f,
                "test process {process} ended before its journal was closed (killed, or an exit \
                 outside of any trial)"
            ),
            RunFault::Interrupted { process, signal } => {
                write!(f, "test process {process} was ended by a signal ({signal})")
            }
            RunFault::UnattributedPanic { process, panic } => write!(
                f,
                "test process {process}: a thread that belongs to no trial panicked: {panic}"
            ),
        }
    }
}
