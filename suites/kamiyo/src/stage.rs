//! Where a check acts that logs in, stops stores or lets time go by: a service of its own, or the
//! deployment itself, as far as its operator allows. Under replay the controls do nothing and the
//! clients serve recordings.

use std::time::{Duration, Instant};

use readiness::observation::json::Json;
use readiness::{Context, Resource, Result, Unavailable};
use readiness_probes::http::{ANONYMOUS, Client, HttpReply, Identity, Transport};
use readiness_probes::rate_limit::Patience;
use readiness_probes::redis::Redis;
use readiness_reference::StoreState;
use readiness_reference::standins::StandIn;
use serde_json::json;

use crate::commands;
use crate::config::{Kind, TargetConfig};
use crate::embedded::{self, Embedded};

/// Time between two looks at a deployment that is coming down or back.
const PAUSE: Duration = Duration::from_millis(500);
/// Identities of a deployment that may ask again and again, those with the largest budget first.
const KEYED: [&str; 3] = ["enterprise", "team", "pro"];

/// The stage; a service of its own ends with this value.
pub(crate) struct Stage {
    config: TargetConfig,
    place: Place,
}

enum Place {
    Own(Box<Embedded>, Transport),
    Deployment(String, Transport),
    Replayed,
}

impl Stage {
    pub(crate) fn own(config: TargetConfig, service: Embedded, transport: Transport) -> Stage {
        Stage {
            config,
            place: Place::Own(Box::new(service), transport),
        }
    }

    pub(crate) fn deployment(config: TargetConfig, base: String, transport: Transport) -> Stage {
        Stage {
            config,
            place: Place::Deployment(base, transport),
        }
    }

    pub(crate) fn replayed(config: TargetConfig) -> Stage {
        Stage {
            config,
            place: Place::Replayed,
        }
    }

    fn is_embedded(&self) -> bool {
        self.config.kind == Some(Kind::Embedded)
    }

    /// A client of it, by identity.
    pub(crate) fn client(&self, cx: &Context, identity: &str) -> Result<Client, Unavailable> {
        let (base, transport) = match &self.place {
            Place::Own(service, transport) => (service.base_url(), transport),
            Place::Deployment(base, transport) => (base.clone(), transport),
            Place::Replayed => return Ok(Client::replayed(cx, identity)),
        };
        let key = if identity == ANONYMOUS {
            None
        } else if self.is_embedded() {
            embedded::key(identity)
        } else {
            Some(self.config.http().api_key(identity)?)
        };
        let who = match key {
            Some(key) => Identity::with_key(identity, key),
            None if identity == ANONYMOUS => Identity::anonymous(),
            None => return Err(Unavailable::new(format!("no key for `{identity}`"))),
        };
        Ok(Client::new(cx, &base, transport, who))
    }

    /// A client for asking again and again: on a deployment nobody's budget is too small for that.
    pub(crate) fn watcher(&self, cx: &Context) -> Result<Client, Unavailable> {
        let http = self.config.http();
        let keyed = KEYED.into_iter().find(|name| http.api_key(name).is_ok());
        match keyed {
            Some(name) if !self.is_embedded() => self.client(cx, name),
            _ => self.client(cx, ANONYMOUS),
        }
    }

    /// Another instance of the same deployment.
    ///
    /// # Errors
    /// [`Unavailable`] with the key to set.
    pub(crate) async fn second(&self) -> Result<Stage, Unavailable> {
        let config = self.config.clone();
        match &self.place {
            Place::Own(service, transport) => Ok(Stage::own(
                config,
                service.second().await?,
                transport.clone(),
            )),
            _ if !self.has_second() => Err(Unavailable::new(
                "there is no second instance: set `second_url` under [target] in readiness.toml",
            )),
            Place::Deployment(_, transport) => {
                let second = self.config.second_url.as_deref().unwrap_or_default();
                let second = second.trim_end_matches('/').to_owned();
                Ok(Stage::deployment(config, second, transport.clone()))
            }
            Place::Replayed => Ok(Stage::replayed(config)),
        }
    }

    /// Whether there is another instance.
    pub(crate) fn has_second(&self) -> bool {
        let named = self.config.second_url.as_deref();
        self.is_embedded() || named.is_some_and(|url| !url.is_empty())
    }

    /// Whether an outage of a store can be brought about.
    ///
    /// # Errors
    /// [`Unavailable`] with the keys to set.
    pub(crate) fn may(&self, store: &str, state: StoreState) -> Result<(), Unavailable> {
        if self.is_embedded() {
            return Ok(());
        }
        self.config.allows_disruption()?;
        self.config.commands.of(store, state).map(drop)
    }

    /// Begins an outage of `database` or `redis`. Whatever becomes of the check, it is ended.
    ///
    /// # Errors
    /// As [`may`](Self::may), and if the command fails.
    pub(crate) fn take_away(
        &self,
        cx: &Context,
        store: &str,
        state: StoreState,
    ) -> Result<(), Unavailable> {
        self.may(store, state)?;
        match &self.place {
            Place::Own(service, _) => service.set_store(store, state),
            Place::Deployment(..) => {
                let pair = self.config.commands.of(store, state)?;
                let (key, undo) = pair.undoing();
                // A second time does no harm, and the first may never come.
                cx.on_release(async move { drop(commands::run(key, &undo)) });
                pair.begin()?;
            }
            Place::Replayed => {}
        }
        Ok(())
    }

