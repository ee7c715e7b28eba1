use readiness::requirement;

#[requirement("HLTH-001", args(1))]
fn takes_none() {}

#[requirement("HLTH-001", args("a", 2, 3))]
fn takes_two(_: &str, _: u8) {}

#[requirement("HLTH-001", args())]
fn empty(_: u8) {}

#[requirement("HLTH-001", args = 1)]
fn not_a_list(_: u8) {}

#[requirement("HLTH-001", args(2))]
fn too_few(_: u8, _: u16) {}

fn main() {}
