use readiness::requirement;

#[requirement("HLTH-001")]
struct Health;

#[requirement("HLTH-001")]
mod health {}

#[requirement("HLTH-001")]
static HEALTH: u8 = 0;

trait Check {
    #[requirement("HLTH-001")]
    fn without_body();
}

fn main() {}
