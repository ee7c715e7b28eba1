use readiness::requirement;

#[requirement("HLTH-001", "HLTH-001")]
fn in_one() {}

#[requirement("HLTH-001")]
#[requirement("HLTH-002", "HLTH-001")]
fn in_two() {}

fn main() {}
