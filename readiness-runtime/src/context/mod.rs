//! The context of a trial: everything a check learns passes through it.

/// A trial's view of the world. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Context {
    _private: (),
}

impl crate::resource::Resource for Context {
    async fn acquire(cx: &Context) -> Result<Self, crate::error::Unavailable> {
        Ok(cx.clone())
    }

    fn replay(cx: &Context) -> Option<Self> {
        Some(cx.clone())
    }
}
