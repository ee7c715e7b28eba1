//! Where a deployment's environment comes from, and the three ways to look at a variable of it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use readiness::{Context, Error, Resource, Result, Unavailable};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Variable;
use super::classify::{bits_per_character, class, is_default_password, is_placeholder};
use super::file::{EnvFile, MAX_FILE};
use crate::store_url::StoreUrl;

/// Characters of a plain value that are kept.
const MAX_VALUE: usize = 4096;

/// `[target.env]`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct EnvTarget {
    /// `file:.env`, `pid:1234` (of a process on this machine), or `command:…` that prints one.
    pub source: Option<String>,
    /// Names of this deployment for the names of a checklist, e.g.
    /// `STRIPE_API_KEY = "STRIPE_SECRET_KEY"`.
    pub aliases: BTreeMap<String, String>,
}

/// The part of `[target]` that concerns the environment.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Target {
    env: EnvTarget,
}

/// A deployment's environment. As a resource it is the one of `env.source`.
#[derive(Clone)]
pub struct Environment {
    cx: Context,
    variables: Arc<BTreeMap<String, String>>,
    aliases: Arc<BTreeMap<String, String>>,
}

impl fmt::Debug for Environment {
    /// Without values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("variables", &self.variables.len())
            .finish_non_exhaustive()
    }
}

impl Environment {
    /// Variables in hand.
    pub fn given(cx: &Context, variables: BTreeMap<String, String>) -> Environment {
        Environment {
            cx: cx.clone(),
            variables: Arc::new(variables),
            aliases: Arc::default(),
        }
    }

    /// The variables of a source: `file:`, `pid:` or `command:`.
    ///
    /// # Errors
    /// [`Unavailable`] if the source is none or cannot be read.
    pub fn from_source(cx: &Context, source: &str) -> Result<Environment, Unavailable> {
        Ok(Self::given(cx, read(source)?))
    }

    /// The same environment under replay: it serves recordings and holds nothing.
    pub fn replayed(cx: &Context) -> Environment {
        Self::given(cx, BTreeMap::new())
    }

    /// With other names for some variables: the checklist's name first.
    #[must_use]
    pub fn with_aliases(mut self, aliases: BTreeMap<String, String>) -> Environment {
        self.aliases = Arc::new(aliases);
        self
    }

    /// A variable whose value may be shown: `set`, `value`.
    ///
    /// # Errors
    /// Other under a replay that has no such recording.
    pub fn plain(&self, name: &str) -> Result<Variable> {
        self.look(name, "", |value| {
            let value: String = value.chars().take(MAX_VALUE).collect();
            json!({"value": value})
        })
    }

    /// A variable that holds a secret: `set`, `length`, `class`, `bits` (per character, estimated),
    /// `same_as` (names of other variables with the same value).
    ///
    /// # Errors
    /// Other under a replay that has no such recording.
    pub fn secret(&self, name: &str) -> Result<Variable> {
        self.look(name, " as a secret", |value| {
            self.mask(value);
            let own = self.named(name);
            let same = self.variables.iter().filter(|(other, found)| {
                other.as_str() != own && found.as_str() == value && !value.is_empty()
            });
            json!({
                "length": value.chars().count(),
                "class": class(value),
                "bits": bits_per_character(value),
                "same_as": same.map(|(other, _)| other).collect::<Vec<_>>(),
            })
        })
    }

    /// A variable that holds a store's URL: `set`, `problem` (why it is none, or null), `scheme`,
    /// `host`, `local`, `placeholder`, `user` and `database` (whether there is one), `password`
    /// (`none`, `default`, `placeholder` or `set`), `sslmode` (or null).
    ///
    /// # Errors
    /// Other under a replay that has no such recording.
    pub fn url(&self, name: &str) -> Result<Variable> {
        self.look(name, " as a URL", |value| {
            match StoreUrl::parse(value.trim()) {
                Err(problem) => json!({"problem": problem}),
                Ok(url) => {
                    if let Some(password) = &url.password {
                        self.mask(password);
                    }
                    parts(&url)
                }
            }
        })
    }

    fn look(
        &self,
        name: &str,
        how: &str,
        describe: impl FnOnce(&str) -> Value,
    ) -> Result<Variable> {
        self.cx.observe_now(format!("{name}{how}"), || {
            let own = self.named(name);
            let mut seen = match self.variables.get(own) {
                Some(value) => describe(value),
                None => json!({}),
            };
            seen["name"] = json!(own);
            seen["set"] = json!(self.variables.contains_key(own));
            Ok(Variable::new(seen))
        })
    }

