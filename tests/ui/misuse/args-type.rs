use readiness::requirement;

#[requirement("HLTH-001", args("five"))]
#[requirement("HLTH-002", args(5))]
fn takes_a_number(_: u8) {}

fn main() {}
