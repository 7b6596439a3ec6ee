//! What `audit verify` looked at and whose pin it used stand in its verdict; what is missing is named.

use crate::plane::{Plane, Ran};
use ledger::{Appended, Entry, FileTail, Frame, LedgerError, Place, Tail as _, Visit};
use serde_json::Value;
use std::fs;
use tlog::checkpoint::Checkpoint;
use tlog::note::NoteSigner;

/// An empty log's history.
struct Nothing;

impl Visit for Nothing {
    fn checkpoint(&mut self, _: u64, _: &str) -> Result<(), LedgerError> {
        Ok(())
    }

    fn entry(&mut self, _: u64, _: Place, _: &[u8], _: &[u8]) -> Result<(), LedgerError> {
        Ok(())
    }
}

impl Plane {
    /// What is pinned.
    pub fn trust(&self) -> Value {
        serde_json::from_slice(&fs::read(self.dir().join("trust.json")).unwrap()).unwrap()
    }

    /// Every entry of the control log.
    pub fn entries(&self) -> Vec<Entry> {
        let reader = ledger::read::LogReader::open(&self.dir().join("governance/control")).unwrap();
        reader.entries().map(|item| item.unwrap().1).collect()
    }

    /// Writes the control log again as somebody can who has the server's disk: with its own key.
    pub fn rewrite(&self, entries: &[Entry]) {
        let governance = self.dir().join("governance");
        let dir = governance.join("control");
        fs::remove_dir_all(&dir).unwrap();
        let tail = FileTail::open(&dir, 4 << 20).unwrap();
        let fence = tail.recover(&mut Nothing).unwrap().fence;
        let mut tree = tlog::Tree::new();
        for entry in entries {
            let mut frame = Frame::new();
            frame.push(&entry.leaf, &entry.payload).unwrap();
            tail.reserve(frame.len()).unwrap();
            let appended = tail.append(tree.size(), fence, &mut frame);
            assert!(matches!(appended, Appended::Committed(_)), "{appended:?}");
            tree.push(tlog::leaf_hash(&entry.leaf));
        }
        tail.put_checkpoint(tree.size(), &self.signed_head("control", &tree)).unwrap();
    }

    /// A head of a log of this ledger, as its own key signs it.
    pub fn signed_head(&self, log: &str, tree: &tlog::Tree) -> String {
        let secret = fs::read(self.dir().join("governance/keys/log.key")).unwrap();
        let origin = format!("{}/{log}", self.trust()["origin"].as_str().unwrap());
        head_by(&secret.try_into().unwrap(), origin, tree)
    }
}

/// A head as somebody with this key signs it.
pub fn head_by(secret: &[u8; 32], origin: String, tree: &tlog::Tree) -> String {
    let signer = NoteSigner::new(&origin, ed25519_dalek::SigningKey::from_bytes(secret)).unwrap();
    Checkpoint { origin, size: tree.size(), root: tree.root() }.sign(&[&signer])
}

pub fn verdict(found: &Ran) -> (i32, String) {
    (found.code, found.json()["verdict"]["verdict"].as_str().unwrap().to_owned())
}

