//! What is fetched from Governance: bytes, of which nothing is believed.

use crate::FollowerError;
use crate::checkpoint::LOG;
use crate::core::{Core, named_blobs};
use crate::peaks::Peaks;
use client::{ClientError, GovernanceClient};
use model::Digest;
use std::collections::BTreeSet;
use tlog::checkpoint::Checkpoint;
use tlog::leaf_hash;
use tlog::tile::{FULL_WIDTH, TilePath, decode_bundle};

/// The entries `next..` of the bundle that holds `next`, in a tree of `size` entries.
async fn bundle(governance: &GovernanceClient, next: u64, size: u64) -> Result<Vec<Vec<u8>>, FollowerError> {
    let full = u64::from(FULL_WIDTH);
    let index = next / full;
    let width = u16::try_from(full.min(size - index * full)).expect("at most 256");
    let path = TilePath::Entries { index, width };
    let garbage = |_| FollowerError::Served(size);
    let mut entries = match governance.tile(LOG, &path.to_string()).await {
        Ok(bytes) => decode_bundle(&bytes, width).map_err(garbage)?,
        // A log that has grown need not serve partial bundles any more (`tlog-tiles`).
        Err(ClientError::Problem(_, 404)) if path.is_partial() => {
            let whole = TilePath::Entries { index, width: FULL_WIDTH };
            let bytes = governance.tile(LOG, &whole.to_string()).await?;
            let mut entries = decode_bundle(&bytes, FULL_WIDTH).map_err(garbage)?;
            entries.truncate(width.into());
            entries
        }
        Err(error) => return Err(error.into()),
    };
    let known = usize::try_from(next - index * full).expect("less than 256");
    Ok(entries.split_off(known))
}

/// Stages what lies beyond the fold, up to the checkpoint. Nothing is folded here: the answer says
/// whether the staged entries are what was signed, and whether that denies what was seen before.
pub(crate) async fn stage(
    core: &mut Core,
    governance: &GovernanceClient,
    checkpoint: &Checkpoint,
) -> Result<Staged, FollowerError> {
    let mut peaks = core.peaks.clone();
    let mut blobs = BTreeSet::new();
    let mut denies = false;
    while peaks.size() < checkpoint.size {
        let entries = bundle(governance, peaks.size(), checkpoint.size).await?;
        for entry in &entries {
            peaks.push(leaf_hash(entry));
            blobs.extend(named_blobs(entry)?);
            denies |= peaks.size() == core.head.size && peaks.root() != core.head.root;
        }
        core.replica.stage(&entries)?;
    }
    Ok(match (peaks.root() == checkpoint.root, denies) {
        (false, _) => Staged::Other,
        (true, true) => Staged::Denies,
        (true, false) => Staged::Signed(blobs),
    })
}

/// What staging found.
pub(crate) enum Staged {
    /// Exactly what was signed, naming these blobs.
    Signed(BTreeSet<(&'static str, Digest)>),
    /// What was signed, and it does not extend what was seen before.
    Denies,
    /// Not what was signed on top of what is known.
    Other,
}

/// Whether the whole log as served is what was signed and yet does not begin with what is known:
/// only that is proof of a fork, anything else may be a bad wire.
pub(crate) async fn is_fork(
    core: &Core,
    governance: &GovernanceClient,
    checkpoint: &Checkpoint,
) -> Result<bool, FollowerError> {
    let mut peaks = Peaks::default();
    let mut extends = true;
    while peaks.size() < checkpoint.size {
        for entry in bundle(governance, peaks.size(), checkpoint.size).await? {
            peaks.push(leaf_hash(&entry));
            extends &= peaks.size() != core.head.size || peaks.root() == core.head.root;
        }
    }
    Ok(peaks.root() == checkpoint.root && !extends)
}

/// Fetches the blobs that are not here yet and keeps them durably, each checked by its digest.
pub(crate) async fn blobs(
    core: &Core,
    governance: &GovernanceClient,
    wanted: BTreeSet<(&'static str, Digest)>,
) -> Result<(), FollowerError> {
    let mut wanted: Vec<_> = wanted.into_iter().collect();
    while let Some((object, digest)) = wanted.pop() {
        if !core.blobs.has(object, &digest) {
            fetch(core, governance, object, digest).await?;
        }
        // A package names further ones.
        if object == "package" {
            wanted.extend(control::package_references(&core.blobs, &digest));
        }
    }
    Ok(())
}

async fn fetch(
    core: &Core,
    governance: &GovernanceClient,
    object: &'static str,
    digest: Digest,
) -> Result<(), FollowerError> {
    let bytes = match governance.blob(object, &digest).await {
        Ok(bytes) => bytes,
        Err(ClientError::Problem(_, 404)) => return Err(FollowerError::Blob { object, digest }),
        Err(error) => return Err(error.into()),
    };
    if Digest::of_object(object, &bytes) != digest {
        return Err(FollowerError::Blob { object, digest });
    }
    core.blobs.put(object, &digest, &bytes)
}
