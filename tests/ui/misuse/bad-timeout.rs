use readiness::requirement;

#[requirement("HLTH-001", timeout = 30)]
fn number() {}

#[requirement("HLTH-001", timeout = "30")]
fn no_unit() {}

#[requirement("HLTH-001", timeout = "0s")]
fn zero() {}

#[requirement("HLTH-001", timeout = "1.5s")]
fn fraction() {}

#[requirement("HLTH-001", timeout = "30 seconds")]
fn words() {}

fn main() {}
