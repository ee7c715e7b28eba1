//! The cache of the target, and the service that uses it.

use std::path::PathBuf;

use readiness::{Context, Resource, Result, Unavailable};
use readiness_probes::backups::{Backups, Store};
use readiness_probes::http::{Bounds, Client, Identity, Transport};
use readiness_probes::redis::Redis;
use readiness_probes::servers::{Outage, RedisProfile, RedisServer};
use readiness_probes::target::Service as _;
use readiness_reference::{Clock, StoreState};
use tokio::sync::OnceCell;

use super::kept::Kept;
use super::{backup_fault, backups, brings_its_own, faulty};
use crate::commands;
use crate::config::TargetConfig;
use crate::embedded::{self, Embedded, Stores};
use crate::target::Target;

/// What the keys of cached replies begin with, unless configured.
const CACHED: &str = "kamiyo:cache:";

/// The cache of a run behind `Arc`, or one of a check's own: for checks that stop it.
#[derive(Debug)]
pub struct CacheServer {
    config: TargetConfig,
    embedded: bool,
    /// The embedded target's own; never under replay.
    own: Option<Own>,
}

#[derive(Debug)]
struct Own {
    // The service ends before its cache does.
    service: OnceCell<(Embedded, Transport)>,
    backups: OnceCell<Kept>,
    server: RedisServer,
    faults: Vec<String>,
}

impl CacheServer {
    /// The server, to be looked at.
    ///
    /// # Errors
    /// [`Unavailable`] with the key or variable to set.
    pub async fn redis(&self, cx: &Context) -> Result<Redis, Unavailable> {
        match &self.own {
            Some(own) => Redis::at(cx, &own.server.url(), own.server.ca_file().as_ref()),
            None if cx.is_replay() => Ok(Redis::replayed(cx)),
            None => Redis::acquire(cx).await,
        }
    }

    /// What the keys of cached replies begin with.
    pub fn prefix(&self) -> &str {
        self.config.redis.cache_prefix.as_deref().unwrap_or(CACHED)
    }

    /// Whether there is a server to look at, as far as the configuration tells.
    pub fn is_known(&self) -> bool {
        self.embedded || self.config.redis.url_env.is_some()
    }

    /// A client of the service that uses this cache.
    ///
    /// # Errors
    /// [`Unavailable`] if the embedded one cannot be started, or there is no key for a deployment.
    pub async fn service(&self, cx: &Context, target: &Target) -> Result<Client, Unavailable> {
        let Some(own) = &self.own else {
            return target.keyed(cx);
        };
        let started = own.service.get_or_try_init(async || {
            let stores = Stores {
                cache: Some((own.server.url(), own.server.ca_file())),
                ..Stores::default()
            };
            let service = Embedded::on(&own.faults, Clock::real_time(), &stores).await?;
            Ok((service, Transport::new(Bounds::default())?))
        });
        let (service, transport) = started.await?;
        let key = embedded::key("enterprise")
            .ok_or_else(|| Unavailable::new("no key for `enterprise`"))?;
        let who = Identity::with_key("enterprise", key);
        Ok(Client::new(cx, &service.base_url(), transport, who))
    }

    /// A service that has just been started, with nothing in its cache but what a start puts there.
    ///
    /// # Errors
    /// [`Unavailable`] if the embedded one cannot be started, or a deployment not be restarted.
    pub async fn fresh(&self, cx: &Context, target: &Target) -> Result<(), Unavailable> {
        match &self.own {
            // The cache of a check's own is as empty as it was made.
            Some(_) => self.service(cx, target).await.map(drop),
            None if self.embedded => Ok(()),
            None => {
                self.config.basics.allows_disruption()?;
                let restart = self.config.commands.restart.as_deref().ok_or_else(|| {
                    Unavailable::new(
                        "the target cannot be restarted: set `commands.restart` under [target] in \
                         readiness.toml to a command that empties its cache and starts it anew",
                    )
                })?;
                if cx.is_replay() {
                    return Ok(());
                }
                commands::run("restart", restart)
            }
        }
    }

