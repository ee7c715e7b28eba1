//! A service of a trial's own, with its controls. Under replay the controls do nothing and the clients
//! serve recordings.

use std::time::Duration;

use readiness::observation::json::Json;
use readiness::{Context, Result, Unavailable};
use readiness_probes::http::{ANONYMOUS, Client, Identity, Transport};
use readiness_probes::rate_limit::Patience;
use readiness_reference::StoreState;
use readiness_reference::standins::StandIn;
use serde_json::json;

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

    /// Another instance of the same deployment.
    pub(crate) async fn second(&self) -> Result<Own, Unavailable> {
        match &self.place {
            Some((service, transport)) => Ok(Own::new(service.second().await?, transport.clone())),
            None => Ok(Own::replayed()),
        }
    }

    /// A log aggregator that its log is shipped to.
    pub(crate) async fn aggregator(&self) -> Result<Option<StandIn>, Unavailable> {
        match &self.place {
            Some((service, _)) => service.aggregator().await.map(Some),
            None => Ok(None),
        }
    }

    /// How time goes by for it.
    pub(crate) fn patience(&self) -> Patience {
        match &self.place {
            Some((service, _)) => service.patience(),
            None => Patience::Sleep,
        }
    }

    /// Plays an outage of `database` or `redis`, or its end.
    pub(crate) fn set_store(&self, store: &str, state: StoreState) {
        if let Some((service, _)) = &self.place {
            service.set_store(store, state);
        }
    }

    /// Lets time go by for the service.
    pub(crate) async fn wait(&self, duration: Duration) {
        if let Some((service, _)) = &self.place {
            service.patience().wait(duration).await;
        }
    }

    /// The entries of the cache whose keys begin with `prefix`: `[{"key": .., "life_s": 300}]`, with
    /// null for one that never expires.
    ///
    /// # Errors
    /// None of its own.
    pub(crate) fn cached(&self, cx: &Context, prefix: &str) -> Result<Json> {
        cx.observe_now(format!("cache entries {prefix}"), || {
            let entries = match &self.place {
                Some((service, _)) => service.cached(),
                None => Vec::new(),
            };
            let listed: Vec<_> = entries
                .into_iter()
                .filter(|(key, _)| key.starts_with(prefix))
                .map(|(key, life)| json!({ "key": key, "life_s": life }))
                .collect();
            Ok(Json::new(json!({ "entries": listed })))
        })
    }
}
