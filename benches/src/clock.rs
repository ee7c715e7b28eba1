//! What running a command cost: wall time, and CPU time of the child and its children.

use std::fs::{self, File};
use std::ops::Sub;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};

/// Microseconds of wall and CPU time.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// Wall time.
    pub wall: f64,
    /// User and system time.
    pub cpu: f64,
}

/// Where the child's standard output goes. A terminal would be measured with it.
#[derive(Debug, Clone, Copy)]
pub enum Sink {
    /// A file, as in CI.
    File,
    /// Nowhere.
    Null,
}

impl Cost {
    /// Runs `command` to its end.
    pub fn of(mut command: Command, sink: Sink) -> Result<Self> {
        let stdio = || -> Result<Stdio> {
            Ok(match sink {
                Sink::File => {
                    File::create(std::env::temp_dir().join("readiness-benches.out"))?.into()
                }
                Sink::Null => Stdio::null(),
            })
        };
        command
            .stdin(Stdio::null())
            .stdout(stdio()?)
            .stderr(Stdio::null());
        let before = children_cpu()?;
        let start = Instant::now();
        let status = command
            .status()
            .with_context(|| format!("cannot run {command:?}"))?;
        let wall = start.elapsed().as_secs_f64() * 1e6;
        let cpu = children_cpu()? - before;
        ensure!(status.success(), "{command:?} ended with {status}");
        Ok(Self { wall, cpu })
    }

    /// The sum of `times` runs of the same: one short run is lost in the kernel's ticks.
    pub fn of_several(times: usize, command: impl Fn() -> Command, sink: Sink) -> Result<Self> {
        let mut sum = Self {
            wall: 0.0,
            cpu: 0.0,
        };
        for _ in 0..times {
            let one = Self::of(command(), sink)?;
            sum.wall += one.wall;
            sum.cpu += one.cpu;
        }
        Ok(sum)
    }

    /// The cost of one of `n`.
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    pub fn per(self, n: usize) -> Self {
        Self {
            wall: self.wall / n as f64,
            cpu: self.cpu / n as f64,
        }
    }
}

impl Sub for Cost {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            wall: self.wall - other.wall,
            cpu: self.cpu - other.cpu,
        }
    }
}

/// CPU time of all children that were waited for, in microseconds: fields 16 and 17 of
/// `/proc/self/stat`, in ticks of 10 ms.
fn children_cpu() -> Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat").context("CPU times need Linux's /proc")?;
    let fields = stat
        .rsplit_once(')')
        .context("unexpected /proc/self/stat")?
        .1;
    let ticks = fields
        .split_whitespace()
        .skip(13)
        .take(2)
        .map(str::parse::<f64>)
        .sum::<Result<f64, _>>()
        .context("unexpected /proc/self/stat")?;
    Ok(ticks * 10_000.0)
}
