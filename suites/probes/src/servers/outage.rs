//! Taking a running server away and giving it back, the same way for each kind.

use readiness::Unavailable;

use super::instance::{Instance, Server};

/// A server that can be stopped and frozen, and comes back with its data on the same port.
pub trait Outage {
    /// Ends the server in order; connections are refused until [`restart`](Self::restart).
    fn stop(&self);

    /// Starts a stopped server again; does nothing if it runs.
    ///
    /// # Errors
    /// [`Unavailable`] if it does not come up.
    fn restart(&self) -> Result<(), Unavailable>;

    /// Freezes the server: connections are taken and nothing answers.
    ///
    /// # Errors
    /// [`Unavailable`] if it is stopped.
    fn pause(&self) -> Result<(), Unavailable>;

    /// Ends a pause.
    ///
    /// # Errors
    /// [`Unavailable`] if it is stopped.
    fn resume(&self) -> Result<(), Unavailable>;
}

/// A server that has been started, and what it takes to start it again.
pub(super) trait Started {
    fn started(&self) -> (&Instance, &dyn Server);
}

impl<S: Started> Outage for S {
    fn stop(&self) {
        self.started().0.stop();
    }

    fn restart(&self) -> Result<(), Unavailable> {
        let (instance, launch) = self.started();
        instance.start(launch)
    }

    fn pause(&self) -> Result<(), Unavailable> {
        self.started().0.pause()
    }

    fn resume(&self) -> Result<(), Unavailable> {
        self.started().0.resume()
    }
}
