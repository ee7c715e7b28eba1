use readiness::requirement;

struct Service;

impl Service {
    #[requirement("HLTH-001")]
    fn associated() {}
}

fn main() {}
