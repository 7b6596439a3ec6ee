//! The tamper corpus: what was changed is refused, whichever bit it was.

#![allow(clippy::unwrap_used, reason = "a test stops at what should not happen")]

use ed25519_dalek::SigningKey;
use model::Digest;
use tlog::checkpoint::Checkpoint;
use tlog::cosignature;
use tlog::inclusion::InclusionProof;
use tlog::note::{self, MAX_SIGNATURES, Note, NoteSigner, VerifierKey};
use tlog::proof::{verify_consistency, verify_inclusion};
use tlog::tile::{TilePath, decode_bundle, encode_bundle};
use tlog::{TlogError, Tree, leaf_hash};

const ORIGIN: &str = "example.com/control";

type Verifier<'a> = dyn Fn(&[Digest]) -> Result<(), TlogError> + 'a;

fn signer(seed: u8) -> NoteSigner {
    NoteSigner::new(ORIGIN, SigningKey::from_bytes(&[seed; 32])).unwrap()
}

fn tree(size: u64) -> Tree {
    let mut tree = Tree::new();
    (0..size).for_each(|index| tree.push(leaf_hash(&index.to_be_bytes())));
    tree
}

fn proof_file(tree: &Tree, index: u64) -> String {
    let checkpoint = Checkpoint { origin: ORIGIN.into(), size: tree.size(), root: tree.root() };
    let hashes = tree.inclusion_proof(index, tree.size()).unwrap();
    InclusionProof { extra: None, index, hashes, checkpoint: checkpoint.sign(&[&signer(1)]) }.encode()
}

/// Every text that differs in one bit and is still text.
fn flips(text: &str) -> impl Iterator<Item = String> {
    (0..text.len() * 8).filter_map(move |bit| {
        let mut bytes = text.as_bytes().to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        String::from_utf8(bytes).ok()
    })
}

#[test]
fn a_flipped_bit_in_a_signed_checkpoint_is_refused() {
    let checkpoint = Checkpoint { origin: ORIGIN.into(), size: 9, root: tree(9).root() };
    let signed = checkpoint.sign(&[&signer(1)]);
    for flipped in flips(&signed) {
        assert!(Note::open(&flipped, &[signer(1).vkey()]).is_err(), "{flipped:?}");
        assert!(Checkpoint::open(&flipped, &[signer(1).vkey()], ORIGIN).is_err());
    }
    for cut in (0..signed.len()).filter(|cut| signed.is_char_boundary(*cut)) {
        assert!(Note::open(&signed[..cut], &[signer(1).vkey()]).is_err());
    }
}

#[test]
fn a_flipped_bit_in_a_proof_file_is_refused() {
    let tree = tree(11);
    for index in [0, 6, 10] {
        let (file, leaf) = (proof_file(&tree, index), tree.leaf(index).unwrap());
        let accepts = |text: &str| InclusionProof::parse(text)?.verify(&[signer(1).vkey()], leaf);
        assert_eq!(accepts(&file).map(|checkpoint| checkpoint.size), Ok(11));
        assert!(InclusionProof::parse(&file).unwrap().verify(&[signer(1).vkey()], tree.leaf(3).unwrap()).is_err());
        for flipped in flips(&file) {
            assert!(accepts(&flipped).is_err(), "{flipped:?}");
        }
        for cut in (0..file.len()).filter(|cut| file.is_char_boundary(*cut)) {
            assert!(accepts(&file[..cut]).is_err());
        }
    }
}

#[test]
fn extra_data_is_carried_and_not_trusted() {
    let tree = tree(5);
    let mut proof = InclusionProof::parse(&proof_file(&tree, 2)).unwrap();
    proof.extra = Some(b"a hint".to_vec());
    let read: InclusionProof = proof.encode().parse().unwrap();
    assert_eq!(read, proof);
    assert!(read.verify(&[signer(1).vkey()], tree.leaf(2).unwrap()).is_ok());
    let text = proof.encode();
    let line = "extra YSBoaW50";
    for bad in ["extra ", "extra YSBoaW5", "extra", "Extra YSBoaW50", "extra YSBoaW50\nextra YSBoaW50"] {
        assert!(matches!(InclusionProof::parse(&text.replace(line, bad)), Err(TlogError::MalformedProof(_))), "{bad}");
    }
    proof.hashes = vec![Digest::ZERO; 65];
    assert_eq!(InclusionProof::parse(&proof.encode()), Err(TlogError::MalformedProof("it has more than 64 hashes")));
}

