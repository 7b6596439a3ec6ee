//! An entry of the own replica with its proof: what can be shown of the ledger with Governance gone.

use crate::{Follower, FollowerError};
use model::Digest;
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
    /// That it is in the log, under the newest checkpoint this follower has verified.
    pub proof: InclusionProof,
}

impl Follower {
    /// The entry at this index of the control log; none where the replica does not reach. Asks
    /// nobody, and reads the whole replica: for pages in an outage, not for loops.
    ///
    /// # Errors
    /// When the replica cannot be read.
    pub async fn proven(&self, index: u64) -> Result<Option<Proven>, FollowerError> {
        let (head, entries) = self.kept().await?;
        if index >= head.size {
            return Ok(None);
        }
        let read = move || {
            let (mut tree, mut leaf) = (Tree::new(), None);
            for (n, entry) in (0..head.size).zip(entries) {
                let entry = entry?;
                tree.push(tlog::leaf_hash(&entry));
                leaf = leaf.or((n == index).then_some(entry));
            }
            let hashes = tree.inclusion_proof(index, head.size);
            let proof = hashes.map(|hashes| InclusionProof { extra: None, index, hashes, checkpoint: head.checkpoint });
            let proven = |(leaf, proof): (Vec<u8>, _)| Proven { leaf_hash: tlog::leaf_hash(&leaf), leaf, proof };
            Ok(leaf.zip(proof).map(proven))
        };
        let read: std::io::Result<_> =
            tokio::task::spawn_blocking(read).await.unwrap_or_else(|error| Err(error.into()));
        read.map_err(FollowerError::io("read", Path::new("entries.log")))
    }
}
