use super::*;
use serde_json::json;

/// A variable with these facts.
#[expect(
    clippy::needless_pass_by_value,
    reason = "a literal reads better at the call"
)]
fn seen(facts: Value) -> Variable {
    let mut all = json!({"name": "X", "set": true});
    for (name, value) in facts.as_object().unwrap() {
        all[name] = value.clone();
    }
    Variable::new(all)
}

fn plain(value: &str) -> Variable {
    seen(json!({"value": value}))
}

#[track_caller]
fn fails(verdict: Result<Verdict>, words: &str) {
    let Verdict::Fail(reason) = verdict.unwrap() else {
        panic!("not a failure: {words}")
    };
    assert!(reason.contains(words), "{reason}");
}

#[test]
fn an_unset_variable_fails_every_rule() {
    let unset = Variable::new(json!({"name": "X", "set": false}));
    for rule in [
        production,
        origins,
        redis_url,
        database_url,
        ssl_mode,
        signing_secret,
        stripe_key,
        log_level,
    ] {
        fails(rule(&unset), "X is not set");
    }
}

#[test]
fn production_is_meant_to_the_letter() {
    assert_eq!(production(&plain("production")).unwrap(), Verdict::Pass);
    assert!(matches!(
        production(&plain("production ")).unwrap(),
        Verdict::Warn(_)
    ));
    assert!(matches!(
        production(&plain("Production")).unwrap(),
        Verdict::Warn(_)
    ));
    fails(production(&plain("development")), "\"development\"");
    fails(production(&plain("")), "\"\"");
}

#[test]
fn origins_are_addresses_without_a_path() {
    assert_eq!(
        origins(&plain("https://a.io, https://b.io:8443")).unwrap(),
        Verdict::Pass
    );
    assert_eq!(
        origins(&plain("[\"https://a.io\"]")).unwrap(),
        Verdict::Pass
    );
    for (value, words) in [
        ("", "lists no origin"),
        (" , ", "lists no origin"),
        ("https://a.io,*", "wildcard"),
        ("https://your-domain.io", "placeholder"),
        ("http://localhost:3000", "this machine"),
        ("a.io", "no origin"),
        ("https://a.io/", "with a path"),
        ("https://a.io/app", "with a path"),
    ] {
        fails(origins(&plain(value)), words);
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "a literal reads better at the call"
)]
fn url(change: Value) -> Variable {
    let mut facts = json!({
        "problem": null, "scheme": "postgresql", "host": "db.internal", "local": false,
        "placeholder": false, "user": true, "database": true, "password": "set",
        "sslmode": "verify-full",
    });
    for (name, value) in change.as_object().unwrap() {
        facts[name] = value.clone();
    }
    seen(facts)
}

#[test]
fn store_urls() {
    assert_eq!(database_url(&url(json!({}))).unwrap(), Verdict::Pass);
    assert_eq!(
        redis_url(&url(json!({"scheme": "rediss"}))).unwrap(),
        Verdict::Pass
    );
    assert!(matches!(
        redis_url(&url(json!({"scheme": "redis", "local": true}))).unwrap(),
        Verdict::Warn(_)
    ));
    for (change, words) in [
        (json!({"scheme": "sqlite"}), "scheme sqlite"),
        (
            json!({"problem": "it has no scheme"}),
            "no URL: it has no scheme",
        ),
        (json!({"password": "default"}), "password in X is a default"),
        (json!({"password": "placeholder"}), "a placeholder"),
        (json!({"user": false}), "no user"),
        (json!({"database": false}), "no database"),
        (json!({"host": ""}), "no host"),
        (json!({"placeholder": true}), "placeholder for a host"),
    ] {
        fails(database_url(&url(change)), words);
    }
    fails(redis_url(&url(json!({"scheme": "http"}))), "none of Redis");
}

#[test]
fn tls_is_demanded() {
    let judged = |mode: Value| ssl_mode(&url(json!({"sslmode": mode})));
    assert_eq!(judged(json!("verify-ca")).unwrap(), Verdict::Pass);
    assert!(matches!(
        judged(json!("require")).unwrap(),
        Verdict::Warn(_)
    ));
    fails(judged(json!("prefer")), "sslmode=prefer");
    fails(judged(json!(null)), "no sslmode");
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "a literal reads better at the call"
)]
fn secret(change: Value) -> Variable {
    let mut facts = json!({"length": 64, "class": "secret", "bits": 3.9, "same_as": []});
    for (name, value) in change.as_object().unwrap() {
        facts[name] = value.clone();
    }
    seen(facts)
}

#[test]
fn secrets_to_sign_with() {
    assert_eq!(
        signing_secret(&secret(json!({"length": 32, "bits": 3.0}))).unwrap(),
        Verdict::Pass
    );
    for (change, words) in [
        (json!({"length": 31}), "31 characters"),
        (json!({"bits": 2.9}), "2.9 bits"),
        (json!({"class": "default"}), "a default"),
        (json!({"class": "placeholder"}), "a placeholder"),
        (json!({"class": "empty", "length": 0}), "X is empty"),
        (json!({"same_as": ["SESSION_KEY"]}), "same as SESSION_KEY"),
    ] {
        fails(signing_secret(&secret(change)), words);
    }
}

#[test]
fn stripe_keys() {
    let live = json!({"class": "stripe live secret key", "length": 107});
    assert_eq!(stripe_key(&secret(live)).unwrap(), Verdict::Pass);
    for (change, words) in [
        (json!({"class": "stripe test key"}), "stripe test key"),
        (json!({"class": "stripe publishable key"}), "publishable"),
        (json!({"class": "secret"}), "class \"secret\""),
        (
            json!({"class": "stripe live secret key", "length": 12}),
            "12 characters",
        ),
    ] {
        fails(stripe_key(&secret(change)), words);
    }
}

#[test]
fn log_levels() {
    for level in ["INFO", "warning"] {
        assert_eq!(log_level(&plain(level)).unwrap(), Verdict::Pass);
    }
    assert!(matches!(
        log_level(&plain("CRITICAL")).unwrap(),
        Verdict::Warn(_)
    ));
    for level in ["DEBUG", "debug", "TRACE", "", "loud"] {
        fails(log_level(&plain(level)), "neither INFO nor WARNING");
    }
}