#[test]
fn a_flipped_bit_or_dropped_swapped_added_hash_breaks_a_proof() {
    let tree = tree(300);
    let (old_root, root, leaf) = (tree.root_at(131).unwrap(), tree.root(), tree.leaf(77).unwrap());
    let inclusion = |proof: &[Digest]| verify_inclusion(leaf, 77, 300, proof, root);
    let consistency = |proof: &[Digest]| verify_consistency(131, old_root, 300, root, proof);
    let proofs = [tree.inclusion_proof(77, 300).unwrap(), tree.consistency_proof(131, 300).unwrap()];
    let verifiers: [&Verifier; 2] = [&inclusion, &consistency];
    for (proof, verify) in proofs.iter().zip(verifiers) {
        assert_eq!(verify(proof), Ok(()));
        for bit in 0..proof.len() * 256 {
            let mut changed = proof.clone();
            changed[bit / 256].0[bit % 256 / 8] ^= 1 << (bit % 8);
            assert!(verify(&changed).is_err(), "bit {bit}");
        }
        for at in 0..proof.len() {
            let mut changed = proof.clone();
            let hash = changed.remove(at);
            assert!(verify(&changed).is_err());
            changed.splice(at..at, [hash, hash]);
            assert!(verify(&changed).is_err());
            changed = proof.clone();
            changed.swap(at, (at + 1) % proof.len());
            assert!(verify(&changed).is_err());
        }
    }
}

#[test]
fn a_flipped_bit_in_a_bundle_never_gives_the_same_leaves() {
    let entries: Vec<Vec<u8>> = (0..7_u8).map(|length| vec![length; usize::from(length)]).collect();
    let bundle = encode_bundle(&entries).unwrap();
    for bit in 0..bundle.len() * 8 {
        let mut flipped = bundle.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let leaves = |entries: &[Vec<u8>]| entries.iter().map(|entry| leaf_hash(entry)).collect::<Vec<_>>();
        assert!(
            decode_bundle(&flipped, 7).is_err_and(|error| error == TlogError::BadBundle { width: 7 })
                || decode_bundle(&flipped, 7).is_ok_and(|read| leaves(&read) != leaves(&entries))
        );
    }
}

#[test]
fn a_flipped_bit_in_a_path_never_names_the_same_tile() {
    for path in ["tile/0/000", "tile/1/x001/x234/067.p/8", "tile/entries/x012/345.p/255"] {
        let original: TilePath = path.parse().unwrap();
        for flipped in flips(path) {
            assert!(
                flipped.parse::<TilePath>().is_ok_and(|other| other != original)
                    || flipped.parse::<TilePath>().is_err()
            );
        }
    }
}

#[test]
fn unknown_signatures_are_ignored_and_a_bad_known_one_spoils_the_note() {
    let text = "text\n";
    let both = note::sign(text, &[&signer(1), &signer(2)]);
    let opened = Note::open(&both, &[signer(2).vkey()]).unwrap();
    assert_eq!(opened.signers.len(), 1);
    assert_eq!(Note::open(&both, &[signer(1).vkey(), signer(2).vkey()]).unwrap().signers.len(), 2);
    assert_eq!(Note::open(&both, &[signer(3).vkey()]), Err(TlogError::NoKnownSignature));
    assert_eq!(Note::open(&both, &[]), Err(TlogError::NoKnownSignature));

    let mut spoilt = Note::parse(&both).unwrap();
    spoilt.signatures[1].signature[5] ^= 1;
    assert!(Note::open(&spoilt.to_string(), &[signer(1).vkey()]).is_ok());
    let bad = Err(TlogError::BadSignature(ORIGIN.into()));
    assert_eq!(Note::open(&spoilt.to_string(), &[signer(1).vkey(), signer(2).vkey()]), bad);
    // A second, bad line of a key that also signed well.
    let mut repeated = Note::parse(&both).unwrap();
    repeated.signatures.push(repeated.signatures[0].clone());
    assert_eq!(Note::open(&repeated.to_string(), &[signer(1).vkey()]).unwrap().signers.len(), 1);
    repeated.signatures[2].signature[5] ^= 1;
    assert_eq!(Note::open(&repeated.to_string(), &[signer(1).vkey()]), bad);
}

