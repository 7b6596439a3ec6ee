//! What the writer runs: a deterministic machine folded over the leaves.

use model::Instant;

/// Decides commands and folds leaves. The ledger holds two of them: one ahead (decided), one
/// durable (what readers see); both see the same leaves in the same order.
pub trait Machine: Send + Sync + 'static {
    /// A command whose shape, size and signature were checked before it is submitted.
    type Command: Send + 'static;
    /// What its sender gets.
    type Answer: Clone + Send + 'static;

    /// Decides, without side effect. A panic is caught, answered by [`Machine::panicked`] and
    /// leaves no leaf.
    fn decide(&self, now: Instant, command: &Self::Command) -> Decision<Self::Answer>;

    /// Folds a leaf that was decided or verified. Total: a panic here ends the writer.
    fn apply(&mut self, index: u64, leaf: &[u8]);

    /// At open: verifies a stored leaf (decide again, compare), then applies it.
    ///
    /// # Errors
    /// When the leaf is not what this state would have decided; the machine is then unchanged.
    fn replay(&mut self, index: u64, leaf: &[u8]) -> Result<(), String>;

    /// The `internal` answer for a command whose decision panicked or broke a size limit.
    fn panicked(&self) -> Self::Answer;

    /// The instant a leaf carries; `now` is never below the last one.
    fn stamp(leaf: &[u8]) -> Option<Instant>;
}

/// What became of a command.
#[derive(Debug, Clone)]
pub enum Decision<A> {
    /// One leaf and its sealed payload are appended, then the answer is given.
    Append {
        /// The bytes that are hashed: at most [`crate::LEAF_MAX`].
        leaf: Vec<u8>,
        /// The bytes that explain it, already sealed: at most [`crate::PAYLOAD_MAX`].
        payload: Vec<u8>,
        /// The answer, given once the leaf is durable.
        answer: A,
    },
    /// No leaf; the answer still waits for everything decided before it to be durable.
    Answer(A),
}
