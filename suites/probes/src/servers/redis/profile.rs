//! How a Redis server is set up: the hardened configuration, and each way to get it wrong.

use std::collections::BTreeMap;

use crate::servers::Validity;

/// How a server is set up. Plain data: take one and change what the test is about.
#[derive(Debug, Clone)]
pub struct RedisProfile {
    /// Lines of `redis.conf` by their first word; `save` holds all its points.
    pub settings: BTreeMap<String, String>,
    /// Validity of its certificate; `None` is a server without TLS.
    pub tls: Option<Validity>,
    /// Whether a port without TLS is open beside the one with it.
    pub plaintext: bool,
    /// The password; `None` makes one that is long and random, empty is no password at all.
    pub password: Option<String>,
    /// Commands run once it is up.
    pub commands: Vec<Vec<String>>,
    /// What goes wrong while it runs.
    pub trouble: Option<Trouble>,
}

/// A state that no setting brings about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The append-only file cannot grow: its last write failed.
    AofWriteError,
    /// The directory of the snapshot is gone: the last snapshot failed.
    BgsaveError,
    /// A snapshot is due and does not get done.
    StaleSave,
    /// It is still reading its data.
    Loading,
}

impl RedisProfile {
    /// TLS 1.2 and later only, a random password, append-only file and snapshots, bounded memory,
    /// idle clients dropped.
    pub fn hardened() -> RedisProfile {
        let settings = [
            ("tls-protocols", "\"TLSv1.2 TLSv1.3\""),
            ("tls-auth-clients", "no"),
            ("appendonly", "yes"),
            ("appendfsync", "everysec"),
            ("save", "300 1"),
            ("maxmemory", "64mb"),
            ("maxmemory-policy", "allkeys-lru"),
            ("timeout", "300"),
            ("protected-mode", "yes"),
        ];
        RedisProfile {
            settings: settings
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            tls: Some(Validity::VALID),
            plaintext: false,
            password: None,
            commands: Vec::new(),
            trouble: None,
        }
    }

    /// The names that [`fault`](RedisProfile::fault) knows: `REQUIREMENT/variant`.
    pub fn faults() -> impl Iterator<Item = &'static str> {
        FAULTS.iter().map(|(name, _)| *name)
    }

    /// The hardened configuration with exactly one thing wrong, e.g. `DPLY-REDIS-002/no-auth`.
    pub fn fault(name: &str) -> Option<RedisProfile> {
        let (_, change) = FAULTS.iter().find(|(fault, _)| *fault == name)?;
        Some(change(Self::hardened()))
    }

    /// Changes one line of `redis.conf`.
    #[must_use]
    pub fn setting(mut self, name: &str, value: &str) -> RedisProfile {
        self.settings.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Runs a command once the server is up.
    #[must_use]
    pub fn command(mut self, words: &[&str]) -> RedisProfile {
        self.commands
            .push(words.iter().map(|&word| word.to_owned()).collect());
        self
    }

    fn with_password(mut self, password: &str) -> RedisProfile {
        self.password = Some(password.to_owned());
        self
    }

    fn with_trouble(mut self, trouble: Trouble) -> RedisProfile {
        self.trouble = Some(trouble);
        self
    }

    fn snapshots_only(self, save: &str) -> RedisProfile {
        self.setting("appendonly", "no").setting("save", save)
    }
}

/// Turns the hardened profile into a bad one.
type Change = fn(RedisProfile) -> RedisProfile;

/// Every bad configuration, by the requirement that it violates. Those of CACHE-003 hold a bad key
/// among good ones; keys are written after the hardened profile's own.
const FAULTS: &[(&str, Change)] = &[
    ("CACHE-001/loading", |profile| {
        // From a snapshot: while it reads an append-only file it hardly answers at all.
        profile
            .snapshots_only("300 1")
            .with_trouble(Trouble::Loading)
    }),
    ("CACHE-003/no-expiry", |profile| {
        profile.command(&["SET", "cache:stats", "1"])
    }),
    ("CACHE-003/one-key-no-expiry", |profile| {
        profile
            .command(&["SET", "cache:stats", "1", "EX", "600"])
            .command(&["SET", "cache:chains", "1"])
    }),
    ("CACHE-003/ttl-too-long", |profile| {
        profile.command(&["SET", "cache:stats", "1", "EX", "172800"])
    }),
    ("DPLY-REDIS-001/off", |profile| {
        profile.snapshots_only("\"\"")
    }),
    ("DPLY-REDIS-001/aof-write-error", |profile| {
        profile.with_trouble(Trouble::AofWriteError)
    }),
    ("DPLY-REDIS-001/bgsave-error", |profile| {
        profile
            .snapshots_only("300 1")
            .with_trouble(Trouble::BgsaveError)
    }),
    ("DPLY-REDIS-001/stale-save", |profile| {
        profile
            .snapshots_only("1 1")
            // Microseconds for each key: the snapshot starts and does not end.
            .setting("rdb-key-save-delay", "100000000")
            .with_trouble(Trouble::StaleSave)
    }),
    ("DPLY-REDIS-002/no-auth", |profile| {
        // Protected mode would answer DENIED to strangers, but not on loopback.
        profile.with_password("")
    }),
    ("DPLY-REDIS-002/weak-password", |profile| {
        profile.with_password("redis123")
    }),
    ("DPLY-REDIS-002/nopass-user", |profile| {
        profile.command(&["ACL", "SETUSER", "default", "nopass"])
    }),
    ("DPLY-REDIS-003/plaintext", |mut profile| {
        profile.tls = None;
        profile
    }),
    ("DPLY-REDIS-003/expired-cert", |mut profile| {
        profile.tls = Some(Validity::EXPIRED);
        profile
    }),
    ("DPLY-REDIS-003/plaintext-port-open", |mut profile| {
        profile.plaintext = true;
        profile
    }),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_a_profile_and_an_unknown_one_has_none() {
        for name in RedisProfile::faults() {
            assert!(RedisProfile::fault(name).is_some(), "{name}");
        }
        assert!(RedisProfile::fault("CACHE-003/other").is_none());
    }
}