#[test]
fn a_cosignature_cannot_stand_for_a_log_signature_of_the_same_key() {
    let secret = SigningKey::from_bytes(&[1; 32]);
    let text = Checkpoint { origin: ORIGIN.into(), size: 9, root: tree(9).root() }.text();
    let line = cosignature::sign(&text, 5, ORIGIN, &secret).unwrap();
    let witness = VerifierKey::cosigner(ORIGIN, secret.verifying_key()).unwrap();
    let note = format!("{text}\n{line}\n");
    assert_eq!(Note::open(&note, &[witness]).unwrap().signers[0].time_s, Some(5));
    assert_eq!(Checkpoint::open(&note, &[signer(1).vkey()], ORIGIN), Err(TlogError::NoKnownSignature));
}

#[test]
fn notes_beyond_the_limits_or_the_form_are_refused() {
    let line = note::sign("t\n", &[&signer(1)]).lines().last().unwrap().to_owned();
    let repeated = |count: usize| format!("t\n\n{}", format!("{line}\n").repeat(count));
    assert!(Note::parse(&repeated(MAX_SIGNATURES)).is_ok());
    assert!(Note::parse(&repeated(MAX_SIGNATURES + 1)).is_err());
    assert!(Note::parse(&format!("{}\n{line}\n", "t\n".repeat(500_000))).is_err());
    let long = line.replace("— ", "—  ");
    for bad in [
        String::new(),
        "t\n".into(),
        "t\n\n".into(),
        "t\n\n\n".into(),
        format!("t\n{line}\n"),
        format!("t\n\n{line}"),
        format!("t\r\n\n{line}\n"),
        format!("t\n\n{line}\n\n"),
        format!("t\n\n{long}\n"),
        format!("t\n\n{line} \n"),
        "t\n\n— a AAAAAA==\n".into(),
        "t\n\n— a AAAA\n".into(),
        "t\n\n— a\n".into(),
        "t\n\n— a+b AAAAAAA=\n".into(),
        "t\n\n- a AAAAAAA=\n".into(),
        note::sign("no newline", &[&signer(1)]),
        note::sign("t\n", &[]),
    ] {
        assert!(Note::open(&bad, &[signer(1).vkey()]).is_err(), "{bad:?}");
    }
    assert!(Note::parse("t\n\n— a AAAAAAA=\n").is_ok());
}

#[test]
fn two_known_keys_with_one_name_and_id_are_refused_before_any_line_is_read() {
    // Found by search: under the name "a" these two keys have the same four-byte id.
    let [first, second] = [69_101_u32, 114_672].map(|number| {
        let mut seed = [0; 32];
        seed[..4].copy_from_slice(&number.to_be_bytes());
        NoteSigner::new("a", SigningKey::from_bytes(&seed)).unwrap()
    });
    assert_eq!(first.vkey().id(), second.vkey().id());
    let signed = note::sign("text\n", &[&first]);
    assert_eq!(Note::open(&signed, &[first.vkey(), second.vkey()]), Err(TlogError::AmbiguousKey("a".into())));
    assert_eq!(Note::open(&signed, &[second.vkey()]), Err(TlogError::BadSignature("a".into())));
    assert!(Note::open(&signed, &[first.vkey(), first.vkey()]).is_ok());
}
