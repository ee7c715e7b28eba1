use readiness::requirement;

struct NotAnError;

#[requirement("HLTH-001")]
fn a_flag() -> bool {
    true
}

#[requirement("HLTH-001")]
async fn a_number() -> Result<u8, String> {
    Ok(1)
}

#[requirement("HLTH-001")]
fn an_error() -> Result<(), NotAnError> {
    Err(NotAnError)
}

fn main() {}
