use readiness::requirement;

#[requirement("HLTH-001", retries = 1, retries = 2)]
fn twice() {}

#[requirement("HLTH-001", exclusive = "db", shared = "db")]
fn both() {}

fn main() {}
