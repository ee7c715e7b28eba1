//! Kind `measurement`: samples of one quantity in one unit.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Facet, Mutant, Observation, Reads};
use crate::error::Unavailable;

/// Samples of one quantity, e.g. latencies in milliseconds.
///
/// ```
/// # use readiness::{Result, ensure};
/// # use readiness::observation::measurement::Measurement;
/// fn is_fast(latencies: &Measurement) -> Result<()> {
///     latencies.at_least(100)?; // fewer samples: not verified
///     let p95 = latencies.percentile(95.0).unwrap_or(f64::NAN);
///     ensure!(p95 < 500.0, "the 95th percentile is {p95} {}", latencies.unit());
///     Ok(())
/// }
/// # assert!(is_fast(&Measurement::new("ms", vec![12.0; 100])).is_ok());
/// # assert!(is_fast(&Measurement::new("ms", vec![f64::NAN; 100])).is_err());
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Measurement {
    unit: String,
    samples: Vec<Sample>,
    #[serde(skip)]
    reads: Reads,
}

/// JSON has no NaN and no infinity; they are stored as their names.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "StoredSample", into = "StoredSample")]
struct Sample(f64);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum StoredSample {
    Number(f64),
    Word(String),
}

const COUNT: &str = "count";
const SAMPLES: &str = "samples";

impl Measurement {
    /// Samples in a unit.
    pub fn new(unit: impl Into<String>, samples: Vec<f64>) -> Self {
        Self {
            unit: unit.into(),
            samples: samples.into_iter().map(Sample).collect(),
            reads: Reads::default(),
        }
    }

    /// The unit of the samples.
    pub fn unit(&self) -> &str {
        &self.unit
    }

    /// How many samples there are.
    pub fn count(&self) -> usize {
        self.reads.note(COUNT);
        self.samples.len()
    }

    /// Whether there are enough samples to judge.
    ///
    /// # Errors
    /// [`Unavailable`] with both numbers: too few samples prove nothing.
    pub fn at_least(&self, minimum: usize) -> Result<(), Unavailable> {
        let count = self.count();
        if count < minimum {
            return Err(Unavailable::new(format!(
                "{count} samples, {minimum} are needed to judge"
            )));
        }
        Ok(())
    }

    /// The samples, in the order in which they were taken.
    pub fn samples(&self) -> impl ExactSizeIterator<Item = f64> {
        self.reads.note(SAMPLES);
        self.samples.iter().map(|sample| sample.0)
    }

    /// The least sample; `None` without samples, NaN where one is.
    pub fn min(&self) -> Option<f64> {
        self.percentile(0.0)
    }

    /// The greatest sample; `None` without samples, NaN where one is.
    pub fn max(&self) -> Option<f64> {
        self.percentile(100.0)
    }

    /// The arithmetic mean; `None` without samples.
    pub fn mean(&self) -> Option<f64> {
        let samples = self.samples();
        let count = samples.len();
        #[expect(
            clippy::cast_precision_loss,
            reason = "counts of samples are far below the 53 bits of a float"
        )]
        let mean = samples.sum::<f64>() / count as f64;
        (count > 0).then_some(mean)
    }

    /// The nearest-rank percentile: the least sample that at least `percent` % of the samples do
    /// not exceed. `None` without samples; NaN where a sample is NaN, so that no bound holds.
    pub fn percentile(&self, percent: f64) -> Option<f64> {
        let mut samples: Vec<f64> = self.samples().collect();
        if samples.iter().any(|sample| sample.is_nan()) {
            return Some(f64::NAN);
        }
        samples.sort_by(f64::total_cmp);
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the rank lies between 0 and the number of samples"
        )]
        let rank = (percent.clamp(0.0, 100.0) / 100.0 * samples.len() as f64).ceil() as usize;
        samples.get(rank.saturating_sub(1)).copied()
    }

    fn altered(&self, samples: impl IntoIterator<Item = f64>) -> Self {
        Self::new(self.unit.clone(), samples.into_iter().collect())
    }
}

impl From<Sample> for StoredSample {
    fn from(sample: Sample) -> Self {
        if sample.0.is_finite() {
            StoredSample::Number(sample.0)
        } else {
            StoredSample::Word(sample.0.to_string())
        }
    }
}

impl TryFrom<StoredSample> for Sample {
    type Error = String;

    fn try_from(stored: StoredSample) -> Result<Self, String> {
        match stored {
            StoredSample::Number(number) => Ok(Sample(number)),
            StoredSample::Word(word) => match word.parse() {
                Ok(number) => Ok(Sample(number)),
                Err(_) => Err(format!("the sample `{word}` is not a number")),
            },
        }
    }
}

impl Observation for Measurement {
    const KIND: &'static str = "measurement";
    const MEASURED: bool = true;

    fn attach(&mut self, reads: Reads) {
        self.reads = reads;
    }

    fn mutants(&self, read: &BTreeSet<Facet>) -> Vec<Mutant<Self>> {
        let values: Vec<f64> = self.samples.iter().map(|sample| sample.0).collect();
        let mut mutants = Vec::new();
        for facet in read {
            let mut push = |operator, words: &str, altered: Self| {
                if !altered.same(self) {
                    mutants.push(Mutant::fine(operator, facet.clone(), words, altered));
                }
            };
            if facet.0 == SAMPLES {
                let each = |f: fn(f64) -> f64| self.altered(values.iter().copied().map(f));
                push(
                    "samples-tenfold",
                    "every sample is ten times as large",
                    each(|v| v * 10.0),
                );
                push("samples-zero", "every sample is zero", each(|_| 0.0));
                push(
                    "samples-nan",
                    "every sample is not a number",
                    each(|_| f64::NAN),
                );
            }
            push("samples-none", "there are no samples", self.altered([]));
            push(
                "samples-few",
                "there is one sample",
                self.altered(values.first().copied()),
            );
        }
        mutants
    }

    fn same(&self, other: &Self) -> bool {
        let bits = |m: &Self| m.samples.iter().map(|s| s.0.to_bits()).collect::<Vec<_>>();
        self.unit == other.unit && bits(self) == bits(other)
    }
}
