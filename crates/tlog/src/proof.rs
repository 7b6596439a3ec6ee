//! Verifying that an entry is in a tree and that a tree only grew.
//!
//! The algorithms are RFC 9162, sections 2.1.3.2 and 2.1.4.2, which check RFC 6962's proofs.

use crate::TlogError;
use crate::hash::{EMPTY_ROOT, node_hash};
use model::Digest;

/// Checks that the entry with `leaf_hash` is at `index` in the tree of `size` entries with `root`.
///
/// # Errors
/// [`TlogError::IndexBeyondTree`], [`TlogError::ProofLength`] or [`TlogError::RootMismatch`].
pub fn verify_inclusion(
    leaf_hash: Digest,
    index: u64,
    size: u64,
    proof: &[Digest],
    root: Digest,
) -> Result<(), TlogError> {
    if index >= size {
        return Err(TlogError::IndexBeyondTree { index, size });
    }
    let wrong_length = TlogError::ProofLength { found: proof.len() };
    let mut position = Position { node: index, last: size - 1 };
    let mut hash = leaf_hash;
    for sibling in proof {
        if position.last == 0 {
            return Err(wrong_length);
        }
        hash = if position.sibling_is_left() { node_hash(sibling, &hash) } else { node_hash(&hash, sibling) };
        position.rise();
    }
    if position.last != 0 {
        return Err(wrong_length);
    }
    if hash == root { Ok(()) } else { Err(TlogError::RootMismatch) }
}

/// Checks that the tree of `old_size` entries with `old_root` is a prefix of the newer one.
///
/// The empty tree is a prefix of every tree, so with `old_size` 0 nothing is learned about
/// `new_root`: a caller that holds no earlier head has not checked history.
///
/// # Errors
/// [`TlogError::Shrunk`], [`TlogError::ProofLength`], [`TlogError::OldRootMismatch`] or
/// [`TlogError::RootMismatch`].
pub fn verify_consistency(
    old_size: u64,
    old_root: Digest,
    new_size: u64,
    new_root: Digest,
    proof: &[Digest],
) -> Result<(), TlogError> {
    if old_size > new_size {
        return Err(TlogError::Shrunk { old_size, new_size });
    }
    if old_size == new_size || old_size == 0 {
        return trivially_consistent(old_size, old_root, new_size, new_root, proof);
    }
    let wrong_length = TlogError::ProofLength { found: proof.len() };
    let mut position = Position { node: old_size - 1, last: new_size - 1 };
    let skipped = position.node.trailing_ones();
    position.node >>= skipped;
    position.last >>= skipped;
    // A complete old tree is itself a node of the new one; the proof leaves it out.
    let (seed, rest) = if old_size.is_power_of_two() {
        (old_root, proof)
    } else {
        let (first, rest) = proof.split_first().ok_or(wrong_length.clone())?;
        (*first, rest)
    };
    let (mut old, mut new) = (seed, seed);
    for hash in rest {
        if position.last == 0 {
            return Err(wrong_length);
        }
        if position.sibling_is_left() {
            old = node_hash(hash, &old);
            new = node_hash(hash, &new);
        } else {
            new = node_hash(&new, hash);
        }
        position.rise();
    }
    if position.last != 0 {
        return Err(wrong_length);
    }
    if old != old_root {
        return Err(TlogError::OldRootMismatch);
    }
    if new == new_root { Ok(()) } else { Err(TlogError::RootMismatch) }
}

fn trivially_consistent(
    old_size: u64,
    old_root: Digest,
    new_size: u64,
    new_root: Digest,
    proof: &[Digest],
) -> Result<(), TlogError> {
    if !proof.is_empty() {
        return Err(TlogError::ProofLength { found: proof.len() });
    }
    if old_size == 0 && old_root != EMPTY_ROOT {
        return Err(TlogError::OldRootMismatch);
    }
    if old_size == new_size && old_root != new_root {
        return Err(TlogError::RootMismatch);
    }
    Ok(())
}

/// Where a proof stands on its way up: the node's number in its level, and the level's last.
struct Position {
    node: u64,
    last: u64,
}

