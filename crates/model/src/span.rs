//! Lengths of time as people read them.

use std::fmt;

/// A length of time in milliseconds, shown in the largest units that tell it: `73 h`, `2 h 5 min`, `61 s`, `40 ms`.
/// Its sign is not shown: the sentence around it says which of two instants is the later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span(pub i64);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.0.unsigned_abs();
        let (s, min, h) = (ms / 1_000, ms / 60_000, ms / 3_600_000);
        match (h, min, s) {
            (0, 0, 0) => write!(f, "{ms} ms"),
            (0, 0..=1, s) => write!(f, "{s} s"),
            (0, min, _) => write!(f, "{min} min"),
            (h, min, _) if h < 72 && min % 60 > 0 => write!(f, "{h} h {} min", min % 60),
            (h, _, _) if h <= 96 => write!(f, "{h} h"),
            (h, _, _) => write!(f, "{} days", h / 24),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_told_in_the_units_that_people_use() {
        let shown: Vec<_> = [0, 999, 61_000, -61_000, 125_000, 7_200_000, 7_500_000, 262_800_000, 864_000_000]
            .map(|ms| Span(ms).to_string())
            .into();
        let expected = ["0 ms", "999 ms", "61 s", "61 s", "2 min", "2 h", "2 h 5 min", "73 h", "10 days"];
        assert_eq!(shown, expected);
        assert_eq!(Span(i64::MIN).to_string(), "106751991167 days");
    }
}
