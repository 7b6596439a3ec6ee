//! So many within a minute.

use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

const MINUTE: Duration = Duration::from_secs(60);

/// When each of those of the last minute was.
#[derive(Debug, Default)]
pub struct Pace(VecDeque<Instant>);

impl Pace {
    /// One more of at most so many a minute.
    ///
    /// # Errors
    /// In how many seconds there may be one, when those of this minute are as many.
    pub fn step(&mut self, most: usize, now: Instant) -> Result<(), u32> {
        self.0.retain(|at| now < *at + MINUTE);
        if let Some(first) = self.0.front().filter(|_| self.0.len() >= most) {
            let wait = (*first + MINUTE).saturating_duration_since(now).as_secs() + 1;
            return Err(u32::try_from(wait).unwrap_or(60));
        }
        self.0.push_back(now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_more_is_taken_when_the_first_of_them_is_a_minute_ago() {
        let (mut pace, now) = (Pace::default(), Instant::now());
        pace.step(2, now).unwrap();
        pace.step(2, now + MINUTE / 2).unwrap();
        assert_eq!(pace.step(2, now + MINUTE / 2), Err(31));
        pace.step(2, now + MINUTE).unwrap();
        assert_eq!(pace.step(2, now + MINUTE), Err(31));
    }
}
