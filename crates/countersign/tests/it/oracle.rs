//! The log as it is served, read by an implementation that is not ours: `signed_note` for the
//! checkpoint, `tlog_tiles` for tiles and proofs.

use crate::plane::{Plane, until};
use crate::wire;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;
use tlog_tiles::{Error, Hash, HashReader as _, Tile, TileHashReader, TileReader};

/// One log of a plane, over HTTP.
struct Served {
    url: String,
    vkey: String,
    origin: String,
    /// What was read before, by path: tiles never change.
    kept: RefCell<BTreeMap<String, Vec<u8>>>,
}

impl TileReader for Served {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, Error> {
        let read = |tile: &Tile| {
            let path = tile.path().replacen("tile/8/", "tile/", 1);
            let bytes = wire::get(&format!("{}/{path}", self.url), None);
            let before = self.kept.borrow_mut().insert(path, bytes.clone());
            assert!(before.is_none_or(|before| before == bytes), "a tile changed");
            bytes
        };
        Ok(tiles.iter().map(read).collect())
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

impl Served {
    fn of(plane: &Plane, log: &str) -> Self {
        let governance = plane.url("governance");
        let info: Value = serde_json::from_slice(&wire::get(&format!("{governance}/v1/ledger"), None)).unwrap();
        let trust: Value = serde_json::from_slice(&std::fs::read(plane.dir().join("trust.json")).unwrap()).unwrap();
        let vkey = info[format!("{log}_vkey")].as_str().unwrap().to_owned();
        if log == "control" {
            assert_eq!(trust["log_keys"][0], vkey.as_str(), "the key that is pinned is the key that is served");
        }
        Self {
            url: format!("{governance}/log/{log}"),
            vkey,
            origin: format!("{}/{log}", trust["origin"].as_str().unwrap()),
            kept: RefCell::default(),
        }
    }

    /// Size and root of a signed note, if the log's key signed it for this origin.
    fn open(&self, note: &[u8]) -> (u64, Hash) {
        let note = signed_note::Note::from_bytes(note).unwrap();
        let verifier = signed_note::StandardVerifier::new(&self.vkey).unwrap();
        let (verified, unknown) = note.verify(&signed_note::VerifierList::new(vec![Box::new(verifier)])).unwrap();
        assert_eq!((verified.len(), unknown.len()), (1, 0));
        let checkpoint = tlog_tiles::Checkpoint::from_bytes(note.text()).unwrap();
        assert_eq!(checkpoint.origin(), self.origin);
        (checkpoint.size(), *checkpoint.hash())
    }

    fn head(&self) -> (u64, Hash) {
        self.open(&wire::get(&format!("{}/checkpoint", self.url), None))
    }

    /// The entries of a size, out of the bundles; each is the log's when its hash is.
    fn entries(&self, size: u64, head: Hash) -> Vec<Vec<u8>> {
        let theirs = TileHashReader::new(size, head, self);
        assert_eq!(tlog_tiles::tree_hash(size, &theirs).unwrap(), head);
        let mut entries = vec![];
        for index in 0..size.div_ceil(256) {
            let width = (size - index * 256).min(256);
            let partial = if width < 256 { format!(".p/{width}") } else { String::new() };
            let bundle = wire::get(&format!("{}/tile/entries/{index:03}{partial}", self.url), None);
            // Each entry after its length in two bytes, big-endian (C2SP tlog-tiles, log entries).
            let mut rest = &bundle[..];
            while let Some((length, behind)) = rest.split_first_chunk::<2>() {
                let (entry, behind) = behind.split_at(u16::from_be_bytes(*length).into());
                entries.push(entry.to_vec());
                rest = behind;
            }
        }
        assert_eq!(entries.len() as u64, size);
        let indexes: Vec<_> = (0..size).map(|index| tlog_tiles::stored_hash_index(0, index)).collect();
        let hashes: Vec<_> = entries.iter().map(|entry| tlog_tiles::record_hash(entry)).collect();
        assert_eq!(theirs.read_hashes(&indexes).unwrap(), hashes);
        entries
    }

