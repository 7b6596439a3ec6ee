//! The fold: a leaf's effects into the state. Total: a leaf that was decided can be applied.

mod change;
mod close;
mod ledger;
mod named;
mod step;

use crate::state::State;
use crate::{Blobs, Change, Command, Effect, Leaf, Lock, RosterEvent, governs};
use close::close;
use model::{ChangeId, Digest, Instant, PersonId, Status};

/// How long a receipt is remembered after it was signed, milliseconds: longer than it may be skewed.
pub(crate) const RECEIPT_KEPT_MS: i64 = 300_000;

/// Folds the leaf at `index` into the state. Gives the records of the changes that are over with it: the
/// state keeps no more than [`crate::Closed`] of them.
pub fn apply(state: &mut State, blobs: &dyn Blobs, index: u64, leaf: &Leaf) -> Vec<Change> {
    spend(state, index, leaf);
    for effect in &leaf.effects {
        Fold { state, blobs, index, leaf }.effect(effect);
    }
    named::fold(state, leaf);
    state.size = index + 1;
    state.last = leaf.now;
    let ended = close(state, &leaf.effects, leaf.now);
    reindex(state, &leaf.effects, &ended);
    ended
}

/// Looks again at what the changes wait for that the leaf has touched: another roster, or a key that signs nothing
/// any more, touches all of them.
fn reindex(state: &mut State, effects: &[Effect], ended: &[Change]) {
    let all = effects.iter().any(|effect| {
        matches!(effect, Effect::Roster { event: RosterEvent::Changed { .. } | RosterEvent::KeySuspended { .. } })
    });
    let mut touched: Vec<ChangeId> = if all { state.changes.keys().copied().collect() } else { vec![] };
    touched.extend(effects.iter().filter_map(Effect::change));
    touched.extend(ended.iter().map(|change| change.package.change));
    state.reindex(&touched);
}

/// What is used up by the leaf whatever its verdict: a statement, a receipt.
fn spend(state: &mut State, index: u64, leaf: &Leaf) {
    let now = leaf.now;
    match &leaf.command {
        Command::Signed { statement, .. } => {
            if let Ok(digest) = statement.digest() {
                state.spent.insert((statement.not_after, digest), index);
            }
        }
        Command::Receipt { receipt, .. } => {
            if let Ok(digest) = receipt.digest() {
                state.receipts.insert((receipt.at, digest), index);
            }
        }
        Command::Genesis { .. } | Command::Session(_) | Command::Clock { .. } => {}
    }
    forget(state, now);
}

/// What has ended is refused for that, so it need not be remembered.
fn forget(state: &mut State, now: Instant) {
    while let Some(key) = state.spent.first().map(|(key, _)| *key).filter(|(end, _)| *end < now) {
        state.spent.remove(&key);
    }
    let over = |at: Instant| at.plus_millis(RECEIPT_KEPT_MS) < now;
    while let Some(key) = state.receipts.first().map(|(key, _)| *key).filter(|(at, _)| over(*at)) {
        state.receipts.remove(&key);
    }
    while let Some(key) = state.session_ends.first().map(|(key, ())| *key).filter(|(end, _)| *end < now) {
        state.session_ends.remove(&key);
        state.sessions.remove(&key.1);
    }
}

struct Fold<'a> {
    state: &'a mut State,
    blobs: &'a dyn Blobs,
    index: u64,
    leaf: &'a Leaf,
}

impl Fold<'_> {
    fn effect(&mut self, effect: &Effect) {
        match effect {
            Effect::Change { about, event } => self.happened(&about.change, event),
            Effect::Step { step, event, .. } => self.stepped(step, event),
            Effect::Engine { engine, event, .. } => self.engine(engine, event),
            Effect::Grant { grant, event } => self.granted(grant, event),
            Effect::Roster { event } => self.roster(event),
            Effect::SettingChanged { document, .. } => self.setting(document),
            Effect::LedgerFounded {}
            | Effect::TenantRegistered { .. }
            | Effect::EngineRegistered { .. }
            | Effect::ResourcePublished { .. }
            | Effect::ResourceCertified { .. }
            | Effect::ResourceRefused { .. }
            | Effect::ResourceRecalled { .. }
            | Effect::SessionOpened { .. } => self.registered(effect),
            Effect::EventsHead { size, root } => self.state.events_head = Some((*size, *root)),
            Effect::JournalHead { size, root } => {
                self.state.journal = Some((signed::JournalHead { size: *size, root: *root }, self.index));
            }
            Effect::ServiceDistrusted { service, node } => {
                if let Some(key) = self.state.roster.service(*service, node.as_ref()).copied() {
                    self.state.distrusted.insert(key, self.index);
                }
            }
            Effect::RefusalsSummed { .. } | Effect::ClockSkewed { .. } => {}
        }
    }

    fn now(&self) -> Instant {
        self.leaf.now
    }

    fn change(&mut self, id: &ChangeId, fold: impl FnOnce(&mut Change)) {
        let (index, signer) = (self.index, self.signer());
        let signed = !matches!(self.leaf.command, Command::Clock { .. });
        if let Some(change) = self.state.changes.get_mut(id) {
            change.last = index;
            if signed {
                change.signed = index;
            }
            change.said.extend(signer.map(|(person, _)| (person, index)));
            fold(change);
        }
    }

    /// A change stands in another status; when it is over, it keeps nothing for itself.
    fn stands(&mut self, id: &ChangeId, status: Status) {
        self.change(id, |change| {
            change.status = status;
            change.scheduled = None;
        });
        if status == Status::Executing {
            self.lock(id);
        } else if status != Status::Indeterminate {
            self.state.locks.retain(|_, by| by != id);
        }
    }

    fn lock(&mut self, id: &ChangeId) {
        let Some(change) = self.state.changes.get(id) else { return };
        let locks: Vec<Lock> = governs(change.kind).locks(&change.package.body);
        self.state.locks.extend(locks.into_iter().map(|lock| (lock, *id)));
    }

    fn signer(&self) -> Option<(PersonId, Digest)> {
        match &self.leaf.command {
            Command::Signed { statement, .. } => Some((statement.person, statement.key)),
            _ => None,
        }
    }
}
