//! Measures Readiness against its peers: `cargo run --release -p readiness-benches -- runner`.
//!
//! Every peer is a cargo project that is generated under `target/benches`, built once, and then run
//! in turn with the others, round by round: a machine that is busy for a while is busy for all of
//! them. What counts is the ratio within a round; the table shows its median, best and worst over
//! all rounds. CPU time is user and system time of the children, from the kernel's own accounting.
//!
//! | subcommand | question |
//! |---|---|
//! | `runner` | what does one requirement cost, journal and evidence included? |
//! | `compile` | what does one `#[requirement]` cost the compiler? |
//! | `replay` | what does it cost to prove a pass, on twenty alterations of what was seen? |
//! | `suite` | how much longer does a whole suite take that proves its passes? |
//! | `merge` | does the cost of a record grow with the number of journals? |
//! | `load` | what does a request cost the load generator? |
//! | `reports` | what does a report of 10,000 items with evidence cost, format by format? |
//! | `weight` | what does a clean build of a test crate cost that needs the runtime alone? |

mod clock;
mod load;
mod merge;
mod peers;
mod replay;
mod reports;
mod table;

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

use clock::{Cost, Sink};
use peers::{Peer, Project};
use table::Table;

#[derive(Parser)]
#[command(about = "Readiness against its peers, interleaved in one run")]
struct Arguments {
    #[command(subcommand)]
    question: Question,
    /// Rounds after one warm-up.
    #[arg(long, default_value_t = 5, global = true)]
    rounds: usize,
}

#[derive(Subcommand)]
enum Question {
    /// Cost per requirement of a run.
    Runner {
        /// Trivial checks in each project.
        #[arg(long, default_value_t = 1_000)]
        trials: usize,
        /// Build with optimisation.
        #[arg(long)]
        release: bool,
        /// Leave nextest out, which starts a process for each test.
        #[arg(long)]
        no_nextest: bool,
    },
    /// Cost per check of proving its pass.
    Replay {
        /// Checks, each with twenty alterations.
        #[arg(long, default_value_t = 1_000)]
        trials: usize,
        /// Build with optimisation.
        #[arg(long)]
        release: bool,
    },
    /// What proving adds to a run of the Kamiyo suite on its embedded service.
    Suite {
        /// Build with optimisation.
        #[arg(long)]
        release: bool,
    },
    /// Cost per attribute of compiling.
    Compile {
        /// Trivial checks in each project.
        #[arg(long, default_value_t = 1_000)]
        items: usize,
    },
    /// Cost of a clean build.
    Weight,
    /// Cost per request of the load generator, beside wrk and k6 where they are installed.
    Load {
        /// How long each client sends in each round.
        #[arg(long, default_value_t = 4)]
        seconds: u64,
    },
    /// One client's turn, for `load` to measure.
    #[command(hide = true)]
    LoadOnce {
        /// The server.
        url: String,
        /// How long.
        #[arg(long)]
        seconds: u64,
    },
    /// The server that `load` measures against.
    #[command(hide = true)]
    LoadServer,
    /// Cost of a large report in each format.
    Reports,
    /// Cost per record of merging journals.
    Merge,
    /// One merge, for `merge` to measure.
    #[command(hide = true)]
    MergeOnce {
        /// The run's folder.
        run: PathBuf,
        /// How often.
        #[arg(long)]
        times: usize,
    },
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .context("the crate lies in the workspace")?
        .to_owned();
    let table = match arguments.question {
        Question::Runner {
            trials,
            release,
            no_nextest,
        } => runner(&root, trials, release, !no_nextest, arguments.rounds)?,
        Question::Replay { trials, release } => {
            replay::compare(&root, trials, release, arguments.rounds)?
        }
        Question::Suite { release } => replay::suite(&root, release, arguments.rounds)?,
        Question::Compile { items } => compile(&root, items, arguments.rounds)?,
        Question::Weight => weight(&root, arguments.rounds)?,
        Question::Load { seconds } => load::compare(seconds, arguments.rounds)?,
        Question::LoadOnce { url, seconds } => return load::once(&url, seconds),
        Question::LoadServer => return load::serve(),
        Question::Reports => reports::compare(&root, arguments.rounds)?,
        Question::Merge => merge::compare(&root, arguments.rounds)?,
        Question::MergeOnce { run, times } => return merge::once(&run, times),
    };
    #[expect(clippy::print_stdout, reason = "the table is what this program is for")]
    {
        println!("{table}");
    }
    Ok(())
}

/// The cost of a run, less that of a run of nothing, by trial.
fn runner(
    root: &std::path::Path,
    trials: usize,
    release: bool,
    nextest: bool,
    rounds: usize,
) -> Result<Table> {
    let mut subjects = Vec::new();
    for peer in [Peer::Readiness, Peer::Libtest, Peer::Mimic] {
        let full = Project::generate(root, peer, trials)?.test_binary(release)?;
        let none = Project::generate(root, peer, 1)?.test_binary(release)?;
        subjects.push((peer.name().to_owned(), full, none));
    }
    let process_per_test = if nextest {
        Some(Project::generate(root, Peer::Libtest, trials)?)
    } else {
        None
    };
    // The kernel counts in ticks of 10 ms: a round is as long as a run of 20,000 at the least.
    let times = 20_000_usize.div_ceil(trials).max(1);
    let mut table = Table::new("CPU µs a trial", "wall µs a trial");
    for round in 0..=rounds {
        let mut costs = Vec::new();
        for (name, full, none) in &subjects {
            let full = Cost::of_several(times, || full.command(), Sink::File)?;
            let none = Cost::of_several(times, || none.command(), Sink::File)?;
            costs.push((name.clone(), (full - none).per(trials * times)));
        }
        if let Some(project) = &process_per_test {
            costs.push((
                "nextest".to_owned(),
                Cost::of(project.nextest(release), Sink::File)?.per(trials),
            ));
        }
        // The first round warms caches up.
        if round > 0 {
            table.round(costs);
        }
    }
    Ok(table)
}

/// The cost of compiling `items` checks, less that of compiling one, by item.
fn compile(root: &std::path::Path, items: usize, rounds: usize) -> Result<Table> {
    let mut table = Table::new("CPU µs an item", "wall µs an item");
    let peers = [Peer::Readiness, Peer::Libtest];
    for round in 0..=rounds {
        let mut costs = Vec::new();
        for peer in peers {
            let many = Project::generate(root, peer, items)?;
            let one = Project::generate(root, peer, 1)?;
            let cost = many.rebuild(items)? - one.rebuild(1)?;
            costs.push((peer.name().to_owned(), cost.per(items)));
        }
        if round > 0 {
            table.round(costs);
        }
    }
    Ok(table)
}

/// The cost of building one check and all it depends on, from nothing.
fn weight(root: &std::path::Path, rounds: usize) -> Result<Table> {
    let mut table = Table::new("CPU s a build", "wall s a build");
    let peers = [Peer::Readiness, Peer::ReadinessSync, Peer::Mimic];
    for _ in 0..rounds {
        let mut costs = Vec::new();
        for peer in peers {
            let cost = Project::generate(root, peer, 1)?.clean_build()?;
            // Shown in seconds: the table's unit is microseconds.
            costs.push((peer.name().to_owned(), cost.per(1_000_000)));
        }
        table.round(costs);
    }
    Ok(table)
}
