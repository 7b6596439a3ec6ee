//! What both keepers of leases are asked, and what it came to.

use crate::figures::Run;
use std::time::Duration;

/// Callers at once, of both.
pub const CALLERS: u8 = 64;
/// Cycles of a reservation, and how many of them are posted.
pub const CYCLES: (u64, u64) = (10, 6);

/// One line of the figures.
pub struct Row {
    pub name: &'static str,
    pub runs: Vec<Run>,
}

impl Row {
    /// Without a run.
    pub fn new(name: &'static str) -> Self {
        Self { name, runs: vec![] }
    }
}

/// A journal that was opened again, every entry of it read.
#[derive(Debug, Clone, Copy)]
pub struct Opened {
    pub entries: u64,
    pub took: Duration,
}
