//! What can go wrong before the service runs. Afterwards every error is a reply.

use std::net::SocketAddr;
use std::path::PathBuf;

/// The service could not be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address cannot be listened at.
    #[error("cannot listen at {address}: {source}; port 0 takes any free one")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// A variable of a production deployment makes no sense.
    #[error("{name} is {value:?}, wanted is {wanted}")]
    Variable {
        /// Its name.
        name: &'static str,
        /// What it holds; empty if it is not set.
        value: String,
        /// What it may hold, in words.
        wanted: String,
    },
    /// The log file cannot be written.
    #[error("cannot write the log file {path}: {source}")]
    Log {
        /// The file asked for.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}
