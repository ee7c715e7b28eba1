use readiness::requirement;

#[requirement]
fn bare() {}

#[requirement()]
fn nothing() {}

#[requirement(timeout = "1s")]
fn options_only() {}

fn main() {}
