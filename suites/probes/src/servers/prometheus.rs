//! Prometheus: scrape targets, rules, and history written as blocks before it starts.

use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use readiness::Unavailable;
use rustix::process::Signal;

use super::binary;
use super::front::StaleFront;
use super::instance::{Instance, Server, free_port, run, with_free_port, write};
use super::outage::Started;
use super::process::{EndWith, POLL};

const PACKAGE: &str = "prometheus";

/// Bytes of a reply that are looked at.
const REPLY: u64 = 64 << 10;

/// How long the first scrapes and evaluations may take.
const SETTLE: Duration = Duration::from_secs(30);

/// How a server is set up.
#[derive(Debug, Clone)]
pub struct PrometheusProfile {
    /// Jobs and the `host:port` that each scrapes at `/metrics`.
    pub jobs: Vec<(String, String)>,
    /// Seconds between two scrapes; one unless said otherwise.
    pub interval_s: u32,
    /// Metrics that are dropped from what was scraped.
    pub dropped: Vec<String>,
    /// A rule file (YAML); empty is none.
    pub rules: String,
    /// `OpenMetrics` text with timestamps, ending in `# EOF`, that becomes history; empty is none.
    pub history: String,
    /// `host:port` of an Alertmanager.
    pub alertmanager: Option<String>,
}

impl Default for PrometheusProfile {
    /// Nothing to scrape, no rule, no history.
    fn default() -> Self {
        Self {
            jobs: Vec::new(),
            interval_s: 1,
            dropped: Vec::new(),
            rules: String::new(),
            history: String::new(),
            alertmanager: None,
        }
    }
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

    /// Waits until the reply to a query of its interface (`GET path`) holds `words`.
    ///
    /// # Errors
    /// [`Unavailable`] with the last reply if that does not come about within 30 s.
    pub fn wait_for(&self, path: &str, words: &str) -> Result<(), Unavailable> {
        let deadline = Instant::now() + SETTLE;
        loop {
            let reply = self
                .launch
                .get(path)
                .unwrap_or_else(|error| error.to_string());
            if reply.contains(words) {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(Unavailable::new(format!(
                    "Prometheus never says {words:?}: {reply}"
                )));
            }
            thread::sleep(POLL);
        }
    }

    /// The server as it would look had it not scraped for an hour.
    ///
    /// # Errors
    /// [`Unavailable`] if there is no free port.
    pub fn stale(&self) -> Result<StaleFront, Unavailable> {
        let launch = self.launch.clone();
        StaleFront::before(move |path| launch.get(path))
    }
}

impl Started for PrometheusServer {
    fn started(&self) -> (&Instance, &dyn Server) {
        (&self.instance, &self.launch)
    }
}

fn configuration(profile: &PrometheusProfile) -> String {
    let mut yaml = format!(
        "global:\n  scrape_interval: {0}s\n  scrape_timeout: {0}s\n  evaluation_interval: 1s\n",
        profile.interval_s
    );
    if !profile.rules.is_empty() {
        yaml.push_str("rule_files: [rules.yml]\n");
    }
    if let Some(address) = &profile.alertmanager {
        let _ = write!(
            yaml,
            "alerting:\n  alertmanagers:\n    - static_configs:\n        - targets: ['{address}']\n"
        );
    }
    yaml.push_str("scrape_configs:\n");
    for (job, address) in &profile.jobs {
        let _ = write!(
            yaml,
            "  - job_name: '{job}'\n    static_configs:\n      - targets: ['{address}']\n"
        );
        if !profile.dropped.is_empty() {
            let names = profile.dropped.join("|");
            let _ = write!(
                yaml,
                "    metric_relabel_configs:\n      - source_labels: [__name__]\n        \
                 regex: '{names}'\n        action: drop\n"
            );
        }
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

    /// The reply to `GET path`, head and body.
    fn get(&self, path: &str) -> std::io::Result<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        // The old version of the protocol, in which a reply ends with its connection.
        stream.write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes())?;
        let mut reply = Vec::new();
        stream.take(REPLY).read_to_end(&mut reply)?;
        Ok(String::from_utf8_lossy(&reply).into_owned())
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
        self.get("/-/ready").is_ok_and(|reply| {
            reply
                .lines()
                .next()
                .is_some_and(|status| status.contains(" 200 "))
        })
    }
}
