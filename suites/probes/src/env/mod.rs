//! **The environment that a service was deployed with**, and rules for what must stand in it.
//!
//! ```ignore
//! #[requirement("ENV-005")]
//! async fn the_signing_secret_is_one(deployed: Environment) -> Result<Verdict> {
//!     env::signing_secret(&deployed.secret("JWT_SECRET")?)
//! }
//! ```
//!
//! What is observed depends on what a variable holds: of a [`plain`](Environment::plain) one its
//! value, of a [`url`](Environment::url) its parts without the password, of a
//! [`secret`](Environment::secret) its length and class. A secret itself is never recorded, and is
//! masked wherever else it turns up.
//!
//! | look | rule | wants |
//! |---|---|---|
//! | `plain("ENVIRONMENT")` | [`production`] | `production` |
//! | `plain("ALLOWED_ORIGINS")` | [`origins`] | origins, none of them a placeholder |
//! | `url("REDIS_URL")` | [`redis_url`] | a Redis that is not this machine |
//! | `url("DATABASE_URL")` | [`database_url`], [`ssl_mode`] | a PostgreSQL with a real password, over TLS |
//! | `secret("JWT_SECRET")` | [`signing_secret`] | 32 characters that cannot be guessed |
//! | `secret("STRIPE_SECRET_KEY")` | [`stripe_key`] | a secret key of the live mode |
//! | `plain("LOG_LEVEL")` | [`log_level`] | neither too much nor too little |

mod classify;
mod file;
mod guard;
mod rules;
mod source;

use serde_json::Value;

use crate::seen::{Change, Kind, Seen};

pub use file::{EnvFile, Problem};
pub use guard::{FileGuard, Guard, guarded, guarded_file};
pub use rules::{
    database_url, log_level, origins, production, redis_url, signing_secret, ssl_mode, stripe_key,
};
pub use source::{EnvTarget, Environment};

/// The kind of [`Variable`].
#[derive(Debug, Clone)]
pub struct Env;

/// A variable of a deployment. `name` and `set` are always there.
pub type Variable = Seen<Env>;

impl Kind for Env {
    const KIND: &'static str = "variable";

    fn changes(name: &str, value: &Value) -> Vec<Change> {
        match (name, value) {
            ("value", Value::String(text)) => ["development", "DEBUG", "changeme"]
                .into_iter()
                .filter(|other| other != text)
                .map(|other| Change::new("default-value", other))
                .collect(),
            ("class", Value::String(text)) if text != "placeholder" => {
                vec![Change::new("placeholder", "placeholder")]
            }
            ("password", Value::String(text)) if text != "default" => {
                vec![Change::new("default-password", "default")]
            }
            ("sslmode", Value::String(text)) if text != "prefer" => {
                vec![Change::new("weakened", "prefer")]
            }
            _ => Vec::new(),
        }
    }
}
