//! Where a check acts that logs in, stops stores or lets time go by: a service of its own, or the
//! deployment itself, as far as its operator allows. Under replay the controls do nothing and the
//! clients serve recordings.

use std::sync::Arc;
use std::time::{Duration, Instant};

use readiness::observation::json::Json;
use readiness::{Context, Resource, Result, Unavailable};
use readiness_probes::http::{ANONYMOUS, Client, HttpReply, Identity, Transport};
use readiness_probes::rate_limit::Patience;
use readiness_probes::redis::Redis;
use readiness_probes::target::Service as _;
use readiness_reference::StoreState;
use readiness_reference::standins::StandIn;

use crate::commands;
use crate::config::TargetConfig;
use crate::embedded::{self, Embedded, Stores};
use crate::stores::{CacheServer, DatabaseServer};

/// Time between two looks at a deployment that is coming down or back.
const PAUSE: Duration = Duration::from_millis(500);
/// Identities of a deployment that may ask again and again, those with the largest budget first.
const KEYED: [&str; 3] = ["enterprise", "team", "pro"];

/// How long a service of its own may take to notice what has become of its store: the outage is
/// complete by then, but the machine may be busy.
const NOTICED_WITHIN: Duration = Duration::from_secs(5);
/// Time between two looks at a service of its own.
const GLANCE: Duration = Duration::from_millis(50);

/// The stage; a service of its own ends with this value.
pub(crate) struct Stage {
    config: TargetConfig,
    place: Place,
    /// The servers that a service of its own has its stores in; they end after it.
    servers: Servers,
}

/// Servers that a check stops. On a deployment they are its own, and commands stop them.
#[derive(Debug, Default, Clone)]
pub(crate) struct Servers {
    pub database: Option<Arc<DatabaseServer>>,
    pub cache: Option<Arc<CacheServer>>,
}

impl Servers {
    /// What a service needs to know of them.
    pub(crate) fn stores(&self) -> Stores {
        Stores {
            database: self.database.as_ref().and_then(|server| server.own_url()),
            cache: self.cache.as_ref().and_then(|server| server.own_url()),
            patience: None,
        }
    }

    /// Begins an outage of one of them, or ends the one of `before`.
    fn set(&self, store: &str, state: StoreState, before: StoreState) -> Result<(), Unavailable> {
        let server = match store {
            "database" => self.database.as_ref().map(|server| server.own_server()),
            _ => self.cache.as_ref().map(|server| server.own_server()),
        };
        let server =
            server.ok_or_else(|| Unavailable::new(format!("there is no {store} to stop")))?;
        // Under replay there is none, and nothing to be done.
        let Some(server) = server else {
            return Ok(());
        };
        match (state, before) {
            (StoreState::Down, _) => {
                server.stop();
                Ok(())
            }
            (StoreState::Paused, _) => server.pause(),
            (StoreState::Up, StoreState::Paused) => server.resume(),
            (StoreState::Up, _) => server.restart(),
        }
    }
}

enum Place {
    Own(Box<Embedded>, Transport),
    Deployment(String, Transport),
    Replayed,
}

impl Stage {
    pub(crate) fn own(
        config: TargetConfig,
        service: Embedded,
        transport: Transport,
        servers: Servers,
    ) -> Stage {
        Stage {
            config,
            place: Place::Own(Box::new(service), transport),
            servers,
        }
    }

    pub(crate) fn deployment(config: TargetConfig, base: String, transport: Transport) -> Stage {
        Stage {
            config,
            place: Place::Deployment(base, transport),
            servers: Servers::default(),
        }
    }

    pub(crate) fn replayed(config: TargetConfig) -> Stage {
        Stage {
            config,
            place: Place::Replayed,
            servers: Servers::default(),
        }
    }

    fn is_embedded(&self) -> bool {
        self.config.basics.is_demonstration()
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
            Some(self.config.basics.http.api_key(identity)?)
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
        let http = &self.config.basics.http;
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
                self.servers.clone(),
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
        self.config.basics.allows_disruption()?;
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
            Place::Own(..) => self.servers.set(store, state, StoreState::Up)?,
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
            Place::Own(..) => self.servers.set(store, StoreState::Up, state)?,
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

    /// Asks until `wanted` is the answer, for `patience` at most; the last answer is what was seen.
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
        let (patience, pause) = if self.is_embedded() {
            (patience.min(NOTICED_WITHIN), GLANCE)
        } else {
            (patience, PAUSE)
        };
        client
            .context()
            .observe(key, || async {
                let deadline = Instant::now() + patience;
                loop {
                    let answer = request().exchange().await;
                    let is_wanted = answer.as_ref().is_ok_and(|reply| reply.has_status(wanted));
                    if is_wanted || Instant::now() >= deadline {
                        return answer;
                    }
                    Patience::Sleep.wait(pause).await;
                }
            })
            .await
    }

    /// How long each entry lives whose key begins with `prefix`, in seconds; `None` is for ever.
    ///
    /// # Errors
    /// Unavailable, with the key to set, where the cache cannot be looked at.
    pub(crate) async fn lives(&self, cx: &Context, prefix: &str) -> Result<Vec<Option<i64>>> {
        let redis = match (&self.servers.cache, Redis::replay(cx)) {
            (Some(server), _) => server.redis(cx).await?,
            (None, Some(replay)) if cx.is_replay() => replay,
            _ => Redis::acquire(cx).await?,
        };
        let keys = redis.keys(prefix).await?.items()?;
        let life = |key: &Json| key.get("ttl_ms").as_i64().filter(|ttl| *ttl >= 0);
        // Rounded up: half a second is a life, too.
        Ok(keys
            .iter()
            .map(|key| life(key).map(|ms| (ms + 999) / 1_000))
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

    /// Trades a refresh token for a new pair.
    pub(crate) fn refresh_path(&self) -> &str {
        let named = self.config.auth.refresh_path.as_deref();
        named.unwrap_or("/api/v1/auth/refresh")
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
        self.config.basics.http.login(identity)
    }
}
