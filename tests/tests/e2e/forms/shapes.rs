//! Every way to write a check, in a module where nothing may be unsafe and no warning is allowed:
//! what the attribute adds must not need an exception.

#![forbid(unsafe_code)]
#![deny(warnings)]

use std::error::Error;
use std::sync::Arc;

use readiness::{Context, Resource, Unavailable, Verdict, requirement};

use super::registered;

pub(crate) struct Logs(&'static str);

impl Resource for Logs {
    async fn acquire(_: &Context) -> Result<Self, Unavailable> {
        Ok(Logs("clean"))
    }
}

pub(crate) struct Clock;

impl Resource for Clock {
    async fn acquire(_: &Context) -> Result<Self, Unavailable> {
        Ok(Clock)
    }
}

fn leaking() -> Logs {
    Logs("a card number")
}

fn leaking_for(_: &Context) -> Logs {
    Logs("a card number")
}

async fn leaking_later() -> Logs {
    Logs("a card number")
}

async fn leaking_later_for(_: &Context) -> Logs {
    Logs("a card number")
}

#[requirement("FORM-001")]
fn nothing() {}

#[requirement("FORM-001")]
async fn nothing_later() {}

#[requirement("FORM-001")]
fn a_verdict() -> Verdict {
    Verdict::Warn("close to the limit".to_owned())
}

#[requirement("FORM-001")]
fn a_result() -> Result<(), std::num::ParseIntError> {
    "1".parse::<u8>().map(drop)
}

#[requirement("FORM-001")]
async fn a_result_of_a_verdict() -> Result<Verdict, Box<dyn Error + Send + Sync>> {
    Ok(Verdict::NotApplicable("no cards here".to_owned()))
}

#[requirement("FORM-001")]
fn our_result() -> readiness::Result {
    Ok(())
}

#[requirement("FORM-001")]
fn by_value(cx: Context, logs: Logs) {
    drop((cx, logs));
}

#[requirement("FORM-001")]
async fn by_reference(_cx: &Context, logs: &Logs, _clock: &mut Clock) {
    assert_eq!(logs.0, "clean");
}

#[requirement("FORM-001")]
fn of_the_run(logs: Arc<Logs>, clock: &Arc<Clock>) {
    drop((logs, Arc::clone(clock)));
}

#[requirement("FORM-001", args("x", 2, Some(3), [4; 2]))]
async fn with_arguments(_logs: Logs, text: &str, n: u64, maybe: Option<u8>, [a, _]: [i32; 2]) {
    assert_eq!((text, n, maybe, a), ("x", 2, Some(3), 4));
}

#[requirement("FORM-001", control = leaking)]
fn with_a_control(logs: &Logs) {
    assert_eq!(logs.0, "clean");
}

#[requirement("FORM-001", control = leaking_for)]
fn with_a_control_of_a_context(_: &Context, logs: Logs, _: Clock) {
    assert_eq!(logs.0, "clean");
}

#[requirement("FORM-001", control = self::leaking_later)]
fn with_an_async_control(logs: &mut Logs) {
    assert_eq!(logs.0, "clean");
}

#[requirement("FORM-001", control = leaking_later_for)]
async fn all_async(logs: Logs, _: &Context) {
    assert_eq!(logs.0, "clean");
}

#[test]
fn each_is_registered_once() {
    let functions = [
        "nothing",
        "nothing_later",
        "a_verdict",
        "a_result",
        "a_result_of_a_verdict",
        "our_result",
        "by_value",
        "by_reference",
        "of_the_run",
        "with_arguments",
        "with_a_control",
        "with_a_control_of_a_context",
        "with_an_async_control",
        "all_async",
    ];
    for function in functions {
        assert_eq!(registered("shapes", function).len(), 1, "{function}");
    }
}

#[test]
fn controls_are_registered_beside_the_check() {
    for (function, controlled) in [
        ("with_a_control", true),
        ("all_async", true),
        ("nothing", false),
    ] {
        let control = &registered("shapes", function)[0].control;
        assert_eq!(control.is_some(), controlled, "{function}");
    }
}