#[test]
fn forged_signatures_fail_by_default_and_hashes_alone_are_never_called_verified() {
    let plane = Plane::told();
    let entries = plane.entries();
    let signature = |entry: &Entry| {
        let json = entry.leaf.splitn(2, |byte| *byte == 0).nth(1).unwrap();
        let leaf: Value = serde_json::from_slice(json).unwrap();
        leaf["command"]["signed"]["signature"].as_str().map(str::to_owned)
    };
    let signed: Vec<_> = entries.iter().enumerate().filter_map(|(n, entry)| Some((n, signature(entry)?))).collect();
    let ((_, other), (at, own)) = (signed.first().unwrap(), signed.last().unwrap());
    let mut forged = entries.clone();
    let text = String::from_utf8(forged[*at].leaf.clone()).unwrap();
    forged[*at].leaf = text.replace(own, other).into_bytes();
    plane.rewrite(&forged);
    // Where no head that was kept elsewhere is in reach to contradict it.
    for name in ["cli", "console", "engine", "integration", "node", "platform"] {
        fs::remove_dir_all(plane.dir().join(name).join("replica")).unwrap();
    }
    let found = plane.verify(&[]);
    assert_eq!(verdict(&found), (1, "failed".to_owned()), "{found:?}");
    assert_eq!(found.json()["verdict"]["at"], *at, "{found:?}");
    // Less was asked for, and another word and code say so.
    let found = plane.verify(&["--hashes-only"]);
    assert_eq!(verdict(&found), (7, "intact".to_owned()), "{found:?}");
    assert_eq!(found.json()["verdict"]["depth"], "hashes_only", "{found:?}");
    let words = plane.cli(&["audit", "verify", "--hashes-only"]);
    assert!(words.stdout.starts_with("intact, not verified: "), "{words:?}");
    assert_eq!(words.stdout.matches("verified").count(), 1, "{words:?}");
    plane.rewrite(&entries);
    plane.verified();
    assert_eq!(plane.cli(&["audit", "verify", "--replay"]).code, 2, "what is always done has no switch");
}

#[test]
fn the_verdict_says_how_deep_it_looked_and_where_the_pin_lies() {
    let plane = Plane::founded();
    let words = plane.cli(&["audit", "verify"]).ok().stdout;
    let line = words.lines().next().unwrap();
    assert!(line.contains("; every leaf was decided again; the pin lies beside the ledger"), "{words}");
    assert!(words.contains("keep a copy where this machine cannot reach it"), "{words}");
    let said = plane.verify(&[]).ok().json()["verdict"].clone();
    assert_eq!((&said["depth"], &said["pin"]), (&"replayed".into(), &"beside_the_ledger".into()), "{said}");
    // Named, it lies where it lies.
    let own = plane.dir().join("trust.json");
    let away = plane.home.path().join("trust.json");
    fs::copy(&own, &away).unwrap();
    for (trust, pin) in [(&own, "beside_the_ledger"), (&away, "apart")] {
        let trust = trust.to_str().unwrap();
        let said = plane.verify(&["--trust", trust]).ok().json()["verdict"].clone();
        assert_eq!(said["pin"], pin, "{said}");
        let words = plane.cli(&["audit", "verify", "--trust", trust]).ok().stdout;
        assert_eq!(words.contains("beside the ledger"), pin != "apart", "{words}");
    }
}

#[test]
fn a_copy_without_the_events_log_or_the_texts_is_inconclusive_where_it_is_missed() {
    let plane = Plane::told();
    let is_head = |entry: &Entry| String::from_utf8_lossy(&entry.leaf).contains("\"events_head\"");
    let at = plane.entries().iter().position(is_head).expect("a server that stops commits to its events");
    let governance = plane.dir().join("governance");
    let (events, away) = (governance.join("events"), plane.home.path().join("events"));
    let missed = |at: usize, name: &str| {
        for more in [&[][..], &["--hashes-only"]] {
            let found = plane.verify(more);
            assert_eq!(verdict(&found), (3, "inconclusive".to_owned()), "{found:?}");
            assert_eq!(found.json()["verdict"]["at"], at, "{found:?}");
            assert!(found.json()["verdict"]["why"].as_str().unwrap().contains(name), "{found:?}");
        }
    };
    fs::rename(&events, &away).unwrap();
    missed(at, "copy the events log whole");
    fs::create_dir(&events).unwrap();
    missed(at, "copy the events log whole");
    fs::remove_dir(&events).unwrap();
    fs::rename(&away, &events).unwrap();
    plane.verified();
    // Leaves alone, as anybody may copy them from the tiles.
    let entries = plane.entries();
    let bare: Vec<_> = entries.iter().map(|entry| Entry { leaf: entry.leaf.clone(), payload: vec![] }).collect();
    plane.rewrite(&bare);
    missed(0, "sealed texts committed to here");
    plane.rewrite(&entries);
    plane.verified();
}
