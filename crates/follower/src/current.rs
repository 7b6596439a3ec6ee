//! Whether a follower's state is one to give by.

use crate::{Follower, FollowerHealth};

/// Why a state is not one to give by yet: it may miss what takes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotCurrent {
    /// It has not heard since its start whether there is more.
    #[error("it has just started, and is asking Governance for what is new")]
    Asking,
    /// What it had verified is damaged or gone, and is pulled again.
    #[error("its copy of the ledger is being pulled again: {size} of {known} entries are verified")]
    Pulling {
        /// Entries of the state that it has.
        size: u64,
        /// Entries that it had verified before.
        known: u64,
    },
}

impl Follower {
    /// Whether its state holds everything that was ever verified here, and, since the start, everything that Governance
    /// had to say, or Governance could not be reached: what was decided is kept to with Governance gone, too.
    ///
    /// # Errors
    /// [`NotCurrent`]: whoever asks for something is told to ask again.
    pub fn current(&self) -> Result<(), NotCurrent> {
        let (size, known) = (self.state().size, self.known());
        if size < known {
            return Err(NotCurrent::Pulling { size, known });
        }
        if self.health() == FollowerHealth::Starting { Err(NotCurrent::Asking) } else { Ok(()) }
    }
}
