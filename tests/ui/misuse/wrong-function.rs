use readiness::requirement;

struct Service;

impl Service {
    #[requirement("HLTH-001")]
    fn method(&self) {}
}

#[requirement("HLTH-001")]
fn generic<T>(_: T) {}

#[requirement("HLTH-001")]
fn lifetime<'a>(_: &'a readiness::Context) {}

#[requirement("HLTH-001")]
fn implied(_: impl Sized) {}

#[requirement("HLTH-001")]
const fn constant() {}

#[requirement("HLTH-001")]
unsafe fn dangerous() {}

#[requirement("HLTH-001")]
extern "C" fn foreign() {}

fn main() {}
