//! `cargo +nightly fuzz run parse` from the root of the repository.

#![no_main]

#[path = "../src/checks.rs"]
#[expect(dead_code, reason = "each target uses one check")]
mod checks;

libfuzzer_sys::fuzz_target!(|data: &[u8]| checks::parse(data));
