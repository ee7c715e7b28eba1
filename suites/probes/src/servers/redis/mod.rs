//! Redis: a configuration file in a temporary directory, a port with or without TLS, and a local
//! socket over which the server is set up whatever its ports ask for.

mod profile;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use readiness::Unavailable;
use rustix::process::Signal;

pub use profile::{RedisProfile, Trouble};

use super::binary;
use super::certificate::Authority;
use super::instance::{Instance, Server, free_port, run, secret, with_free_port, write};
use super::outage::Started;
use super::process::{EndWith, POLL};

const PACKAGE: &str = "redis-server";

/// How long a state may take to come about.
const SETTLE: Duration = Duration::from_secs(30);

/// Starts the server with files limited to 128 KiB (256 blocks of 512 bytes) and the signal that
/// would end it ignored: writes beyond the limit fail, as on a full disk.
const SMALL_FILES: &str = r#"trap '' XFSZ; ulimit -f 256; exec "$@""#;

/// A running Redis server.
#[derive(Debug)]
pub struct RedisServer {
    instance: Instance,
    launch: Launch,
    password: String,
    tls: bool,
    port: u16,
}

/// How it is started.
#[derive(Debug, Clone)]
struct Launch {
    dir: PathBuf,
    password: String,
    small_files: bool,
}

impl RedisServer {
    /// Starts a server and waits until it answers.
    ///
    /// # Errors
    /// [`Unavailable`] if Redis is not installed or does not come up with this profile; the reason
    /// ends with its log.
    pub fn start(profile: &RedisProfile) -> Result<RedisServer, Unavailable> {
        with_free_port(|| Self::start_once(profile))
    }

    fn start_once(profile: &RedisProfile) -> Result<RedisServer, Unavailable> {
        binary::find("redis-server", PACKAGE)?;
        let instance = Instance::new("redis")?;
        let dir = instance.dir().to_owned();
        fs::create_dir(dir.join("data"))
            .map_err(|e| Unavailable::new(format!("cannot make {}/data: {e}", dir.display())))?;
        if let Some(validity) = profile.tls {
            Authority::new()?.install(&dir, validity)?;
        }
        let password = profile.password.clone().unwrap_or_else(secret);
        let port = free_port()?;
        write(
            &dir.join("redis.conf"),
            &configuration(profile, &dir, port, &password)?,
        )?;
        let launch = Launch {
            dir,
            password: password.clone(),
            small_files: profile.trouble == Some(Trouble::AofWriteError),
        };
        instance.start(&launch)?;
        let server = RedisServer {
            instance,
            launch,
            password,
            tls: profile.tls.is_some(),
            port,
        };
        for words in &profile.commands {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            server.command(&words)?;
        }
        if let Some(trouble) = profile.trouble {
            server.bring_about(trouble)?;
        }
        Ok(server)
    }

    fn bring_about(&self, trouble: Trouble) -> Result<(), Unavailable> {
        match trouble {
            Trouble::AofWriteError => {
                // More than the file may hold, written in full to the append-only file.
                let script = "return redis.call('set', 'big', string.rep('x', 400000))";
                self.command(&["EVAL", script, "0"])?;
                self.wait_for("aof_last_write_status:err")
            }
            Trouble::BgsaveError => {
                let data = self.launch.dir.join("data");
                fs::remove_dir_all(&data).map_err(|e| {
                    Unavailable::new(format!("cannot remove {}: {e}", data.display()))
                })?;
                self.command(&["BGSAVE"])?;
                self.wait_for("rdb_last_bgsave_status:err")
            }
            Trouble::StaleSave => {
                self.command(&["SET", "unsaved", "1"])?;
                self.wait_for("rdb_bgsave_in_progress:1")?;
                // Stale is more than twice the interval of one second.
                let deadline = Instant::now() + SETTLE;
                while self.seconds_saving()? < 4 && Instant::now() < deadline {
                    thread::sleep(POLL);
                }
                Ok(())
            }
            Trouble::Loading => {
                let script = "for i = 1, 200000 do redis.call('set', 'key:' .. i, '1') end";
                self.command(&["EVAL", script, "0"])?;
                self.instance.stop();
                // Microseconds for each key: loading takes minutes. Each kilobyte, which is about
                // every tenth of a second, it answers what clients asked meanwhile.
                let slow = "key-load-delay 1000\nloading-process-events-interval-bytes 1024\n";
                append(&self.launch.dir.join("redis.conf"), slow)?;
                self.instance.start(&self.launch)?;
                self.wait_for("loading:1")
            }
        }
    }

    fn seconds_saving(&self) -> Result<u64, Unavailable> {
        let info = self.command(&["INFO", "persistence"])?;
        let value = info
            .lines()
            .find_map(|line| line.strip_prefix("rdb_current_bgsave_time_sec:"));
        Ok(value
            .and_then(|value| value.trim().parse().ok())
            .unwrap_or(0))
    }

