//! How a PostgreSQL server is set up: the hardened configuration, and each way to get it wrong.

use std::collections::BTreeMap;

use crate::servers::Validity;

/// The standby beside the primary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replica {
    /// There is none.
    None,
    /// It streams and replays at once.
    Streaming,
    /// It streams and replays an hour late.
    Delayed,
    /// It was a standby and has been promoted: it takes writes of its own and follows nobody.
    Promoted,
}

/// How a server is set up. Plain data: take one and change what the test is about.
#[derive(Debug, Clone)]
pub struct PostgresProfile {
    /// Settings of `postgresql.conf`.
    pub settings: BTreeMap<String, String>,
    /// Validity of its certificate; `None` is a server without TLS.
    pub tls: Option<Validity>,
    /// Whether clients may connect without TLS although it is there.
    pub plaintext: bool,
    /// Statements run in the application's database once it is up, after the tables were made.
    pub sql: Vec<String>,
    /// The standby.
    pub replica: Replica,
}

/// The table that the catalogue queries look at, with the two indexes that its filters need.
pub(super) const SCHEMA: &str = "\
CREATE TABLE exploits (tx_hash text PRIMARY KEY, chain text NOT NULL, protocol text NOT NULL, \
amount_usd numeric, \"timestamp\" timestamptz NOT NULL, source text, source_url text, \
category text, description text, recovery_status text); \
CREATE INDEX exploits_timestamp ON exploits (\"timestamp\" DESC); \
CREATE INDEX exploits_chain ON exploits (chain); \
GRANT SELECT, INSERT, UPDATE, DELETE ON exploits TO kamiyo_app;";

/// What a fault changes.
enum Change {
    Set(&'static [(&'static str, &'static str)]),
    Sql(&'static str),
    Replica(Replica),
    NoTls,
    Plaintext,
}

/// Every bad configuration, by the requirement that it violates.
const FAULTS: &[(&str, Change)] = &[
    ("DB-003/missing", Change::Set(&[("statement_timeout", "0")])),
    (
        "DB-003/too-long",
        Change::Set(&[("statement_timeout", "600s")]),
    ),
    (
        "DB-003/role-override-zero",
        Change::Sql("ALTER ROLE kamiyo_app SET statement_timeout = 0"),
    ),
    (
        "DB-005/missing",
        Change::Sql("DROP INDEX exploits_timestamp"),
    ),
    (
        "DB-005/not-leading",
        Change::Sql(
            "DROP INDEX exploits_timestamp; \
             CREATE INDEX exploits_timestamp ON exploits (chain, \"timestamp\")",
        ),
    ),
    (
        "DB-005/invalid",
        Change::Sql(
            "UPDATE pg_index SET indisvalid = false \
             WHERE indexrelid = 'exploits_timestamp'::regclass",
        ),
    ),
    (
        "DB-005/partial",
        Change::Sql(
            "DROP INDEX exploits_timestamp; CREATE INDEX exploits_timestamp \
             ON exploits (\"timestamp\") WHERE chain = 'ethereum'",
        ),
    ),
    ("DB-006/missing", Change::Sql("DROP INDEX exploits_chain")),
    (
        "DB-006/not-leading",
        Change::Sql(
            "DROP INDEX exploits_chain; \
             CREATE INDEX exploits_chain ON exploits (protocol, chain)",
        ),
    ),
    (
        "DB-006/invalid",
        Change::Sql(
            "UPDATE pg_index SET indisvalid = false \
             WHERE indexrelid = 'exploits_chain'::regclass",
        ),
    ),
    (
        "DPLY-DB-002/archive-off",
        Change::Set(&[("archive_mode", "off")]),
    ),
    (
        "DPLY-DB-002/true-command",
        Change::Set(&[("archive_command", "/bin/true")]),
    ),
    (
        "DPLY-DB-002/failing-archiver",
        Change::Set(&[("archive_command", "cp %p /nonexistent/%f")]),
    ),
    (
        "DPLY-DB-002/wal-minimal",
        Change::Set(&[
            ("wal_level", "minimal"),
            ("archive_mode", "off"),
            ("max_wal_senders", "0"),
        ]),
    ),
    ("DPLY-DB-004/ssl-off", Change::NoTls),
    ("DPLY-DB-004/plaintext-accepted", Change::Plaintext),
    (
        "DPLY-DB-004/tls10",
        Change::Set(&[("ssl_min_protocol_version", "TLSv1")]),
    ),
    ("DPLY-DB-005/no-replica", Change::Replica(Replica::None)),
    ("DPLY-DB-005/lagging", Change::Replica(Replica::Delayed)),
    (
        "DPLY-DB-005/replica-not-in-recovery",
        Change::Replica(Replica::Promoted),
    ),
];

impl PostgresProfile {
    /// TLS 1.2 and later only, SCRAM passwords, write-ahead log archived, statements and idle
    /// transactions limited, a streaming standby, the indexes of the checklist.
    pub fn hardened() -> PostgresProfile {
        let settings = [
            ("ssl_min_protocol_version", "TLSv1.2"),
            ("password_encryption", "scram-sha-256"),
            ("wal_level", "replica"),
            ("max_wal_senders", "4"),
            ("archive_mode", "on"),
            // `ARCHIVE` becomes the server's own archive directory.
            (
                "archive_command",
                "test ! -f ARCHIVE/%f && cp %p ARCHIVE/%f",
            ),
            ("statement_timeout", "30s"),
            ("idle_in_transaction_session_timeout", "60s"),
            ("max_connections", "50"),
        ];
        PostgresProfile {
            settings: settings
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            tls: Some(Validity::VALID),
            plaintext: false,
            sql: Vec::new(),
            replica: Replica::Streaming,
        }
    }

    /// The names that [`fault`](PostgresProfile::fault) knows: `REQUIREMENT/variant`.
    pub fn faults() -> impl Iterator<Item = &'static str> {
        FAULTS.iter().map(|(name, _)| *name)
    }

    /// The hardened configuration with exactly one thing wrong, e.g. `DB-003/missing`.
    pub fn fault(name: &str) -> Option<PostgresProfile> {
        let (_, change) = FAULTS.iter().find(|(fault, _)| *fault == name)?;
        let mut profile = Self::hardened();
        match change {
            Change::Set(settings) => {
                for (name, value) in *settings {
                    profile = profile.setting(name, value);
                }
                if profile
                    .settings
                    .get("max_wal_senders")
                    .is_some_and(|n| n == "0")
                {
                    profile.replica = Replica::None;
                }
            }
            Change::Sql(statement) => profile.sql.push((*statement).to_owned()),
            Change::Replica(replica) => profile.replica = *replica,
            Change::NoTls => profile.tls = None,
            Change::Plaintext => profile.plaintext = true,
        }
        Some(profile)
    }

    /// Changes one setting of `postgresql.conf`.
    #[must_use]
    pub fn setting(mut self, name: &str, value: &str) -> PostgresProfile {
        self.settings.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The same without a standby, which takes about as long to make as the server itself.
    #[must_use]
    pub fn without_replica(mut self) -> PostgresProfile {
        self.replica = Replica::None;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_a_profile_and_an_unknown_one_has_none() {
        for name in PostgresProfile::faults() {
            assert!(PostgresProfile::fault(name).is_some(), "{name}");
        }
        assert!(PostgresProfile::fault("DB-003/other").is_none());
    }
}
