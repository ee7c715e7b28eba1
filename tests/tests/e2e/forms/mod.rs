//! The attribute on functions of this very binary: that every form compiles, that exactly what was
//! written is registered, and that nothing the surrounding code defines can change its meaning.

#![allow(
    clippy::needless_pass_by_value,
    clippy::needless_pass_by_ref_mut,
    clippy::trivially_copy_pass_by_ref,
    clippy::unnecessary_wraps,
    clippy::unused_async,
    reason = "the functions show their forms and do nothing"
)]

mod metadata;
mod shapes;
mod weird;

use readiness::registry::Registration;

/// The registrations of one function of one module of this binary, by position.
fn registered(module: &str, function: &str) -> Vec<&'static Registration> {
    let mut found: Vec<_> = Registration::all()
        .into_iter()
        .filter(|r| r.module.ends_with(&format!("forms::{module}")) && r.function == function)
        .collect();
    found.sort_by_key(|r| (r.line, r.column));
    found
}