    fn wait_for(&self, line: &str) -> Result<(), Unavailable> {
        let deadline = Instant::now() + SETTLE;
        loop {
            let info = self.command(&["INFO", "persistence"])?;
            if info.lines().any(|found| found.trim() == line) {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(Unavailable::new(format!(
                    "Redis does not come to `{line}` within {} s",
                    SETTLE.as_secs()
                )));
            }
            thread::sleep(POLL);
        }
    }

    /// Runs a command over the local socket and returns what `redis-cli` prints.
    ///
    /// # Errors
    /// [`Unavailable`] with the server's error.
    pub fn command(&self, words: &[&str]) -> Result<String, Unavailable> {
        run(self.launch.client()?.arg("-e").args(words))
    }

    /// The command line that runs a command over the local socket, for a shell.
    pub fn command_line(&self, words: &[&str]) -> String {
        let socket = self.launch.dir.join("socket");
        let password = &self.password;
        let words = words.join(" ");
        format!(
            "REDISCLI_AUTH='{password}' redis-cli -e -s '{}' {words}",
            socket.display()
        )
    }

    /// Where the application connects: `rediss://:…@127.0.0.1:port/0`, `redis://` without TLS.
    pub fn url(&self) -> String {
        let scheme = if self.tls { "rediss" } else { "redis" };
        let password = &self.password;
        let user = if password.is_empty() {
            String::new()
        } else {
            format!(":{password}@")
        };
        format!("{scheme}://{user}127.0.0.1:{}/0", self.port)
    }

    /// The certificate of the authority that vouches for the server; `None` without TLS.
    pub fn ca_file(&self) -> Option<PathBuf> {
        self.tls.then(|| self.launch.dir.join("ca.pem"))
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The directory with its dump and append-only files.
    pub fn data_dir(&self) -> PathBuf {
        self.launch.dir.join("data")
    }
}

impl Started for RedisServer {
    fn started(&self) -> (&Instance, &dyn Server) {
        (&self.instance, &self.launch)
    }
}

fn configuration(
    profile: &RedisProfile,
    dir: &Path,
    port: u16,
    password: &str,
) -> Result<String, Unavailable> {
    let dir = dir.display();
    let mut lines = format!("bind 127.0.0.1\ndir {dir}/data\nunixsocket {dir}/socket\n");
    if !password.is_empty() {
        let _ = writeln!(lines, "requirepass {password}");
    }
    let plain_port = match (profile.tls, profile.plaintext) {
        (None, _) => port,
        (Some(_), true) => free_port()?,
        (Some(_), false) => 0,
    };
    let _ = writeln!(lines, "port {plain_port}");
    if profile.tls.is_some() {
        let _ = writeln!(
            lines,
            "tls-port {port}\ntls-cert-file {dir}/cert.pem\ntls-key-file {dir}/key.pem\n\
             tls-ca-cert-file {dir}/ca.pem"
        );
    }
    for (name, value) in &profile.settings {
        // Redis checks the settings of TLS only where it listens with it.
        if profile.tls.is_some() || !name.starts_with("tls-") {
            let _ = writeln!(lines, "{name} {value}");
        }
    }
    Ok(lines)
}

fn append(path: &Path, lines: &str) -> Result<(), Unavailable> {
    use std::io::Write;
    fs::File::options()
        .append(true)
        .open(path)
        .and_then(|mut file| file.write_all(lines.as_bytes()))
        .map_err(|e| Unavailable::new(format!("cannot write {}: {e}", path.display())))
}

impl Launch {
    /// `redis-cli` at the local socket, with the password in its environment.
    fn client(&self) -> Result<Command, Unavailable> {
        let mut command = Command::new(binary::find("redis-cli", "redis-tools")?);
        command.arg("-s").arg(self.dir.join("socket"));
        if self.password.is_empty() {
            command.env_remove("REDISCLI_AUTH");
        } else {
            command.env("REDISCLI_AUTH", &self.password);
        }
        Ok(command)
    }
}

impl Server for Launch {
    fn name(&self) -> &'static str {
        "Redis"
    }

    fn command(&self) -> Command {
        let program = binary::find("redis-server", PACKAGE).unwrap_or_else(|_| PACKAGE.into());
        let mut command = if self.small_files {
            let mut shell = Command::new("sh");
            shell.arg("-c").arg(SMALL_FILES).arg("sh").arg(program);
            shell
        } else {
            Command::new(program)
        };
        command
            .arg(self.dir.join("redis.conf"))
            .current_dir(&self.dir);
        command
    }

    fn end(&self) -> EndWith {
        EndWith {
            orderly: Signal::TERM,
            abrupt: Signal::KILL,
        }
    }

    fn answers(&self) -> bool {
        // A server that still loads says so: that is an answer.
        self.client()
            .and_then(|mut client| run(client.arg("PING")))
            .is_ok_and(|reply| reply.starts_with("PONG") || reply.starts_with("LOADING"))
    }
}
