//! Intervals: how much a percentile or a share may be off, given how much was seen.

/// Two-sided 95 %.
const TAIL: f64 = 0.025;
const Z: f64 = 1.96;

/// Up to here the binomial distribution is summed exactly; beyond, it is normal to far more digits
/// than matter. (0.95 to this power is still a number.)
const EXACT: u64 = 10_000;

/// An interval in which the true value lies with a probability of at least 95 %.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The share behind `hits` of `all`, by Wilson; the whole range where nothing was seen.
pub fn wilson(hits: u64, all: u64) -> Interval {
    if all == 0 {
        return Interval {
            low: 0.0,
            high: 1.0,
        };
    }
    let (hits, all) = (float(hits.min(all)), float(all));
    let share = hits / all;
    let z2 = Z * Z;
    let middle = share + z2 / (2.0 * all);
    let reach = Z * (share * (1.0 - share) / all + z2 / (4.0 * all * all)).sqrt();
    let scale = 1.0 + z2 / all;
    Interval {
        low: ((middle - reach) / scale).max(0.0),
        high: ((middle + reach) / scale).min(1.0),
    }
}

/// Ranks (from 1) of the two samples of `count` between which the quantile `q` lies, by order
/// statistics; `None` for an end that so few samples do not give.
pub fn quantile_interval(count: u64, q: f64) -> (Option<u64>, Option<u64>) {
    if count == 0 {
        return (None, None);
    }
    if count <= EXACT {
        exact(count, q)
    } else {
        normal(count, q)
    }
}

/// Sums the binomial distribution from its upper end.
fn exact(count: u64, q: f64) -> (Option<u64>, Option<u64>) {
    let mut probability = q.powf(float(count));
    // P(X >= k), for falling k.
    let mut tail = 0.0;
    let mut high = None;
    for k in (1..=count).rev() {
        tail += probability;
        if tail <= TAIL {
            high = Some(k);
        }
        if tail >= 1.0 - TAIL {
            return (Some(k), high);
        }
        probability *= float(k) / float(count - k + 1) * (1.0 - q) / q;
    }
    (None, high)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "ranks lie between 0 and the number of samples"
)]
fn normal(count: u64, q: f64) -> (Option<u64>, Option<u64>) {
    let n = float(count);
    let reach = Z * (n * q * (1.0 - q)).sqrt();
    let low = (n * q - reach).floor() as u64;
    let high = (n * q + reach).ceil() as u64 + 1;
    (Some(low.max(1)), (high <= count).then_some(high))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts are far below the 53 bits of a float"
)]
pub(super) fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Figures from tables of the Wilson interval.
    #[test]
    fn shares_have_the_interval_of_the_tables() {
        let close = |interval: Interval, low: f64, high: f64| {
            assert!((interval.low - low).abs() < 0.0005, "{interval:?}");
            assert!((interval.high - high).abs() < 0.0005, "{interval:?}");
        };
        close(wilson(0, 10), 0.0, 0.2775);
        close(wilson(5, 10), 0.2366, 0.7634);
        close(wilson(1, 100), 0.0018, 0.0545);
        close(wilson(10, 10), 0.7225, 1.0);
        assert_eq!(
            wilson(0, 0),
            Interval {
                low: 0.0,
                high: 1.0
            }
        );
    }

    #[test]
    fn the_95th_percentile_needs_many_samples_for_an_upper_end() {
        // 0.95^n <= 0.025 from n = 72 on.
        assert_eq!(quantile_interval(71, 0.95).1, None);
        assert_eq!(quantile_interval(72, 0.95).1, Some(72));
        assert_eq!(quantile_interval(0, 0.95), (None, None));
        let (low, high) = quantile_interval(1_000, 0.95);
        let (low, high) = (low.unwrap(), high.unwrap());
        assert!(
            (935..=937).contains(&low) && (963..=966).contains(&high),
            "{low} {high}"
        );
    }

    #[test]
    fn both_ways_of_counting_agree_where_they_meet() {
        let (a, b) = (exact(EXACT, 0.95), normal(EXACT, 0.95));
        assert!(a.0.unwrap().abs_diff(b.0.unwrap()) <= 2, "{a:?} {b:?}");
        assert!(a.1.unwrap().abs_diff(b.1.unwrap()) <= 2, "{a:?} {b:?}");
    }
}
