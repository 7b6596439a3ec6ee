//! The right edge of a Merkle tree: enough to know the root of what is appended, 32 bytes a level.

use model::Digest;
use tlog::{EMPTY_ROOT, node_hash};

/// Roots of the complete subtrees from left to right, each with its level (RFC 6962 §2.1).
#[derive(Debug, Clone, Default)]
pub(crate) struct Peaks {
    nodes: Vec<(u32, Digest)>,
    size: u64,
}

impl Peaks {
    pub(crate) fn push(&mut self, leaf_hash: Digest) {
        let (mut level, mut node) = (0, leaf_hash);
        while let Some((_, left)) = self.nodes.pop_if(|(peak, _)| *peak == level) {
            node = node_hash(&left, &node);
            level += 1;
        }
        self.nodes.push((level, node));
        self.size += 1;
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    pub(crate) fn root(&self) -> Digest {
        let right_to_left = self.nodes.iter().rev().map(|(_, node)| *node);
        right_to_left.reduce(|right, left| node_hash(&left, &right)).unwrap_or(EMPTY_ROOT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_the_tree_s_at_every_size() {
        let (mut peaks, mut tree) = (Peaks::default(), tlog::Tree::new());
        assert_eq!(peaks.root(), tree.root());
        for n in 0_u32..300 {
            let leaf = tlog::leaf_hash(&n.to_be_bytes());
            peaks.push(leaf);
            tree.push(leaf);
            assert_eq!((peaks.size(), peaks.root()), (tree.size(), tree.root()));
        }
    }
}
