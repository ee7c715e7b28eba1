//! Ways into the target for checks that use a limit up: a service of their own, or the deployment.

use readiness::{Context, Result, Unavailable};
use readiness_probes::http::{Client, Identity};
use readiness_probes::rate_limit::{Patience, Window};
use readiness_probes::target::Service as _;

use super::{Place, Target};
use crate::counters::Counters;
use crate::embedded::Embedded;

/// A way into the target for a check that uses up the limit of one identity.
#[derive(Debug)]
pub struct Door {
    /// Speaks as that identity.
    pub client: Client,
    /// How it waits for a window.
    pub patience: Patience,
    /// The service behind it, if it was started for this door alone; it ends with the door.
    own: Option<Embedded>,
    /// What can be done about the counters of a deployment.
    counters: Option<Counters>,
}

impl Door {
    /// Sets how much of a window the identity has used; the window began before `now`, by the
    /// service's own clock. A deployment's counter is set back in the end.
    ///
    /// # Errors
    /// Unavailable where the target's counters cannot be set, with the key to set.
    pub async fn seed(&self, window: Window, used: u32, now: i64) -> Result<()> {
        if let Some(own) = &self.own {
            own.seed(self.client.identity(), window, used);
            return Ok(());
        }
        let Some(counters) = &self.counters else {
            return Err(Unavailable::new("the limiter's counters cannot be set").into());
        };
        counters.set(&self.client, window, used, now).await
    }

    /// Whether hours and days pass at will.
    ///
    /// # Errors
    /// Unavailable where they do not.
    pub fn needs_a_clock(&self) -> Result<(), Unavailable> {
        match self.patience {
            Patience::Advance(_) => Ok(()),
            Patience::Sleep => Err(Unavailable::new(
                "the target's clock cannot be moved, and a run does not last hours: only the \
                 embedded service offers that",
            )),
        }
    }
}

impl Target {
    /// Who takes the bursts of a tier: `burst.<tier>` if it has a key, else the tier's own.
    pub fn burst_identity(&self, tier: &str) -> String {
        let own = format!("burst.{tier}");
        if self.has(&own) { own } else { tier.to_owned() }
    }

    /// How many requests to plan for: what is promised to a tier.
    ///
    /// # Errors
    /// Unavailable, with the key to set, if nothing plausible is.
    pub fn promised(&self, tier: &str, window: Window) -> Result<u32, Unavailable> {
        let limits = self.config.limits.get(tier);
        let limit = limits.and_then(|limits| match window {
            Window::Minute => limits.minute,
            Window::Hour => limits.hour,
            Window::Day => limits.day,
        });
        limit
            .filter(|limit| (1..=10_000_000).contains(limit))
            .ok_or_else(|| {
                let name = window.name();
                Unavailable::new(format!(
                    "no limit is known: set `limits.{tier}.{name}` under [target] in readiness.toml"
                ))
            })
    }

    /// A way in for using up the limit of `identity` (`None` for nobody's): a service of its own
    /// where the target is embedded, the deployment itself otherwise.
    ///
    /// # Errors
    /// Unavailable, with the key to set, if there is no credential for it.
    pub async fn door(&self, cx: &Context, identity: Option<&str>) -> Result<Door, Unavailable> {
        let who = match identity {
            Some(name) => Identity::with_key(name, self.key(name)?),
            None => Identity::anonymous(),
        };
        match &self.place {
            Place::Embedded(service, transport) => {
                let own = service.another_that_stands_still().await?;
                Ok(Door {
                    client: Client::new(cx, &own.base_url(), transport, who),
                    patience: own.patience(),
                    own: Some(own),
                    counters: None,
                })
            }
            _ => Ok(Door {
                client: self.connect(cx, who),
                patience: Patience::Sleep,
                own: None,
                counters: Some(Counters::new(&self.config)),
            }),
        }
    }

    /// A client behind the same door for another key of the tier, if there is one.
    pub fn neighbour(&self, door: &Door, tier: &str, own: &str) -> Option<Client> {
        let names = [tier.to_owned(), format!("burst.{tier}")];
        let other = names
            .into_iter()
            .find(|name| name != own && self.has(name))?;
        let key = self.key(&other).ok()?;
        Some(door.client.as_other(Identity::with_key(other, key)))
    }

    /// Whether a long window can be waited out: where the clock can be moved.
    pub fn waits_out(&self) -> bool {
        self.config.basics.is_demonstration()
    }
}
