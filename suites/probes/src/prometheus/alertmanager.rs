//! Alertmanager's own interface: whether what fires reaches somebody.

use readiness::{Context, Error, Resource, Result, Unavailable};
use serde::Deserialize;
use serde_json::{Value, json};

use super::PromAnswer;
use super::rules::routing_of;
use crate::http::{Bounds, Client, Identity, Transport};

/// The part of `[target]` that concerns Alertmanager.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Target {
    alertmanager: Place,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Place {
    url: Option<String>,
}

/// An Alertmanager that is asked. As a resource it is the one of `alertmanager.url`.
#[derive(Debug, Clone)]
pub struct Alertmanager {
    client: Client,
}

impl Alertmanager {
    /// The server at `url`.
    ///
    /// # Errors
    /// [`Unavailable`] if no client can be made.
    pub fn at(cx: &Context, url: &str) -> Result<Alertmanager, Unavailable> {
        let transport = Transport::new(Bounds::default())?;
        let client = Client::new(
            cx,
            url.trim_end_matches('/'),
            &transport,
            Identity::anonymous(),
        );
        Ok(Alertmanager { client })
    }

    /// Where alerts go: `ready`, `receiver` of the default route, `destinations` (its kinds, e.g.
    /// `email`; never an address).
    ///
    /// # Errors
    /// Unavailable if it cannot be reached.
    pub async fn routing(&self) -> Result<PromAnswer> {
        let cx = self.client.context();
        cx.observe("alertmanager", || async {
            let reply = self
                .client
                .request("GET", "/api/v2/status")
                .exchange()
                .await?;
            let body: Value = serde_json::from_str(reply.text()).map_err(|_| {
                Error::unavailable(format!(
                    "what answers at `alertmanager.url` is no Alertmanager: status {}, no JSON",
                    reply.status()
                ))
            })?;
            let yaml = body["config"]["original"].as_str().unwrap_or_default();
            let (receiver, destinations) = routing_of(yaml);
            // One that stands alone has its cluster switched off.
            let is_ready = matches!(
                body["cluster"]["status"].as_str(),
                Some("ready" | "disabled")
            );
            Ok(PromAnswer::new(json!({
                "ready": is_ready,
                "receiver": receiver,
                "destinations": destinations,
            })))
        })
        .await
    }
}

impl Resource for Alertmanager {
    async fn acquire(cx: &Context) -> Result<Self, Unavailable> {
        let target: Target = cx.target()?;
        let url = target.alertmanager.url.ok_or_else(|| {
            Unavailable::new("set `alertmanager.url` under [target] in readiness.toml")
        })?;
        Self::at(cx, &url)
    }

    fn replay(cx: &Context) -> Option<Self> {
        Some(Alertmanager {
            client: Client::replayed(cx, "alertmanager"),
        })
    }
}
