//! The state of a running service, shared by its instances and read by every route.

use std::collections::HashSet;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use crate::clock::Clock;
use crate::config::{Environment, RefConfig};
use crate::data::{Exploit, generate};
use crate::faults::FaultSet;
use crate::identity::Directory;
use crate::limiter::Limiter;
use crate::requests::RequestLog;

/// What the instances of one deployment share.
pub(crate) struct Service {
    pub clock: Clock,
    pub environment: Environment,
    pub origins: Vec<String>,
    pub faults: FaultSet,
    pub directory: Directory,
    pub limiter: Limiter,
    /// Newest first.
    pub exploits: Vec<Exploit>,
    pub requests: RequestLog,
    pub memory: FaultMemory,
}

impl Service {
    pub fn new(config: &RefConfig) -> Service {
        let start = config.clock.now();
        Service {
            clock: config.clock.clone(),
            environment: config.environment,
            origins: config.origins.clone(),
            faults: FaultSet::new(config.faults.iter().copied()),
            directory: Directory::new(),
            limiter: Limiter::new(config.algorithm),
            exploits: if config.empty {
                Vec::new()
            } else {
                generate(start)
            },
            requests: RequestLog::default(),
            memory: FaultMemory::default(),
        }
    }
}

/// One instance: the shared service, reached through a listener of its own.
#[derive(Clone)]
pub(crate) struct App {
    service: Arc<Service>,
}

impl App {
    pub fn new(service: Arc<Service>) -> App {
        App { service }
    }
}

impl Deref for App {
    type Target = Service;

    fn deref(&self) -> &Service {
        &self.service
    }
}

/// What only a faulty service remembers.
#[derive(Debug, Default)]
pub(crate) struct FaultMemory {
    locked_out: Mutex<HashSet<String>>,
}

impl FaultMemory {
    pub fn lock_out(&self, caller: &str) {
        let mut callers = self
            .locked_out
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        callers.insert(caller.to_owned());
    }

    pub fn is_locked_out(&self, caller: &str) -> bool {
        let callers = self
            .locked_out
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        callers.contains(caller)
    }
}
