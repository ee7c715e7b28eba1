//! Each row of Redis: the hardened server is a proven pass, each bad one is not.

use readiness_probes::servers::{Outage, RedisProfile, RedisServer};

use crate::driver::{Look, Seen, available};

readiness_driver::tests!(
    a_hardened_server_passes_every_row,
    a_server_that_loads_fails,
    a_cache_that_nobody_uses_fails,
    keys_without_an_end_fail,
    data_that_is_not_kept_fails,
    open_doors_fail,
    traffic_in_the_clear_fails,
    what_is_out_of_reach_is_not_verified,
);

fn start(profile: &RedisProfile) -> Option<RedisServer> {
    available(RedisServer::start(profile))
}

fn faulty(fault: &str) -> Option<RedisServer> {
    start(&RedisProfile::fault(fault).unwrap())
}

fn looking(id: &str, server: &RedisServer) -> Look {
    let look = Look::at(id)
        .target("redis = { url_env = \"REDIS_URL\" }")
        .env("REDIS_URL", &server.url());
    match server.ca_file() {
        Some(file) => look.target(&format!("ca_file = \"{}\"", file.display())),
        None => look,
    }
}

#[track_caller]
fn look(id: &str, server: &RedisServer) -> Seen {
    looking(id, server).run()
}

fn a_hardened_server_passes_every_row() {
    let Some(server) = start(&RedisProfile::hardened()) else {
        return;
    };
    server
        .command(&["SET", "cache:stats", "1", "EX", "600"])
        .unwrap();
    server
        .command(&["SET", "cache:chains", "1", "EX", "60"])
        .unwrap();
    for id in [
        "CACHE-001-STATE",
        "CACHE-003",
        "DPLY-REDIS-001",
        "DPLY-REDIS-002",
        "DPLY-REDIS-003",
    ] {
        look(id, &server).is_proven();
    }
    looking("CACHE-001", &server)
        .env("HIT", &server.command_line(&["GET", "cache:stats"]))
        .run()
        .is_proven();
}

fn a_server_that_loads_fails() {
    let Some(server) = faulty("CACHE-001/loading") else {
        return;
    };
    look("CACHE-001-STATE", &server).fails("loading:1");
}

fn a_cache_that_nobody_uses_fails() {
    let Some(server) = start(&RedisProfile::hardened()) else {
        return;
    };
    looking("CACHE-001", &server)
        .env("HIT", &server.command_line(&["GET", "cache:absent"]))
        .run()
        .fails("keyspace_hits stayed at 0");
}

fn keys_without_an_end_fail() {
    for (fault, words) in [
        ("CACHE-003/no-expiry", "cache:stats never expires"),
        ("CACHE-003/one-key-no-expiry", "cache:chains never expires"),
        ("CACHE-003/ttl-too-long", "cache:stats lives for 47 h more"),
    ] {
        let Some(server) = faulty(fault) else { return };
        look("CACHE-003", &server).fails(words);
    }
    let Some(server) = start(&RedisProfile::hardened()) else {
        return;
    };
    look("CACHE-003", &server).is_not_verified("no key under the cache's prefix");
}

fn data_that_is_not_kept_fails() {
    for (fault, words) in [
        ("DPLY-REDIS-001/off", "nothing is kept"),
        ("DPLY-REDIS-001/aof-write-error", "append-only file failed"),
        ("DPLY-REDIS-001/bgsave-error", "snapshot failed"),
        ("DPLY-REDIS-001/stale-save", "one is due each 1 s"),
    ] {
        let Some(server) = faulty(fault) else { return };
        look("DPLY-REDIS-001", &server).fails(words);
    }
}

fn open_doors_fail() {
    for (fault, words) in [
        ("DPLY-REDIS-002/no-auth", "default needs no password"),
        ("DPLY-REDIS-002/weak-password", "8 characters"),
        ("DPLY-REDIS-002/nopass-user", "default needs no password"),
    ] {
        let Some(server) = faulty(fault) else { return };
        look("DPLY-REDIS-002", &server).fails(words);
    }
}

fn traffic_in_the_clear_fails() {
    for (fault, words) in [
        ("DPLY-REDIS-003/plaintext", "redis://"),
        ("DPLY-REDIS-003/expired-cert", "the certificate expired"),
    ] {
        let Some(server) = faulty(fault) else { return };
        look("DPLY-REDIS-003", &server).fails(words);
    }
    // On loopback an open port is a warning.
    let Some(server) = faulty("DPLY-REDIS-003/plaintext-port-open") else {
        return;
    };
    look("DPLY-REDIS-003", &server).warns("answers without encryption");
}

fn what_is_out_of_reach_is_not_verified() {
    let Some(server) = start(&RedisProfile::hardened()) else {
        return;
    };
    let wrong = server.url().replacen("rediss://:", "rediss://:x", 1);
    looking("CACHE-003", &server)
        .env("REDIS_URL", &wrong)
        .run()
        .is_not_verified("refuses the password");
    server.stop();
    look("CACHE-003", &server).is_not_verified("nothing answers at 127.0.0.1");
    Look::at("CACHE-003").run().is_not_verified("redis.url_env");
}
