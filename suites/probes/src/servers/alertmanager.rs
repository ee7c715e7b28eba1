//! Alertmanager, with one route to one receiver.

use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::process::Command;

use readiness::Unavailable;
use rustix::process::Signal;

use super::binary;
use super::instance::{Instance, Server, free_port, with_free_port, write};
use super::process::EndWith;

const PACKAGE: &str = "prometheus-alertmanager";

/// A running Alertmanager.
#[derive(Debug)]
pub struct AlertmanagerServer {
    _instance: Instance,
    launch: Launch,
}

/// How it is started.
#[derive(Debug, Clone)]
struct Launch {
    dir: PathBuf,
    port: u16,
}

impl AlertmanagerServer {
    /// Starts one whose default route leads to a receiver that calls `webhook`, or to one that
    /// reaches nobody.
    ///
    /// # Errors
    /// [`Unavailable`] if Alertmanager is not installed or does not come up.
    pub fn start(webhook: Option<&str>) -> Result<AlertmanagerServer, Unavailable> {
        program()?;
        with_free_port(|| {
            let instance = Instance::new("alertmanager")?;
            let launch = Launch {
                dir: instance.dir().to_owned(),
                port: free_port()?,
            };
            let destination = webhook.map_or(String::new(), |url| {
                format!("    webhook_configs:\n      - url: '{url}'\n")
            });
            let yaml = format!(
                "route:\n  receiver: operations\nreceivers:\n  - name: operations\n{destination}"
            );
            write(&launch.dir.join("alertmanager.yml"), &yaml)?;
            instance.start(&launch)?;
            Ok(AlertmanagerServer {
                _instance: instance,
                launch,
            })
        })
    }

    /// Scheme, host and port.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.launch.port)
    }
}

/// Debian's name, or the project's own.
fn program() -> Result<PathBuf, Unavailable> {
    binary::find(PACKAGE, PACKAGE).or_else(|_| binary::find("alertmanager", PACKAGE))
}

impl Server for Launch {
    fn name(&self) -> &'static str {
        "Alertmanager"
    }

    fn command(&self) -> Command {
        let mut command = Command::new(program().unwrap_or_else(|_| PACKAGE.into()));
        command
            .current_dir(&self.dir)
            .args(["--config.file=alertmanager.yml", "--storage.path=data"])
            // Alone: no port for its peers.
            .arg("--cluster.listen-address=")
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
        // It listens only once it has read its configuration.
        TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok()
    }
}