    fn named<'a>(&'a self, name: &'a str) -> &'a str {
        self.aliases.get(name).map_or(name, String::as_str)
    }

    fn mask(&self, secret: &str) {
        if !secret.is_empty() {
            self.cx.secret(secret);
        }
    }
}

impl Resource for Environment {
    async fn acquire(cx: &Context) -> Result<Self, Unavailable> {
        let target: Target = cx.target()?;
        let source = target.env.source.ok_or_else(|| {
            Unavailable::new(
                "the deployment's environment is not known: set `env.source` under [target] in \
                 readiness.toml, e.g. \"file:.env\"",
            )
        })?;
        Ok(Self::from_source(cx, &source)?.with_aliases(target.env.aliases))
    }

    fn replay(cx: &Context) -> Option<Self> {
        Some(Self::replayed(cx))
    }
}

fn parts(url: &StoreUrl) -> Value {
    let password = match url.password.as_deref() {
        None | Some("") => "none",
        Some(password) if is_default_password(password, url.user.as_deref()) => "default",
        Some(password) if is_placeholder(password) => "placeholder",
        Some(_) => "set",
    };
    // asyncpg and some ORMs call it `ssl`.
    let sslmode = url.query.get("sslmode").or_else(|| url.query.get("ssl"));
    json!({
        "problem": null,
        "scheme": url.scheme,
        "host": url.host,
        "local": url.is_local(),
        "placeholder": is_placeholder(&url.host),
        "user": url.user.is_some(),
        "database": !url.path.is_empty(),
        "password": password,
        "sslmode": sslmode,
    })
}

fn read(source: &str) -> Result<BTreeMap<String, String>, Unavailable> {
    let (kind, rest) = source.split_once(':').unwrap_or(("", source));
    match kind {
        "file" => {
            let bytes = bounded(Path::new(rest))
                .map_err(|e| Unavailable::new(format!("no environment file {rest}: {e}")))?;
            Ok(EnvFile::parse(&bytes).into_variables())
        }
        "pid" => of_process(rest),
        "command" => {
            let output = Command::new("sh")
                .arg("-c")
                .arg(rest)
                .output()
                .map_err(|e| Unavailable::new(format!("cannot run `env.source`: {e}")))?;
            if !output.status.success() {
                let text = format!("the command of `env.source` ended with {}", output.status);
                return Err(Unavailable::new(text));
            }
            Ok(EnvFile::parse(&output.stdout).into_variables())
        }
        _ => Err(Unavailable::new(
            "`env.source` under [target] begins with none of file:, pid: and command:",
        )),
    }
}

/// `/proc/PID/environ`: `NAME=value`, each ended by NUL, exactly as the process got them.
fn of_process(pid: &str) -> Result<BTreeMap<String, String>, Unavailable> {
    let number: u32 = pid
        .trim()
        .parse()
        .map_err(|_| Unavailable::new("`env.source` under [target] names no process after pid:"))?;
    let path = format!("/proc/{number}/environ");
    let bytes = bounded(Path::new(&path))
        .map_err(|e| Unavailable::new(format!("no environment of process {number}: {e}")))?;
    let text = String::from_utf8_lossy(&bytes);
    let pairs = text.split('\0').filter_map(|pair| pair.split_once('='));
    Ok(pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect())
}

fn bounded(path: &Path) -> Result<Vec<u8>, Error> {
    use std::io::Read;
    let mut bytes = Vec::new();
    let limit = u64::try_from(MAX_FILE).unwrap_or(u64::MAX);
    std::fs::File::open(path)?
        .take(limit + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() > MAX_FILE {
        return Err(Error::other("it is longer than 1 MiB"));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("env");
        std::fs::write(&file, "A=1\n").unwrap();
        let found = read(&format!("file:{}", file.display())).unwrap();
        assert_eq!(found["A"], "1");
        assert_eq!(read("command:echo B=2").unwrap()["B"], "2");
        let own = read(&format!("pid:{}", std::process::id())).unwrap();
        assert_eq!(
            own.get("CARGO_MANIFEST_DIR").map(String::as_str),
            Some(env!("CARGO_MANIFEST_DIR"))
        );
        for bad in [
            "A=1",
            "file:/nonexistent",
            "command:exit 3",
            "pid:x",
            "http:x",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_url_is_told_by_its_parts() {
        let url = StoreUrl::parse("postgresql://app:app@db.internal/kamiyo?ssl=require").unwrap();
        let seen = parts(&url);
        assert_eq!(seen["password"], "default");
        assert_eq!(seen["sslmode"], "require");
        assert_eq!(seen["local"], false);
        assert!(!seen.to_string().contains("app"));
    }
}
