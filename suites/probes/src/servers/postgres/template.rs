//! New clusters: made by `initdb`, or copied from one that it has made before.
//!
//! `initdb` takes most of a start. A process that has many servers started, one in each of its
//! children, makes a [`PostgresTemplate`] and hands its path down in the environment.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use readiness::Unavailable;

use super::{ADMIN, Launch, Node, PACKAGE, binary};
use crate::servers::instance::run;

/// An empty cluster that servers are copied from while this value lives.
///
/// ```no_run
/// use readiness_probes::servers::PostgresTemplate;
///
/// let template = PostgresTemplate::make()?;
/// std::process::Command::new("child").env(PostgresTemplate::VARIABLE, template.path());
/// # Ok::<(), readiness::Unavailable>(())
/// ```
#[derive(Debug)]
pub struct PostgresTemplate {
    node: Node,
}

impl PostgresTemplate {
    /// The variable of the environment that names a template.
    pub const VARIABLE: &str = "READINESS_POSTGRES_TEMPLATE";

    /// Makes one.
    ///
    /// # Errors
    /// [`Unavailable`] if `PostgreSQL` is not installed or `initdb` fails.
    pub fn make() -> Result<PostgresTemplate, Unavailable> {
        let node = Node::empty("template")?;
        node.give_away()?;
        initdb(&node.launch, &node.instance.dir().join("data"))?;
        Ok(PostgresTemplate { node })
    }

    /// Where it lies.
    pub fn path(&self) -> PathBuf {
        self.node.instance.dir().join("data")
    }
}

/// A new cluster in `data`, which is not there yet.
pub(super) fn cluster(launch: &Launch, data: &Path) -> Result<(), Unavailable> {
    binary::find("postgres", PACKAGE)?;
    match std::env::var_os(PostgresTemplate::VARIABLE) {
        // `-p` keeps the owner, which matters where we are root and the server is not.
        Some(template) if Path::new(&template).join("PG_VERSION").exists() => {
            run(Command::new("cp").arg("-Rp").arg(template).arg(data)).map(drop)
        }
        _ => initdb(launch, data),
    }
}

fn initdb(launch: &Launch, data: &Path) -> Result<(), Unavailable> {
    let program = binary::find("initdb", PACKAGE)?;
    let secret = launch.dir.join("password");
    // Roles get their passwords once the server is up; until then only its own socket is open.
    super::write(&secret, &crate::servers::instance::secret())?;
    super::hand_over(&secret, launch.user)?;
    let made = run(launch
        .as_user(&mut Command::new(program))
        .args(["--no-sync", "--no-instructions"])
        .args(["--locale=C", "--encoding=UTF8"])
        // Megabytes: little to copy, and a segment is full soon.
        .arg("--wal-segsize=1")
        .args(["--auth-local=trust", "--auth-host=scram-sha-256"])
        .args(["-U", ADMIN, "--pwfile"])
        .arg(&secret)
        .arg("-D")
        .arg(data));
    drop(fs::remove_file(secret));
    made.map(drop)
}
