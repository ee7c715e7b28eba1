//! What a check's registration calls at run time: acquiring parameters, controls, answers.
//!
//! The macro emits names of this module through `__private`; keeping the work here and not in the
//! expansion is what keeps a thousand checks cheap to compile.

use std::any::Any;
use std::pin::Pin;

use crate::__private::Parameter;
use crate::context::Context;
use crate::registry::{Body, Phase, Registration};
use crate::verdict::{CheckResult, IntoCheckResult};

/// A registration without options, for whoever submits one by hand.
#[expect(clippy::too_many_arguments, reason = "one for each field")]
pub const fn registration(
    ids: &'static [&'static str],
    module: &'static str,
    function: &'static str,
    package: &'static str,
    version: &'static str,
    manifest_dir: &'static str,
    file: &'static str,
    line: u32,
    column: u32,
    digest: &'static str,
    body: Body,
) -> Registration {
    Registration {
        ids,
        module,
        function,
        package,
        version,
        manifest_dir,
        file,
        line,
        column,
        case: None,
        arguments: "",
        exclusive: None,
        shared: None,
        phase: Phase::Probe,
        timeout: None,
        retries: 0,
        ignore: None,
        no_proof: None,
        control: None,
        digest,
        body,
    }
}

/// What a check returned, as the answer of its trial.
pub fn answer<T: IntoCheckResult>(returned: T) -> CheckResult {
    returned.into_check_result()
}

/// Acquires a parameter of an asynchronous check. Boxed, so that the check's own future does not
/// contain the resource's: less to compile, and one error instead of several for a type that is no
/// resource.
///
/// # Errors
/// The answer of the trial if it cannot be acquired.
pub fn obtain<T: Parameter + 'static>(
    cx: &Context,
) -> Pin<Box<dyn Future<Output = Result<T, CheckResult>> + '_>> {
    Box::pin(async {
        T::obtain(cx)
            .await
            .map_err(|error| CheckResult::Unavailable(error.reason().to_owned()))
    })
}

/// Acquires a parameter of a blocking check, before the check is called and outside of it, so that
/// the check itself may block as it likes.
///
/// # Errors
/// The answer of the trial if it cannot be acquired.
pub fn obtain_now<T: Parameter + 'static>(cx: &Context) -> Result<T, CheckResult> {
    // A check that only asks for its context must not be what starts an asynchronous runtime.
    let mut slot = None::<T>;
    if let Some(slot) = (&mut slot as &mut dyn Any).downcast_mut::<Option<Context>>() {
        *slot = Some(cx.clone());
    }
    match slot {
        Some(context) => Ok(context),
        None => cx.block_on(obtain(cx)),
    }
}

/// A function that gives a known-bad resource: `fn() -> T` or `fn(&Context) -> T`, blocking or
/// asynchronous. `Kind` tells the four apart.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no control for a check whose first resource is `{T}`",
    label = "gives no `{T}`",
    note = "a control is `fn() -> {T}` or `fn(&readiness::Context) -> {T}`; it may be async"
)]
pub trait Control<T, Kind> {
    /// The bad value.
    fn give(self, cx: &Context) -> impl Future<Output = T>;
}

/// `fn() -> T`.
#[derive(Debug)]
pub enum Plain {}
/// `fn(&Context) -> T`.
#[derive(Debug)]
pub enum WithContext {}
/// `async fn() -> T`.
#[derive(Debug)]
pub enum Async {}
/// `async fn(&Context) -> T`.
#[derive(Debug)]
pub enum AsyncWithContext {}

impl<T, F: FnOnce() -> T> Control<T, Plain> for F {
    async fn give(self, _: &Context) -> T {
        self()
    }
}

impl<T, F: FnOnce(&Context) -> T> Control<T, WithContext> for F {
    async fn give(self, cx: &Context) -> T {
        self(cx)
    }
}

impl<T, F: AsyncFnOnce() -> T> Control<T, Async> for F {
    async fn give(self, _: &Context) -> T {
        self().await
    }
}

impl<T, F: AsyncFnOnce(&Context) -> T> Control<T, AsyncWithContext> for F {
    async fn give(self, cx: &Context) -> T {
        self(cx).await
    }
}

/// The control's value for an asynchronous check.
pub async fn control<T, Kind>(control: impl Control<T, Kind>, cx: &Context) -> T {
    control.give(cx).await
}

/// The control's value for a blocking check.
pub fn control_now<T, Kind>(control: impl Control<T, Kind>, cx: &Context) -> T {
    cx.block_on(control.give(cx))
}
