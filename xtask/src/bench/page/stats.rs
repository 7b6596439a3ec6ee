//! What is made of many measurements.

/// The value that `percent` of all are not above (nearest rank); 0 of none.
pub fn percentile(values: &[f64], percent: usize) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0.0)
}

/// One movement of what is on the screen (Layout Instability).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shift {
    /// When, ms from the start of the navigation.
    pub at_ms: f64,
    /// Its score.
    pub value: f64,
    /// Whether a hand of the reader's moved it.
    pub by_hand: bool,
}

/// Longest pause within one burst of shifts, ms.
const PAUSE_MS: f64 = 1_000.0;
/// Longest burst, ms.
const BURST_MS: f64 = 5_000.0;

/// Cumulative layout shift as Web Vitals define it: the worst burst, of at most 5 s, with pauses below 1 s; what
/// follows a hand within half a second is not counted.
pub fn cumulative_shift(shifts: &[Shift]) -> f64 {
    let (mut worst, mut burst, mut first, mut last) = (0.0_f64, 0.0, f64::NEG_INFINITY, f64::NEG_INFINITY);
    for shift in shifts.iter().filter(|shift| !shift.by_hand) {
        if shift.at_ms - last >= PAUSE_MS || shift.at_ms - first >= BURST_MS {
            (burst, first) = (0.0, shift.at_ms);
        }
        burst += shift.value;
        last = shift.at_ms;
        worst = worst.max(burst);
    }
    worst
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the sums are of halves and quarters, which are exact")]
mod tests {
    use super::{Shift, cumulative_shift, percentile};

    #[test]
    fn a_percentile_is_one_of_the_values() {
        let hundred: Vec<_> = (1..=100).rev().map(f64::from).collect();
        assert_eq!([50, 95, 99, 100].map(|percent| percentile(&hundred, percent)), [50.0, 95.0, 99.0, 100.0]);
        assert_eq!(percentile(&[3.0, 1.0, 2.0], 50), 2.0);
        assert_eq!(percentile(&[7.0], 99), 7.0);
        assert_eq!(percentile(&[], 50), 0.0);
    }

    fn shift(at_ms: f64, value: f64) -> Shift {
        Shift { at_ms, value, by_hand: false }
    }

    #[test]
    fn the_worst_burst_counts_and_a_pause_or_five_seconds_end_one() {
        assert_eq!(cumulative_shift(&[]), 0.0);
        let apart = [shift(0.0, 0.25), shift(900.0, 0.25), shift(1_900.0, 0.25)];
        assert_eq!(cumulative_shift(&apart), 0.5, "a pause of a second ends a burst");
        let long: Vec<_> = (0..8).map(|n| shift(f64::from(n) * 750.0, 0.5)).collect();
        assert_eq!(cumulative_shift(&long), 3.5, "seven of them lie within five seconds");
    }

    #[test]
    fn what_a_hand_moved_is_not_counted() {
        let by_hand = Shift { by_hand: true, ..shift(10.0, 0.5) };
        assert_eq!(cumulative_shift(&[by_hand, shift(20.0, 0.25)]), 0.25);
    }
}
