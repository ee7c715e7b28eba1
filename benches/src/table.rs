//! The result: each subject's median, and the ratio of the first subject to it, by round.

use std::fmt;

use crate::clock::Cost;

/// Costs by subject and round. The first subject is ours.
pub struct Table {
    cpu: &'static str,
    wall: &'static str,
    rounds: Vec<Vec<(String, Cost)>>,
}

impl Table {
    /// An empty table, with the headings of its two measures.
    pub fn new(cpu: &'static str, wall: &'static str) -> Self {
        Self {
            cpu,
            wall,
            rounds: Vec::new(),
        }
    }

    /// Adds a round: the same subjects in the same order as in every other.
    pub fn round(&mut self, costs: Vec<(String, Cost)>) {
        self.rounds.push(costs);
    }

    fn column(&self, subject: usize, of: impl Fn(&Cost) -> f64) -> Vec<f64> {
        let mut column: Vec<_> = self
            .rounds
            .iter()
            .map(|round| of(&round[subject].1))
            .collect();
        column.sort_by(f64::total_cmp);
        column
    }

    fn ratios(&self, subject: usize) -> Vec<f64> {
        let mut ratios: Vec<_> = self
            .rounds
            .iter()
            .map(|round| round[0].1.cpu / round[subject].1.cpu)
            .collect();
        ratios.sort_by(f64::total_cmp);
        ratios
    }
}

fn median(sorted: &[f64]) -> f64 {
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| subject | {} | {} | CPU of ours to it: median (best, worst) |",
            self.cpu, self.wall
        )?;
        writeln!(f, "|---|--:|--:|--:|")?;
        let subjects = self.rounds.first().map_or(0, Vec::len);
        for subject in 0..subjects {
            let name = &self.rounds[0][subject].0;
            let cpu = median(&self.column(subject, |cost| cost.cpu));
            let wall = median(&self.column(subject, |cost| cost.wall));
            let ratios = self.ratios(subject);
            let (best, worst) = (ratios.first(), ratios.last());
            write!(f, "| {name} | {cpu:.2} | {wall:.2} | ")?;
            match (subject, best, worst) {
                (0, ..) => writeln!(f, "– |")?,
                (_, Some(best), Some(worst)) => {
                    writeln!(f, "{:.2} ({best:.2}, {worst:.2}) |", median(&ratios))?;
                }
                _ => writeln!(f, "– |")?,
            }
        }
        write!(f, "\n{} rounds, interleaved", self.rounds.len())
    }
}
