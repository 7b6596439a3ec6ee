//! Wakes a background thread when the log has grown; many rings while it is busy are one.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

#[derive(Default)]
struct State {
    size: u64,
    closed: bool,
}

/// The highest size rung so far, and whether there will be more.
#[derive(Default)]
pub(crate) struct Wakeup {
    state: Mutex<State>,
    rung: Condvar,
    closing: Condvar,
}

impl Wakeup {
    pub(crate) fn ring(&self, size: u64) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.size = state.size.max(size);
        self.rung.notify_all();
    }

    pub(crate) fn close(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        self.rung.notify_all();
        self.closing.notify_all();
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).closed
    }

    /// Lets that much time pass, unless it is closed: however often it rings.
    pub(crate) fn pause(&self, gap: Duration) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.closing.wait_timeout_while(state, gap, |state| !state.closed));
    }

    /// Waits for a size beyond `beyond`; `None` once closed and nothing is left to do.
    pub(crate) fn wait(&self, beyond: u64) -> Option<u64> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = self
            .rung
            .wait_while(state, |state| state.size <= beyond && !state.closed)
            .unwrap_or_else(PoisonError::into_inner);
        (state.size > beyond).then_some(state.size)
    }
}
