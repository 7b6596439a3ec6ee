//! A log as it serves itself, read by an independent implementation: `tlog_tiles` for tiles and
//! proofs, `signed_note` for the checkpoint.

use crate::toy::{Command, ORIGIN, add_published, open, signer};
use ledger::{Ack, Lane, Ledger, Log};
use model::{Digest, Id};
use std::sync::Arc;
use tlog::tile::{TilePath, decode_bundle};
use tlog_tiles::{Error, Hash, HashReader as _, Tile, TileHashReader, TileReader};

/// Tiles as the log serves them, each under its own path.
struct Served<'a>(&'a Log);

impl Served<'_> {
    fn bytes(&self, path: &str) -> Vec<u8> {
        self.0.tile(&path.parse::<TilePath>().unwrap()).unwrap().unwrap_or_else(|| panic!("no {path}"))
    }
}

impl TileReader for Served<'_> {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, Error> {
        Ok(tiles.iter().map(|tile| self.bytes(&tile.path().replacen("tile/8/", "tile/", 1))).collect())
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

async fn grow(ledger: &Arc<Ledger<crate::toy::Adder>>, size: u64) {
    while ledger.log().size() < size {
        // Shares of the queue are bounded for each principal.
        let batch = (ledger.log().size()..size).take(512);
        let submits: Vec<_> = batch
            .map(|n| {
                let ledger = Arc::clone(ledger);
                let principal = Id([u8::try_from(n % 8).unwrap(); 16]);
                tokio::spawn(async move { ledger.submit(Lane::Normal, principal, Command::Add(n), Ack::Durable).await })
            })
            .collect();
        for submit in submits {
            submit.await.unwrap().unwrap();
        }
    }
}

fn root(note: &str) -> (u64, Hash) {
    let vkey = signer().vkey().to_string();
    let verifier = signed_note::StandardVerifier::new(&vkey).unwrap();
    let note = signed_note::Note::from_bytes(note.as_bytes()).unwrap();
    let (verified, unknown) = note.verify(&signed_note::VerifierList::new(vec![Box::new(verifier)])).unwrap();
    assert_eq!((verified.len(), unknown.len()), (1, 0));
    let checkpoint = tlog_tiles::Checkpoint::from_bytes(note.text()).unwrap();
    assert_eq!(checkpoint.origin(), ORIGIN);
    (checkpoint.size(), *checkpoint.hash())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_served_is_what_the_second_implementation_makes_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Arc::new(open(dir.path()).unwrap());
    let mut before: Option<(u64, Hash)> = None;
    for size in [1, 255, 256, 257, 65_537] {
        grow(&ledger, size).await;
        let (_, note) = ledger.log().wait_checkpoint(size - 1).await.unwrap();
        let (signed, head) = root(&note);
        assert_eq!(signed, size);
        let log = ledger.log();
        let tiles = Served(&log);
        // Every tile this reads is checked against the signed root before it is believed.
        let theirs = TileHashReader::new(size, head, &tiles);
        assert_eq!(tlog_tiles::tree_hash(size, &theirs).unwrap(), head);
        for index in [0, size / 2, size - 1] {
            let hashes = theirs.read_hashes(&[tlog_tiles::stored_hash_index(0, index)]).unwrap();
            let last = index / 256 == size / 256;
            let width = if last { u16::try_from(size % 256).unwrap() } else { 256 };
            let bundle = tiles.bytes(&TilePath::Entries { index: index / 256, width }.to_string());
            let entry = &decode_bundle(&bundle, width).unwrap()[usize::try_from(index % 256).unwrap()];
            assert_eq!(hashes, [tlog_tiles::record_hash(entry)], "entry {index} of {size}");
            let proof: Vec<Hash> =
                log.inclusion_proof(index, size).unwrap().iter().map(|digest| Hash(digest.0)).collect();
            tlog_tiles::check_record(&proof, size, head, index, hashes[0]).unwrap();
        }
        if let Some((old, old_head)) = before.replace((size, head)) {
            let proof: Vec<Hash> =
                log.consistency_proof(old, size).unwrap().iter().map(|d: &Digest| Hash(d.0)).collect();
            tlog_tiles::check_tree(&proof, size, head, old, old_head).unwrap();
        }
    }
}

/// As docs/formats.md, Files, has it.
#[tokio::test]
async fn frames_are_numbered_from_zero_without_a_gap() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = open(dir.path()).unwrap();
    add_published(&ledger, 0..3).await;
    drop(ledger);
    for (file, magic) in [("00000000.seg", b"cs-entry"), ("checkpoints-00000000.seg", b"cs-check")] {
        let bytes = std::fs::read(dir.path().join(file)).unwrap();
        let (mut at, mut sequence) = (0, 0_u64);
        while bytes[at..].starts_with(magic) {
            assert_eq!(bytes[at + 12..at + 20], sequence.to_be_bytes(), "{file}");
            let body: [u8; 4] = bytes[at + 36..at + 40].try_into().unwrap();
            at += 72 + u32::from_be_bytes(body) as usize + 32;
            sequence += 1;
        }
        assert!(sequence >= 3, "{file} has {sequence} frames");
    }
}
