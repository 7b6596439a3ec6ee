//! The keys of a log, which may change while it grows.

use tlog::note::{NoteSigner, VerifierKey};

/// Who signs the checkpoints of a log, and whose signature under a stored one is good.
pub trait LogKeys: Send + Sync + 'static {
    /// Who signs a tree of `size` entries. When nobody can, the ledger ends.
    fn signers(&self, size: u64) -> Vec<NoteSigner>;

    /// Every key that may have signed a stored checkpoint: those at hand, and all that the log has had as far
    /// as its entries were replayed.
    fn known(&self) -> Vec<VerifierKey>;
}

/// One key for ever.
impl LogKeys for NoteSigner {
    fn signers(&self, _: u64) -> Vec<NoteSigner> {
        vec![self.clone()]
    }

    fn known(&self) -> Vec<VerifierKey> {
        vec![self.vkey()]
    }
}
