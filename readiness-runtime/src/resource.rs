//! What a check needs, by the type of its parameters.
//!
//! A parameter `T: Resource` is acquired for the trial, `Arc<T>` once for the run. What cannot be
//! acquired makes the trial *not verified* with the reason; it never passes and never panics.
//! Releases are registered with [`Context::on_release`] while acquiring, so they run after a panic
//! and after a timeout as well.

use crate::context::Context;
use crate::error::Unavailable;

/// Something a check can ask for by writing it as a parameter.
///
/// ```
/// use readiness::{Context, Resource, Unavailable};
///
/// struct Inbox(std::path::PathBuf);
///
/// impl Resource for Inbox {
///     async fn acquire(cx: &Context) -> Result<Self, Unavailable> {
///         let path = std::env::temp_dir().join(format!("inbox-{}", cx.nonce()));
///         std::fs::create_dir(&path).map_err(|e| Unavailable::new(format!("no inbox: {e}")))?;
///         let gone = path.clone();
///         cx.on_release(async move { drop(std::fs::remove_dir_all(gone)) });
///         Ok(Inbox(path))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a resource",
    label = "a check's parameter must be a resource, or take one of the attribute's `args(..)`",
    note = "implement `readiness::Resource` for it, take `Arc<..>` of a resource for one per run, or bind it with `args(..)`"
)]
pub trait Resource: Sized + 'static {
    /// Acquires it for the trial (or for the run, behind `Arc`).
    ///
    /// # Errors
    /// [`Unavailable`] with the reason and what would help; the trial is then not verified.
    fn acquire(cx: &Context) -> impl Future<Output = Result<Self, Unavailable>>;

    /// Whether [`acquire`](Self::acquire) itself goes only through the context's recorded calls
    /// ([`Context::observe`], [`Context::once`], settings, the clock …), so that a replay may simply
    /// acquire again. The short way to a replay form, for resources that are what they observed.
    const REPLAYABLE: bool = false;

    /// The form that a replay uses: one whose every look at the world goes through
    /// [`Context::observe`], so that nothing leaves the process. `None`, the default, says that a
    /// check with this resource cannot be replayed.
    fn replay(cx: &Context) -> Option<Self> {
        let _ = cx;
        None
    }
}
