//! The bounded queue before the writer: two lanes, round robin among principals in each.

use crate::{LaneLimits, SubmitError};
use model::Id;
use std::{
    collections::{HashMap, VecDeque},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

/// Which commands go first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Holds, withdraws, revokes, receipts, the clock: what stops or settles something.
    Urgent,
    /// Everything else.
    Normal,
}

struct Queue<T> {
    waiting: HashMap<Id, VecDeque<T>>,
    turns: VecDeque<Id>,
    len: usize,
}

impl<T> Queue<T> {
    fn new() -> Self {
        Self { waiting: HashMap::new(), turns: VecDeque::new(), len: 0 }
    }

    fn push(&mut self, principal: Id, item: T, limits: LaneLimits) -> Result<(), SubmitError> {
        let own = self.waiting.get(&principal).map_or(0, VecDeque::len);
        if self.len >= limits.lane || own >= limits.principal {
            return Err(SubmitError::Busy);
        }
        if own == 0 {
            self.turns.push_back(principal);
        }
        self.waiting.entry(principal).or_default().push_back(item);
        self.len += 1;
        Ok(())
    }

    fn pop(&mut self) -> Option<T> {
        let principal = self.turns.pop_front()?;
        let own = self.waiting.get_mut(&principal)?;
        let item = own.pop_front();
        if own.is_empty() {
            self.waiting.remove(&principal);
        } else {
            self.turns.push_back(principal);
        }
        self.len -= usize::from(item.is_some());
        item
    }
}

struct State<T> {
    urgent: Queue<T>,
    normal: Queue<T>,
    closed: Option<String>,
}

impl<T> State<T> {
    fn pop(&mut self) -> Option<T> {
        self.urgent.pop().or_else(|| self.normal.pop())
    }
}

/// The queue; senders push, the writer alone pops.
pub(crate) struct Lanes<T> {
    state: Mutex<State<T>>,
    filled: Condvar,
    limits: LaneLimits,
}

impl<T> Lanes<T> {
    pub(crate) fn new(limits: LaneLimits) -> Self {
        let state = State { urgent: Queue::new(), normal: Queue::new(), closed: None };
        Self { state: Mutex::new(state), filled: Condvar::new(), limits }
    }

    fn hold(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn push(&self, lane: Lane, principal: Id, item: T) -> Result<(), SubmitError> {
        let mut state = self.hold();
        if let Some(why) = &state.closed {
            return Err(SubmitError::Stopped(why.clone()));
        }
        let queue = if lane == Lane::Urgent { &mut state.urgent } else { &mut state.normal };
        queue.push(principal, item, self.limits)?;
        self.filled.notify_one();
        Ok(())
    }

    /// The next item, waiting for one; `None` once closed and empty.
    pub(crate) fn wait(&self) -> Option<T> {
        let mut state = self.hold();
        loop {
            if let Some(item) = state.pop() {
                return Some(item);
            }
            if state.closed.is_some() {
                return None;
            }
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Moves up to `most` waiting items to `out` under one hold of the lock.
    pub(crate) fn drain(&self, out: &mut VecDeque<T>, most: usize) {
        let mut state = self.hold();
        while out.len() < most {
            let Some(item) = state.pop() else { return };
            out.push_back(item);
        }
    }

    /// Takes no more; what waits is still handed out.
    pub(crate) fn close(&self, why: &str) {
        self.hold().closed.get_or_insert_with(|| why.to_owned());
        self.filled.notify_all();
    }

    /// Takes no more and drops what waits: its senders learn that it is unknown.
    pub(crate) fn abandon(&self, why: &str) {
        let mut state = self.hold();
        state.closed = Some(why.to_owned());
        let dropped =
            (std::mem::replace(&mut state.urgent, Queue::new()), std::mem::replace(&mut state.normal, Queue::new()));
        drop(state);
        drop(dropped);
        self.filled.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Id = Id([1; 16]);
    const B: Id = Id([2; 16]);

    fn all(lanes: &Lanes<u32>) -> Vec<u32> {
        let mut out = VecDeque::new();
        lanes.drain(&mut out, 100);
        out.into()
    }

    #[test]
    fn urgent_goes_first_and_principals_take_turns() {
        let lanes = Lanes::new(LaneLimits::default());
        for n in 0..3 {
            lanes.push(Lane::Normal, A, n).unwrap();
        }
        lanes.push(Lane::Normal, B, 10).unwrap();
        lanes.push(Lane::Urgent, B, 99).unwrap();
        assert_eq!(all(&lanes), [99, 0, 10, 1, 2]);
    }

    #[test]
    fn a_full_share_or_lane_is_busy_for_that_one_only() {
        let lanes = Lanes::new(LaneLimits { lane: 3, principal: 2 });
        lanes.push(Lane::Normal, A, 0).unwrap();
        lanes.push(Lane::Normal, A, 1).unwrap();
        assert_eq!(lanes.push(Lane::Normal, A, 2), Err(SubmitError::Busy));
        lanes.push(Lane::Normal, B, 3).unwrap();
        assert_eq!(lanes.push(Lane::Normal, B, 4), Err(SubmitError::Busy));
        lanes.push(Lane::Urgent, A, 5).unwrap();
        assert_eq!(all(&lanes).len(), 4);
        lanes.push(Lane::Normal, A, 6).unwrap();
    }

    #[test]
    fn closed_hands_out_the_rest_and_takes_no_more() {
        let lanes = Lanes::new(LaneLimits::default());
        lanes.push(Lane::Normal, A, 1).unwrap();
        lanes.close("shutting down");
        assert!(matches!(lanes.push(Lane::Normal, A, 2), Err(SubmitError::Stopped(_))));
        assert_eq!((lanes.wait(), lanes.wait()), (Some(1), None));
    }
}
