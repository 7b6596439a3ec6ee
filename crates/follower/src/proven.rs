//! An entry of the own replica with its proof: what can be shown of the ledger with Governance gone.

use crate::head::Head;
use crate::replica::Entries;
use crate::{Follower, FollowerError};
use control::Leaf;
use model::{Digest, TenantId};
use std::io::ErrorKind;
use std::path::Path;
use tlog::Tree;
use tlog::inclusion::InclusionProof;

/// A verified leaf, and why anyone may believe that the log has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// The leaf as it is hashed, its prefix included.
    pub leaf: Vec<u8>,
    /// Its RFC 6962 hash.
    pub leaf_hash: Digest,
    /// The tenants it concerns ([`control::concerns`]): who may not read all of them is not shown it.
    pub concerns: Vec<TenantId>,
    /// That it is in the log, under the newest checkpoint this follower has verified.
    pub proof: InclusionProof,
}

impl Follower {
    /// The entry at this index of the control log; none where the replica does not reach. Asks
    /// nobody, and reads and hashes the whole replica, one call at a time: for pages in an outage,
    /// not for loops.
    ///
    /// # Errors
    /// [`FollowerError::Damaged`] when what is on disk is not what was verified, wherever the change
    /// is; another when it cannot be read at all.
    pub async fn proven(&self, index: u64) -> Result<Option<Proven>, FollowerError> {
        let turn = self.whole().await;
        let Some((head, entries)) = self.kept().await?.filter(|(head, _)| index < head.size) else {
            return Ok(None);
        };
        let read = move || {
            // The turn ends with the reading, also when nobody waits for it any more.
            let _turn = turn;
            prove(head, entries, index)
        };
        let read = tokio::task::spawn_blocking(read).await;
        read.unwrap_or_else(|error| Err(FollowerError::Broken(error.to_string()))).map(Some)
    }
}

/// Reads all leaves, compares them with the root that was verified, and only then believes one.
fn prove(head: Head, mut entries: Entries, index: u64) -> Result<Proven, FollowerError> {
    let damaged = || FollowerError::Damaged(head.size);
    let failed = |error: std::io::Error| match error.kind() {
        // A changed length lets the last leaf end beyond the bytes.
        ErrorKind::UnexpectedEof => damaged(),
        _ => FollowerError::io("read", Path::new("entries.log"))(error),
    };
    let (mut tree, mut leaf) = (Tree::new(), None);
    for entry in entries.by_ref() {
        let entry = entry.map_err(failed)?;
        let here = tree.size() == index;
        tree.push(tlog::leaf_hash(&entry));
        leaf = leaf.or(here.then_some(entry));
    }
    if (tree.size(), tree.root()) != (head.size, head.root) {
        return Err(damaged());
    }
    let (leaf, hashes) = leaf.zip(tree.inclusion_proof(index, head.size)).ok_or_else(damaged)?;
    let first = |first| {
        entries.rewind();
        let entry = usize::try_from(first).ok().and_then(|first| entries.nth(first)).ok_or_else(damaged)?;
        let entry = entry.map_err(failed)?;
        if tree.leaf(first) == Some(tlog::leaf_hash(&entry)) { decode(&entry) } else { Err(damaged()) }
    };
    let concerns = control::concerns(&decode(&leaf)?, first)?;
    let proof = InclusionProof { extra: None, index, hashes, checkpoint: head.checkpoint };
    Ok(Proven { leaf_hash: tlog::leaf_hash(&leaf), leaf, concerns, proof })
}

fn decode(entry: &[u8]) -> Result<Leaf, FollowerError> {
    Leaf::decode(entry).map_err(|error| FollowerError::Inconclusive(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use client::{GovernanceClient, Http};
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};
    use testkit::World;

    #[tokio::test]
    async fn the_replica_is_read_by_one_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let nobody = GovernanceClient::new(Http::new("http://127.0.0.1:1"));
        let follower = Follower::open(dir.path(), &World::scoped().trust(), nobody).unwrap();
        let turn = follower.whole().await;
        let mut next = pin!(follower.proven(0));
        let mut context = Context::from_waker(Waker::noop());
        assert!(matches!(next.as_mut().poll(&mut context), Poll::Pending));
        drop(turn);
        assert_eq!(next.await.unwrap(), None);
    }
}
