//! What is durable, in memory: the tree and where each entry stands.

use crate::{Place, frame::Span};
use model::Digest;
use tlog::Tree;

/// One entry's bytes in the tail.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spot {
    pub at: Place,
    pub leaf_len: u32,
    pub payload_len: u32,
}

impl Spot {
    /// The spot of a span in a frame that starts at `frame`.
    pub(crate) fn new(frame: Place, span: Span) -> Self {
        let at = Place { segment: frame.segment, offset: frame.offset + span.at };
        Self { at, leaf_len: span.leaf_len, payload_len: span.payload_len }
    }

    /// Bytes from the leaf's first to the payload's last.
    pub(crate) fn len(self) -> usize {
        self.leaf_len as usize + 4 + self.payload_len as usize
    }
}

/// Tree and spots grow together.
#[derive(Default)]
pub(crate) struct Index {
    pub tree: Tree,
    spots: Vec<Spot>,
}

impl Index {
    pub(crate) fn push(&mut self, leaf_hash: Digest, spot: Spot) {
        self.tree.push(leaf_hash);
        self.spots.push(spot);
    }

    pub(crate) fn spot(&self, index: u64) -> Option<Spot> {
        self.spots.get(usize::try_from(index).ok()?).copied()
    }
}
