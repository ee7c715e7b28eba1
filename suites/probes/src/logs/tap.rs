//! Where log lines come from.

use std::fmt;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use readiness::observation::log_lines::LogLines;
use readiness::{Context, Error, Result, Unavailable};

/// Most bytes that are read of a log at once.
const MOST: u64 = 64 << 20;
/// How often a log is looked at again while a record is waited for.
const POLL: Duration = Duration::from_millis(100);

/// A log.
#[derive(Clone)]
pub enum Source {
    /// A sink in this process: all lines from a position on, and the present end.
    Sink {
        /// The lines from a position on.
        since: Arc<dyn Fn(u64) -> Vec<String> + Send + Sync>,
        /// The present end.
        mark: Arc<dyn Fn() -> u64 + Send + Sync>,
    },
    /// A file that grows.
    File(PathBuf),
    /// The output of a command, which prints recent lines.
    Command(String),
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Sink { .. } => f.write_str("Sink"),
            Source::File(path) => write!(f, "File({})", path.display()),
            Source::Command(_) => f.write_str("Command"),
        }
    }
}

impl Source {
    /// `file:/var/log/app.log` or `command:journalctl -u app -n 10000`.
    ///
    /// # Errors
    /// Unavailable if it is neither.
    pub fn parse(text: &str) -> Result<Source, Unavailable> {
        match text.split_once(':') {
            Some(("file", path)) if !path.is_empty() => Ok(Source::File(path.into())),
            Some(("command", command)) if !command.trim().is_empty() => {
                Ok(Source::Command(command.to_owned()))
            }
            _ => Err(Unavailable::new(format!(
                "`target.log.source` is `{}`: it takes `file:PATH` or `command:COMMAND`",
                text.escape_debug()
            ))),
        }
    }
}

/// A log with how long its records may take to appear. Under replay it has no source.
#[derive(Debug, Clone)]
pub struct Tap {
    source: Option<Source>,
    lag: Duration,
}

impl Tap {
    /// A tap on a log.
    pub fn new(source: Source, lag: Duration) -> Tap {
        Tap {
            source: Some(source),
            lag,
        }
    }

    /// A tap that serves recordings.
    pub fn replayed() -> Tap {
        Tap {
            source: None,
            lag: Duration::ZERO,
        }
    }

    /// The present end of the log.
    ///
    /// # Errors
    /// Other if the log cannot be read.
    pub fn mark(&self) -> Result<u64> {
        match &self.source {
            Some(Source::Sink { mark, .. }) => Ok(mark()),
            Some(Source::File(path)) => Ok(std::fs::metadata(path)
                .map_err(|error| unreadable(path.display(), &error))?
                .len()),
            Some(Source::Command(_)) | None => Ok(0),
        }
    }

    /// Records the lines since a mark, once those of one's own requests are among them: each of
    /// `words` in a line, or as long as the log may lag behind.
    ///
    /// # Errors
    /// Other if the log cannot be read.
    pub async fn window(&self, cx: &Context, mark: u64, words: &[String]) -> Result<LogLines> {
        cx.observe("log window", || async {
            let mut waited = Duration::ZERO;
            loop {
                let lines = self.since(mark)?;
                let there = |word: &String| lines.iter().any(|line| line.contains(word.as_str()));
                if words.iter().all(there) || waited >= self.lag {
                    return Ok(LogLines::new(lines));
                }
                tokio::time::sleep(POLL).await;
                waited += POLL;
            }
        })
        .await
    }

    fn since(&self, mark: u64) -> Result<Vec<String>> {
        let lines = match &self.source {
            Some(Source::Sink { since, .. }) => since(mark),
            Some(Source::File(path)) => {
                let read = |path: &PathBuf| -> std::io::Result<Vec<u8>> {
                    let mut file = File::open(path)?;
                    file.seek(SeekFrom::Start(mark))?;
                    let mut bytes = Vec::new();
                    file.take(MOST).read_to_end(&mut bytes)?;
                    Ok(bytes)
                };
                let bytes = read(path).map_err(|error| unreadable(path.display(), &error))?;
                vec![String::from_utf8_lossy(&bytes).into_owned()]
            }
            Some(Source::Command(command)) => vec![printed(command)?],
            None => return Err(Error::other("a replay cannot read logs")),
        };
        // A record that was written over several lines is several lines.
        Ok(lines
            .iter()
            .flat_map(|text| text.lines())
            .map(str::to_owned)
            .collect())
    }
}

fn unreadable(path: impl fmt::Display, error: &std::io::Error) -> Error {
    Error::unavailable(format!(
        "the log {path} cannot be read ({error}): correct `log.source` under [target] in \
         readiness.toml"
    ))
}

fn printed(command: &str) -> Result<String> {
    let output = Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .map_err(|error| unreadable("command", &error))?;
    let bytes = &output.stdout[..output
        .stdout
        .len()
        .min(usize::try_from(MOST).unwrap_or(usize::MAX))];
    Ok(String::from_utf8_lossy(bytes).into_owned())
}
