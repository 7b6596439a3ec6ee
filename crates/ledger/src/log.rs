//! What readers see of a log: durable entries, published checkpoints, tiles and proofs.

use crate::{
    Damage, LedgerError, Tail,
    index::{Index, Spot},
    scan::ENTRIES,
    wakeup::Wakeup,
};
use model::Digest;
use std::{
    ops::Range,
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};
use tlog::tile::{FULL_WIDTH, TilePath, encode_bundle};
use tokio::sync::watch;

/// Most entries one call of [`Log::entries`] gives.
const ENTRIES_MAX: usize = 1_024;
/// After this many bytes [`Log::entries`] gives no further entry.
const ENTRIES_BYTES: usize = 4 << 20;

/// A published checkpoint: tree size and signed note.
pub(crate) type Published = (u64, Arc<str>);

/// What the writer, the publisher, the tile writer and all readers share.
pub(crate) struct Shared {
    pub tail: Arc<dyn Tail>,
    index: RwLock<Index>,
    pub published: watch::Sender<Option<Published>>,
    /// Why the writer has ended, once it has.
    pub ended: watch::Sender<Option<Arc<str>>>,
    /// Rings when entries became durable, and when a checkpoint was published.
    pub grown: Wakeup,
    pub covered: Wakeup,
}

impl Shared {
    pub(crate) fn new(tail: Arc<dyn Tail>, index: Index) -> Self {
        Self {
            tail,
            index: RwLock::new(index),
            published: watch::Sender::new(None),
            ended: watch::Sender::new(None),
            grown: Wakeup::default(),
            covered: Wakeup::default(),
        }
    }

    pub(crate) fn index(&self) -> RwLockReadGuard<'_, Index> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn index_mut(&self) -> RwLockWriteGuard<'_, Index> {
        self.index.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records the first reason only: what comes after is its consequence.
    pub(crate) fn end(&self, why: &str) {
        self.ended.send_if_modified(|ended| {
            let first = ended.is_none();
            if first {
                *ended = Some(why.into());
            }
            first
        });
    }
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The bytes that are hashed.
    pub leaf: Vec<u8>,
    /// The sealed bytes that explain it.
    pub payload: Vec<u8>,
}

/// A cheap handle on a log, for any number of readers.
#[derive(Clone)]
pub struct Log(pub(crate) Arc<Shared>);

impl Log {
    /// Durable entries.
    pub fn size(&self) -> u64 {
        self.0.index().tree.size()
    }

    /// The latest published checkpoint: tree size and signed note (C2SP tlog-checkpoint).
    pub fn checkpoint(&self) -> Option<(u64, String)> {
        self.0.published.borrow().as_ref().map(|(size, note)| (*size, note.to_string()))
    }

    /// Waits for a published checkpoint of more than `beyond` entries; `None` when the ledger has
    /// ended and none will come.
    pub async fn wait_checkpoint(&self, beyond: u64) -> Option<(u64, String)> {
        let mut published = self.0.published.subscribe();
        let mut ended = self.0.ended.subscribe();
        let found = tokio::select! {
            biased;
            found = published.wait_for(|published| published.as_ref().is_some_and(|(size, _)| *size > beyond)) => found.ok(),
            _ = ended.wait_for(Option::is_some) => None,
        };
        found.and_then(|found| found.as_ref().map(|(size, note)| (*size, note.to_string())))
    }

    /// One durable entry; its leaf is hashed again and compared.
    ///
    /// # Errors
    /// `NoEntry`, `Io`, or `Damage` when the stored bytes have changed.
    pub fn entry(&self, index: u64) -> Result<Entry, LedgerError> {
        let (spot, hash) = {
            let held = self.0.index();
            let size = held.tree.size();
            held.spot(index).zip(held.tree.leaf(index)).ok_or(LedgerError::NoEntry { index, size })?
        };
        let entry = split(self.0.tail.read(spot.at, spot.len())?, spot);
        if tlog::leaf_hash(&entry.leaf) == hash {
            return Ok(entry);
        }
        let file = PathBuf::from(ENTRIES.file_name(spot.at.segment));
        let why = "the leaf's bytes changed after they were written".to_owned();
        Err(LedgerError::Damage(Damage { file, offset: spot.at.offset.into(), index, why, unfinished: false }))
    }

    /// The entries of a range, as many from its start as one call gives (1,024 or 4 MiB); none
    /// when the range starts at or beyond the end.
    ///
    /// # Errors
    /// As [`Log::entry`].
    pub fn entries(&self, range: Range<u64>) -> Result<Vec<Entry>, LedgerError> {
        let mut entries = Vec::new();
        let mut bytes = 0;
        for index in (range.start..range.end.min(self.size())).take(ENTRIES_MAX) {
            let entry = self.entry(index)?;
            bytes += entry.leaf.len() + entry.payload.len();
            entries.push(entry);
            if bytes >= ENTRIES_BYTES {
                break;
            }
        }
        Ok(entries)
    }

    /// The hash tile or entry bundle at a path (C2SP tlog-tiles); `None` when no published
    /// checkpoint covers all of it.
    ///
    /// # Errors
    /// As [`Log::entry`], for bundles.
    pub fn tile(&self, path: &TilePath) -> Result<Option<Vec<u8>>, LedgerError> {
        let published = self.0.published.borrow().as_ref().map_or(0, |(size, _)| *size);
        if covered(path).is_none_or(|end| end > published) {
            return Ok(None);
        }
        match *path {
            TilePath::Hash { level, index, width } => Ok(self.0.index().tree.tile(level, index, width)),
            TilePath::Entries { index, width } => {
                let first = index * u64::from(FULL_WIDTH);
                let leaves = (first..first + u64::from(width)).map(|index| self.entry(index).map(|entry| entry.leaf));
                let leaves: Vec<_> = leaves.collect::<Result<_, _>>()?;
                Ok(encode_bundle(&leaves).ok())
            }
        }
    }

    /// Proof that entry `index` is in the tree of `size` (RFC 6962 §2.1.1).
    pub fn inclusion_proof(&self, index: u64, size: u64) -> Option<Vec<Digest>> {
        self.0.index().tree.inclusion_proof(index, size)
    }

    /// Proof that the tree of `old` is a prefix of that of `new` (RFC 6962 §2.1.2).
    pub fn consistency_proof(&self, old: u64, new: u64) -> Option<Vec<Digest>> {
        self.0.index().tree.consistency_proof(old, new)
    }

    /// The root over the first `size` entries, `None` beyond the end.
    pub fn root_at(&self, size: u64) -> Option<Digest> {
        self.0.index().tree.root_at(size)
    }

    /// The leaf hash of a durable entry.
    pub fn leaf_hash(&self, index: u64) -> Option<Digest> {
        self.0.index().tree.leaf(index)
    }
}

/// How many entries a tree must have for this tile to be whole; `None` when no tree is that large.
pub(crate) fn covered(path: &TilePath) -> Option<u64> {
    let level = match *path {
        TilePath::Hash { level, .. } => level,
        TilePath::Entries { .. } => 0,
    };
    let each = u64::from(FULL_WIDTH).checked_pow(level.into())?;
    let hashes = path.index().checked_mul(FULL_WIDTH.into())?.checked_add(path.width().into())?;
    hashes.checked_mul(each)
}

fn split(mut bytes: Vec<u8>, spot: Spot) -> Entry {
    let payload = bytes.split_off(spot.leaf_len as usize + 4);
    bytes.truncate(spot.leaf_len as usize);
    Entry { leaf: bytes, payload }
}
