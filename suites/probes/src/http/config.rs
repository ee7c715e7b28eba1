//! The keys of `[target]` that the client reads.

use std::collections::BTreeMap;
use std::time::Duration;

use readiness::Unavailable;
use serde::Deserialize;

/// Longest name of an environment variable that is quoted in a message.
const NAME_SHOWN: usize = 64;

/// `[target]` as far as HTTP is concerned. Unknown keys belong to others.
///
/// ```toml
/// [target]
/// base_url = "https://staging.example"
/// timeout_ms = 10000
/// identities.pro = { tier = "pro", api_key_env = "PRO_API_KEY" }
/// ```
#[derive(Debug, Clone, Default, Deserialize)]
pub struct HttpTarget {
    /// Where the product answers, without a trailing slash.
    pub base_url: Option<String>,
    /// Milliseconds for one exchange, from connecting to the last byte of the body.
    pub timeout_ms: Option<u64>,
    /// Who may ask, by name.
    #[serde(default)]
    pub identities: BTreeMap<String, IdentityConfig>,
}

/// One entry of `[target.identities]`.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct IdentityConfig {
    /// The tier it belongs to.
    pub tier: Option<String>,
    /// Name of the environment variable that holds its API key.
    pub api_key_env: Option<String>,
    /// How it logs in.
    pub login: Option<LoginConfig>,
}

/// `login` of an identity.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct LoginConfig {
    /// Name of the environment variable that holds its user name.
    pub username_env: String,
    /// Name of the environment variable that holds its password.
    pub password_env: String,
}

impl HttpTarget {
    /// The base URL, or what to set.
    ///
    /// # Errors
    /// [`Unavailable`] if none is configured or it is not an `http` or `https` URL.
    pub fn base_url(&self) -> Result<&str, Unavailable> {
        let Some(url) = self.base_url.as_deref().filter(|url| !url.is_empty()) else {
            return Err(Unavailable::new(
                "no target address: set `base_url` under [target] in readiness.toml, \
                 or READINESS_BASE_URL",
            ));
        };
        match reqwest::Url::parse(url) {
            Ok(parsed) if matches!(parsed.scheme(), "http" | "https") && parsed.has_host() => {
                Ok(url.trim_end_matches('/'))
            }
            _ => Err(Unavailable::new(format!(
                "`target.base_url` is not an http or https URL: {}",
                url.escape_debug()
            ))),
        }
    }

    /// The deadline of one exchange: `timeout_ms`, or 10 s.
    pub fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms.unwrap_or(10_000).clamp(1, 600_000))
    }

    /// The API key of an identity, from the environment.
    ///
    /// # Errors
    /// [`Unavailable`], which names the key or the variable to set.
    pub fn api_key(&self, identity: &str) -> Result<String, Unavailable> {
        let named = self.identities.get(identity);
        let Some(variable) = named.and_then(|entry| entry.api_key_env.as_deref()) else {
            return Err(Unavailable::new(format!(
                "no key for `{identity}`: set `identities.{identity}.api_key_env` under [target] \
                 in readiness.toml"
            )));
        };
        variable_of(identity, "key", variable, "api_key_env")
    }

    /// User name and password of an identity, from the environment.
    ///
    /// # Errors
    /// [`Unavailable`], which names the key or the variable to set.
    pub fn login(&self, identity: &str) -> Result<(String, String), Unavailable> {
        let named = self.identities.get(identity);
        let Some(login) = named.and_then(|entry| entry.login.as_ref()) else {
            return Err(Unavailable::new(format!(
                "no login for `{identity}`: set `identities.\"{identity}\".login` under [target] in \
                 readiness.toml to {{ username_env = \"…\", password_env = \"…\" }}"
            )));
        };
        Ok((
            variable_of(
                identity,
                "user name",
                &login.username_env,
                "login.username_env",
            )?,
            variable_of(
                identity,
                "password",
                &login.password_env,
                "login.password_env",
            )?,
        ))
    }
}

/// The value of the variable that an identity's entry names under `key`.
fn variable_of(
    identity: &str,
    what: &str,
    variable: &str,
    key: &str,
) -> Result<String, Unavailable> {
    match std::env::var(variable) {
        Ok(value) if !value.is_empty() => Ok(value),
        _ => Err(Unavailable::new(format!(
            "no {what} for `{identity}`: the environment variable {} is not set \
             (named by `target.identities.{identity}.{key}`)",
            variable
                .chars()
                .take(NAME_SHOWN)
                .collect::<String>()
                .escape_debug()
        ))),
    }
}
