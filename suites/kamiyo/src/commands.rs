//! What an operator lets the suite do to a deployment: `[target.commands]`, each a line for the shell.
//!
//! ```toml
//! [target.commands]
//! restart = "docker compose restart api"
//! stop_redis = "docker compose stop redis"
//! start_redis = "docker compose start redis"
//! ```
//!
//! They run only where the target may be disrupted, and one that takes something away only if there
//! is one that gives it back.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use readiness::Unavailable;
use readiness_reference::StoreState;
use serde::Deserialize;

/// Longest time for one command.
const LONGEST: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(50);

/// `[target.commands]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Commands {
    /// Starts the service anew.
    pub restart: Option<String>,
    /// Ends the database.
    pub stop_database: Option<String>,
    /// Starts it again.
    pub start_database: Option<String>,
    /// Freezes the database.
    pub pause_database: Option<String>,
    /// Lets it go on.
    pub resume_database: Option<String>,
    /// Ends the cache.
    pub stop_redis: Option<String>,
    /// Starts it again.
    pub start_redis: Option<String>,
    /// Freezes the cache.
    pub pause_redis: Option<String>,
    /// Lets it go on.
    pub resume_redis: Option<String>,
}

impl Commands {
    /// The commands that bring a state of a store about and end it, with their keys.
    ///
    /// # Errors
    /// [`Unavailable`] with the keys to set.
    pub(crate) fn of(&self, store: &str, state: StoreState) -> Result<Pair<'_>, Unavailable> {
        let (keys, commands) = match (store, state) {
            ("database", StoreState::Paused) => (
                ["pause_database", "resume_database"],
                (&self.pause_database, &self.resume_database),
            ),
            ("database", _) => (
                ["stop_database", "start_database"],
                (&self.stop_database, &self.start_database),
            ),
            (_, StoreState::Paused) => (
                ["pause_redis", "resume_redis"],
                (&self.pause_redis, &self.resume_redis),
            ),
            _ => (
                ["stop_redis", "start_redis"],
                (&self.stop_redis, &self.start_redis),
            ),
        };
        match commands {
            (Some(begin), Some(end)) => Ok(Pair { keys, begin, end }),
            _ => Err(Unavailable::new(format!(
                "the target's stores cannot be stopped: set `commands.{}` and `commands.{}` under \
                 [target] in readiness.toml, or attest to a drill",
                keys[0], keys[1]
            ))),
        }
    }
}

/// A command and the one that undoes it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair<'c> {
    keys: [&'static str; 2],
    begin: &'c str,
    end: &'c str,
}

impl Pair<'_> {
    /// Brings the state about.
    pub fn begin(self) -> Result<(), Unavailable> {
        run(self.keys[0], self.begin)
    }

    /// Ends it.
    pub fn end(self) -> Result<(), Unavailable> {
        run(self.keys[1], self.end)
    }

    /// What ends it, for whoever must end it later.
    pub fn undoing(self) -> (&'static str, String) {
        (self.keys[1], self.end.to_owned())
    }
}

/// Runs the command that is configured under `key`.
///
/// # Errors
/// [`Unavailable`] if it fails, or takes longer than two minutes.
pub(crate) fn run(key: &str, command: &str) -> Result<(), Unavailable> {
    let failed = |why: String| Unavailable::new(format!("`target.commands.{key}` {why}"));
    let mut child = Command::new("sh")
        .arg("-c")
        .arg(command)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| failed(format!("cannot be run: {error}")))?;
    let deadline = Instant::now() + LONGEST;
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(failed(format!("ended with {status}"))),
            Ok(None) if Instant::now() < deadline => std::thread::sleep(POLL),
            Ok(None) => {
                // It has had its time; what it left half done is for its owner to see.
                let _ = child.kill();
                let _ = child.wait();
                return Err(failed(format!("takes more than {} s", LONGEST.as_secs())));
            }
            Err(error) => return Err(failed(format!("cannot be waited for: {error}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_undone_is_not_begun() {
        let commands = Commands {
            stop_redis: Some("true".to_owned()),
            ..Commands::default()
        };
        let error = commands.of("redis", StoreState::Down).unwrap_err();
        assert!(error.reason().contains("commands.start_redis"), "{error}");
        let error = commands.of("database", StoreState::Paused).unwrap_err();
        assert!(
            error.reason().contains("commands.pause_database"),
            "{error}"
        );
    }

    #[test]
    fn a_command_that_fails_is_named_and_not_quoted() {
        assert_eq!(run("restart", "true"), Ok(()));
        let error = run("restart", "exit 3 # hunter2").unwrap_err();
        assert!(
            error
                .reason()
                .contains("`target.commands.restart` ended with"),
            "{error}"
        );
        assert!(!error.reason().contains("hunter2"), "{error}");
    }
}