    /// Checks a proof file (C2SP tlog-proof) of an entry.
    fn check_proof(&self, proof: &str, index: u64, entry: &[u8]) {
        let (head, checkpoint) = proof.split_once("\n\n").unwrap();
        let mut lines = head.lines().filter(|line| !line.starts_with("extra "));
        assert_eq!(lines.next(), Some("c2sp.org/tlog-proof@v1"));
        assert_eq!(lines.next(), Some(format!("index {index}").as_str()));
        let hashes: Vec<_> = lines.map(|line| Hash::parse_hash(line).unwrap()).collect();
        let (size, root) = self.open(checkpoint.as_bytes());
        tlog_tiles::check_record(&hashes, size, root, index, tlog_tiles::record_hash(entry)).unwrap();
    }
}

impl Plane {
    /// A token of this scope, of a person who signs for it with the typed client.
    pub fn token(&self, who: &str, scope: model::Scope) -> String {
        let signer = client::Signer::from_file(&self.key(who)).unwrap();
        let trust: Value = serde_json::from_slice(&std::fs::read(self.dir().join("trust.json")).unwrap()).unwrap();
        let ledger = trust["genesis"].as_str().unwrap().parse().unwrap();
        let person = self.person(who).0.parse().unwrap();
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
        let expires = model::Instant::from_millis(i64::try_from(now).unwrap() + 600_000);
        let said = signer.login(ledger, person, scope, expires).unwrap();
        let request = serde_json::to_value(&said.request).unwrap();
        let (status, answer) = wire::post(&format!("{}/v1/sessions", self.url("governance")), None, &request);
        assert_eq!(status, 200, "{answer}");
        said.token
    }
}

fn event(n: u64) -> Value {
    json!({"id": format!("run-{n}"), "source": "ci.build", "kind": "pipeline.finished", "category": "reported",
        "severity": "info", "title": format!("build {n} finished")})
}

#[test]
fn what_is_served_is_what_the_second_implementation_makes_of_it() {
    let plane = Plane::serving();
    let engine = plane.engine();
    let ingest = plane.token("ada", model::Scope::Ingest);
    let post = format!("{}/v1/events", plane.url("governance"));
    let events = Served::of(&plane, "events");
    let mut before: Option<(u64, Hash)> = None;
    for size in [1, 255, 256, 257, 300] {
        let from = before.map_or(0, |(size, _)| size);
        let batch: Vec<_> = (from..size).map(event).collect();
        let (status, answer) = wire::post(&post, Some(&ingest), &batch.into());
        assert_eq!(status, 200, "{answer}");
        until("a checkpoint over the events", || events.head().0 == size);
        let head = events.head().1;
        let entries = events.entries(size, head);
        assert!(entries.iter().all(|entry| entry.starts_with(b"countersign/event/v1\0")));
        if let Some((old, old_head)) = before.replace((size, head)) {
            let theirs = TileHashReader::new(size, head, &events);
            let proof = tlog_tiles::prove_tree(size, old, &theirs).unwrap();
            tlog_tiles::check_tree(&proof, size, head, old, old_head).unwrap();
        }
    }
    // Sent again, an event is the same event.
    let (_, again) = wire::post(&post, Some(&ingest), &json!([event(0), event(299)]));
    assert_eq!((&again[0]["index"], &again[1]["index"]), (&0.into(), &299.into()));

    let control = Served::of(&plane, "control");
    let (size, head) = control.head();
    let entries = control.entries(size, head);
    for index in [0, size / 2, size - 1] {
        let shown = plane.entry(index);
        let entry = &entries[usize::try_from(index).unwrap()];
        let json = entry.strip_prefix(b"countersign/leaf/v1\0").unwrap();
        assert_eq!(serde_json::from_slice::<Value>(json).unwrap(), shown["leaf"]);
        control.check_proof(shown["proof"].as_str().unwrap(), index, entry);
    }
    let known = plane.cli(&["engine", "ls", "--json"]).ok();
    assert!(known.stdout.to_lowercase().contains(engine));
    plane.verified();
}
