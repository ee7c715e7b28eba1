use std::path::Path;

use super::*;

pub(super) fn parse(text: &str) -> Result<Config, Vec<ConfigError>> {
    Config::parse(Path::new("readiness.toml"), text)
}

/// Codes and lines of everything found.
pub(super) fn found(text: &str) -> Vec<(&'static str, usize)> {
    parse(text)
        .unwrap_err()
        .iter()
        .map(|d| (d.code.as_str(), d.line.unwrap_or(0)))
        .collect()
}

#[test]
fn a_full_file_is_read() {
    let config = parse(
        r#"
checklist = "CHECKLIST.md"
status_bullets = false

[gate]
minimum = 99.5
deny = ["warn", "stale", "warn"]
require = ["SEC-*"]

[target]
kind = "remote"
name = "staging"
identities.pro = { tier = "pro", api_key_env = "PRO_API_KEY" }

[ids]
"security-hardening/tls" = "CAIO-SEC-002"

[prove]
minimum = 80
budget = 64
seed = 7
redact = ["PAYMENT_KEY"]

[run]
timeout = "30s"
threads = 8
max_age = "30d"

[[attestation]]
id = "DPLY-DB-003"
by = "dba@example.com"
on = 2026-11-20
expires = 2027-02-20
evidence = "https://example.com/drill"

[[waiver]]
id = "SEC-004"
owner = "sec@example.com"
reason = "the limiter ships in December"
on = "2026-11-20"
expires = "90d"

[[not-applicable]]
id = "RT-TEAM-004"
reason = "not offered"
"#,
    )
    .unwrap();
    assert_eq!(
        config.rules.gate.minimum,
        Some(Percent { hundredths: 9950 })
    );
    assert_eq!(config.rules.gate.deny, [Deny::Warn, Deny::Stale]);
    assert_eq!(config.run.timeout, Some(Duration::from_secs(30)));
    assert_eq!(config.run.max_age, Some(30));
    assert_eq!(config.ids["security-hardening/tls"], "CAIO-SEC-002");
    assert!(!config.checklist_options().status_bullets);
    let waiver = &config.rules.waiver[0];
    assert_eq!(waiver.by.as_deref(), Some("sec@example.com"));
    assert_eq!(waiver.expires, date::parse_day("2027-02-18"));
    assert_eq!(waiver.line, 36);
    assert_eq!(config.rules.not_applicable[0].expires, None);
    let target = config.target.as_ref().unwrap();
    assert_eq!(
        target["identities"]
            .get("pro")
            .and_then(|pro| pro.get("tier")?.as_str()),
        Some("pro")
    );
    assert_eq!(config.target_line("identities.pro"), Some(13));
}

#[test]
fn an_unknown_key_is_named_with_its_line_and_the_nearest_one() {
    let errors = parse("[gate]\nminimun = 95\n[colour]\nx = 1\n").unwrap_err();
    assert_eq!(
        errors[0].to_string(),
        "error[config-unknown-key] readiness.toml:2: unknown key `minimun` in [gate]\n  hint: did you mean `minimum`?"
    );
    assert_eq!(
        (errors[1].code, errors[1].line),
        (Code::ConfigUnknownKey, Some(3))
    );
}

#[test]
fn values_of_the_wrong_kind_are_named_all_at_once() {
    let text = "checklist = 1\n[gate]\nminimum = 101\ndeny = [\"fial\"]\n[run]\nthreads = 0\ntimeout = \"soon\"\nmax_age = 30\n[target]\nkind = \"local\"\n";
    assert_eq!(
        found(text),
        [
            ("config-wrong-type", 1),
            ("config-value", 3),
            ("config-value", 4),
            ("config-value", 6),
            ("config-value", 7),
            ("config-wrong-type", 8),
            ("config-value", 10),
        ]
    );
}

#[test]
fn what_is_not_toml_is_named_with_its_line() {
    assert_eq!(found("checklist = \"a\"\n[gate\n"), [("config-syntax", 2)]);
}

const SCHEMAS: &[ConfigSchema] = &[
    ConfigSchema {
        table: "target",
        keys: &["base_url", "timeout_ms", "allow_writes"],
    },
    ConfigSchema {
        table: "target.identities.*",
        keys: &["tier", "api_key_env"],
    },
];

#[test]
fn suites_name_the_keys_they_do_not_read() {
    let text =
        "[target]\nkind = \"remote\"\nbase_ulr = \"x\"\n[target.identities.pro]\nteir = \"pro\"\n";
    let errors = parse(text).unwrap().check_target(SCHEMAS);
    let lines: Vec<_> = errors.iter().map(|e| (e.line, &*e.hint)).collect();
    assert_eq!(
        lines,
        [
            (Some(3), "did you mean `base_url`?"),
            (Some(5), "did you mean `tier`?"),
        ]
    );
    assert_eq!(parse(text).unwrap().check_target(&[]), []);
}

#[test]
fn the_environment_overrides_keys_of_the_target() {
    let config =
        parse("[target]\ntimeout_ms = 10\nname = \"1\"\nidentities.pro = { tier = \"pro\" }\n")
            .unwrap();
    let environment = [
        ("READINESS_BASE_URL", "https://a.example"),
        ("READINESS_TIMEOUT_MS", "250"),
        ("READINESS_NAME", "42"),
        ("READINESS_ALLOW_WRITES", "true"),
        ("READINESS_IDENTITIES_PRO_API_KEY_ENV", "KEY"),
        ("READINESS_RUN_ID", "r-1"),
        ("READINESS_BASE_ULR", "typo"),
        ("PATH", "/bin"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let (target, unmatched) = target::with_overrides(config.target.as_ref(), environment, SCHEMAS);
    assert_eq!(target["base_url"].as_str(), Some("https://a.example"));
    assert_eq!(target["timeout_ms"].as_integer(), Some(250));
    assert_eq!(target["name"].as_str(), Some("42"));
    assert_eq!(target["allow_writes"].as_bool(), Some(true));
    assert_eq!(
        target["identities"]
            .get("pro")
            .and_then(|pro| pro.get("api_key_env")?.as_str()),
        Some("KEY")
    );
    assert_eq!(unmatched, ["READINESS_BASE_ULR"]);
}
