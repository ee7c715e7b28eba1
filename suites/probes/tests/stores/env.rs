//! Each rule of the environment: a good file is a proven pass, each bad line is not, and no secret
//! is left anywhere.

use crate::driver::{Look, Seen};

readiness_driver::tests!(
    a_good_environment_passes_every_rule,
    each_bad_line_fails_its_own_rule,
    secrets_are_not_left_behind,
    an_unknown_environment_is_not_verified,
);

const SECRET: &str = "q7Zk3vT0m9QpXs5LwB8yRc2NfHd6GjAe";
const STRIPE: &str = "sk_live_51H8x2QkLmNoPqRsTuVwXyZ0123456789";

fn good() -> Vec<(&'static str, String)> {
    [
        ("ENVIRONMENT", "production"),
        ("ALLOWED_ORIGINS", "https://kamiyo.ai,https://www.kamiyo.ai"),
        ("REDIS_URL", "rediss://:Jd83hZk20ApQ@cache.internal:6379/0"),
        (
            "DATABASE_URL",
            "postgresql://app:Jd83hZk20ApR@db.internal/kamiyo?sslmode=verify-full",
        ),
        ("JWT_SECRET", SECRET),
        ("STRIPE_SECRET_KEY", STRIPE),
        ("LOG_LEVEL", "INFO"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .to_vec()
}

const RULES: [&str; 8] = [
    "ENV-001",
    "ENV-002",
    "ENV-003",
    "ENV-004",
    "ENV-005",
    "ENV-006",
    "ENV-007",
    "DPLY-DB-004-URL",
];

#[track_caller]
fn look(id: &str, variables: &[(&str, String)]) -> Seen {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("production.env");
    let lines: Vec<String> = variables
        .iter()
        .map(|(name, value)| format!("{name}='{value}'"))
        .collect();
    let lines = lines.join("\n");
    std::fs::write(&file, lines).unwrap();
    Look::at(id)
        .target("[target.env]")
        .target(&format!("source = \"file:{}\"", file.display()))
        .target("aliases = { STRIPE_API_KEY = \"STRIPE_SECRET_KEY\" }")
        .run()
}

fn a_good_environment_passes_every_rule() {
    for id in RULES {
        look(id, &good()).is_proven();
    }
}

fn each_bad_line_fails_its_own_rule() {
    for (id, name, value, words) in [
        (
            "ENV-001",
            "ENVIRONMENT",
            Some("development"),
            "\"development\"",
        ),
        ("ENV-001", "ENVIRONMENT", None, "ENVIRONMENT is not set"),
        ("ENV-002", "ALLOWED_ORIGINS", Some(""), "lists no origin"),
        (
            "ENV-002",
            "ALLOWED_ORIGINS",
            Some("http://localhost:3000"),
            "this machine",
        ),
        (
            "ENV-003",
            "REDIS_URL",
            Some("cache.internal"),
            "no URL: it has no scheme",
        ),
        (
            "ENV-004",
            "DATABASE_URL",
            Some("sqlite:///data/kamiyo.db"),
            "scheme sqlite",
        ),
        (
            "ENV-004",
            "DATABASE_URL",
            Some("postgresql://app:postgres@db/kamiyo"),
            "a default",
        ),
        ("ENV-005", "JWT_SECRET", Some("supersecret"), "a default"),
        (
            "ENV-005",
            "JWT_SECRET",
            Some("q7Zk3vT0m9QpXs5L"),
            "16 characters",
        ),
        (
            "ENV-005",
            "JWT_SECRET",
            Some("abababababababababababababababab"),
            "1.0 bits",
        ),
        (
            "ENV-005",
            "JWT_SECRET",
            Some(STRIPE),
            "the same as STRIPE_SECRET_KEY",
        ),
        (
            "ENV-006",
            "STRIPE_SECRET_KEY",
            Some("sk_test_51H8x2QkLmNoPqRsTuVw"),
            "stripe test key",
        ),
        (
            "ENV-006",
            "STRIPE_SECRET_KEY",
            Some("pk_live_51H8x2QkLmNoPqRsTuVw"),
            "publishable",
        ),
        (
            "ENV-006",
            "STRIPE_SECRET_KEY",
            None,
            "STRIPE_SECRET_KEY is not set",
        ),
        ("ENV-007", "LOG_LEVEL", Some("debug"), "\"debug\""),
        (
            "DPLY-DB-004-URL",
            "DATABASE_URL",
            Some("postgresql://app:Jd83hZk20ApR@db.internal/kamiyo?sslmode=prefer"),
            "sslmode=prefer",
        ),
    ] {
        let mut variables = good();
        variables.retain(|(other, _)| *other != name);
        variables.extend(value.map(|value| (name, value.to_owned())));
        look(id, &variables).fails(words);
    }
    let mut spaced = good();
    spaced[0].1.push(' ');
    look("ENV-001", &spaced).warns("\"production \"");
}

fn secrets_are_not_left_behind() {
    for id in ["ENV-003", "ENV-004", "ENV-005", "ENV-006"] {
        let seen = look(id, &good());
        for secret in [SECRET, STRIPE, "Jd83hZk20ApQ", "Jd83hZk20ApR"] {
            seen.never_shows(secret);
        }
    }
}

fn an_unknown_environment_is_not_verified() {
    Look::at("ENV-001").run().is_not_verified("env.source");
    let gone = Look::at("ENV-001")
        .target("env = { source = \"file:/nonexistent/env\" }")
        .run();
    gone.is_not_verified("/nonexistent/env");
}
