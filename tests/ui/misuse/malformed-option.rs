use readiness::requirement;

#[requirement("HLTH-001", ignore)]
fn no_reason() {}

#[requirement("HLTH-001", ignore = " ")]
fn empty_reason() {}

#[requirement("HLTH-001", no_proof = "")]
fn empty_excuse() {}

#[requirement("HLTH-001", exclusive = 3)]
fn group_is_a_number() {}

#[requirement("HLTH-001", retries = "2")]
fn retries_is_text() {}

#[requirement("HLTH-001", retries = -1)]
fn negative() {}

#[requirement("HLTH-001", phase = "brust")]
fn phase() {}

#[requirement("HLTH-001", control = "path")]
fn control(_: readiness::Context) {}

#[requirement("HLTH-001" timeout = "1s")]
fn no_comma() {}

fn main() {}
