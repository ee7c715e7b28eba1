//! Each row of PostgreSQL: the hardened server is a proven pass, each bad one is not.

use readiness_probes::servers::{Outage, PostgresProfile, PostgresServer};

use crate::driver::{Look, Seen, available};

readiness_driver::tests!(
    a_hardened_server_passes_every_row,
    statements_without_an_end_fail,
    a_waiting_statement_is_cancelled,
    columns_without_an_index_fail,
    a_log_that_is_not_archived_fails,
    traffic_in_the_clear_fails,
    a_standby_that_does_not_follow_fails,
    connections_that_are_not_pooled_fail,
    what_is_out_of_reach_is_not_verified,
);

const TARGET: &str = "postgres = { url_env = \"DATABASE_URL\", admin_url_env = \"ADMIN_URL\", \
                      replica_url_env = \"REPLICA_URL\" }";

fn start(profile: &PostgresProfile) -> Option<PostgresServer> {
    available(PostgresServer::start(profile))
}

/// The server with this fault; without a standby unless that is what the fault is about.
fn faulty(fault: &str) -> Option<PostgresServer> {
    let profile = PostgresProfile::fault(fault).unwrap();
    let is_about_it = fault.starts_with("DPLY-DB-005");
    start(&if is_about_it {
        profile
    } else {
        profile.without_replica()
    })
}

fn looking(id: &str, server: &PostgresServer) -> Look {
    Look::at(id)
        .target(TARGET)
        .env("DATABASE_URL", &server.url())
        .env("ADMIN_URL", &server.admin_url())
        .env("REPLICA_URL", &server.replica_url().unwrap_or_default())
}

#[track_caller]
fn look(id: &str, server: &PostgresServer) -> Seen {
    looking(id, server).run()
}

fn a_hardened_server_passes_every_row() {
    let Some(server) = start(&PostgresProfile::hardened()) else {
        return;
    };
    for id in [
        "DB-003",
        "DB-005",
        "DB-006",
        "DPLY-DB-002",
        "DPLY-DB-004",
        "DPLY-DB-005",
    ] {
        look(id, &server).is_proven();
    }
    look("DB-003-ADMIN", &server).warns("30000 ms for kamiyo_app by the catalogue");
}

fn statements_without_an_end_fail() {
    for (fault, words) in [
        ("DB-003/missing", "statement_timeout is 0 for kamiyo_app"),
        ("DB-003/too-long", "statement_timeout is 600000 ms"),
        (
            "DB-003/role-override-zero",
            "statement_timeout is 0 for kamiyo_app",
        ),
    ] {
        let Some(server) = faulty(fault) else { return };
        look("DB-003", &server).fails(words);
        look("DB-003-ADMIN", &server).fails(words);
    }
}

fn a_waiting_statement_is_cancelled() {
    let Some(server) = start(&PostgresProfile::hardened().without_replica()) else {
        return;
    };
    server
        .sql("ALTER ROLE kamiyo_app SET statement_timeout = '150ms'")
        .unwrap();
    look("DB-003-ACTIVE", &server).is_proven();
    server
        .sql("ALTER ROLE kamiyo_app SET statement_timeout = '20s'")
        .unwrap();
    look("DB-003-ACTIVE", &server).is_not_verified("20000 ms is not waited for");
}

fn columns_without_an_index_fail() {
    for (id, fault, words) in [
        ("DB-005", "DB-005/missing", "no index begins with timestamp"),
        (
            "DB-005",
            "DB-005/not-leading",
            "no index begins with timestamp",
        ),
        ("DB-005", "DB-005/invalid", "exploits_timestamp is invalid"),
        ("DB-006", "DB-006/missing", "no index begins with chain"),
        (
            "DB-006",
            "DB-006/not-leading",
            "leading columns are: protocol, tx_hash, timestamp",
        ),
        ("DB-006", "DB-006/invalid", "exploits_chain is invalid"),
    ] {
        let Some(server) = faulty(fault) else { return };
        look(id, &server).fails(words);
    }
    let Some(server) = faulty("DB-005/partial") else {
        return;
    };
    look("DB-005", &server).warns("exploits_timestamp is partial");
    server
        .sql("DROP INDEX exploits_chain; CREATE INDEX by_lower ON exploits (lower(chain))")
        .unwrap();
    look("DB-006", &server).is_proven();
    server
        .sql("ALTER TABLE exploits RENAME TO incidents")
        .unwrap();
    look("DB-006", &server).is_not_verified("there is no such table");
}

