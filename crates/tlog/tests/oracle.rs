//! Agreement with independent implementations: `tlog_tiles` (a port of Go's tlog), `signed_note`
//! and `sigstore-merkle`. What we compute they compute, and what we prove they accept.

#![allow(clippy::unwrap_used, reason = "a test stops at what should not happen")]

use ed25519_dalek::SigningKey;
use model::Digest;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::OnceLock;
use tlog::checkpoint::Checkpoint;
use tlog::note::{Note, NoteSigner};
use tlog::proof::{verify_consistency, verify_inclusion};
use tlog::tile::{FULL_WIDTH, TilePath, decode_bundle, encode_bundle, partial_width};
use tlog::{Tree, leaf_hash};
use tlog_tiles::{Error, Hash, HashReader, Tile};

/// The sizes at which tiles begin, fill, spill over and reach the third level.
const SIZES: [u64; 5] = [1, 255, 256, 257, 65_537];
const LARGEST: u64 = 65_537;
const ORIGIN: &str = "example.com/control";

fn entry(index: u64) -> Vec<u8> {
    format!("entry {index}").into_bytes()
}

/// The second implementation's store: its hashes in its own order.
struct Oracle(Vec<Hash>);

impl HashReader for Oracle {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        Ok(indexes.iter().map(|index| self.0[usize::try_from(*index).unwrap()]).collect())
    }
}

impl Oracle {
    fn root(&self, size: u64) -> Digest {
        Digest(tlog_tiles::tree_hash(size, self).unwrap().0)
    }
}

/// Both trees over the same entries, built once.
fn trees() -> &'static (Tree, Oracle) {
    static TREES: OnceLock<(Tree, Oracle)> = OnceLock::new();
    TREES.get_or_init(|| {
        let (mut ours, mut theirs) = (Tree::new(), Oracle(Vec::new()));
        for index in 0..LARGEST {
            ours.push(leaf_hash(&entry(index)));
            let hashes = tlog_tiles::stored_hashes(index, &entry(index), &theirs).unwrap();
            theirs.0.extend(hashes);
        }
        (ours, theirs)
    })
}

fn digests(proof: Vec<Hash>) -> Vec<Digest> {
    proof.into_iter().map(|hash| Digest(hash.0)).collect()
}

fn hashes(proof: &[Digest]) -> Vec<Hash> {
    proof.iter().map(|digest| Hash(digest.0)).collect()
}

fn check_inclusion(index: u64, size: u64) {
    let (ours, theirs) = trees();
    let (leaf, root) = (ours.leaf(index).unwrap(), ours.root_at(size).unwrap());
    let proof = ours.inclusion_proof(index, size).unwrap();
    assert_eq!(proof, digests(tlog_tiles::prove_record(size, index, theirs).unwrap()));
    assert_eq!(verify_inclusion(leaf, index, size, &proof, root), Ok(()));
    assert!(tlog_tiles::check_record(&hashes(&proof), size, Hash(root.0), index, Hash(leaf.0)).is_ok());
    let path: Vec<_> = proof.iter().map(|digest| digest.0.into()).collect();
    sigstore_merkle::verify_inclusion_proof(&leaf.0.into(), index, size, &path, &root.0.into()).unwrap();
}

fn check_consistency(old: u64, new: u64) {
    let (ours, theirs) = trees();
    let (old_root, new_root) = (ours.root_at(old).unwrap(), ours.root_at(new).unwrap());
    let proof = ours.consistency_proof(old, new).unwrap();
    assert_eq!(proof, digests(tlog_tiles::prove_tree(new, old, theirs).unwrap()));
    assert_eq!(verify_consistency(old, old_root, new, new_root, &proof), Ok(()));
    assert!(tlog_tiles::check_tree(&hashes(&proof), new, Hash(new_root.0), old, Hash(old_root.0)).is_ok());
    let path: Vec<_> = proof.iter().map(|digest| digest.0.into()).collect();
    sigstore_merkle::verify_consistency_proof(old, new, &path, &old_root.0.into(), &new_root.0.into()).unwrap();
}

#[test]
fn roots_and_proofs_agree_at_the_named_sizes() {
    let (ours, theirs) = trees();
    for size in SIZES {
        assert_eq!(ours.root_at(size), Some(theirs.root(size)));
        for index in [0, size / 3, size / 2, size.saturating_sub(2), size - 1] {
            check_inclusion(index, size);
        }
        for old in SIZES.into_iter().chain([2, 128, 32_768, 65_536]).filter(|old| *old <= size) {
            check_consistency(old, size);
        }
    }
}

#[test]
fn tiles_agree_byte_for_byte_at_the_named_sizes() {
    let (ours, theirs) = trees();
    for size in SIZES {
        let mut paths = BTreeSet::new();
        for level in 0..4 {
            let full = size >> (8 * (u32::from(level) + 1));
            let partial = partial_width(size, level);
            let tiles = (0..full).map(|index| (index, FULL_WIDTH)).chain((partial > 0).then_some((full, partial)));
            for (index, width) in tiles {
                let tile = Tile::new(8, level, index, width.into(), false);
                assert_eq!(ours.tile(level, index, width), Some(tile.read_data(theirs).unwrap()));
                paths.insert(TilePath::Hash { level, index, width }.to_string());
            }
        }
        // The same tiles exist, under the same paths but for the height that theirs name.
        let listed = Tile::new_tiles(8, 0, size);
        assert_eq!(paths, listed.iter().map(|tile| tile.path().replacen("tile/8/", "tile/", 1)).collect());
    }
}

