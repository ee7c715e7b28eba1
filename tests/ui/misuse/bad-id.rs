use readiness::requirement;

#[requirement("")]
fn empty() {}

#[requirement(" HLTH-001")]
fn padded() {}

#[requirement("HLTH-001\n")]
fn control_character() {}

#[requirement(17)]
fn number() {}

#[requirement(+)]
fn punctuation() {}

fn main() {}
