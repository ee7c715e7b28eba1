//! Quantiles from buckets, with the error that the buckets leave.

/// A histogram: how many observations lie at or below each upper bound.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    /// Ascending bounds, the last one infinite, with cumulative counts.
    buckets: Vec<(f64, f64)>,
}

/// A quantile as buckets show it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantile {
    /// Interpolated within its bucket, as Prometheus does; the lower bound of the last bucket if
    /// it falls there.
    pub estimate: f64,
    /// The true value lies above this …
    pub lower: f64,
    /// … and at or below this, which may be infinite.
    pub upper: f64,
}

impl Histogram {
    /// From upper bounds with cumulative counts; those of the same bound are added up, as of several
    /// series. `None` unless there is an infinite bound and counts never fall.
    pub fn from_buckets(buckets: impl IntoIterator<Item = (f64, f64)>) -> Option<Histogram> {
        let mut all: Vec<(f64, f64)> = buckets.into_iter().collect();
        if all
            .iter()
            .any(|(bound, count)| bound.is_nan() || !count.is_finite() || *count < 0.0)
        {
            return None;
        }
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut buckets: Vec<(f64, f64)> = Vec::new();
        for (bound, count) in all {
            match buckets.last_mut() {
                Some(last) if last.0.total_cmp(&bound).is_eq() => last.1 += count,
                _ => buckets.push((bound, count)),
            }
        }
        let is_complete = buckets.last().is_some_and(|(bound, _)| bound.is_infinite());
        let never_falls = buckets.windows(2).all(|pair| pair[0].1 <= pair[1].1);
        (is_complete && never_falls).then_some(Histogram { buckets })
    }

    /// Number of observations.
    pub fn count(&self) -> f64 {
        self.buckets.last().map_or(0.0, |(_, count)| *count)
    }

    /// Upper bounds of the buckets, the infinite one last.
    pub fn bounds(&self) -> impl Iterator<Item = f64> + '_ {
        self.buckets.iter().map(|(bound, _)| *bound)
    }

    /// How many observations lie at or below each bound, in the order of the bounds.
    pub fn counts(&self) -> impl Iterator<Item = f64> + '_ {
        self.buckets.iter().map(|(_, count)| *count)
    }

    /// What was observed between `earlier` and now; `None` if the buckets differ or a count fell
    /// (the service was restarted).
    pub fn since(&self, earlier: &Histogram) -> Option<Histogram> {
        if self.buckets.len() != earlier.buckets.len() {
            return None;
        }
        let pairs = self.buckets.iter().zip(&earlier.buckets);
        let grown = pairs.map(|((bound, now), (before_bound, before))| {
            (bound.total_cmp(before_bound).is_eq() && now >= before)
                .then_some((*bound, now - before))
        });
        Histogram::from_buckets(grown.collect::<Option<Vec<_>>>()?)
    }

    /// The quantile `q` (0.95 for P95); `None` without observations or for a `q` outside 0 to 1.
    pub fn quantile(&self, q: f64) -> Option<Quantile> {
        let total = self.count();
        if !(0.0..=1.0).contains(&q) || total <= 0.0 {
            return None;
        }
        let rank = q * total;
        let at = self
            .buckets
            .iter()
            .position(|(_, count)| *count >= rank && *count > 0.0)?;
        let (upper, count) = self.buckets[at];
        // The first bucket begins at zero where its bound is positive: durations and sizes.
        let (lower, below) = match at.checked_sub(1) {
            Some(before) => self.buckets[before],
            None if upper > 0.0 => (0.0, 0.0),
            None => (f64::NEG_INFINITY, 0.0),
        };
        let inside = count - below;
        let estimate = if upper.is_infinite() || lower.is_infinite() || inside <= 0.0 {
            if lower.is_finite() { lower } else { upper }
        } else {
            lower + (upper - lower) * ((rank - below).max(0.0) / inside)
        };
        Some(Quantile {
            estimate,
            lower,
            upper,
        })
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact in binary")]
mod tests {
    use super::*;

    fn histogram(buckets: &[(f64, f64)]) -> Histogram {
        Histogram::from_buckets(buckets.iter().copied()).unwrap()
    }

    #[test]
    fn quantiles_are_interpolated_within_their_bucket() {
        let seen = histogram(&[
            (0.1, 50.0),
            (0.5, 90.0),
            (1.0, 100.0),
            (f64::INFINITY, 100.0),
        ]);
        let p95 = seen.quantile(0.95).unwrap();
        // 95 of 100: halfway from 90 to 100, hence from 0.5 to 1.0.
        assert!((p95.estimate - 0.75).abs() < 1e-9);
        assert_eq!((p95.lower, p95.upper), (0.5, 1.0));
        let p50 = seen.quantile(0.5).unwrap();
        assert!((p50.estimate - 0.1).abs() < 1e-9);
        assert_eq!(p50.lower, 0.0);
    }

    #[test]
    fn what_lies_beyond_the_last_bound_is_only_bounded_below() {
        let seen = histogram(&[(0.1, 1.0), (f64::INFINITY, 100.0)]);
        let p95 = seen.quantile(0.95).unwrap();
        assert_eq!((p95.estimate, p95.lower), (0.1, 0.1));
        assert!(p95.upper.is_infinite());
    }

    #[test]
    fn impossible_histograms_are_none() {
        let inf = f64::INFINITY;
        for buckets in [
            &[][..],
            &[(0.1, 1.0)],
            &[(0.1, 2.0), (inf, 1.0)],
            &[(f64::NAN, 1.0), (inf, 1.0)],
            &[(0.1, -1.0), (inf, 1.0)],
        ] {
            assert!(
                Histogram::from_buckets(buckets.iter().copied()).is_none(),
                "{buckets:?}"
            );
        }
        let empty = histogram(&[(0.1, 0.0), (inf, 0.0)]);
        assert_eq!(empty.quantile(0.5), None);
        assert_eq!(histogram(&[(inf, 1.0)]).quantile(1.5), None);
    }

    #[test]
    fn a_difference_ignores_what_was_before() {
        let inf = f64::INFINITY;
        let before = histogram(&[(0.1, 100.0), (inf, 100.0)]);
        let after = histogram(&[(0.1, 100.0), (inf, 110.0)]);
        let grown = after.since(&before).unwrap();
        assert_eq!(grown.count(), 10.0);
        assert_eq!(grown.quantile(0.5).unwrap().lower, 0.1);
        assert!(before.since(&after).is_none());
    }
}
