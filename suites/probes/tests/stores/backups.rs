//! Backups as the tools of their stores make them, and each way in which they go wrong.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use readiness_probes::servers::{PostgresProfile, PostgresServer, RedisProfile, RedisServer};

use crate::driver::{Look, Seen, available};

readiness_driver::tests!(
    dumps_of_postgresql,
    dumps_of_redis,
    a_listing_by_a_command,
    what_is_not_configured_is_not_verified,
);

/// Moves a file's age.
fn age(file: &Path, hours: u64) {
    let time = SystemTime::now() - Duration::from_secs(hours * 3600);
    fs::File::options()
        .write(true)
        .open(file)
        .unwrap()
        .set_modified(time)
        .unwrap();
}

#[track_caller]
fn look(id: &str, store: &str, dir: &Path) -> Seen {
    Look::at(id)
        .target(&format!(
            "[target.backup.{store}]\nlisting = \"{}\"",
            dir.display()
        ))
        .run()
}

fn dumps_of_postgresql() {
    let profile = PostgresProfile::hardened().without_replica();
    let Some(server) = available(PostgresServer::start(&profile)) else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str| dir.path().join(name);
    look("DPLY-DB-001", "postgres", dir.path()).fails("there is no backup");
    server.dump(&file("old.dump")).unwrap();
    age(&file("old.dump"), 24);
    look("DPLY-DB-001", "postgres", dir.path()).fails("one backup alone, old.dump");
    server.dump(&file("new.dump")).unwrap();
    look("DPLY-DB-001", "postgres", dir.path()).is_proven();

    age(&file("old.dump"), 60);
    age(&file("new.dump"), 30);
    look("DPLY-DB-001", "postgres", dir.path()).fails("new.dump, is 30.0 h old");

    let whole = fs::read(file("new.dump")).unwrap();
    fs::write(file("new.dump"), b"").unwrap();
    look("DPLY-DB-001", "postgres", dir.path()).fails("new.dump, is empty");
    fs::write(file("new.dump"), &whole[..whole.len() / 3]).unwrap();
    look("DPLY-DB-001", "postgres", dir.path()).fails("new.dump, ");
    let mut garbled = whole.clone();
    garbled[..5].copy_from_slice(b"XXXXX");
    fs::write(file("new.dump"), garbled).unwrap();
    look("DPLY-DB-001", "postgres", dir.path()).fails("does not begin like a backup");
    // Begins like a dump, and its table of contents is cut off.
    fs::write(file("new.dump"), &whole[..64]).unwrap();
    fs::write(file("old.dump"), &whole[..64]).unwrap();
    age(&file("old.dump"), 24);
    look("DPLY-DB-001", "postgres", dir.path()).fails("cannot be read");
}

fn dumps_of_redis() {
    let Some(server) = available(RedisServer::start(&RedisProfile::hardened())) else {
        return;
    };
    server.command(&["SET", "kept", "yes"]).unwrap();
    server.command(&["SAVE"]).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str| dir.path().join(name);
    for name in ["old.rdb", "new.rdb"] {
        fs::copy(server.data_dir().join("dump.rdb"), file(name)).unwrap();
    }
    age(&file("old.rdb"), 24);
    look("DPLY-REDIS-004", "redis", dir.path()).is_proven();

    let own = Look::at("DPLY-REDIS-004").target(&format!(
        "[target.backup.redis]\nlisting = \"{0}\"\ndata_dir = \"{0}\"",
        server.data_dir().display()
    ));
    own.run().fails("the store's own data directory");

    let mut corrupt = fs::read(file("new.rdb")).unwrap();
    let last = corrupt.len() - 1;
    corrupt[last] ^= 0xff;
    fs::write(file("new.rdb"), corrupt).unwrap();
    look("DPLY-REDIS-004", "redis", dir.path()).fails("new.rdb, cannot be read");
    age(&file("new.rdb"), 48);
    age(&file("old.rdb"), 72);
    look("DPLY-REDIS-004", "redis", dir.path()).fails("48.0 h old");
}

fn a_listing_by_a_command() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("listing");
    let look = |lines: &str| {
        fs::write(&file, lines).unwrap();
        Look::at("DPLY-DB-001")
            .target(&format!(
                "[target.backup.postgres]\nlisting = \"command:cat {}\"\nmax_age_h = 1e6",
                file.display()
            ))
            .run()
    };
    look("2026-11-21T00:00:00Z 1000 a\n2026-11-20 00:00:00 1000 b\n").is_proven();
    look("2026-11-21T00:00:00Z 10 a\n2026-11-20 00:00:00 1000 b\n").fails("a, has 10 bytes");
    look("").fails("there is no backup");
}

fn what_is_not_configured_is_not_verified() {
    Look::at("DPLY-DB-001")
        .run()
        .is_not_verified("backup.postgres.listing");
    let gone =
        Look::at("DPLY-DB-001").target("[target.backup.postgres]\nlisting = \"/nonexistent\"");
    gone.run().is_not_verified("/nonexistent");
}
