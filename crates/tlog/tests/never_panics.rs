//! No parser panics, whatever it is given, and each accepts only what its writer writes.

use proptest::prelude::*;
use tlog::checkpoint::Checkpoint;
use tlog::cosignature::Cosignature;
use tlog::inclusion::InclusionProof;
use tlog::note::{Note, NoteSignature, VerifierKey};
use tlog::tile::{TilePath, decode_bundle, encode_bundle, partial_width};
use tlog::{Tree, leaf_hash, proof};

/// What every text parser makes of `text`: nothing, or something that is written back as it was.
fn feed(text: &str) {
    if let Ok(path) = text.parse::<TilePath>() {
        assert_eq!(path.to_string(), text);
    }
    if let Ok(key) = text.parse::<VerifierKey>() {
        assert_eq!(key.to_string(), text);
    }
    if let Ok(note) = Note::parse(text) {
        assert_eq!(note.to_string(), text);
    }
    if let Ok(line) = NoteSignature::parse(text) {
        assert_eq!(line.to_string(), text);
        assert!(Cosignature::parse(&line).is_err() || line.signature.len() == 72);
    }
    if let Ok(checkpoint) = Checkpoint::parse(text) {
        assert_eq!(checkpoint.text(), text);
    }
    if let Ok(proof) = InclusionProof::parse(text) {
        assert_eq!(proof.encode(), text);
    }
}

/// Well-formed texts of every kind, to be cut and spliced.
const SEEDS: [&str; 6] = [
    "tile/1/x001/x234/067.p/8",
    "tile/entries/000",
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    "o\n3\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
    "o\n3\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— example.com/foo Uw2QOkn8\n",
    "c2sp.org/tlog-proof@v1\nextra AAAA\nindex 3\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\no\n3\n",
];

#[test]
fn seeds_themselves_round_trip() {
    SEEDS.into_iter().for_each(feed);
    assert!(InclusionProof::parse(SEEDS[5]).is_ok() && Note::parse(SEEDS[4]).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn arbitrary_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300), width in any::<u16>()) {
        feed(&String::from_utf8_lossy(&bytes));
        if let Ok(entries) = decode_bundle(&bytes, width) {
            prop_assert_eq!(encode_bundle(&entries).unwrap(), bytes);
        }
    }

    #[test]
    fn bundles_with_plausible_lengths(bytes in prop::collection::vec(0_u8..3, 0..40), width in 0_u16..20) {
        if let Ok(entries) = decode_bundle(&bytes, width) {
            prop_assert_eq!(entries.len(), usize::from(width));
            prop_assert_eq!(encode_bundle(&entries).unwrap(), bytes);
        }
    }

    #[test]
    fn arbitrary_text(text in "\\PC{0,80}") {
        feed(&text);
    }

    #[test]
    fn spliced_seeds(left in 0..SEEDS.len(), right in 0..SEEDS.len(), cut in 0_usize..160, from in 0_usize..160, junk in "[\\n +/x=0-9—é]{0,4}") {
        let head: String = SEEDS[left].chars().take(cut).collect();
        let tail: String = SEEDS[right].chars().skip(from).collect();
        feed(&format!("{head}{junk}{tail}"));
    }

    #[test]
    fn arbitrary_numbers(a in any::<u64>(), b in any::<u64>(), level in any::<u8>(), width in any::<u16>(), count in 0_usize..70) {
        let mut tree = Tree::new();
        (0..9_u8).for_each(|entry| tree.push(leaf_hash(&[entry])));
        for (a, b) in [(a, b), (a % 12, b % 12), (a % 12, b)] {
            tree.root_at(a);
            tree.leaf(a);
            tree.inclusion_proof(a, b);
            tree.consistency_proof(a, b);
            tree.tile(level, a, width);
            partial_width(a, level);
            let (root, hashes) = (tree.root(), vec![tree.root(); count]);
            prop_assert!(proof::verify_inclusion(root, a, b, &hashes, root).is_err() || (a, b, count) == (0, 1, 0));
            let consistent = proof::verify_consistency(a, root, b, root, &hashes).is_ok();
            prop_assert!(!consistent || (a == b && a > 0 && count == 0));
        }
    }
}
