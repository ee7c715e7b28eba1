//! Where load is sent to, and what somebody else's load test left.

use std::fs::File;
use std::io::{BufReader, Cursor, Read};
use std::time::Duration;

use readiness::{Context, Result, Unavailable};
use readiness_probes::target::{Kind, Service as _};

use super::{Place, Target};
use crate::config::{LoadConfig, LoadMode};
use crate::embedded::{self, Embedded};
use crate::k6;

/// Points of a load test that are older say little about what is deployed.
const OLDEST_POINTS: Duration = Duration::from_secs(30 * 86_400);

/// Where load is sent to.
#[derive(Debug)]
pub(crate) struct Site {
    /// Scheme, host and port.
    pub base: String,
    /// Keys that users take turns with.
    pub keys: Vec<String>,
    /// How much.
    pub config: LoadConfig,
    /// The service behind it, if it was started for this test alone; it ends with the site.
    _own: Option<Embedded>,
}

impl Target {
    /// Where load is sent to and as whom: a service of its own where the target is embedded, so that
    /// nobody else's limits and logs are concerned.
    ///
    /// # Errors
    /// Unavailable, with the key to set, where no load may be sent.
    pub(crate) async fn under_load(&self, cx: &Context) -> Result<Site, Unavailable> {
        let load = &self.config.load;
        if load.mode == LoadMode::Off {
            return Err(Unavailable::new(
                "no load is sent: `load.mode` under [target] in readiness.toml is \"off\"",
            ));
        }
        self.allows_disruption()?;
        let names = match (&*load.identities, self.config.basics.kind) {
            ([], Some(Kind::Embedded)) => embedded::load_identities(),
            (names, _) => names.to_vec(),
        };
        let keys = names.iter().map(|name| self.key(name));
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        for key in &keys {
            cx.secret(key.clone());
        }
        let own = match &self.place {
            Place::Embedded(..) => Some(Embedded::under_load(cx, &self.config.faults).await?),
            _ => None,
        };
        let base = match (&own, &self.place) {
            (Some(own), _) => own.base_url(),
            (None, Place::Remote(base, _)) => base.clone(),
            (None, _) => String::new(),
        };
        Ok(Site {
            base,
            keys,
            config: load.clone(),
            _own: own,
        })
    }

    /// What k6 wrote about a load test of its own, if the configuration names a file of it.
    ///
    /// # Errors
    /// Unavailable, with the key to correct, if it cannot be read or is older than a month.
    pub(crate) fn k6_points(&self) -> Result<Option<BufReader<Box<dyn Read + Send>>>, Unavailable> {
        if let Some(points) = k6::demonstration(&self.config.faults) {
            return Ok(Some(BufReader::new(Box::new(Cursor::new(points)))));
        }
        let Some(path) = &self.config.load.k6_points else {
            return Ok(None);
        };
        let unreadable = |why: &dyn std::fmt::Display| {
            Unavailable::new(format!(
                "{} cannot be read ({why}): correct `load.k6_points` under [target] in readiness.toml",
                path.display()
            ))
        };
        let file = File::open(path).map_err(|error| unreadable(&error))?;
        let written = file.metadata().and_then(|file| file.modified());
        let age = written.map_err(|error| unreadable(&error))?.elapsed();
        if age.is_ok_and(|age| age > OLDEST_POINTS) {
            return Err(Unavailable::new(format!(
                "{} is older than 30 days: run the load test again",
                path.display()
            )));
        }
        Ok(Some(BufReader::new(Box::new(file))))
    }

    /// Where wrong keys may be tried by the thousand, and the genuine one that they are altered from.
    ///
    /// # Errors
    /// Unavailable, with the key to set, where they may not.
    pub(crate) fn for_wrong_keys(&self, cx: &Context) -> Result<(String, String), Unavailable> {
        self.allows_disruption()?;
        let key = self.key("pro")?;
        cx.secret(key.clone());
        let base = match &self.place {
            Place::Embedded(service, ..) => service.base_url(),
            Place::Remote(base, ..) => base.clone(),
            Place::Nowhere => String::new(),
        };
        Ok((base, key))
    }
}
