//! Vectors that others published: RFC 6962 roots, the `signed-note` specification, Go's note package.

#![allow(clippy::unwrap_used, reason = "a test stops at what should not happen")]

use ed25519_dalek::SigningKey;
use model::Digest;
use tlog::note::{self, Note, NoteSigner};
use tlog::{EMPTY_ROOT, TlogError, Tree, checkpoint::Checkpoint, empty_root, leaf_hash};

/// The eight entries of the certificate-transparency test vectors and the roots after each.
const CT_ENTRIES: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const CT_ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn roots_of_the_certificate_transparency_vectors() {
    let mut tree = Tree::new();
    assert_eq!(empty_root(), EMPTY_ROOT);
    assert_eq!(EMPTY_ROOT, Digest::of_bytes(b""));
    for (entry, root) in CT_ENTRIES.iter().zip(CT_ROOTS) {
        tree.push(leaf_hash(&unhex(entry)));
        assert_eq!(tree.root().to_string(), root);
    }
}

#[test]
fn the_specification_s_example_note_verifies() {
    let key = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k".parse().unwrap();
    let text = "This is an example message.\n";
    let signature = "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=";
    let signed = format!("{text}\n— example.com/foo {signature}\n");
    let opened = Note::open(&signed, std::slice::from_ref(&key)).unwrap();
    assert_eq!((opened.text.as_str(), opened.signers[0].key.name()), (text, "example.com/foo"));
    let changed = signed.replace("an example", "no example");
    assert_eq!(Note::open(&changed, &[key]), Err(TlogError::BadSignature("example.com/foo".into())));
}

#[test]
fn the_example_of_go_s_note_package_is_signed_alike() {
    let key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    let signature = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";
    // The seed inside the private key that the example publishes.
    let seed = unhex("810a1402d5146c8d84f2443330f54080ebf98ee17d9c74f6252fc5d5c7283173").try_into().unwrap();
    let signer = NoteSigner::new("PeterNeumann", SigningKey::from_bytes(&seed)).unwrap();
    let signed = format!("{text}\n— PeterNeumann {signature}\n");
    assert_eq!(signer.vkey().to_string(), key);
    assert_eq!(note::sign(text, &[&signer]), signed);
    assert!(Note::open(&signed, &[key.parse().unwrap()]).is_ok());
    assert_eq!(Note::parse(&signed).unwrap().to_string(), signed);
}

#[test]
fn a_note_s_text_may_have_blank_lines_and_ends_at_the_last() {
    let signer = NoteSigner::new("quasimodo.example/poet", SigningKey::from_bytes(&[5; 32])).unwrap();
    for text in ["one\n\nà due\n", "\n", "\n\n", "a\n\n\n"] {
        let signed = note::sign(text, &[&signer]);
        assert_eq!(Note::open(&signed, &[signer.vkey()]).unwrap().text, text);
    }
}

#[test]
fn the_specification_s_checkpoint_text_reads_and_writes_alike() {
    let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    let checkpoint = Checkpoint::parse(text).unwrap();
    assert_eq!((checkpoint.origin.as_str(), checkpoint.size), ("example.com/behind-the-sofa", 20_852_163));
    assert_eq!(checkpoint.text(), text);
}
