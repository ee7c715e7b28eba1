//! Which elements of a sequence stayed in order.

/// Marks a longest rising subsequence: what is not in it had to move. In n log n.
pub(super) fn longest_rising(values: &[usize]) -> Vec<bool> {
    // For each length the position whose value ends a rising run of that length lowest.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(values.len());
    for (at, value) in values.iter().enumerate() {
        let length = ends.partition_point(|&end| values[end] < *value);
        before.push(length.checked_sub(1).map(|last| ends[last]));
        if length == ends.len() {
            ends.push(at);
        } else {
            ends[length] = at;
        }
    }
    let mut kept = vec![false; values.len()];
    let mut next = ends.last().copied();
    while let Some(at) = next {
        kept[at] = true;
        next = before[at];
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::longest_rising;

    #[test]
    fn one_that_moved_is_one() {
        assert_eq!(longest_rising(&[1, 2, 0, 3]), [true, true, false, true]);
        assert_eq!(longest_rising(&[3, 0, 1, 2]), [false, true, true, true]);
        assert_eq!(
            longest_rising(&[2, 1, 0])
                .iter()
                .filter(|kept| **kept)
                .count(),
            1
        );
        assert_eq!(longest_rising(&[]), [] as [bool; 0]);
    }
}
