//! PostgreSQL: `initdb` into a temporary directory, a role for the application and one for its
//! administrator, and a standby made by `pg_basebackup` where the profile has one.
//!
//! `PostgreSQL` refuses to run as root; then it runs as the user `postgres`, or `nobody`.

mod profile;
mod template;

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use readiness::Unavailable;
use rustix::process::Signal;

pub use profile::{PostgresProfile, Replica};
pub use template::PostgresTemplate;

use super::binary;
use super::certificate::Authority;
use super::instance::{Instance, Server, free_port, run, with_free_port, write};
use super::outage::Started;
use super::process::{EndWith, POLL};

const PACKAGE: &str = "postgresql";
const DATABASE: &str = "kamiyo";
const ADMIN: &str = "postgres";
const APP: &str = "kamiyo_app";

/// How long the standby and the archiver may take to get going.
const SETTLE: Duration = Duration::from_secs(30);

/// Variables that would send the helper programs somewhere else.
const FOREIGN: [&str; 10] = [
    "PGHOST",
    "PGHOSTADDR",
    "PGPORT",
    "PGUSER",
    "PGPASSWORD",
    "PGDATABASE",
    "PGOPTIONS",
    "PGSSLMODE",
    "PGSERVICE",
    "PGDATA",
];

/// A running `PostgreSQL` server with the database `kamiyo` and the table `exploits`.
#[derive(Debug)]
pub struct PostgresServer {
    // Declared before the primary: the standby ends first.
    standby: OnceLock<Node>,
    /// Held while the standby is made.
    replicating: Mutex<()>,
    primary: Node,
    password: String,
    tls: bool,
}

/// One server process with its directory.
#[derive(Debug)]
struct Node {
    instance: Instance,
    launch: Launch,
}

/// How it is started.
#[derive(Debug, Clone)]
struct Launch {
    port: u16,
    dir: PathBuf,
    user: Option<(u32, u32)>,
}

impl PostgresServer {
    /// Starts a server and waits until it answers.
    ///
    /// # Errors
    /// [`Unavailable`] if `PostgreSQL` is not installed or does not come up with this profile; the
    /// reason ends with its log.
    pub fn start(profile: &PostgresProfile) -> Result<PostgresServer, Unavailable> {
        with_free_port(|| Self::start_once(profile))
    }

    fn start_once(profile: &PostgresProfile) -> Result<PostgresServer, Unavailable> {
        let password = super::instance::secret();
        let node = Node::initialise(profile)?;
        node.instance.start(&node.launch)?;
        let server = PostgresServer {
            standby: OnceLock::new(),
            replicating: Mutex::default(),
            primary: node,
            password,
            tls: profile.tls.is_some(),
        };
        server.populate(profile)?;
        server.replicate(profile.replica)?;
        if profile
            .settings
            .get("archive_mode")
            .is_some_and(|mode| mode != "off")
        {
            server.sql("SELECT pg_switch_wal()")?;
            server.wait_for("SELECT archived_count + failed_count > 0 FROM pg_stat_archiver")?;
        }
        Ok(server)
    }

    /// Roles, database, table, and what the profile adds.
    fn populate(&self, profile: &PostgresProfile) -> Result<(), Unavailable> {
        let password = &self.password;
        self.primary.psql(
            "postgres",
            &[
                &format!("ALTER ROLE {ADMIN} PASSWORD '{password}'"),
                &format!("CREATE ROLE {APP} LOGIN PASSWORD '{password}'"),
                &format!("CREATE DATABASE {DATABASE}"),
            ],
        )?;
        let own = profile.sql.iter().map(String::as_str);
        let statements: Vec<&str> = [profile::SCHEMA].into_iter().chain(own).collect();
        self.primary.psql(DATABASE, &statements).map(drop)
    }

    /// Adds a standby, if there is none and `kind` is one: as the profile's own, for whoever starts
    /// the primary without and finds out later that it takes one.
    ///
    /// # Errors
    /// [`Unavailable`] if it does not come up.
    pub fn replicate(&self, kind: Replica) -> Result<(), Unavailable> {
        let _one_at_a_time = self
            .replicating
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if kind == Replica::None || self.standby.get().is_some() {
            return Ok(());
        }
        let node = Node::copy_of(&self.primary, kind)?;
        node.instance.start(&node.launch)?;
        if kind == Replica::Promoted {
            node.psql("postgres", &["SELECT pg_promote()"])?;
        } else {
            self.wait_for(
                "SELECT count(*) > 0 FROM pg_stat_replication WHERE state = 'streaming'",
            )?;
        }
        // The lock is held, so nobody was quicker.
        let _ = self.standby.set(node);
        Ok(())
    }

    /// Waits until a query says `t`.
    fn wait_for(&self, query: &str) -> Result<(), Unavailable> {
        let deadline = Instant::now() + SETTLE;
        while self.sql(query)?.trim() != "t" {
            if Instant::now() > deadline {
                return Err(Unavailable::new(format!(
                    "PostgreSQL does not settle within {} s: {query}",
                    SETTLE.as_secs()
                )));
            }
            thread::sleep(POLL);
        }
        Ok(())
    }

