//! How fast things are tried again.

use std::time::Duration;

/// Pauses and limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// First pause, milliseconds; doubles.
    pub first_ms: u64,
    /// Longest pause, milliseconds.
    pub most_ms: u64,
    /// How often an act whose effect is not known is run again before a person is asked.
    pub unknown_tries: u32,
    /// Longest wait for a recorded leaf to show in the own verified state, milliseconds.
    pub fold_ms: u64,
}

impl Default for RetryPolicy {
    /// 0.2 s to 5 s, 10 tries (26 s of pauses between them), 30 s.
    fn default() -> Self {
        Self { first_ms: 200, most_ms: 5_000, unknown_tries: 10, fold_ms: 30_000 }
    }
}

impl RetryPolicy {
    /// The pause after `tries` failures, from 1.
    pub(crate) fn pause(&self, tries: u32) -> Duration {
        let doubled = self.first_ms.saturating_mul(1 << tries.saturating_sub(1).min(20));
        Duration::from_millis(doubled.min(self.most_ms))
    }
}