fn a_log_that_is_not_archived_fails() {
    for (fault, words) in [
        ("DPLY-DB-002/archive-off", "archive_mode is off"),
        ("DPLY-DB-002/true-command", "archive_command is `/bin/true`"),
        ("DPLY-DB-002/failing-archiver", "the archiver fails"),
        ("DPLY-DB-002/wal-minimal", "wal_level is minimal"),
    ] {
        let Some(server) = faulty(fault) else { return };
        look("DPLY-DB-002", &server).fails(words);
    }
}

fn traffic_in_the_clear_fails() {
    for (fault, words) in [
        ("DPLY-DB-004/ssl-off", "the connection is not encrypted"),
        ("DPLY-DB-004/tls10", "the server accepts TLSv1,"),
    ] {
        let Some(server) = faulty(fault) else { return };
        look("DPLY-DB-004", &server).fails(words);
        if fault.ends_with("ssl-off") {
            let url = server.url().replace("sslmode=disable", "sslmode=require");
            let demanding = looking("DPLY-DB-004", &server)
                .env("DATABASE_URL", &url)
                .run();
            demanding.fails("server does not support TLS");
        }
    }
    let Some(server) = faulty("DPLY-DB-004/plaintext-accepted") else {
        return;
    };
    look("DPLY-DB-004", &server).warns("without encryption is accepted");
}

fn a_standby_that_does_not_follow_fails() {
    for (fault, words) in [
        ("DPLY-DB-005/lagging", "keeps 3600 s behind"),
        ("DPLY-DB-005/replica-not-in-recovery", "not in recovery"),
    ] {
        let Some(server) = faulty(fault) else { return };
        look("DPLY-DB-005", &server).fails(words);
    }
    let Some(server) = faulty("DPLY-DB-005/no-replica") else {
        return;
    };
    let alone = Look::at("DPLY-DB-005")
        .target("postgres = { admin_url_env = \"ADMIN_URL\" }")
        .env("ADMIN_URL", &server.admin_url());
    alone.run().fails("no standby streams");
}

fn connections_that_are_not_pooled_fail() {
    // The load of the checks speaks without TLS.
    let mut profile = PostgresProfile::hardened().without_replica();
    profile.tls = None;
    let Some(server) = start(&profile) else {
        return;
    };
    let under = |load: &str| {
        let url = server.url();
        let url = url.split('?').next().unwrap();
        looking("DB-004", &server)
            .env("DATABASE_URL", url)
            .target(&format!("load = \"{load}\""))
            .run()
    };
    under("pooled").is_proven();
    under("anew").fails("each request connects anew");
    under("unbounded").fails("40 of 47 connections were taken at once");
}

fn what_is_out_of_reach_is_not_verified() {
    let Some(server) = start(&PostgresProfile::hardened().without_replica()) else {
        return;
    };
    let url = server.url();
    let wrong = url.replacen("kamiyo_app:", "kamiyo_app:x", 1);
    looking("DB-003", &server)
        .env("DATABASE_URL", &wrong)
        .run()
        .is_not_verified("password authentication failed");
    looking("DB-003", &server)
        .env("DATABASE_URL", &server.admin_url())
        .run()
        .is_not_verified("is a superuser");
    let stranger = url.split("&sslrootcert").next().unwrap();
    looking("DB-003", &server)
        .env("DATABASE_URL", stranger)
        .run()
        .is_not_verified("UnknownIssuer");
    server.stop();
    look("DB-003", &server).is_not_verified("no connection to PostgreSQL");
    Look::at("DB-003").run().is_not_verified("postgres.url_env");
    let unset = Look::at("DB-003")
        .target("postgres = { url_env = \"NO_SUCH_URL\" }")
        .run();
    unset.is_not_verified("NO_SUCH_URL is not set");
}