    /// Runs statements as administrator in the application's database, over the local socket.
    /// Returns what they print: columns separated by `|`, without headings.
    ///
    /// # Errors
    /// [`Unavailable`] with the server's message.
    pub fn sql(&self, statements: &str) -> Result<String, Unavailable> {
        self.primary.psql(DATABASE, &[statements])
    }

    /// Where the application connects: `postgresql://kamiyo_app:…@127.0.0.1:port/kamiyo`, with
    /// `sslmode=verify-full` and the authority's certificate if the server has TLS.
    pub fn url(&self) -> String {
        self.url_of(APP, &self.primary)
    }

    /// The same for the administrator.
    pub fn admin_url(&self) -> String {
        self.url_of(ADMIN, &self.primary)
    }

    /// Where the administrator reaches the standby, if the profile has one.
    pub fn replica_url(&self) -> Option<String> {
        self.standby
            .get()
            .map(|standby| self.url_of(ADMIN, standby))
    }

    fn url_of(&self, user: &str, node: &Node) -> String {
        let tls = if self.tls {
            let ca = self.ca_file();
            format!("?sslmode=verify-full&sslrootcert={}", ca.display())
        } else {
            "?sslmode=disable".to_owned()
        };
        let Self { password, .. } = self;
        format!(
            "postgresql://{user}:{password}@127.0.0.1:{}/{DATABASE}{tls}",
            node.launch.port
        )
    }

    /// The certificate of the authority that vouches for the server.
    pub fn ca_file(&self) -> PathBuf {
        self.primary.instance.dir().join("ca.pem")
    }

    /// Name of the role that the application uses.
    pub fn app_role(&self) -> &'static str {
        APP
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.primary.launch.port
    }

    /// A dump of the application's database in `pg_dump`'s own format.
    ///
    /// # Errors
    /// [`Unavailable`] with what `pg_dump` says.
    pub fn dump(&self, file: &Path) -> Result<(), Unavailable> {
        let mut command = Command::new(binary::find("pg_dump", PACKAGE)?);
        self.primary.local(&mut command);
        run(command.args(["-Fc", "-d", DATABASE, "-f"]).arg(file)).map(drop)
    }
}

impl Started for PostgresServer {
    fn started(&self) -> (&Instance, &dyn Server) {
        (&self.primary.instance, &self.primary.launch)
    }
}

impl Node {
    /// A new cluster with its configuration.
    fn initialise(profile: &PostgresProfile) -> Result<Node, Unavailable> {
        let node = Node::empty("postgres")?;
        let dir = node.instance.dir();
        let archive = dir.join("archive");
        fs::create_dir(&archive)
            .map_err(|e| Unavailable::new(format!("cannot make {}: {e}", archive.display())))?;
        if let Some(validity) = profile.tls {
            Authority::new()?.install(dir, validity)?;
        }
        node.give_away()?;
        template::cluster(&node.launch, &dir.join("data"))?;
        write(&dir.join("data/pg_hba.conf"), &host_rules(profile))?;
        node.launch.configure(profile)?;
        Ok(node)
    }

    /// A standby of `primary`.
    fn copy_of(primary: &Node, kind: Replica) -> Result<Node, Unavailable> {
        let basebackup = binary::find("pg_basebackup", PACKAGE)?;
        let node = Node::empty("standby")?;
        node.give_away()?;
        let mut command = Command::new(basebackup);
        primary.local(&mut command);
        run(node
            .launch
            .as_user(&mut command)
            .args(["-R", "-X", "stream", "-c", "fast", "--no-sync", "-D"])
            .arg(node.instance.dir().join("data")))?;
        let mut lines = node.launch.place();
        lines.push_str("archive_mode = 'off'\n");
        if kind == Replica::Delayed {
            lines.push_str("recovery_min_apply_delay = '1h'\n");
        }
        append(&node.instance.dir().join("data/postgresql.conf"), &lines)?;
        Ok(node)
    }

    fn empty(name: &str) -> Result<Node, Unavailable> {
        let instance = Instance::new(name)?;
        let launch = Launch {
            port: free_port()?,
            dir: instance.dir().to_owned(),
            user: unprivileged()?,
        };
        Ok(Node { instance, launch })
    }

    /// Hands the directory to the user that the server runs as.
    fn give_away(&self) -> Result<(), Unavailable> {
        let entries = fs::read_dir(&self.launch.dir)
            .into_iter()
            .flatten()
            .flatten();
        for path in entries
            .map(|entry| entry.path())
            .chain([self.launch.dir.clone()])
        {
            hand_over(&path, self.launch.user)?;
        }
        Ok(())
    }

    /// Points a client program at the local socket, as administrator.
    fn local(&self, command: &mut Command) {
        for name in FOREIGN {
            command.env_remove(name);
        }
        command
            .current_dir(self.instance.dir())
            .arg("-h")
            .arg(self.instance.dir())
            .args(["-p", &self.launch.port.to_string(), "-U", ADMIN]);
    }

