//! A deployment, played by the reference service on real stores in this process: the suite runs
//! against it as a stranger's program would, with addresses, variables and commands alone.

use std::path::Path;
use std::sync::Arc;

use readiness_probes::servers::{Outage, RedisProfile, RedisServer};
use readiness_reference::servers::RedisStore;
use readiness_reference::{Clock, RefConfig, RefHandle, RefService};
use tempfile::TempDir;

use crate::suite::{Outcome, Ran, Suite};

/// A deployment with its cache, and what its operator hands over.
struct Deployment {
    service: RefHandle,
    second: RefHandle,
    cache: Arc<RedisServer>,
    folder: TempDir,
}

/// What a server starts as, or a message that it cannot.
fn started<T>(server: Result<T, readiness::Unavailable>) -> Option<T> {
    match server {
        Ok(server) => Some(server),
        Err(reason) if std::env::var_os("READINESS_REQUIRE_TOOLS").is_some() => panic!("{reason}"),
        Err(reason) => {
            eprintln!("skipped: {reason}");
            None
        }
    }
}

impl Deployment {
    async fn start() -> Option<Deployment> {
        let cache = started(RedisServer::start(&RedisProfile::hardened()))?;
        let store = RedisStore::new(&cache.url(), cache.ca_file().as_deref()).unwrap();
        let config = RefConfig::new()
            .clock(Clock::real_time())
            .cache(Arc::new(store));
        let service = RefService::start(config).await.unwrap();
        let second = service.second_instance().await.unwrap();
        let deployment = Deployment {
            second,
            service,
            cache: Arc::new(cache),
            folder: tempfile::tempdir().unwrap(),
        };
        std::thread::spawn(deployment.run_errands());
        Some(deployment)
    }

    /// The configuration of an operator who allows everything.
    fn configure(&self) -> String {
        let own =
            std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("readiness.toml"));
        let logins: String = ["jwt", "jwt.victim", "jwt.other"]
            .map(|name| {
                let variable = name.replace('.', "_").to_uppercase();
                format!(
                    "[target.identities.\"{name}\"]\nlogin = {{ username_env = \"{variable}_USER\", \
                     password_env = \"{variable}_PASSWORD\" }}\n"
                )
            })
            .concat();
        let text = own
            .unwrap()
            .replace("kind = \"embedded\"", "kind = \"remote\"")
            .replace("checklist = \"CHECKLIST.md\"", &format!(
                "checklist = \"{}/CHECKLIST.md\"",
                env!("CARGO_MANIFEST_DIR")
            ))
            .replace("allow_writes = false", "allow_writes = true")
            .replace("allow_disruption = false", "allow_disruption = true")
            .replace("# second_url = \"\"", &format!("second_url = \"{}\"", self.second.base_url()))
            .replace("[target.redis]\n", "[target.redis]\nurl_env = \"CACHE_URL\"\n")
            .replace(
                "[target.rate_limit]\n",
                "[target.rate_limit]\nredis_key_template = \"kamiyo:limit:key:{caller}:{window}:{number}\"\n",
            );
        let ca = self.cache.ca_file().unwrap();
        let text = text.replace(
            "[target]\n",
            &format!("[target]\nca_file = \"{}\"\n", ca.display()),
        );
        let commands = format!(
            "[target.commands]\nstop_redis = \"{}\"\nstart_redis = \"{}\"\n",
            self.errand("stop"),
            self.errand("start")
        );
        let path = self.folder.path().join("readiness.toml");
        std::fs::write(&path, format!("{text}\n{logins}\n{commands}")).unwrap();
        path.display().to_string()
    }

    /// A command that leaves word in the folder and waits until it is done: only this process can stop
    /// what it started.
    fn errand(&self, what: &str) -> String {
        let file = self.folder.path().join(what);
        let file = file.display();
        format!("touch {file}; while [ -e {file} ]; do sleep 0.05; done")
    }

    /// Does the errands until the folder is gone.
    fn run_errands(&self) -> impl FnOnce() + Send + 'static {
        let (cache, folder) = (Arc::clone(&self.cache), self.folder.path().to_owned());
        move || {
            while folder.exists() {
                for what in ["stop", "start"] {
                    let word = folder.join(what);
                    if word.exists() {
                        match what {
                            "stop" => cache.stop(),
                            _ => cache.restart().unwrap(),
                        }
                        // Whoever waits for it sees that it is done.
                        let _ = std::fs::remove_file(word);
                    }
                }
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
        }
    }

    /// Runs some rows against it.
    async fn run(&self, rows: &'static [&'static str]) -> Ran {
        let mut suite = Suite::new()
            .env("READINESS_CONFIG", &self.configure())
            .env("READINESS_BASE_URL", &self.service.base_url())
            .env("CACHE_URL", &self.cache.url());
        for (name, identity) in [
            ("PRO", "pro"),
            ("TEAM", "team"),
            ("ENTERPRISE", "enterprise"),
        ] {
            let accounts = self.service.accounts();
            let account = accounts.iter().find(|account| account.name == identity);
            suite = suite.env(&format!("KAMIYO_{name}_API_KEY"), &account.unwrap().api_key);
        }
        for user in self.service.users() {
            let variable = user.name.replace('.', "_").to_uppercase();
            suite = suite
                .env(&format!("{variable}_USER"), &user.username)
                .env(&format!("{variable}_PASSWORD"), &user.password);
        }
        tokio::task::spawn_blocking(move || suite.proving().args(rows).run())
            .await
            .unwrap()
    }
}

