//! The newest words about changes, kept so that they can be decided again under rules of another number.

use crate::{Command, Inadmissible, Leaf, Object, State, Verdict, decide, rules, verb_row};
use model::{ChangeId, Digest};
use signed::Verb;
use std::collections::{BTreeMap, VecDeque};

/// Words that are kept, the newest.
const KEPT_MAX: usize = 100;

#[derive(Debug, Clone)]
struct Kept {
    index: u64,
    leaf: Leaf,
    /// The state that it was decided in.
    before: State,
}

/// The newest words about changes, each with the state that it was decided in.
#[derive(Debug, Clone, Default)]
pub struct PastWords {
    state: Option<State>,
    kept: VecDeque<Kept>,
}

/// A word, as it was decided and as it would have been.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastWord {
    /// Its entry.
    pub index: u64,
    pub change: ChangeId,
    pub verb: Verb,
    pub then: Verdict,
    /// Under the other rules; an error where no leaf would record it.
    pub now: Result<Verdict, Inadmissible>,
}

/// Which change a leaf's word is about, and which word it is; none: it is no word about one that there is.
fn word(leaf: &Leaf) -> Option<(ChangeId, Verb)> {
    let Command::Signed { statement, .. } = &leaf.command else { return None };
    let verb = statement.act.verb();
    // A draft is decided by what it names, which is not kept here.
    let is_word = verb_row(verb).object == Object::Change && verb != Verb::Open;
    leaf.command.change().filter(|_| is_word).map(|change| (change, verb))
}

impl PastWords {
    /// Notes the next leaf, with the state after it. A build that knows one number alone has nothing to
    /// compare, and keeps nothing.
    pub fn note(&mut self, index: u64, leaf: &Leaf, after: &State) {
        if !rules::are_several() {
            return;
        }
        let before = self.state.replace(after.clone());
        if let Some(before) = before.filter(|_| word(leaf).is_some()) {
            if self.kept.len() == KEPT_MAX {
                self.kept.pop_front();
            }
            self.kept.push_back(Kept { index, leaf: leaf.clone(), before });
        }
    }

    /// How they would have been decided under the rules of a number, the newest first; none: this build does
    /// not know these rules.
    pub fn under(&self, number: u32) -> Option<Vec<PastWord>> {
        if !rules::knows(number) {
            return None;
        }
        let again = |kept: &Kept| {
            let (change, verb) = word(&kept.leaf)?;
            let state = State { rules: number, ..kept.before.clone() };
            let none = BTreeMap::<Digest, Vec<u8>>::new();
            let now = decide(&state, &none, kept.leaf.now, &kept.leaf.command).map(|decided| decided.verdict);
            Some(PastWord { index: kept.index, change, verb, then: kept.leaf.verdict.clone(), now })
        };
        Some(self.kept.iter().rev().filter_map(again).collect())
    }
}
