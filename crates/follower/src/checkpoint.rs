//! What the log has signed, for who has verified a state.

use crate::FollowerError;
use control::State;
use signed::Trust;
use tlog::TlogError;
use tlog::checkpoint::Checkpoint;

/// The log that is followed.
pub(crate) const LOG: &str = "control";

/// A checkpoint that is the log's for who has verified this state.
pub(crate) fn opened(note: &str, trust: &Trust, state: &State) -> Result<Checkpoint, FollowerError> {
    let keys = control::trusted_log_keys(trust, state);
    Checkpoint::open(note, &keys, &format!("{}/{LOG}", trust.origin)).map_err(|error| match error {
        TlogError::NoKnownSignature => FollowerError::UnknownLogKey,
        error => FollowerError::Checkpoint(error),
    })
}
