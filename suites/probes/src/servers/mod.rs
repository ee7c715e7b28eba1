//! **Real servers for tests**: PostgreSQL, Redis and Prometheus from installed binaries, each in a
//! temporary directory and on a free loopback port, in a good configuration or in one that is bad
//! in exactly one way.
//!
//! ```no_run
//! use readiness_probes::servers::{RedisProfile, RedisServer};
//!
//! let server = RedisServer::start(&RedisProfile::hardened())?;
//! println!("{}", server.url());          // rediss://:…@127.0.0.1:40123/0
//! # Ok::<(), readiness::Unavailable>(())
//! ```
//!
//! What goes in is a *profile*, plain data. What comes out is a running server that answered its
//! own protocol once. Invariants: nothing listens beyond loopback; a missing binary is
//! [`Unavailable`](readiness::Unavailable) with the package to install; a server and its directory
//! are gone when the value is dropped, and also when this process dies without dropping anything.
//!
//! These servers hold throw-away data: PostgreSQL runs without `fsync`.

mod alertmanager;
mod binary;
mod certificate;
mod front;
mod instance;
mod outage;
mod postgres;
mod process;
mod prometheus;
mod redis;

pub use alertmanager::AlertmanagerServer;
pub use certificate::{Authority, KeyPair, Validity};
pub use front::StaleFront;
pub use outage::Outage;
pub use postgres::{PostgresProfile, PostgresServer, PostgresTemplate, Replica};
pub use prometheus::{PrometheusProfile, PrometheusServer};
pub use redis::{RedisProfile, RedisServer};
