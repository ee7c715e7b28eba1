//! The database of the target, and the service that works on it.

use std::time::Duration;

use readiness::{Context, Resource, Result, Unavailable};
use readiness_probes::backups::{Backups, Store};
use readiness_probes::http::{Bounds, Client, Identity, Transport};
use readiness_probes::postgres::{Database, PostgresTarget};
use readiness_probes::servers::{Outage, PostgresProfile, PostgresServer, Replica};
use readiness_probes::store_url::StoreUrl;
use readiness_probes::target::Service as _;
use readiness_reference::Clock;
use tokio::sync::OnceCell;

use super::kept::Kept;
use super::{backup_fault, backups, brings_its_own, faulty};
use crate::config::TargetConfig;
use crate::embedded::{self, Embedded, Stores};
use crate::target::Target;

/// Connections of the embedded server. Fewer than a burst has requests, so that a service without a
/// bound of its own takes more than its share.
const CONNECTIONS: &str = "40";

/// Longest time for one request of a burst, in which each may have to wait for a connection.
const UNDER_LOAD: Duration = Duration::from_secs(30);

/// The database of a run.
#[derive(Debug)]
pub struct DatabaseServer {
    target: PostgresTarget,
    embedded: bool,
    /// The embedded target's own; never under replay.
    own: Option<Own>,
}

#[derive(Debug)]
struct Own {
    // The service ends before its database does, and backups were made by then.
    service: OnceCell<(Embedded, Transport)>,
    backups: OnceCell<Kept>,
    server: PostgresServer,
    faults: Vec<String>,
    /// What the profile has; made when somebody asks for it.
    replica: Replica,
}

impl DatabaseServer {
    /// The database as the application's role sees it.
    ///
    /// # Errors
    /// [`Unavailable`] with the key or variable to set.
    pub fn application(&self, cx: &Context) -> Result<Database, Unavailable> {
        match &self.own {
            Some(own) => Database::at(cx, "app", &own.server.url()),
            None if self.embedded => Ok(Database::replayed(cx, "app")),
            None => Database::application(cx),
        }
    }

    /// The database as its administrator sees it.
    ///
    /// # Errors
    /// [`Unavailable`] with the key or variable to set.
    pub fn administrator(&self, cx: &Context) -> Result<Database, Unavailable> {
        match &self.own {
            Some(own) => Database::at(cx, "admin", &own.server.admin_url()),
            None if self.embedded => Ok(Database::replayed(cx, "admin")),
            None => Database::administrator(cx),
        }
    }

    /// The standby, if there is one to look at.
    ///
    /// # Errors
    /// [`Unavailable`] if it does not come up, or with the variable to set.
    pub fn replica(&self, cx: &Context) -> Result<Option<Database>, Unavailable> {
        if let Some(own) = &self.own {
            own.server.replicate(own.replica)?;
            let url = own.server.replica_url();
            return url.map(|url| Database::at(cx, "replica", &url)).transpose();
        }
        if self.embedded {
            return Ok(Some(Database::replayed(cx, "replica")));
        }
        match self.target.replica_url_env {
            Some(_) => Database::replica(cx).map(Some),
            None => Ok(None),
        }
    }

    /// Whether the application's own role can be had.
    pub fn has_application(&self) -> bool {
        self.embedded || self.target.url_env.is_some()
    }

    /// Whether an administrator's role can be had.
    pub fn has_administrator(&self) -> bool {
        self.embedded || self.target.admin_url_env.is_some()
    }

    /// Whether a statement may be run that only waits.
    pub fn allows_active_sql(&self) -> bool {
        self.target.allow_active_sql
    }

