use readiness::requirement;

#[requirement("HLTH-01")]
fn answers() {}

#[requirement("PCI-001", "OPS-777")]
fn is_redacted() {}

fn main() {}
