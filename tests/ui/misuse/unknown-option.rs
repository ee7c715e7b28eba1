use readiness::requirement;

#[requirement("HLTH-001", timout = "30s")]
fn near() {}

#[requirement("HLTH-001", weight = 3)]
fn far() {}

fn main() {}
