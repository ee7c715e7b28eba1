use readiness::requirement;

#[requirement("HLTH-001")]
fn answers() {}

#[requirement("HLTH-002")]
fn is_ready() {}

fn main() {}
