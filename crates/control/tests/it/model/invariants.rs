//! What holds after each transition of a history.

use super::play::Play;
use model::{Side, Status};
use std::collections::BTreeMap;

impl Play {
    /// What holds after each transition, whatever it was.
    pub fn invariants(&mut self) {
        if let Some(change) = self.world.state.changes.values().last() {
            let person = self.world.id(self.tried.len() % 5);
            control::explain(&self.world.state, change, &person, self.world.now);
        }
        let (state, now) = (&self.world.state, self.world.now);
        let looks = self.tried.len().is_multiple_of(8);
        assert!(!looks || state.waiting == control::waiting_of(state), "what changes wait for, found from nothing");
        for (engine, serving) in &self.book.serving {
            let known = state.engines[engine].bundle();
            assert_eq!(known, *serving, "what serves");
        }
        for (engine, certified) in &self.book.certified {
            let known: Vec<_> = state.engines[engine].stack.iter().map(|one| one.bundle).collect();
            assert_eq!(known, *certified, "what is certified");
            let serves = self.book.serving[engine];
            let settled = state.locked_by(engine).is_none() && !self.book.reconciled.contains(engine);
            assert!(!settled || serves.is_none() || serves.as_ref() == certified.last(), "the top of the stack serves");
        }
        let credentials: BTreeMap<_, _> = state.credentials.iter().map(|(hash, process)| (*hash, *process)).collect();
        assert_eq!(credentials, self.book.leases.credentials, "which process has which credential");
        for (hash, (engine, side)) in &credentials {
            assert_eq!(state.engines[engine].credentials[usize::from(*side == Side::Green)], Some(*hash));
        }
        assert_eq!(state.locks.len(), self.book.locks.len(), "{:?} {:?}", state.locks, self.book.locks);
        for by in self.book.locks.values() {
            assert!(state.locks.values().any(|known| known == by), "a lock is not kept");
            assert!(matches!(state.changes[by].status, Status::Executing | Status::Indeterminate));
        }
        for id in state.changes.keys().chain(state.closed.keys()) {
            let change = self.world.change(*id);
            let (status, named) = (change.status_at(state, now), (*id, change.revision));
            if let Some(before) = self.ended.get(&named) {
                assert_eq!(*before, status, "what has ended stays so");
            } else if status.is_ended() {
                self.ended.insert(named, status);
            }
            let row = &self.book.rows[id];
            assert_eq!(row.ended.is_some(), change.status.is_ended(), "{id} {:?} {}", row.ended, change.status);
            assert_eq!(row.holds.iter().collect::<Vec<_>>(), change.holds.keys().collect::<Vec<_>>(), "who holds it");
            assert_eq!(row.filled.len(), change.approvals.len(), "what fills its slots");
        }
    }
}
