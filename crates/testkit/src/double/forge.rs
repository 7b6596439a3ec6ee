//! The liar's own tools: leaves that nobody decided, history unsaid, words signed as one likes.

use super::{Double, World};
use client::{Signer, StatementDraft};
use control::{Action, Command, Effect, Leaf, Verdict};
use model::{ChangeId, PersonId};
use signed::{Act, Seen};
use ssh_key::PrivateKey;

impl Double {
    /// Records a leaf as it is, whatever deciding its command would give, and goes on from there as
    /// a follower that believes it would: later commands are decided in the state it leads to.
    /// Answers its index.
    pub fn forge(&self, command: Command, verdict: Verdict, effects: Vec<Effect>) -> u64 {
        let mut ledger = self.shared.ledger();
        let (rules, now) = (ledger.state.rules, ledger.now());
        let leaf = Leaf { rules, now, command, verdict, effects, tags: vec![Self::TENANT] };
        ledger.push(&leaf);
        drop(ledger);
        self.news();
        self.leaves().len() as u64 - 1
    }

    /// Unsays everything from the leaf at `size` on; what is recorded next takes its place.
    pub fn rewind(&self, size: u64) {
        self.shared.ledger().rewind(usize::try_from(size).unwrap());
        self.news();
    }

    /// What a person is about to sign now, to be signed as it is or changed before.
    pub fn draft_statement(&self, person: PersonId, act: Act) -> StatementDraft {
        let ledger = self.shared.ledger();
        let seen = Seen { size: ledger.tree.size(), root: ledger.tree.root() };
        // What takes effect in the leaf of its run is ordered shortly before.
        let for_ms = if matches!(act, Act::Run { .. }) { 600_000 } else { 3_600_000 };
        let not_after = ledger.now().plus_millis(for_ms);
        let texts = Self::names(&act);
        StatementDraft { ledger: self.trust().genesis, person, act, texts, not_after, seen }
    }

    /// A statement signed with any key.
    pub fn sign(draft: StatementDraft, key: PrivateKey) -> Command {
        Signer::Key(Box::new(key)).sign_statement(draft).unwrap().command
    }

    /// A key that is nobody's on the roster.
    pub fn stranger_key() -> PrivateKey {
        World::person_key(&PersonId([77; 16]))
    }

    /// Carries out the steps that are due, in the name of whoever should, until the one due next is
    /// such a one; whether there is such a one.
    pub fn advance_until(&self, change: ChangeId, is_it: impl Fn(&Action) -> bool) -> bool {
        loop {
            let state = self.state();
            let Some(step) = state.changes[&change].step_due() else { return false };
            let planned = &state.changes[&change].plan.as_ref().unwrap().steps[step.step as usize];
            if is_it(&planned.action) {
                return true;
            }
            self.carry_out(step, planned);
        }
    }
}