impl Position {
    fn sibling_is_left(&self) -> bool {
        self.node % 2 == 1 || self.node == self.last
    }

    /// To the parent; from the right edge on past the levels where the edge has no sibling.
    fn rise(&mut self) {
        if self.node.is_multiple_of(2) && self.node == self.last {
            let skipped = self.node.trailing_zeros().min(63);
            self.node >>= skipped;
            self.last >>= skipped;
        }
        self.node >>= 1;
        self.last >>= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Tree, leaf_hash};

    fn tree(size: u64) -> Tree {
        let mut tree = Tree::new();
        (0..size).for_each(|index| tree.push(leaf_hash(&index.to_be_bytes())));
        tree
    }

    #[test]
    fn every_proof_of_small_trees_verifies_and_only_there() {
        let tree = tree(40);
        for size in 1..=40 {
            let root = tree.root_at(size).unwrap();
            for index in 0..size {
                let (leaf, proof) = (tree.leaf(index).unwrap(), tree.inclusion_proof(index, size).unwrap());
                assert_eq!(verify_inclusion(leaf, index, size, &proof, root), Ok(()));
                for other in (0..size).filter(|other| *other != index) {
                    assert!(verify_inclusion(leaf, other, size, &proof, root).is_err());
                }
            }
            for old in 0..=size {
                let (proof, old_root) = (tree.consistency_proof(old, size).unwrap(), tree.root_at(old).unwrap());
                assert_eq!(verify_consistency(old, old_root, size, root, &proof), Ok(()));
            }
        }
    }

    #[test]
    fn each_refusal_says_its_reason() {
        let tree = tree(7);
        let (leaf, root) = (tree.leaf(2).unwrap(), tree.root());
        let mut proof = tree.inclusion_proof(2, 7).unwrap();
        let beyond = TlogError::IndexBeyondTree { index: 7, size: 7 };
        assert_eq!(verify_inclusion(leaf, 7, 7, &proof, root), Err(beyond));
        assert_eq!(verify_inclusion(leaf, 2, 7, &proof[1..], root), Err(TlogError::ProofLength { found: 2 }));
        assert_eq!(verify_inclusion(root, 2, 7, &proof, root), Err(TlogError::RootMismatch));
        proof.push(root);
        assert_eq!(verify_inclusion(leaf, 2, 7, &proof, root), Err(TlogError::ProofLength { found: 4 }));

        let (old_root, proof) = (tree.root_at(3).unwrap(), tree.consistency_proof(3, 7).unwrap());
        let shrunk = TlogError::Shrunk { old_size: 7, new_size: 3 };
        assert_eq!(verify_consistency(7, root, 3, old_root, &proof), Err(shrunk));
        assert_eq!(verify_consistency(3, root, 7, root, &proof), Err(TlogError::OldRootMismatch));
        assert_eq!(verify_consistency(3, old_root, 7, old_root, &proof), Err(TlogError::RootMismatch));
        assert_eq!(verify_consistency(3, old_root, 7, root, &[]), Err(TlogError::ProofLength { found: 0 }));
        assert_eq!(verify_consistency(3, old_root, 3, root, &[]), Err(TlogError::RootMismatch));
        assert_eq!(verify_consistency(0, root, 7, root, &[]), Err(TlogError::OldRootMismatch));
        assert!(verify_consistency(0, EMPTY_ROOT, 7, root, &proof).is_err());
        assert!(verify_consistency(7, root, 7, root, &proof).is_err());
    }

    #[test]
    fn the_largest_sizes_do_not_overflow() {
        let hashes = [EMPTY_ROOT; 65];
        assert!(verify_inclusion(EMPTY_ROOT, u64::MAX - 1, u64::MAX, &hashes, EMPTY_ROOT).is_err());
        assert!(verify_consistency(u64::MAX - 1, EMPTY_ROOT, u64::MAX, EMPTY_ROOT, &hashes).is_err());
        assert!(verify_consistency(1 << 63, EMPTY_ROOT, u64::MAX, EMPTY_ROOT, &hashes).is_err());
    }
}
