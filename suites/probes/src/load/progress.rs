//! A line on stderr now and then: a load test of ten minutes that says nothing looks like a hang.

use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::run::World;

/// How often. A shortened run is over before the first line.
const EVERY: Duration = Duration::from_secs(10);

/// Reports until it is dropped.
pub(super) async fn report(world: Arc<World>) {
    loop {
        tokio::time::sleep(EVERY).await;
        let now = Instant::now();
        let (requests, errors) = world.recorder.so_far();
        let line = format!(
            "load: {} of {} s, {} users, {requests} requests, {errors} errors\n",
            now.saturating_duration_since(world.begin).as_secs(),
            world.plan.length().as_secs(),
            world.active(),
        );
        // Stdout belongs to the test protocol; a closed stderr is no reason to stop.
        drop(std::io::stderr().lock().write_all(line.as_bytes()));
    }
}
