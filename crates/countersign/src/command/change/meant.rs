//! Which change is meant.

use crate::error::CliError;
use crate::find::ChangeRef;
use desk::Desk;
use model::ChangeId;

/// The change that is meant, among those of the own verified state.
pub(super) fn meant(desk: &Desk, change: &ChangeRef) -> Result<ChangeId, CliError> {
    change.among(desk.follower().state().change_ids())
}
