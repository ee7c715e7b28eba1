//! The environment that a deployment of the service would have: what an env file holds.
//!
//! The values are demonstration values. Faults with the carrier `env` alter them, and nothing
//! else: the running service is set up by its configuration.

use std::collections::BTreeMap;

use crate::config::Product;
use crate::faults::Fault;
use crate::service::Service;

/// The variables, with the faults that are on.
pub(crate) fn variables(service: &Service) -> BTreeMap<String, String> {
    let mut variables = sound(service);
    variables.extend(service.variables.clone());
    for &(fault, name, edit) in EDITS {
        if service.faults.on(fault) {
            edit.apply(name, &mut variables);
        }
    }
    variables
}

/// The variables of a sound deployment.
fn sound(service: &Service) -> BTreeMap<String, String> {
    match service.product {
        Product::Kamiyo => of_kamiyo(service),
        Product::Caio => of_caio(service),
    }
}

/// What CAIO is started with is in its configuration's variables.
fn of_caio(service: &Service) -> BTreeMap<String, String> {
    [
        ("CAIO_ALLOWED_ORIGINS", service.origins.join(",")),
        ("CAIO_KEY_PEPPER", service.secret_key.clone()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

fn of_kamiyo(service: &Service) -> BTreeMap<String, String> {
    let password = &service.store_password;
    [
        ("ENVIRONMENT", service.environment.as_str().to_owned()),
        ("ALLOWED_ORIGINS", service.origins.join(",")),
        (
            "REDIS_URL",
            format!("rediss://:{password}@cache.kamiyo.example:6380/0"),
        ),
        (
            "DATABASE_URL",
            format!(
                "postgresql://kamiyo_app:{password}@db.kamiyo.example:5432/kamiyo\
                 ?sslmode=verify-full"
            ),
        ),
        ("SECRET_KEY", service.secret_key.clone()),
        ("STRIPE_API_KEY", payment_key()),
        ("LOG_LEVEL", "INFO".to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// A key of the payment provider's form that opens nothing. In parts, so that scanners of source
/// code do not take it for a leaked one.
pub(crate) fn payment_key() -> String {
    ["sk", "live", "51RefDemoNotAKey4eC39HqLyjWDarjtT1zdp"].join("_")
}

/// What a fault does to a variable.
#[derive(Clone, Copy)]
enum Edit {
    Set(&'static str),
    Append(&'static str),
    Unset,
    /// Replaces the part before the random one.
    Publishable,
    ForTests,
    /// Replaces one text by another.
    Swap(&'static str, &'static str),
}

impl Edit {
    fn apply(self, name: &str, variables: &mut BTreeMap<String, String>) {
        let Some(value) = variables.get_mut(name) else {
            return;
        };
        match self {
            Edit::Set(text) => text.clone_into(value),
            Edit::Append(tail) => value.push_str(tail),
            Edit::Publishable => *value = value.replacen("sk", "pk", 1),
            Edit::ForTests => *value = value.replacen("live", "test", 1),
            Edit::Swap(from, to) => *value = value.replacen(from, to, 1),
            Edit::Unset => {
                variables.remove(name);
            }
        }
    }
}

const EDITS: &[(Fault, &str, Edit)] = &[
    (
        Fault::Cor001HttpInEnv,
        "ALLOWED_ORIGINS",
        Edit::Append(",http://staging.kamiyo.example"),
    ),
    (Fault::Cor002EmptyList, "ALLOWED_ORIGINS", Edit::Set("")),
    (
        Fault::Cor003WildcardEnv,
        "ALLOWED_ORIGINS",
        Edit::Append(",*"),
    ),
    (Fault::Env001Missing, "ENVIRONMENT", Edit::Unset),
    (
        Fault::Env001Development,
        "ENVIRONMENT",
        Edit::Set("development"),
    ),
    (Fault::Env001TrailingSpace, "ENVIRONMENT", Edit::Append(" ")),
    (Fault::Env002Missing, "ALLOWED_ORIGINS", Edit::Unset),
    (Fault::Env002Empty, "ALLOWED_ORIGINS", Edit::Set(" ")),
    (
        Fault::Env002Localhost,
        "ALLOWED_ORIGINS",
        Edit::Set("http://localhost:3000"),
    ),
    (Fault::Env003Missing, "REDIS_URL", Edit::Unset),
    (
        Fault::Env003Unparsable,
        "REDIS_URL",
        Edit::Set("cache.kamiyo.example"),
    ),
    (
        Fault::Env003Localhost,
        "REDIS_URL",
        Edit::Swap("cache.kamiyo.example", "localhost"),
    ),
    (Fault::Env004Missing, "DATABASE_URL", Edit::Unset),
    (
        Fault::Env004Sqlite,
        "DATABASE_URL",
        Edit::Set("sqlite:///var/lib/kamiyo/data.db"),
    ),
    (
        Fault::Env004DefaultPassword,
        "DATABASE_URL",
        Edit::Set(
            "postgresql://postgres:postgres@db.kamiyo.example:5432/kamiyo?sslmode=verify-full",
        ),
    ),
    (Fault::Env005Missing, "SECRET_KEY", Edit::Unset),
    (
        Fault::Env005Default,
        "SECRET_KEY",
        Edit::Set("your-secret-key-change-in-production"),
    ),
    (Fault::Env005Short, "SECRET_KEY", Edit::Set("k3J9x-Q2m8Wp")),
    (
        Fault::Env005Repeated,
        "SECRET_KEY",
        Edit::Set("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
    ),
    (Fault::Env006Missing, "STRIPE_API_KEY", Edit::Unset),
    (Fault::Env006TestKey, "STRIPE_API_KEY", Edit::ForTests),
    (
        Fault::Env006Publishable,
        "STRIPE_API_KEY",
        Edit::Publishable,
    ),
    (Fault::Env007Missing, "LOG_LEVEL", Edit::Unset),
    (Fault::Env007Debug, "LOG_LEVEL", Edit::Set("DEBUG")),
    (Fault::Env007LowerCaseDebug, "LOG_LEVEL", Edit::Set("debug")),
    (
        Fault::DplyDb004SslmodePrefer,
        "DATABASE_URL",
        Edit::Swap("sslmode=verify-full", "sslmode=prefer"),
    ),
    (
        Fault::CaioRel002PlainText,
        "CAIO_LOG_FORMAT",
        Edit::Set("text"),
    ),
    (Fault::CaioPerf003Missing, "CAIO_REGISTRY_SIZE", Edit::Unset),
    (
        Fault::CaioPerf003TooSmall,
        "CAIO_REGISTRY_SIZE",
        Edit::Set("14"),
    ),
    (
        Fault::CaioPerf003NotANumber,
        "CAIO_REGISTRY_SIZE",
        Edit::Set("many"),
    ),
    (
        Fault::CaioPerf004Missing,
        "CAIO_CONTRACT_CACHE_TTL",
        Edit::Unset,
    ),
    (
        Fault::CaioPerf004Zero,
        "CAIO_CONTRACT_CACHE_TTL",
        Edit::Set("0"),
    ),
    (Fault::CaioOps001Missing, "CAIO_ENV", Edit::Unset),
    (
        Fault::CaioOps001Development,
        "CAIO_ENV",
        Edit::Set("development"),
    ),
];
