use readiness::{Context, requirement};

fn leaking() -> String {
    String::new()
}

#[requirement("PCI-001", control = leaking)]
fn has_no_resource(_: &Context) {}

fn main() {}
