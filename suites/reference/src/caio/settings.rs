//! The variables that CAIO is started with. In production a value that makes no sense ends the start
//! with the variable's name, so that a typing mistake is found before the first customer finds it; in
//! development the default is taken instead.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::config::Environment;
use crate::error::StartError;

/// What a deployment is set up as, as far as the service reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub environment: Environment,
    /// Log records as JSON, rather than as lines for people.
    pub json_logs: bool,
    /// Services that the registry holds at most.
    pub registry_size: usize,
    /// How long a contract is kept before its source is asked again.
    pub contract_life: Duration,
}

/// The range of `CAIO_REGISTRY_SIZE`, and its default.
const REGISTRY_SIZE: (u64, u64, u64) = (8, 4_096, 64);
/// The range of `CAIO_CONTRACT_CACHE_TTL` in seconds, and its default.
const CONTRACT_LIFE: (u64, u64, u64) = (1, 86_400, 300);

/// The variables of a sound production deployment that the service reads.
pub(crate) fn sound() -> BTreeMap<String, String> {
    [
        ("CAIO_ENV", "production".to_owned()),
        ("CAIO_LOG_FORMAT", "json".to_owned()),
        ("CAIO_REGISTRY_SIZE", REGISTRY_SIZE.2.to_string()),
        ("CAIO_CONTRACT_CACHE_TTL", CONTRACT_LIFE.2.to_string()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

impl Settings {
    /// Reads the variables. A `lenient` service takes a default for whatever makes no sense, as all
    /// do in development.
    ///
    /// # Errors
    /// [`StartError::Variable`] for the first variable that makes no sense.
    pub fn read(
        variables: &BTreeMap<String, String>,
        lenient: bool,
    ) -> Result<Settings, StartError> {
        let environment = match named(variables, "CAIO_ENV", Environment::parse_name) {
            Err(_) if lenient => Environment::Production,
            environment => environment?,
        };
        let lenient = lenient || environment == Environment::Development;
        Ok(Settings {
            environment,
            json_logs: or(true, lenient, named(variables, "CAIO_LOG_FORMAT", is_json))?,
            registry_size: usize::try_from(number(
                variables,
                "CAIO_REGISTRY_SIZE",
                REGISTRY_SIZE,
                lenient,
            )?)
            .unwrap_or(usize::MAX),
            contract_life: Duration::from_secs(number(
                variables,
                "CAIO_CONTRACT_CACHE_TTL",
                CONTRACT_LIFE,
                lenient,
            )?),
        })
    }
}

fn is_json(value: &str) -> Result<bool, String> {
    match value {
        "json" => Ok(true),
        "text" => Ok(false),
        _ => Err("either json or text".to_owned()),
    }
}

fn number(
    variables: &BTreeMap<String, String>,
    name: &'static str,
    (least, most, default): (u64, u64, u64),
    lenient: bool,
) -> Result<u64, StartError> {
    let read = named(variables, name, |value| {
        value
            .parse()
            .ok()
            .filter(|number| (least..=most).contains(number))
            .ok_or_else(|| format!("a number from {least} to {most}"))
    });
    or(default, lenient, read)
}

fn or<T>(default: T, lenient: bool, read: Result<T, StartError>) -> Result<T, StartError> {
    read.or_else(|error| if lenient { Ok(default) } else { Err(error) })
}

fn named<T>(
    variables: &BTreeMap<String, String>,
    name: &'static str,
    read: impl FnOnce(&str) -> Result<T, String>,
) -> Result<T, StartError> {
    let value = variables.get(name).map_or("", String::as_str);
    read(value).map_err(|wanted| StartError::Variable {
        name,
        value: value.to_owned(),
        wanted,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &str, value: &str) -> BTreeMap<String, String> {
        let mut variables = sound();
        variables.insert(name.to_owned(), value.to_owned());
        variables
    }

    #[test]
    fn a_sound_set_is_read() {
        let settings = Settings::read(&sound(), false).unwrap();
        assert_eq!(settings.environment, Environment::Production);
        assert!(settings.json_logs);
        assert_eq!(settings.registry_size, 64);
        assert_eq!(settings.contract_life, Duration::from_secs(300));
    }

    #[test]
    fn each_senseless_value_is_refused_by_name() {
        for (name, value) in [
            ("CAIO_ENV", "prod"),
            ("CAIO_ENV", ""),
            ("CAIO_LOG_FORMAT", "xml"),
            ("CAIO_REGISTRY_SIZE", "many"),
            ("CAIO_REGISTRY_SIZE", "7"),
            ("CAIO_REGISTRY_SIZE", "4097"),
            ("CAIO_CONTRACT_CACHE_TTL", "0"),
            ("CAIO_CONTRACT_CACHE_TTL", "-1"),
            ("CAIO_CONTRACT_CACHE_TTL", "86401"),
        ] {
            let error = Settings::read(&with(name, value), false).unwrap_err();
            let text = error.to_string();
            assert!(text.contains(name), "{text}");
            assert!(Settings::read(&with(name, value), true).is_ok());
        }
    }

    #[test]
    fn development_takes_the_default() {
        let mut variables = with("CAIO_ENV", "development");
        variables.insert("CAIO_REGISTRY_SIZE".to_owned(), "many".to_owned());
        let settings = Settings::read(&variables, false).unwrap();
        assert_eq!(settings.registry_size, 64);
    }
}
