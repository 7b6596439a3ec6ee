//! What the console notes of every leaf it has verified: the page keeps the newest rows only, and no
//! number of newer ones may change what it says of older ones.

use crate::page::kinds;
use control::{ChangeEvent, Command, Effect, Leaf, PastWords, Refusal, Row, State, Verdict};
use follower::LeafObserver;
use model::{Category, Instant, TenantId};
use signed::Act;
use std::collections::BTreeMap;
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

#[derive(Default)]
struct Noted {
    /// When each leaf was recorded, by its index.
    at: Vec<Instant>,
    /// What each rule decided last, by the tenants it concerns: who may not read all of them gets the
    /// newest of the others.
    decided: BTreeMap<(Rule, Vec<TenantId>), Decision>,
    words: PastWords,
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
        for (rule, effect) in Rule::shown(leaf, state) {
            let decision = Decision { index, effect, leaf: Arc::new(leaf.clone()) };
            noted.decided.insert((rule, leaf.tags.clone()), decision);
        }
    }
}
