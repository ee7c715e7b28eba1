//! The servers themselves: each comes up, can be stopped, paused and started again, and is gone
//! when it is dropped.

use std::net::TcpStream;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use readiness_probes::servers::{
    Outage, PostgresProfile, PostgresServer, PostgresTemplate, PrometheusProfile, PrometheusServer,
    RedisProfile, RedisServer,
};

use crate::driver::available;

readiness_driver::tests!(
    postgresql_keeps_its_data_over_a_restart_and_leaves_nothing_behind,
    a_paused_postgresql_leaves_nobody_working,
    a_cluster_is_copied_from_a_template,
    redis_keeps_its_data_over_a_restart_and_leaves_nothing_behind,
    prometheus_says_that_it_is_ready,
);

fn is_open(port: u16) -> bool {
    let address = ([127, 0, 0, 1], port).into();
    TcpStream::connect_timeout(&address, Duration::from_secs(5)).is_ok()
}

fn postgresql_keeps_its_data_over_a_restart_and_leaves_nothing_behind() {
    let profile = PostgresProfile::hardened();
    let Some(server) = available(PostgresServer::start(&profile)) else {
        return;
    };
    let insert = "INSERT INTO exploits (tx_hash, chain, protocol, \"timestamp\") \
                  VALUES ('0x1', 'ethereum', 'Example', now())";
    server.sql(insert).unwrap();
    let streaming = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'";
    assert_eq!(server.sql(streaming).unwrap().trim(), "1");
    server.stop();
    assert!(!is_open(server.port()));
    server.restart().unwrap();
    assert_eq!(
        server.sql("SELECT count(*) FROM exploits").unwrap().trim(),
        "1"
    );
    server.pause().unwrap();
    assert!(
        is_open(server.port()),
        "a paused server still takes connections"
    );
    server.resume().unwrap();
    assert_eq!(server.sql("SELECT 1").unwrap().trim(), "1");
    let (port, ca) = (server.port(), server.ca_file());
    drop(server);
    assert!(!is_open(port));
    assert!(!ca.parent().unwrap().exists());
}

/// Backends live in sessions of their own; a pause reaches them all the same.
fn a_paused_postgresql_leaves_nobody_working() {
    let profile = PostgresProfile::hardened().without_replica();
    let Some(server) = available(PostgresServer::start(&profile)) else {
        return;
    };
    let server = Arc::new(server);
    let working = {
        let server = Arc::clone(&server);
        thread::spawn(move || server.sql("SELECT pg_sleep(2)").map(drop))
    };
    let at_it = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(2)'";
    while server.sql(at_it).unwrap().trim() != "1" {
        thread::sleep(Duration::from_millis(20));
    }
    server.pause().unwrap();
    // Longer than the statement takes: were its backend awake, it would be through.
    thread::sleep(Duration::from_secs(3));
    assert!(!working.is_finished(), "a backend works on");
    server.resume().unwrap();
    working.join().unwrap().unwrap();
}

fn a_cluster_is_copied_from_a_template() {
    let Some(template) = available(PostgresTemplate::make()) else {
        return;
    };
    let path = template.path();
    assert!(path.join("PG_VERSION").exists());
    drop(template);
    assert!(!path.exists(), "a template leaves nothing behind");
}

fn redis_keeps_its_data_over_a_restart_and_leaves_nothing_behind() {
    let Some(server) = available(RedisServer::start(&RedisProfile::hardened())) else {
        return;
    };
    server.command(&["SET", "kept", "yes"]).unwrap();
    server.stop();
    assert!(!is_open(server.port()));
    server.restart().unwrap();
    assert_eq!(server.command(&["GET", "kept"]).unwrap().trim(), "yes");
    let (port, data) = (server.port(), server.data_dir());
    server.pause().unwrap();
    drop(server);
    assert!(!is_open(port), "a paused server is ended too");
    assert!(!data.exists());
}

fn prometheus_says_that_it_is_ready() {
    let profile = PrometheusProfile::default();
    let Some(server) = available(PrometheusServer::start(&profile)) else {
        return;
    };
    let port: u16 = server.url().rsplit(':').next().unwrap().parse().unwrap();
    assert!(is_open(port));
    server.stop();
    assert!(!is_open(port));
    server.restart().unwrap();
    assert!(is_open(port));
}
