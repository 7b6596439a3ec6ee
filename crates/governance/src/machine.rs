//! What the writer of the control log runs: the pure core over the ledger's leaves.

use crate::governing::Governing;
use crate::log_keys::LogKeys;
use crate::refusal_dedup::RefusalDedup;
use archive::Archive;
use control::{Command, Effect, Inadmissible, Leaf, Refusal, Replayer, State, Verdict, apply, decide};
use ledger::{Decision, Machine};
use model::Instant;
use signed::Trust;
use std::sync::Arc;

/// A command whose shape and authority were checked, with its texts already sealed.
#[derive(Debug)]
pub(crate) struct Submitted {
    pub(crate) command: Command,
    /// Encoded [`ledger::Payload`].
    pub(crate) payload: Vec<u8>,
}

/// What the writer says of a command.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// It is a leaf with this verdict.
    Decided(Verdict, Vec<Effect>),
    /// The same refusal stands in this leaf of the same minute.
    Repeated(u64, Refusal),
    /// It is not one to decide.
    Inadmissible(Inadmissible),
    /// Its leaf would be longer than a leaf may be.
    TooLarge,
    /// The decision panicked.
    Internal,
}

enum Fold {
    /// Reading back: each leaf is verified and decided again.
    Verifying(Box<Replayer<Governing>>),
    /// Writing: the leaves are this machine's own.
    Deciding(Arc<State>),
}

/// The state of the control log, and what else a decision looks at.
pub(crate) struct ControlMachine {
    fold: Fold,
    refused: RefusalDedup,
    blobs: Governing,
    keys: LogKeys,
    /// Of the machine that decides: a record is there before any reader sees its change ended.
    archive: Option<Arc<Archive>>,
}

impl ControlMachine {
    /// Nothing read yet; leaf 0 must be the pinned genesis. `keys` hear which are listed, and the archive, if this
    /// machine has it, what has ended.
    pub(crate) fn new(trust: &Trust, blobs: &Governing, keys: &LogKeys, archive: Option<&Arc<Archive>>) -> Self {
        let replayer = Box::new(Replayer::new(trust, blobs.clone()));
        let (refused, blobs, keys) = (RefusalDedup::default(), blobs.clone(), keys.clone());
        Self { fold: Fold::Verifying(replayer), refused, blobs, keys, archive: archive.cloned() }
    }

    /// Everything decided so far.
    pub(crate) fn state(&self) -> &State {
        match &self.fold {
            Fold::Verifying(replayer) => replayer.state(),
            Fold::Deciding(state) => state,
        }
    }

    /// The same for a reader, who then keeps nobody waiting: later leaves are folded into a copy.
    pub(crate) fn shared_state(&self) -> Arc<State> {
        match &self.fold {
            Fold::Verifying(replayer) => Arc::new(replayer.state().clone()),
            Fold::Deciding(state) => Arc::clone(state),
        }
    }

    /// A refused leaf leaves every change as it was, so it makes no difference that a leaf read back
    /// is in the state already.
    fn fold_refusal(&mut self, index: u64, leaf: &Leaf) {
        let state = match &self.fold {
            Fold::Verifying(replayer) => replayer.state(),
            Fold::Deciding(state) => state,
        };
        self.refused.apply(state, index, leaf);
    }
}

impl Machine for ControlMachine {
    type Command = Submitted;
    type Answer = Answer;

    fn decide(&self, now: Instant, submitted: &Submitted) -> Decision<Answer> {
        let decided = match decide(self.state(), &self.blobs, now, &submitted.command) {
            Ok(decided) => decided,
            Err(why) => return Decision::Answer(Answer::Inadmissible(why)),
        };
        if let Verdict::Refused(refusal) = &decided.verdict
            && let Some(first) = self.refused.first(self.state(), now, &submitted.command, refusal.code())
        {
            return Decision::Answer(Answer::Repeated(first, refusal.clone()));
        }
        let answer = Answer::Decided(decided.verdict.clone(), decided.effects.clone());
        match decided.into_leaf(now, submitted.command.clone()).encode() {
            Ok(leaf) => Decision::Append { leaf, payload: submitted.payload.clone(), answer },
            Err(_) => Decision::Answer(Answer::TooLarge),
        }
    }

    fn apply(&mut self, index: u64, leaf: &[u8]) {
        let leaf = Leaf::decode(leaf).expect("this machine encoded the leaf, or `replay` has verified it");
        self.fold_refusal(index, &leaf);
        if let Fold::Verifying(replayer) = &self.fold {
            self.fold = Fold::Deciding(Arc::new(replayer.state().clone()));
        }
        if let Fold::Deciding(state) = &mut self.fold {
            let ended = apply(Arc::make_mut(state), &self.blobs, index, &leaf);
            self.archive.iter().for_each(|archive| archive.keep_all(&ended));
        }
        self.keys.note(index + 1, &self.state().roster);
    }

    fn replay(&mut self, index: u64, leaf: &[u8]) -> Result<(), String> {
        let Fold::Verifying(replayer) = &mut self.fold else {
            return Err("a stored leaf came after a decided one".to_owned());
        };
        let leaf = replayer.push(leaf).map_err(|broken| broken.to_string())?;
        self.archive.iter().for_each(|archive| archive.keep_all(replayer.ended()));
        self.fold_refusal(index, &leaf);
        self.keys.note(index + 1, &self.state().roster);
        Ok(())
    }

    fn panicked(&self) -> Answer {
        Answer::Internal
    }

    fn stamp(leaf: &[u8]) -> Option<Instant> {
        Leaf::decode(leaf).ok().map(|leaf| leaf.now)
    }
}