/// Each row with how it has to end.
fn ends(ran: &Ran, wanted: &[(&str, Outcome)]) {
    for (row, wanted) in wanted {
        let seen = ran.of(row);
        let (outcome, reason) =
            seen.unwrap_or_else(|| panic!("{row} left no result\n{}", ran.output));
        assert_eq!(outcome, *wanted, "{row}: {reason}\n{}", ran.output);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_answers_for_its_stores_tokens_and_limits() {
    let Some(deployment) = Deployment::start().await else {
        return;
    };
    let ran = deployment
        .run(&[
            "CACHE-001",
            "CACHE-003",
            "CACHE-005",
            "SEC-001",
            "SEC-005",
            "RT-PRO-004",
            "RT-TEAM-003",
        ])
        .await;
    let pass = Outcome::Pass;
    ends(
        &ran,
        &[
            ("CACHE-001", pass),
            ("CACHE-003", pass),
            ("CACHE-005", pass),
            // The expired token is missing.
            ("SEC-001", Outcome::Warn),
            ("SEC-005", pass),
            ("RT-PRO-004", pass),
            ("RT-TEAM-003", pass),
        ],
    );
    assert_eq!(deployment.service.tokens_open(), 0);
    // What was set was set back: some dozens were used, not the whole day.
    let counter = deployment
        .cache
        .command(&["KEYS", "kamiyo:limit:key:pro:day:*"])
        .unwrap();
    let used = deployment.cache.command(&["GET", counter.trim()]).unwrap();
    assert!(used.trim().parse::<u32>().unwrap() < 1_000, "{used}");
    assert!(
        deployment
            .cache
            .command(&["PING"])
            .unwrap()
            .contains("PONG")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_says_which_capability_it_lacks() {
    let Some(deployment) = Deployment::start().await else {
        return;
    };
    let ran = deployment
        .run(&["HLTH-003", "CACHE-002", "SEC-001", "DB-003", "MON-00"])
        .await;
    for (row, wanted) in [
        ("CACHE-002", "commands.restart"),
        ("DB-003", "postgres.url_env"),
        ("MON-001", "log.aggregator"),
        ("MON-003", "prometheus.url"),
        ("MON-005", "grafana.url"),
    ] {
        let (outcome, reason) = ran.of(row).unwrap();
        assert_eq!(outcome, Outcome::NotVerified, "{row}: {reason}");
        assert!(reason.contains(wanted), "{row}: {reason}");
    }
    // A part that cannot be tried is a warning that says so.
    for (row, wanted) in [
        ("HLTH-003", "commands.stop_database"),
        ("SEC-001", "auth.expired_token_env"),
        ("MON-002", "prometheus.url"),
    ] {
        let (outcome, reason) = ran.of(row).unwrap();
        assert_eq!(outcome, Outcome::Warn, "{row}: {reason}\n{}", ran.output);
        assert!(reason.contains(wanted), "{row}: {reason}");
    }
}
