//! What the macros expand to. Not part of the public interface: anything here may change in any
//! release.

pub use inventory::submit;

pub use crate::assert::{Shown, ShownOpaque, note, note_pair};
pub use crate::context::Context;
pub use crate::expansion::{
    Control, answer, control, control_now, obtain, obtain_now, registration,
};
pub use crate::harness::start::{Site, main};
pub use crate::packed::{Check, Packed};
pub use crate::registry::{Body, CheckFuture};
pub use crate::verdict::{CheckResult, IntoCheckResult};
pub use core::module_path;
pub use core::result::Result;
pub use core::{cfg, env, option_env};
pub use std::boxed::Box;
pub use std::process::ExitCode;
pub use std::{format, stringify};

use std::sync::Arc;

use crate::error::Unavailable;
use crate::resource::Resource;

/// A parameter of a check, as the macro acquires it: a resource for the trial, `Arc` of one for the
/// run, or the context itself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a resource",
    label = "a check's parameter must be a resource, or take one of the attribute's `args(..)`",
    note = "implement `readiness::Resource` for it, take `Arc<..>` of a resource for one per run, or bind it with `args(..)`"
)]
pub trait Parameter: Sized {
    /// Live or replayed, as the context says.
    fn obtain(cx: &Context) -> impl Future<Output = std::result::Result<Self, Unavailable>>;
}

impl<T: Resource> Parameter for T {
    async fn obtain(cx: &Context) -> std::result::Result<Self, Unavailable> {
        cx.obtain::<T>().await
    }
}

impl<T: Resource + Send + Sync> Parameter for Arc<T> {
    async fn obtain(cx: &Context) -> std::result::Result<Self, Unavailable> {
        cx.run_scope::<T>().await
    }
}
