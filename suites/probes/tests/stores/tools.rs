//! What the tests of stores have in common.

use readiness::Unavailable;

/// The server, or nothing and a line that says why: the test has nothing to look at then.
#[track_caller]
pub fn available<T>(server: Result<T, Unavailable>) -> Option<T> {
    match server {
        Ok(server) => Some(server),
        Err(error) if is_required() => panic!("READINESS_REQUIRE_TOOLS=1, and {error}"),
        Err(error) if error.reason().contains("is not installed") => {
            println!("skipped: {error}");
            None
        }
        // Installed and broken is never a reason to pass.
        Err(error) => panic!("{error}"),
    }
}

fn is_required() -> bool {
    std::env::var("READINESS_REQUIRE_TOOLS").is_ok_and(|value| value == "1")
}
