//! Whose word a command is: signatures and the signer's checkpoint, beside the decision.

use crate::{Command, State};
use model::{Digest, PersonId};
use signed::{Seen, SignedError};

/// Why a command is not its claimed author's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unauthentic {
    /// Signed for another ledger.
    #[error("signed for another ledger than this one ({0}); sign it again for this one")]
    OtherLedger(Digest),
    /// Nobody of the roster.
    #[error("signed by {0}, who is not on the roster, or with a key that is not theirs")]
    Stranger(PersonId),
    /// A service without a key in the roster.
    #[error("the roster lists no key for this service")]
    UnknownService,
    /// A key that is not the console's, or there is no console.
    #[error("the roster does not list this key as the console's")]
    UnknownConsole,
    /// The signature does not hold.
    #[error(transparent)]
    Signature(#[from] SignedError),
    /// The signer saw another history.
    #[error("the checkpoint the signer saw (size {0}) is not of this ledger: a fork or a copy was signed on")]
    Fork(u64),
    /// Not enough founders.
    #[error("{0} founders have signed, {1} are needed")]
    Founders(u32, u32),
}

/// Checks who says what a command says. `root_at` answers the root of this ledger's own tree.
///
/// # Errors
/// When the command is not authentic; it is then not decided, and a ledger that holds it is broken.
pub fn check_authority(
    state: &State,
    root_at: &dyn Fn(u64) -> Option<Digest>,
    command: &Command,
) -> Result<(), Unauthentic> {
    check_authority_but(state, root_at, command, &|_| false)
}

/// The same of a leaf whose signature was looked at before: `held` answers whether it was found to hold under
/// the key of this id.
pub(crate) fn check_authority_but(
    state: &State,
    root_at: &dyn Fn(u64) -> Option<Digest>,
    command: &Command,
    held: &dyn Fn(&Digest) -> bool,
) -> Result<(), Unauthentic> {
    match command {
        Command::Genesis { genesis, signatures } => {
            let count = genesis.count(signatures)?;
            let needed = genesis.founders_needed;
            if count < needed { Err(Unauthentic::Founders(count, needed)) } else { Ok(()) }
        }
        Command::Signed { statement, signature } => {
            if statement.ledger != state.ledger {
                return Err(Unauthentic::OtherLedger(statement.ledger));
            }
            let key = state.roster.key(&statement.person, &statement.key);
            let key = key.ok_or(Unauthentic::Stranger(statement.person))?;
            if !held(&key.id) {
                statement.verify(&key.openssh, signature)?;
            }
            seen(root_at, &statement.seen)
        }
        Command::Receipt { receipt, signature } => {
            if receipt.ledger != state.ledger {
                return Err(Unauthentic::OtherLedger(receipt.ledger));
            }
            let key = state.roster.service(receipt.service, receipt.node.as_ref());
            let key = key.ok_or(Unauthentic::UnknownService)?;
            if !held(key) {
                receipt.verify(key, signature)?;
            }
            seen(root_at, &receipt.seen)
        }
        Command::Session(_) | Command::Clock { .. } => Ok(()),
    }
}

/// The signer's checkpoint is of this ledger's own tree.
fn seen(root_at: &dyn Fn(u64) -> Option<Digest>, seen: &Seen) -> Result<(), Unauthentic> {
    if root_at(seen.size) == Some(seen.root) { Ok(()) } else { Err(Unauthentic::Fork(seen.size)) }
}
