//! What the console notes of every leaf it has verified: the page keeps the newest rows only, and no
//! number of newer ones may change what it says of older ones.

use crate::page::kinds;
use control::{ChangeEvent, Command, Effect, GrantEvent, Leaf, PastWords, Refusal, Row, State, Verdict};
use follower::LeafObserver;
use model::{Category, ChangeId, Instant, TenantId};
use signed::Act;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

/// A guardrail of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// Deployment packages name their approvers.
    Approvers,
    /// A rollback leads to the last certified bundle.
    Rollbacks,
}

/// What a rule decided in one entry.
#[derive(Debug, Clone)]
pub struct Decision {
    /// The entry's index in the control log.
    pub index: u64,
    /// Which of its rows shows it.
    pub effect: u32,
    pub leaf: Arc<Leaf>,
}

/// What was used of an AI lease in a period that is over, as the ledger has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Total {
    pub from: Instant,
    pub until: Instant,
    /// Cycles.
    pub used: u64,
    /// The entry whose receipt says so.
    pub index: u64,
}

/// Most totals of one lease that are noted.
pub const TOTALS_MAX: usize = 100;

#[derive(Default)]
struct Noted {
    /// When each leaf was recorded, by its index.
    at: Vec<Instant>,
    /// What each rule decided last, by the tenants it concerns: who may not read all of them gets the
    /// newest of the others.
    decided: BTreeMap<(Rule, Vec<TenantId>), Decision>,
    words: PastWords,
    /// Of each AI lease that is granted, or over and not yet read back: the newest totals, the oldest first.
    totals: BTreeMap<ChangeId, VecDeque<Total>>,
}

/// Notes of the leaves from 0 on.
#[derive(Default)]
pub struct History(RwLock<Noted>);

impl Rule {
    /// The rules that an entry shows at work, with the row that shows it.
    fn shown(leaf: &Leaf, state: &State) -> Vec<(Self, u32)> {
        if let Verdict::Refused(refusal) = &leaf.verdict {
            return Self::refused(leaf, refusal, state).into_iter().map(|rule| (rule, 0)).collect();
        }
        let rows = control::rows(leaf).into_iter().zip(&leaf.effects).zip(0..);
        rows.filter_map(|((row, effect), number)| Some((Self::decided(&row, effect)?, number))).collect()
    }

    fn decided(row: &Row, effect: &Effect) -> Option<Self> {
        match effect {
            Effect::Change { about, event: ChangeEvent::Approved { .. }, .. } if kinds::is_deployment(about.kind) => {
                Some(Self::Approvers)
            }
            _ if row.headline && row.category == Category::Rollback => Some(Self::Rollbacks),
            _ => None,
        }
    }

    fn refused(leaf: &Leaf, refusal: &Refusal, state: &State) -> Option<Self> {
        use Refusal::{AlreadyServing, NotLastCertified, NothingBelow};
        if matches!(refusal, NothingBelow {} | AlreadyServing {} | NotLastCertified { .. }) {
            return Some(Self::Rollbacks);
        }
        let Command::Signed { statement, .. } = &leaf.command else { return None };
        let kind = leaf.command.change().and_then(|change| state.kind_of(&change))?;
        let approves = matches!(statement.act, Act::Approve { .. }) && kinds::is_deployment(kind);
        approves.then_some(Self::Approvers)
    }
}

impl Noted {
    /// Totals of AI leases; those of a lease that is closed are nobody's question any more.
    fn count(&mut self, index: u64, leaf: &Leaf) {
        for effect in &leaf.effects {
            match effect {
                Effect::Grant { grant, event: GrantEvent::Used { from, until, cycles, .. } } => {
                    let totals = self.totals.entry(*grant).or_default();
                    if totals.len() == TOTALS_MAX {
                        totals.pop_front();
                    }
                    totals.push_back(Total { from: *from, until: *until, used: *cycles, index });
                }
                Effect::Change { about, event: ChangeEvent::Closed { .. }, .. } => {
                    self.totals.remove(&about.change);
                }
                _ => {}
            }
        }
    }
}

impl History {
    fn read(&self) -> RwLockReadGuard<'_, Noted> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves noted.
    pub fn size(&self) -> u64 {
        self.read().at.len() as u64
    }

    /// When a leaf was recorded; none: it is not noted.
    pub fn at(&self, index: u64) -> Option<Instant> {
        self.read().at.get(usize::try_from(index).ok()?).copied()
    }

    /// The newest words about changes.
    pub fn past_words(&self) -> PastWords {
        self.read().words.clone()
    }

    /// What was used of an AI lease in its periods that are over, the newest first, at most [`TOTALS_MAX`].
    pub fn totals(&self, lease: &ChangeId) -> Vec<Total> {
        self.read().totals.get(lease).map(|totals| totals.iter().rev().copied().collect()).unwrap_or_default()
    }

    /// What a rule decided last, of what concerns tenants that `covers` says may be read.
    pub fn last(&self, rule: Rule, covers: impl Fn(&[TenantId]) -> bool) -> Option<Decision> {
        let noted = self.read();
        let of = noted.decided.iter().filter(|((known, tags), _)| *known == rule && covers(tags));
        of.map(|(_, decision)| decision).max_by_key(|decision| decision.index).cloned()
    }
}

impl LeafObserver for History {
    fn begin(&self) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Noted::default();
    }

    fn leaf(&self, index: u64, leaf: &Leaf, state: &State) {
        let mut noted = self.0.write().unwrap_or_else(PoisonError::into_inner);
        noted.at.push(leaf.now);
        noted.words.note(index, leaf, state);
        noted.count(index, leaf);
        for (rule, effect) in Rule::shown(leaf, state) {
            let decision = Decision { index, effect, leaf: Arc::new(leaf.clone()) };
            noted.decided.insert((rule, leaf.tags.clone()), decision);
        }
    }
}
