//! Prometheus: scrape targets, rules, and history written as blocks before it starts.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use readiness::Unavailable;
use rustix::process::Signal;

use super::binary;
use super::instance::{Instance, Server, free_port, run, with_free_port, write};
use super::process::EndWith;

const PACKAGE: &str = "prometheus";

/// Bytes of its readiness reply that are looked at.
const REPLY: u64 = 256;

/// How a server is set up.
#[derive(Debug, Clone, Default)]
pub struct PrometheusProfile {
    /// Jobs and the `host:port` that each scrapes, every second, at `/metrics`.
    pub jobs: Vec<(String, String)>,
    /// A rule file (YAML); empty is none.
    pub rules: String,
    /// `OpenMetrics` text with timestamps, ending in `# EOF`, that becomes history; empty is none.
    pub history: String,
    /// `host:port` of an Alertmanager.
    pub alertmanager: Option<String>,
}

/// A running Prometheus server.
#[derive(Debug)]
pub struct PrometheusServer {
    instance: Instance,
    launch: Launch,
}

/// How it is started.
#[derive(Debug, Clone)]
struct Launch {
    dir: PathBuf,
    port: u16,
}

impl PrometheusServer {
    /// Starts a server and waits until it says that it is ready.
    ///
    /// # Errors
    /// [`Unavailable`] if Prometheus is not installed or does not come up with this profile; the
    /// reason ends with its log.
    pub fn start(profile: &PrometheusProfile) -> Result<PrometheusServer, Unavailable> {
        with_free_port(|| Self::start_once(profile))
    }

    fn start_once(profile: &PrometheusProfile) -> Result<PrometheusServer, Unavailable> {
        binary::find("prometheus", PACKAGE)?;
        let instance = Instance::new("prometheus")?;
        let launch = Launch {
            dir: instance.dir().to_owned(),
            port: free_port()?,
        };
        write(&launch.dir.join("prometheus.yml"), &configuration(profile))?;
        if !profile.rules.is_empty() {
            write(&launch.dir.join("rules.yml"), &profile.rules)?;
        }
        if !profile.history.is_empty() {
            launch.backfill(&profile.history)?;
        }
        instance.start(&launch)?;
        Ok(PrometheusServer { instance, launch })
    }

    /// Scheme, host and port.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.launch.port)
    }

    /// Ends the server in order; connections are refused until [`restart`](Self::restart).
    pub fn stop(&self) {
        self.instance.stop();
    }

    /// Starts a stopped server again, with its data, on the same port.
    ///
    /// # Errors
    /// [`Unavailable`] if it does not come up.
    pub fn restart(&self) -> Result<(), Unavailable> {
        self.instance.start(&self.launch)
    }
}

fn configuration(profile: &PrometheusProfile) -> String {
    let mut yaml = String::from(
        "global:\n  scrape_interval: 1s\n  scrape_timeout: 1s\n  evaluation_interval: 1s\n",
    );
    if !profile.rules.is_empty() {
        yaml.push_str("rule_files: [rules.yml]\n");
    }
    if let Some(address) = &profile.alertmanager {
        yaml.push_str(&format!(
            "alerting:\n  alertmanagers:\n    - static_configs:\n        - targets: ['{address}']\n"
        ));
    }
    yaml.push_str("scrape_configs:\n");
    for (job, address) in &profile.jobs {
        yaml.push_str(&format!(
            "  - job_name: '{job}'\n    static_configs:\n      - targets: ['{address}']\n"
        ));
    }
    if profile.jobs.is_empty() {
        yaml.push_str("  []\n");
    }
    yaml
}

impl Launch {
    fn backfill(&self, history: &str) -> Result<(), Unavailable> {
        let file = self.dir.join("history.txt");
        write(&file, history)?;
        let data = self.dir.join("data");
        fs::create_dir_all(&data)
            .map_err(|e| Unavailable::new(format!("cannot make {}: {e}", data.display())))?;
        run(Command::new(binary::find("promtool", PACKAGE)?)
            .args(["tsdb", "create-blocks-from", "openmetrics"])
            .arg(file)
            .arg(data))
        .map(drop)
    }

    /// The status line of `GET /-/ready`.
    fn status_line(&self) -> std::io::Result<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(b"GET /-/ready HTTP/1.0\r\n\r\n")?;
        let mut reply = Vec::new();
        stream.take(REPLY).read_to_end(&mut reply)?;
        let reply = String::from_utf8_lossy(&reply);
        Ok(reply.lines().next().unwrap_or_default().to_owned())
    }
}

impl Server for Launch {
    fn name(&self) -> &'static str {
        "Prometheus"
    }

    fn command(&self) -> Command {
        let program = binary::find("prometheus", PACKAGE).unwrap_or_else(|_| PACKAGE.into());
        let mut command = Command::new(program);
        command
            .current_dir(&self.dir)
            .arg("--config.file=prometheus.yml")
            .arg("--storage.tsdb.path=data")
            // History may reach back further than the default of 15 days.
            .arg("--storage.tsdb.retention.time=10y")
            .arg(format!("--web.listen-address=127.0.0.1:{}", self.port));
        command
    }

    fn end(&self) -> EndWith {
        EndWith {
            orderly: Signal::TERM,
            abrupt: Signal::KILL,
        }
    }

    fn answers(&self) -> bool {
        self.status_line().is_ok_and(|line| line.contains(" 200 "))
    }
}
