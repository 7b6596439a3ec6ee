//! The whole verified log with what it names, for a file that somebody else checks.

use crate::blobs::BlobDir;
use crate::core::named_blobs;
use crate::head::Head;
use crate::replica::Entries;
use crate::{Follower, FollowerError};
use control::Blobs as _;
use model::Digest;
use std::collections::BTreeSet;
use tlog::{Tree, leaf_hash};

/// What this follower has verified, as it was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// The newest checkpoint that was verified.
    pub checkpoint: String,
    /// The entries that it covers.
    pub entries: Vec<Vec<u8>>,
    /// The governing blobs that they name: object and bytes.
    pub blobs: Vec<(&'static str, Vec<u8>)>,
}

impl Follower {
    /// All that is verified here; none before the first checkpoint. Asks nobody.
    ///
    /// # Errors
    /// [`FollowerError::TooLong`] when its entries take more than `most_bytes`;
    /// [`FollowerError::Damaged`] when what is on disk is not what was verified.
    pub async fn copied(&self, most_bytes: u64) -> Result<Option<Copied>, FollowerError> {
        let turn = self.whole().await;
        let Some((head, entries)) = self.kept().await?.filter(|(head, _)| head.size > 0) else { return Ok(None) };
        if head.bytes > most_bytes {
            return Err(FollowerError::TooLong { bytes: head.bytes, most_bytes });
        }
        let blobs = self.blob_dir().await;
        let read = move || {
            let _turn = turn;
            copy(head, entries, &blobs)
        };
        let read = tokio::task::spawn_blocking(read).await;
        read.unwrap_or_else(|error| Err(FollowerError::Broken(error.to_string()))).map(Some)
    }
}

fn copy(head: Head, kept: Entries, store: &BlobDir) -> Result<Copied, FollowerError> {
    let (mut tree, mut entries, mut named) = (Tree::new(), vec![], BTreeSet::new());
    for entry in kept {
        let entry = entry.map_err(|_| FollowerError::Damaged(head.size))?;
        tree.push(leaf_hash(&entry));
        named.extend(named_blobs(&entry)?);
        entries.push(entry);
    }
    if (tree.size(), tree.root()) != (head.size, head.root) {
        return Err(FollowerError::Damaged(head.size));
    }
    let packages: Vec<Digest> =
        named.iter().filter(|(object, _)| *object == "package").map(|(_, digest)| *digest).collect();
    named.extend(packages.iter().flat_map(|package| control::package_references(store, package)));
    let whole = |(object, digest): (&'static str, Digest)| {
        let bytes = store.get(object, &digest).filter(|bytes| Digest::of_object(object, bytes) == digest);
        Ok((object, bytes.ok_or(FollowerError::Blob { object, digest })?))
    };
    let blobs = named.into_iter().map(whole).collect::<Result<_, FollowerError>>()?;
    Ok(Copied { checkpoint: head.checkpoint, entries, blobs })
}
