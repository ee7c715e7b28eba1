//! What a run has once and its processes share: an embedded service, a store.
//!
//! Within a process a run-scoped resource is enough. A run may have many processes, though, and
//! each would start a server of its own. So a suite may register a *service*: `cargo readiness run`
//! starts one process of the suite for the services of the run, hands what they say to all test
//! targets as environment variables, and lets them end when the run is over. Run bare, by
//! `cargo test` or nextest, nothing is handed over and each process helps itself.
//!
//! The protocol: `<test target> --readiness-serve=<names that run already>` starts the others, prints
//! one line and stays until its stdin closes, which it also does when the one who asked dies.
//!
//! ```json
//! {"readiness":1,"services":["mail"],"environment":{"READINESS_MAIL_URL":"smtp://127.0.0.1:2525"}}
//! ```

use std::collections::BTreeMap;
use std::pin::Pin;

use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::error::Result;

/// The format's version, in the field `readiness`.
pub const FORMAT: u32 = 1;

/// What starts a service: settings of the target by their dotted keys, for the other processes.
pub type Starting = Pin<Box<dyn Future<Output = Result<Settings>>>>;

/// Keys of `[target]` with their values: `base_url` reaches a check as `cx.setting("base_url")`.
pub type Settings = BTreeMap<String, String>;

/// A service that a run starts once, see [`service!`](macro@crate::service).
#[derive(Debug, Clone, Copy)]
pub struct Service {
    /// Its name: of two services of one name, in any test targets, the run has one.
    pub name: &'static str,
    /// Starts it.
    pub start: fn(Context) -> Starting,
}

inventory::collect!(Service);

/// What a serving process says once its services run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Serving {
    /// [`FORMAT`].
    pub readiness: u32,
    /// The services that it runs.
    pub services: Vec<String>,
    /// What the other processes of the run get into their environment.
    pub environment: BTreeMap<String, String>,
}

/// Every service that was linked into this process, by name.
pub(crate) fn all() -> Vec<&'static Service> {
    let mut all: Vec<_> = inventory::iter::<Service>().collect();
    all.sort_by_key(|service| service.name);
    all.dedup_by_key(|service| service.name);
    all
}

/// The variable that overrides a key of the target.
pub(crate) fn variable(key: &str) -> String {
    let mut name = String::from("READINESS_");
    for c in key.chars() {
        name.push(if c == '.' {
            '_'
        } else {
            c.to_ascii_uppercase()
        });
    }
    name
}

/// Registers a service that `cargo readiness run` starts once for all processes of a run.
///
/// The function gets a context, starts the service and says by which settings of the target the
/// checks find it. What has to happen at the end is registered with
/// [`Context::on_release`](crate::Context::on_release). A service that the target does not ask for
/// returns no settings.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use readiness::Context;
/// use readiness::service::Settings;
///
/// async fn mail(cx: Context) -> readiness::Result<Settings> {
///     let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
///     let url = format!("smtp://{}", listener.local_addr()?);
///     cx.on_release(async move { drop(listener) });
///     Ok(BTreeMap::from([("mail_url".to_owned(), url)]))
/// }
///
/// readiness::service!("mail", mail);
/// ```
#[macro_export]
macro_rules! service {
    ($name:literal, $start:path) => {
        $crate::__private::submit! {
            $crate::service::Service {
                name: $name,
                start: |cx| $crate::__private::Box::pin($start(cx)),
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_handed_over_by_the_variable_that_overrides_it() {
        assert_eq!(variable("limits.pro.minute"), "READINESS_LIMITS_PRO_MINUTE");
    }
}