#[test]
fn bundles_hash_to_the_tiles_beside_them() {
    let (ours, _) = trees();
    for size in SIZES {
        let last = (size - 1) / 256;
        for index in [0, last] {
            let range = index * 256..size.min(index * 256 + 256);
            let width = u16::try_from(range.end - range.start).unwrap();
            let bundle = encode_bundle(&range.map(entry).collect::<Vec<_>>()).unwrap();
            let entries = decode_bundle(&bundle, width).unwrap();
            let tile: Vec<u8> = entries.iter().flat_map(|entry| leaf_hash(entry).0).collect();
            assert_eq!(ours.tile(0, index, width), Some(tile));
        }
    }
}

#[test]
fn checkpoints_and_their_signatures_agree_at_the_named_sizes() {
    let (ours, theirs) = trees();
    let signer = NoteSigner::new(ORIGIN, SigningKey::from_bytes(&[42; 32])).unwrap();
    let vkey = signer.vkey().to_string();
    assert_eq!(vkey, signed_note::new_ed25519_verifier_key(ORIGIN, signer.vkey().public()));
    for size in SIZES {
        let checkpoint = Checkpoint { origin: ORIGIN.into(), size, root: ours.root_at(size).unwrap() };
        let other = tlog_tiles::Checkpoint::new(ORIGIN, size, Hash(theirs.root(size).0), "").unwrap();
        assert_eq!(checkpoint.text().into_bytes(), other.to_bytes());

        let signed = checkpoint.sign(&[&signer]);
        let note = signed_note::Note::from_bytes(signed.as_bytes()).unwrap();
        let verifier = signed_note::StandardVerifier::new(&vkey).unwrap();
        let (verified, unknown) = note.verify(&signed_note::VerifierList::new(vec![Box::new(verifier)])).unwrap();
        assert_eq!((verified.len(), unknown.len(), note.text()), (1, 0, checkpoint.text().as_bytes()));
        assert_eq!(note.to_bytes(), signed.as_bytes());
        assert_eq!(Checkpoint::open(&signed, &[signer.vkey()], ORIGIN), Ok(checkpoint));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn proofs_agree_at_any_size((size, index, old) in (1..=LARGEST).prop_flat_map(|size| (Just(size), 0..size, 1..=size))) {
        let (ours, theirs) = trees();
        prop_assert_eq!(ours.root_at(size), Some(theirs.root(size)));
        check_inclusion(index, size);
        check_consistency(old, size);
    }

    #[test]
    fn verifiers_agree_on_proofs_that_were_meddled_with(
        (size, index, old) in (2_u64..3_000).prop_flat_map(|size| (Just(size), 0..size, 1..size)),
        other_size in 1_u64..3_000, other_index in 0_u64..3_000, dropped in any::<bool>(),
    ) {
        let (ours, _) = trees();
        let (leaf, root) = (ours.leaf(index).unwrap(), ours.root_at(size).unwrap());
        let mut proof = ours.inclusion_proof(index, size).unwrap();
        if dropped { proof.pop(); }
        let accepts = |index: u64, size: u64| {
            let mine = verify_inclusion(leaf, index, size, &proof, root).is_ok();
            let path: Vec<_> = proof.iter().map(|digest| digest.0.into()).collect();
            let other = sigstore_merkle::verify_inclusion_proof(&leaf.0.into(), index, size, &path, &root.0.into());
            (mine, other.is_ok())
        };
        for (index, size) in [(other_index, size), (index, other_size), (other_index, other_size)] {
            let (mine, other) = accepts(index, size);
            prop_assert_eq!(mine, other, "index {} of {}", index, size);
        }
        let old_root = ours.root_at(old).unwrap();
        let mut proof = ours.consistency_proof(old, size).unwrap();
        if dropped { proof.pop(); }
        let mine = verify_consistency(old, old_root, other_size, root, &proof).is_ok();
        let path: Vec<_> = proof.iter().map(|digest| digest.0.into()).collect();
        let other = sigstore_merkle::verify_consistency_proof(old, other_size, &path, &old_root.0.into(), &root.0.into());
        prop_assert_eq!(mine, other.is_ok());
    }

    #[test]
    fn tile_paths_agree(level in 0_u8..64, index in 0_u64..1 << 56, width in 1_u16..=256) {
        let path = TilePath::Hash { level, index, width };
        let theirs = Tile::new(8, level, index, width.into(), false).path();
        prop_assert_eq!(path.to_string(), theirs.replacen("tile/8/", "tile/", 1));
        prop_assert_eq!(path.to_string().parse::<TilePath>(), Ok(path));
        let bundle = TilePath::Entries { index, width };
        prop_assert_eq!(bundle.to_string().parse::<TilePath>(), Ok(bundle));
    }

    #[test]
    fn note_signatures_agree(seed in any::<[u8; 32]>(), lines in prop::collection::vec("[^\\x00-\\x1f]{0,20}", 0..5)) {
        let text = format!("{}\n", lines.join("\n"));
        let signer = NoteSigner::new("example.com/any", SigningKey::from_bytes(&seed)).unwrap();
        let signed = tlog::note::sign(&text, &[&signer]);
        let vkey = signer.vkey().to_string();
        let verifier = signed_note::StandardVerifier::new(&vkey).unwrap();
        let note = signed_note::Note::from_bytes(signed.as_bytes()).unwrap();
        prop_assert!(note.verify(&signed_note::VerifierList::new(vec![Box::new(verifier)])).is_ok());
        prop_assert_eq!(note.text(), text.as_bytes());
        prop_assert_eq!(Note::open(&signed, &[signer.vkey()]).unwrap().text, text);
    }
}
