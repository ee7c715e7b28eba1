//! A service of a trial's own, with its controls. Under replay the controls do nothing and the clients
//! serve recordings.

use std::time::Duration;

use readiness::{Context, Unavailable};
use readiness_probes::http::{ANONYMOUS, Client, Identity, Transport};
use readiness_probes::rate_limit::Patience;
use readiness_probes::target::Service as _;
use readiness_reference::StoreState;

use crate::embedded::{self, Embedded};

/// The service; it ends with this value.
pub(crate) struct Own {
    place: Option<(Embedded, Transport)>,
}

impl Own {
    pub(crate) fn new(service: Embedded, transport: Transport) -> Own {
        Own {
            place: Some((service, transport)),
        }
    }

    pub(crate) fn replayed() -> Own {
        Own { place: None }
    }

    /// A client of it, by identity.
    pub(crate) fn client(&self, cx: &Context, identity: &str) -> Result<Client, Unavailable> {
        let Some((service, transport)) = &self.place else {
            return Ok(Client::replayed(cx, identity));
        };
        let who = match embedded::key(identity) {
            Some(key) => Identity::with_key(identity, key),
            None if identity == ANONYMOUS => Identity::anonymous(),
            None => return Err(Unavailable::new(format!("no key for `{identity}`"))),
        };
        Ok(Client::new(cx, &service.base_url(), transport, who))
    }

    /// Plays an outage of the database, or its end.
    pub(crate) fn set_database(&self, state: StoreState) {
        if let Some((service, _)) = &self.place {
            service.set_database(state);
        }
    }

    /// Makes a route slower by this much; zero ends it.
    pub(crate) fn slow(&self, path: &str, by: Duration) {
        if let Some((service, _)) = &self.place {
            service.slow(path, by);
        }
    }

    /// Lets time go by for the service.
    pub(crate) async fn wait(&self, duration: Duration) {
        self.patience().wait(duration).await;
    }

    /// How it waits for a window.
    pub(crate) fn patience(&self) -> Patience {
        match &self.place {
            Some((service, _)) => service.patience(),
            None => Patience::Advance(std::sync::Arc::new(|_| {})),
        }
    }
}
