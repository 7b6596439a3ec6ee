//! Signs checkpoints, off the path of the answers: as fast as they can be made durable or as the options let it, one at
//! a time, each for all that is durable when it starts.

use crate::{Options, PutCheckpoint, log::Shared};
use std::panic::{AssertUnwindSafe, catch_unwind};
use tlog::checkpoint::Checkpoint;

/// Runs until the log is closed and its last entry covered. An error ends the ledger.
pub(crate) fn run(shared: &Shared, options: &Options, mut covered: u64) -> Result<(), String> {
    while let Some(size) = shared.grown.wait(covered) {
        catch_unwind(AssertUnwindSafe(|| publish(shared, options, size)))
            .unwrap_or_else(|_| Err("signing a checkpoint panicked".to_owned()))?;
        covered = size;
        shared.grown.pause(options.checkpoint_gap);
    }
    Ok(())
}

fn publish(shared: &Shared, Options { origin, keys, .. }: &Options, size: u64) -> Result<(), String> {
    let root = shared.index().tree.root_at(size).ok_or("a checkpoint was asked for beyond the end of the log")?;
    let signers = keys.signers(size);
    if signers.is_empty() {
        return Err("no key that this log is signed with is here: put its file back, and start again".to_owned());
    }
    let note = Checkpoint { origin: origin.clone(), size, root }.sign(&signers.iter().collect::<Vec<_>>());
    // Durable before anybody sees it: no restart can sign another root for this size.
    shared.tail.put_checkpoint(size, &note).map_err(|error| match error {
        PutCheckpoint::Conflict => format!("a checkpoint of another text exists for {size} entries or more"),
        PutCheckpoint::Failed(error) => format!("a checkpoint could not be written: {error}"),
    })?;
    shared.published.send_replace(Some((size, note.into())));
    shared.covered.ring(size);
    Ok(())
}
