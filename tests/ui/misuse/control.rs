use readiness::{Context, Resource, Unavailable, requirement};

struct Logs;

impl Resource for Logs {
    async fn acquire(_: &Context) -> Result<Self, Unavailable> {
        Ok(Logs)
    }
}

fn leaking() -> String {
    String::new()
}

#[requirement("PCI-001", control = leaking)]
fn gives_another_type(_: Logs) {}

#[requirement("PCI-001", control = missing)]
fn is_not_there(_: Logs) {}

fn main() {}