    /// Name of the application's role: `postgres.app_role`, else the one in its URL.
    ///
    /// # Errors
    /// [`Unavailable`] if neither names one.
    pub fn role(&self, cx: &Context) -> Result<String, Unavailable> {
        if let Some(own) = &self.own {
            return Ok(own.server.app_role().to_owned());
        }
        if let Some(role) = &self.target.app_role {
            return Ok(role.clone());
        }
        // Whoever it is, a replay does not ask.
        if cx.is_replay() {
            return Ok(String::new());
        }
        let url = self.target.url_env.as_ref().map(std::env::var);
        let url = url.and_then(Result::ok).unwrap_or_default();
        let user = StoreUrl::parse(&url).ok().and_then(|url| url.user);
        user.ok_or_else(|| {
            Unavailable::new(
                "the application's role is not known: set `postgres.app_role` under [target] in \
                 readiness.toml",
            )
        })
    }

    /// A client of the service that works on this database.
    ///
    /// # Errors
    /// [`Unavailable`] if the embedded one cannot be started, or there is no key for a deployment.
    pub async fn service(&self, cx: &Context, target: &Target) -> Result<Client, Unavailable> {
        let Some(own) = &self.own else {
            return target.keyed(cx);
        };
        let started = own.service.get_or_try_init(async || {
            let stores = Stores {
                database: Some(own.server.url()),
                patience: Some(UNDER_LOAD / 3),
                ..Stores::default()
            };
            let service = Embedded::on(&own.faults, Clock::real_time(), &stores).await?;
            let bounds = Bounds {
                timeout: UNDER_LOAD,
                ..Bounds::default()
            };
            Ok((service, Transport::new(bounds)?))
        });
        let (service, transport) = started.await?;
        let key = embedded::key("enterprise")
            .ok_or_else(|| Unavailable::new("no key for `enterprise`"))?;
        let who = Identity::with_key("enterprise", key);
        Ok(Client::new(cx, &service.base_url(), transport, who))
    }

    /// The URL of the embedded target's own server.
    pub(crate) fn own_url(&self) -> Option<String> {
        self.own.as_ref().map(|own| own.server.url())
    }

    /// The embedded target's own server, to be taken away and given back.
    pub(crate) fn own_server(&self) -> Option<&dyn Outage> {
        let own = self.own.as_ref()?;
        Some(&own.server)
    }

    /// Its backups.
    ///
    /// # Errors
    /// [`Unavailable`] with the key to set, or with what the embedded server's dump says.
    pub async fn backups(&self, cx: &Context) -> Result<Backups> {
        let Some(own) = &self.own else {
            // Under replay nothing is looked for, but the configuration of a deployment is.
            return if self.embedded {
                Ok(Backups::at(cx, Store::Postgres, Kept::policy()))
            } else {
                backups(cx, Store::Postgres, None)
            };
        };
        let kept = own
            .backups
            .get_or_try_init(async || {
                let fault = backup_fault(&own.faults, "DPLY-DB-001");
                Kept::new("dump", fault, |file| own.server.dump(file))
            })
            .await?;
        backups(cx, Store::Postgres, Some(kept))
    }
}

impl Resource for DatabaseServer {
    async fn acquire(cx: &Context) -> Result<Self, Unavailable> {
        let config: TargetConfig = cx.target()?;
        let embedded = brings_its_own(&config, config.postgres.url_env.as_ref())?;
        let own = if embedded {
            Some(start(config.faults)?)
        } else {
            None
        };
        Ok(DatabaseServer {
            target: config.postgres,
            embedded,
            own,
        })
    }

    fn replay(cx: &Context) -> Option<Self> {
        let config: TargetConfig = cx.target().ok()?;
        Some(DatabaseServer {
            embedded: brings_its_own(&config, config.postgres.url_env.as_ref()).ok()?,
            target: config.postgres,
            own: None,
        })
    }
}

fn start(faults: Vec<String>) -> Result<Own, Unavailable> {
    let profile = faulty(&faults, PostgresProfile::fault)
        .unwrap_or_else(PostgresProfile::hardened)
        .setting("max_connections", CONNECTIONS);
    let replica = profile.replica;
    Ok(Own {
        service: OnceCell::new(),
        backups: OnceCell::new(),
        server: PostgresServer::start(&profile.without_replica())?,
        faults,
        replica,
    })
}
