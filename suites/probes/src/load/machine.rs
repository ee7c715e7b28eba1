//! How busy the generator's own process was: CPU time from the kernel's accounting, where there is one.

use std::time::{Duration, Instant};

/// A point in the life of this process.
#[derive(Debug)]
pub(super) struct Mark {
    at: Instant,
    cpu: Option<Duration>,
}

impl Mark {
    pub fn now() -> Mark {
        Mark {
            at: Instant::now(),
            cpu: cpu_time(),
        }
    }

    /// The part of all cores that this process has used since, from 0 to 1; `None` where the system
    /// does not tell.
    pub fn share_since(&self) -> Option<f64> {
        let used = cpu_time()?.checked_sub(self.cpu?)?.as_secs_f64();
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let cores = f64::from(u32::try_from(cores).unwrap_or(1));
        let passed = self.at.elapsed().as_secs_f64();
        (passed > 0.0).then(|| (used / passed / cores).min(1.0))
    }
}

/// User and system time of this process: fields 14 and 15 of `/proc/self/stat`, in hundredths of a
/// second on every Linux.
#[cfg(target_os = "linux")]
fn cpu_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace().skip(11);
    let ticks: u64 = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks.saturating_mul(10)))
}

#[cfg(not(target_os = "linux"))]
fn cpu_time() -> Option<Duration> {
    None
}