    /// Ends it.
    ///
    /// # Errors
    /// [`Unavailable`] if the command fails.
    pub(crate) fn give_back(&self, store: &str, state: StoreState) -> Result<(), Unavailable> {
        match &self.place {
            Place::Own(service, _) => service.set_store(store, StoreState::Up),
            Place::Deployment(..) => self.config.commands.of(store, state)?.end()?,
            Place::Replayed => {}
        }
        Ok(())
    }

    /// Whether time goes by at will.
    pub(crate) fn has_clock(&self) -> bool {
        self.is_embedded()
    }

    /// Lets time go by for the service.
    pub(crate) async fn wait(&self, duration: Duration) {
        if !matches!(self.place, Place::Replayed) {
            self.patience().wait(duration).await;
        }
    }

    /// How time goes by for it.
    pub(crate) fn patience(&self) -> Patience {
        match &self.place {
            Place::Own(service, _) => service.patience(),
            _ => Patience::Sleep,
        }
    }

    /// A log aggregator that the log of a service of its own is shipped to.
    pub(crate) async fn aggregator(&self) -> Result<Option<StandIn>, Unavailable> {
        match &self.place {
            Place::Own(service, _) => service.aggregator().await.map(Some),
            _ => Ok(None),
        }
    }

    /// Asks until `wanted` is the answer, for `patience` at most; the last answer is what was seen. A
    /// service of its own does at once what it will do, so it is asked once.
    pub(crate) async fn until(
        &self,
        client: &Client,
        path: &str,
        label: &str,
        wanted: u16,
        patience: Duration,
    ) -> Result<HttpReply> {
        let request = || client.request("GET", path).label(label);
        let key = request().key();
        let once = self.is_embedded();
        client
            .context()
            .observe(key, || async {
                let deadline = Instant::now() + patience;
                loop {
                    let answer = request().exchange().await;
                    let is_wanted = answer.as_ref().is_ok_and(|reply| reply.has_status(wanted));
                    if once || is_wanted || Instant::now() >= deadline {
                        return answer;
                    }
                    Patience::Sleep.wait(PAUSE).await;
                }
            })
            .await
    }

    /// How long each entry lives whose key begins with `prefix`, in seconds; `None` is for ever.
    ///
    /// # Errors
    /// Unavailable, with the key to set, where the cache cannot be looked at.
    pub(crate) async fn lives(&self, cx: &Context, prefix: &str) -> Result<Vec<Option<i64>>> {
        if !self.is_embedded() {
            let redis = match Redis::replay(cx).filter(|_| cx.is_replay()) {
                Some(replay) => replay,
                None => Redis::acquire(cx).await?,
            };
            let keys = redis.keys(prefix).await?.items()?;
            let life = |key: &Json| key.get("ttl_ms").as_i64().filter(|ttl| *ttl >= 0);
            // Rounded up: half a second is a life, too.
            return Ok(keys
                .iter()
                .map(|key| life(key).map(|ms| (ms + 999) / 1_000))
                .collect());
        }
        let entries = cx.observe_now(format!("cache entries {prefix}"), || {
            let entries = match &self.place {
                Place::Own(service, _) => service.cached(),
                _ => Vec::new(),
            };
            let listed: Vec<_> = entries
                .into_iter()
                .filter(|(key, _)| key.starts_with(prefix))
                .map(|(key, life)| json!({ "key": key, "life_s": life }))
                .collect();
            Ok(Json::new(json!({ "entries": listed })))
        })?;
        let entries = entries.get("entries").items()?;
        Ok(entries
            .iter()
            .map(|entry| entry.get("life_s").as_i64())
            .collect())
    }

    /// Whether what the shared store remembers can be seen.
    pub(crate) fn has_cache(&self) -> bool {
        self.is_embedded() || self.config.redis.url_env.is_some()
    }

    /// What the keys of revoked tokens begin with.
    pub(crate) fn revoked_prefix(&self) -> &str {
        let named = self.config.redis.revocation_prefix.as_deref();
        named.unwrap_or("kamiyo:revoked:")
    }

    /// Where a user logs in.
    pub(crate) fn login_path(&self) -> &str {
        let named = self.config.auth.login_path.as_deref();
        named.unwrap_or("/api/v1/auth/token")
    }

    /// Where a token is revoked.
    pub(crate) fn logout_path(&self) -> &str {
        let named = self.config.auth.logout_path.as_deref();
        named.unwrap_or("/api/v1/auth/logout")
    }

    /// What any access token opens.
    pub(crate) fn account_path(&self) -> &str {
        let named = self.config.auth.account_path.as_deref();
        named.unwrap_or("/api/v1/account")
    }

    /// A genuine access token that has expired, if the configuration names one.
    ///
    /// # Errors
    /// [`Unavailable`] with the variable to set.
    pub(crate) fn expired_token(&self, cx: &Context) -> Result<Option<String>, Unavailable> {
        let Some(variable) = &self.config.auth.expired_token_env else {
            return Ok(None);
        };
        let token = std::env::var(variable).map_err(|_| {
            Unavailable::new(format!(
                "the environment variable {} is not set (named by `target.auth.expired_token_env`)",
                variable.escape_debug()
            ))
        })?;
        cx.secret(&token);
        Ok(Some(token))
    }

    /// User name and password of an identity.
    ///
    /// # Errors
    /// [`Unavailable`] with the key or variable to set.
    pub(crate) fn login(&self, identity: &str) -> Result<(String, String), Unavailable> {
        if self.is_embedded() {
            return embedded::login(identity)
                .ok_or_else(|| Unavailable::new(format!("no login for `{identity}` is known")));
        }
        self.config.http().login(identity)
    }
}
