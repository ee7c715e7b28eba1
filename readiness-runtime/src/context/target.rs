//! The `[target]` table of readiness.toml as the suites see it: with the environment on top, and
//! typed by whoever asks.

use serde::de::DeserializeOwned;

use super::Context;
use crate::config::{Value, Values, value};
use crate::error::Unavailable;

impl Context {
    /// The `[target]` table of readiness.toml in the suite's own type, with `READINESS_<KEY>`
    /// overrides from the environment applied.
    ///
    /// ```
    /// # use readiness::{Context, Unavailable};
    /// #[derive(serde::Deserialize)]
    /// struct Target {
    ///     base_url: String,
    ///     #[serde(default)]
    ///     allow_writes: bool,
    /// }
    ///
    /// fn address(cx: &Context) -> Result<String, Unavailable> {
    ///     Ok(cx.target::<Target>()?.base_url)
    /// }
    /// # let _ = address;
    /// ```
    ///
    /// # Errors
    /// [`Unavailable`], naming the key that is missing or of another type.
    pub fn target<T: DeserializeOwned>(&self) -> Result<T, Unavailable> {
        let table = self.trial.run.target.clone();
        value::typed(table).map_err(|error| {
            Unavailable::new(format!(
                "[target] of readiness.toml is not what the check needs: {error}"
            ))
        })
    }
}

/// The value at a dotted path.
pub(crate) fn lookup<'a>(table: &'a Values, path: &str) -> Option<&'a Value> {
    let mut parts = path.split('.');
    let mut value = table.get(parts.next()?)?;
    for part in parts {
        value = value.get(part)?;
    }
    Some(value)
}