    /// Whether the cache may be taken away.
    ///
    /// # Errors
    /// [`Unavailable`] with the keys to set.
    pub fn may_stop(&self) -> Result<(), Unavailable> {
        if self.embedded {
            return Ok(());
        }
        self.config.basics.allows_disruption()?;
        self.config.commands.of("redis", StoreState::Down).map(drop)
    }

    /// Takes the cache away from the service. Whatever becomes of the check, it comes back.
    ///
    /// # Errors
    /// [`Unavailable`] where it is not ours to stop.
    pub fn stop(&self, cx: &Context) -> Result<(), Unavailable> {
        if let Some(own) = &self.own {
            own.server.stop();
        } else if !self.embedded && !cx.is_replay() {
            self.may_stop()?;
            let pair = self.config.commands.of("redis", StoreState::Down)?;
            let (key, undo) = pair.undoing();
            cx.on_release(async move { drop(commands::run(key, &undo)) });
            pair.begin()?;
        }
        Ok(())
    }

    /// Gives it back.
    ///
    /// # Errors
    /// [`Unavailable`] if it does not come up again.
    pub fn start(&self, cx: &Context) -> Result<(), Unavailable> {
        match &self.own {
            Some(own) => own.server.restart(),
            None if self.embedded || cx.is_replay() => Ok(()),
            None => self.config.commands.of("redis", StoreState::Down)?.end(),
        }
    }

    /// The URL of the embedded target's own server, and the authority that vouches for it.
    pub(crate) fn own_url(&self) -> Option<(String, Option<PathBuf>)> {
        let own = self.own.as_ref()?;
        Some((own.server.url(), own.server.ca_file()))
    }

    /// The embedded target's own server, to be taken away and given back.
    pub(crate) fn own_server(&self) -> Option<&dyn Outage> {
        let own = self.own.as_ref()?;
        Some(&own.server)
    }

    /// Its backups.
    ///
    /// # Errors
    /// [`Unavailable`] with the key to set, or with why the embedded server cannot be backed up.
    pub async fn backups(&self, cx: &Context) -> Result<Backups> {
        let Some(own) = &self.own else {
            return if self.embedded {
                Ok(Backups::at(cx, Store::Redis, Kept::policy()))
            } else {
                backups(cx, Store::Redis, None)
            };
        };
        let kept = own.backups.get_or_try_init(async || own.back_up());
        backups(cx, Store::Redis, Some(kept.await?))
    }
}

impl Own {
    fn back_up(&self) -> Result<Kept, Unavailable> {
        // A dump without a key would be as small as one can be.
        self.server.command(&["SET", "readiness:kept", "1"])?;
        self.server.command(&["SAVE"])?;
        let data = self.server.data_dir();
        match backup_fault(&self.faults, "DPLY-REDIS-004") {
            Some("same-volume-only") => Kept::in_place(&data),
            fault => Kept::new("rdb", fault, |file| {
                std::fs::copy(data.join("dump.rdb"), file)
                    .map(drop)
                    .map_err(|error| Unavailable::new(format!("no dump of Redis: {error}")))
            }),
        }
    }
}

impl Resource for CacheServer {
    async fn acquire(cx: &Context) -> Result<Self, Unavailable> {
        let config: TargetConfig = cx.target()?;
        let embedded = brings_its_own(&config, config.redis.url_env.as_ref())?;
        let own = if embedded {
            Some(start(config.faults.clone())?)
        } else {
            None
        };
        Ok(CacheServer {
            config,
            embedded,
            own,
        })
    }

    fn replay(cx: &Context) -> Option<Self> {
        let config: TargetConfig = cx.target().ok()?;
        Some(CacheServer {
            embedded: brings_its_own(&config, config.redis.url_env.as_ref()).ok()?,
            config,
            own: None,
        })
    }
}

fn start(faults: Vec<String>) -> Result<Own, Unavailable> {
    // Those of CACHE-003 are the embedded service's: the profile would only show them at keys of its
    // own making.
    let of_the_server = |name: &str| match name.split_once('/') {
        Some(("CACHE-003", _)) => None,
        _ => RedisProfile::fault(name),
    };
    let profile = faulty(&faults, of_the_server).unwrap_or_else(RedisProfile::hardened);
    Ok(Own {
        service: OnceCell::new(),
        backups: OnceCell::new(),
        server: RedisServer::start(&profile)?,
        faults,
    })
}
