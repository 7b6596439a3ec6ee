//! The entries of a log, one after the other.

use super::walk::Walk;
use crate::{Damage, Entry, scan::ENTRIES};
use std::collections::VecDeque;
use std::path::Path;

/// Iterates over the entries of a log.
pub struct Entries {
    walk: Walk,
    ready: VecDeque<(u64, Entry)>,
}

impl Entries {
    pub(super) fn new(dir: &Path) -> Self {
        Self { walk: Walk::new(dir, ENTRIES), ready: VecDeque::new() }
    }
}

impl Iterator for Entries {
    type Item = Result<(u64, Entry), Damage>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.ready.is_empty() {
            match self.walk.next()? {
                Ok(frame) => self.ready.extend((frame.first..).zip(frame.entries)),
                Err(damage) => return Some(Err(damage)),
            }
        }
        self.ready.pop_front().map(Ok)
    }
}