    /// Runs statements, each in a transaction of its own.
    fn psql(&self, database: &str, statements: &[&str]) -> Result<String, Unavailable> {
        let mut command = Command::new(binary::find("psql", PACKAGE)?);
        self.local(&mut command);
        command.args(["-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-d", database]);
        for statement in statements {
            command.args(["-c", statement]);
        }
        run(&mut command)
    }
}

impl Launch {
    /// Where it listens and puts its socket.
    fn place(&self) -> String {
        format!(
            "listen_addresses = '127.0.0.1'\nport = {}\nunix_socket_directories = '{}'\n",
            self.port,
            self.dir.display()
        )
    }

    fn configure(&self, profile: &PostgresProfile) -> Result<(), Unavailable> {
        let mut lines = self.place();
        lines.push_str("fsync = 'off'\nshared_buffers = '16MB'\n");
        if profile.tls.is_some() {
            lines.push_str("ssl = 'on'\n");
            for (name, file) in [("ca", "ca.pem"), ("cert", "cert.pem"), ("key", "key.pem")] {
                let path = self.dir.join(file);
                let _ = writeln!(lines, "ssl_{name}_file = '{}'", path.display());
            }
        }
        let archive = self.dir.join("archive").display().to_string();
        for (name, value) in &profile.settings {
            let value = value.replace("ARCHIVE", &archive).replace('\'', "''");
            let _ = writeln!(lines, "{name} = '{value}'");
        }
        append(&self.dir.join("data/postgresql.conf"), &lines)
    }

    fn as_user<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        command.current_dir(&self.dir)
    }
}

impl Server for Launch {
    fn name(&self) -> &'static str {
        "PostgreSQL"
    }

    fn command(&self) -> Command {
        let program = binary::find("postgres", PACKAGE).unwrap_or_else(|_| "postgres".into());
        let mut command = Command::new(program);
        for name in FOREIGN {
            command.env_remove(name);
        }
        self.as_user(&mut command)
            .arg("-D")
            .arg(self.dir.join("data"));
        command
    }

    fn end(&self) -> EndWith {
        // "Fast" disconnects clients and checkpoints; "immediate" only frees what the kernel holds.
        EndWith {
            orderly: Signal::INT,
            abrupt: Signal::QUIT,
        }
    }

    fn answers(&self) -> bool {
        let Ok(program) = binary::find("pg_isready", PACKAGE) else {
            return false;
        };
        let mut command = Command::new(program);
        command
            .arg("-q")
            .arg("-h")
            .arg(&self.dir)
            .args(["-p", &self.port.to_string(), "-t", "1"]);
        run(&mut command).is_ok()
    }
}

/// Who may connect how. The local socket lies in a directory that only its owner can enter.
fn host_rules(profile: &PostgresProfile) -> String {
    let kind = match (profile.tls, profile.plaintext) {
        (Some(_), false) => "hostssl",
        _ => "host",
    };
    format!(
        "local all all trust\nlocal replication all trust\n\
         {kind} all all 127.0.0.1/32 scram-sha-256\n\
         {kind} replication all 127.0.0.1/32 scram-sha-256\n"
    )
}

/// Makes a file that of the user that the server runs as, if that is another one.
fn hand_over(path: &Path, user: Option<(u32, u32)>) -> Result<(), Unavailable> {
    let Some((user, group)) = user else {
        return Ok(());
    };
    chown(path, Some(user), Some(group))
        .map_err(|e| Unavailable::new(format!("cannot give {} away: {e}", path.display())))
}

fn append(path: &Path, lines: &str) -> Result<(), Unavailable> {
    use std::io::Write;
    fs::File::options()
        .append(true)
        .open(path)
        .and_then(|mut file| file.write_all(lines.as_bytes()))
        .map_err(|e| Unavailable::new(format!("cannot write {}: {e}", path.display())))
}

/// User and group that the server runs as: our own unless we are root.
fn unprivileged() -> Result<Option<(u32, u32)>, Unavailable> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
    ["postgres", "nobody"]
        .into_iter()
        .find_map(|name| account(&accounts, name))
        .map(Some)
        .ok_or_else(|| {
            Unavailable::new(
                "PostgreSQL does not run as root, and there is neither a user `postgres` nor `nobody`",
            )
        })
}

/// `name:x:uid:gid:…`
fn account(accounts: &str, name: &str) -> Option<(u32, u32)> {
    accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next()? == name).then_some(())?;
        let user = fields.nth(1)?.parse().ok()?;
        Some((user, fields.next()?.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_found_by_its_whole_name() {
        let accounts = "root:x:0:0::/root:/bin/sh\npostgres2:x:7:8::/:/bin/sh\npostgres:x:105:109::/:/bin/sh\n";
        assert_eq!(account(accounts, "postgres"), Some((105, 109)));
        assert_eq!(account(accounts, "nobody"), None);
    }

    #[test]
    fn without_tls_nobody_is_asked_for_it() {
        let profile = PostgresProfile::fault("DPLY-DB-004/ssl-off").unwrap();
        assert!(host_rules(&profile).contains("\nhost all all"));
        assert!(host_rules(&PostgresProfile::hardened()).contains("\nhostssl all all"));
    }
}
