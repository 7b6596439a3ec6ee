//! A Merkle tree in memory, RFC 6962 shape.

use crate::hash::{EMPTY_ROOT, node_hash};
use model::Digest;
use std::ops::Range;

/// All complete nodes of a log's tree, level by level: 64 bytes of memory an entry.
///
/// `levels[k][i]` is the root of entries `i·2^k .. (i+1)·2^k`. Only complete nodes are kept: they
/// never change again, so every earlier tree can still be answered for.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    levels: Vec<Vec<Digest>>,
}

impl Tree {
    /// The tree without entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends an entry by its [`crate::leaf_hash`].
    pub fn push(&mut self, leaf_hash: Digest) {
        let mut node = leaf_hash;
        let mut level = 0;
        loop {
            if level == self.levels.len() {
                self.levels.push(Vec::new());
            }
            let nodes = &mut self.levels[level];
            nodes.push(node);
            if nodes.len() % 2 == 1 {
                return;
            }
            node = node_hash(&nodes[nodes.len() - 2], &node);
            level += 1;
        }
    }

    /// Number of entries.
    pub fn size(&self) -> u64 {
        self.levels.first().map_or(0, |leaves| leaves.len() as u64)
    }

    /// Root over all entries; [`EMPTY_ROOT`] without any.
    pub fn root(&self) -> Digest {
        self.range_root(0..self.size())
    }

    /// Root of the tree as it was at `size` entries; none when it has not grown so far.
    pub fn root_at(&self, size: u64) -> Option<Digest> {
        (size <= self.size()).then(|| self.range_root(0..size))
    }

    /// The leaf hash at `index`.
    pub fn leaf(&self, index: u64) -> Option<Digest> {
        self.levels.first()?.get(usize::try_from(index).ok()?).copied()
    }

    /// Audit path of entry `index` in the tree of `size` entries, the leaf's sibling first
    /// (RFC 6962, section 2.1.1). None when the tree has no such entry or never had that size.
    pub fn inclusion_proof(&self, index: u64, size: u64) -> Option<Vec<Digest>> {
        if index >= size || size > self.size() {
            return None;
        }
        let mut path = Vec::new();
        let mut range = 0..size;
        while range.end - range.start > 1 {
            let middle = split(&range);
            if index < middle {
                path.push(self.range_root(middle..range.end));
                range.end = middle;
            } else {
                path.push(self.range_root(range.start..middle));
                range.start = middle;
            }
        }
        path.reverse();
        Some(path)
    }

    /// Proof that the tree of `old` entries is a prefix of the tree of `new` (RFC 6962, section
    /// 2.1.2); empty when `old` is 0 or equals `new`. None unless `old <= new <= size`.
    pub fn consistency_proof(&self, old: u64, new: u64) -> Option<Vec<Digest>> {
        if old > new || new > self.size() {
            return None;
        }
        let mut path = Vec::new();
        if old == 0 {
            return Some(path);
        }
        let mut range = 0..new;
        while old < range.end {
            let middle = split(&range);
            if old <= middle {
                path.push(self.range_root(middle..range.end));
                range.end = middle;
            } else {
                path.push(self.range_root(range.start..middle));
                range.start = middle;
            }
        }
        // At the left edge this node is the old root itself, which the verifier already holds.
        if range.start > 0 {
            path.push(self.range_root(range));
        }
        path.reverse();
        Some(path)
    }

    /// The first `width` (1 to 256) hashes of tile `index` at `level`, as `tlog-tiles` serves them:
    /// 32 bytes each. None when the width is out of range or the tree does not have all of them.
    pub fn tile(&self, level: u8, index: u64, width: u16) -> Option<Vec<u8>> {
        if !(1..=crate::tile::FULL_WIDTH).contains(&width) {
            return None;
        }
        let nodes = self.levels.get(usize::from(level) * 8)?;
        let start = usize::try_from(index.checked_mul(256)?).ok()?;
        let hashes = nodes.get(start..start.checked_add(usize::from(width))?)?;
        Some(hashes.iter().flat_map(|hash| *hash.as_bytes()).collect())
    }

    /// Root over entries `range`, whose start is a multiple of every power of two up to its length,
    /// as each range of the RFC's recursion is; its end lies within the tree.
    fn range_root(&self, range: Range<u64>) -> Digest {
        let mut start = range.start;
        let mut complete = Vec::new();
        while start < range.end {
            let level = (range.end - start).ilog2();
            complete.push(self.node(level, start >> level));
            start += 1 << level;
        }
        complete.into_iter().rev().reduce(|right, left| node_hash(&left, &right)).unwrap_or(EMPTY_ROOT)
    }

    fn node(&self, level: u32, index: u64) -> Digest {
        let index = usize::try_from(index).expect("a node index is below the number of leaves held in memory");
        self.levels[level as usize][index]
    }
}

/// Where the RFC splits a range of two or more entries: after the largest power of two below its length.
fn split(range: &Range<u64>) -> u64 {
    range.start + (1 << (range.end - range.start - 1).ilog2())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leaf_hash;

    fn tree(size: u64) -> Tree {
        let mut tree = Tree::new();
        (0..size).for_each(|index| tree.push(leaf_hash(&index.to_be_bytes())));
        tree
    }

    #[test]
    fn earlier_roots_stay_answerable() {
        let grown = tree(70);
        for size in 0..=70 {
            assert_eq!(grown.root_at(size), Some(tree(size).root()));
        }
        assert_eq!(grown.root_at(71), None);
        assert_eq!(Tree::new().root(), EMPTY_ROOT);
    }

    #[test]
    fn what_the_tree_does_not_have_is_none() {
        let tree = tree(300);
        assert_eq!(tree.leaf(299), Some(leaf_hash(&299_u64.to_be_bytes())));
        assert_eq!(tree.leaf(300), None);
        assert_eq!(tree.inclusion_proof(300, 300), None);
        assert_eq!(tree.inclusion_proof(0, 301), None);
        assert_eq!(tree.consistency_proof(5, 4), None);
        assert_eq!(tree.consistency_proof(5, 301), None);
        assert_eq!(tree.consistency_proof(0, 300), Some(vec![]));
        assert_eq!(tree.consistency_proof(300, 300), Some(vec![]));
    }

    #[test]
    fn tiles_end_where_the_tree_ends() {
        let tree = tree(300);
        assert_eq!(tree.tile(0, 0, 256).unwrap().len(), 8192);
        assert_eq!(tree.tile(0, 1, 44).unwrap().len(), 44 * 32);
        assert_eq!(tree.tile(0, 1, 45), None);
        assert_eq!(tree.tile(1, 0, 1).unwrap(), tree.root_at(256).unwrap().as_bytes());
        assert_eq!(tree.tile(1, 0, 2), None);
        assert_eq!(tree.tile(2, 0, 1), None);
        assert_eq!(tree.tile(63, u64::MAX, 256), None);
        assert_eq!(tree.tile(0, u64::MAX / 256, 256), None);
        assert_eq!(tree.tile(0, 0, 0), None);
        assert_eq!(tree.tile(0, 0, 257), None);
    }
}
