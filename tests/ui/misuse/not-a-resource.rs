use std::sync::Arc;

use readiness::requirement;

struct Database;

#[requirement("HLTH-001")]
fn by_value(_: Database) {}

#[requirement("HLTH-001")]
async fn by_reference(_: &Database) {}

#[requirement("HLTH-001")]
fn of_the_run(_: Arc<Database>) {}

#[requirement("PCI-001")]
fn forgot_args(_: &str) {}

fn main() {}
