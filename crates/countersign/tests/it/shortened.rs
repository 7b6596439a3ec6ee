//! A ledger that was cut short, and whose shorter tree was signed, contradicts nothing in itself. It is held
//! against every head that was kept elsewhere.

use crate::plane::Plane;
use crate::verify::{head_by, verdict};
use ledger::Entry;
use std::fs;
use std::path::PathBuf;

const NOT_NEWEST: &str = "nothing shows that this is the newest";

impl Plane {
    /// Where followers keep their replicas.
    fn replicas(&self) -> Vec<PathBuf> {
        let items = fs::read_dir(self.dir()).unwrap().map(|item| item.unwrap().path().join("replica"));
        items.filter(|dir| dir.join("head.json").exists()).collect()
    }

    /// Without the replicas of services, console and commands.
    fn forget_replicas(&self) {
        for dir in self.replicas() {
            fs::remove_dir_all(dir).unwrap();
        }
    }
}

fn tree_of(entries: &[Entry]) -> tlog::Tree {
    let mut tree = tlog::Tree::new();
    for entry in entries {
        tree.push(tlog::leaf_hash(&entry.leaf));
    }
    tree
}

#[test]
fn a_ledger_cut_short_fails_by_the_heads_of_the_replicas_beside_it_and_by_a_kept_one() {
    let plane = Plane::told();
    let entries = plane.entries();
    let kept = plane.home.path().join("kept.txt");
    fs::write(&kept, plane.signed_head("control", &tree_of(&entries))).unwrap();
    let kept = kept.to_str().unwrap();
    let found = plane.verify(&["--seen", kept]).ok().json();
    assert_eq!(found["verdict"]["newest"], "as_new_as_heads_in_reach", "{found}");
    assert_eq!(found["heads"]["control"].as_array().unwrap().len(), plane.replicas().len() + 1, "{found}");

    let short = entries.len() - 5;
    plane.rewrite(&entries[..short]);
    for more in [&[][..], &["--hashes-only"]] {
        let found = plane.verify(more);
        assert_eq!(verdict(&found), (1, "failed".to_owned()), "{found:?}");
        assert_eq!(found.json()["verdict"]["at"], short, "{found:?}");
        let why = found.json()["verdict"]["why"].as_str().unwrap().to_owned();
        assert!(plane.replicas().iter().any(|dir| why.contains(dir.join("head.json").to_str().unwrap())), "{why}");
    }
    // Nobody else has seen more: the shorter ledger is whole in itself, and the verdict says what it lacks.
    plane.forget_replicas();
    let found = plane.verify(&[]).ok().json();
    assert_eq!(found["verdict"]["newest"], "nothing_shows", "{found}");
    let words = plane.cli(&["audit", "verify"]).ok().stdout;
    assert!(words.lines().next().unwrap().contains(NOT_NEWEST), "{words}");
    assert!(words.contains("give it with `--seen FILE`"), "{words}");
    // Who kept a head knows better; the note itself says as much as a file with it.
    let note = fs::read_to_string(kept).unwrap();
    for seen in [kept, &note] {
        let found = plane.verify(&["--seen", seen]);
        assert_eq!(verdict(&found), (1, "failed".to_owned()), "{found:?}");
        assert!(found.json()["verdict"]["why"].as_str().unwrap().contains("the newest 5 are missing"), "{found:?}");
    }
}

#[test]
fn a_head_over_other_leaves_fails_and_is_named() {
    let plane = Plane::told();
    let mut tree = tree_of(&plane.entries()[1..]);
    tree.push(tlog::leaf_hash(b"another leaf"));
    let found = plane.verify(&["--seen", &plane.signed_head("control", &tree)]);
    assert_eq!(verdict(&found), (1, "failed".to_owned()), "{found:?}");
    assert!(found.json()["verdict"]["why"].as_str().unwrap().contains("signed another tree"), "{found:?}");
    // So of the other log, which no follower keeps a head of.
    let events = ledger::read::LogReader::open(&plane.dir().join("governance/events")).unwrap();
    let mut tree = tlog::Tree::new();
    for entry in events.entries() {
        tree.push(tlog::leaf_hash(&entry.unwrap().1.leaf));
    }
    plane.verify(&["--seen", &plane.signed_head("events", &tree)]).ok();
    tree.push(tlog::leaf_hash(b"one more"));
    let found = plane.verify(&["--seen", &plane.signed_head("events", &tree)]);
    assert_eq!(verdict(&found), (1, "failed".to_owned()), "{found:?}");
    assert!(found.json()["verdict"]["why"].as_str().unwrap().contains("the newest 1 are missing"), "{found:?}");
}

#[test]
fn a_kept_head_of_another_ledger_is_refused_by_name() {
    let plane = Plane::founded();
    let tree = tree_of(&plane.entries());
    let refused = |seen: &str, code: &str| {
        let ran = plane.verify(&["--seen", seen]);
        ran.refused(code);
    };
    refused(&head_by(&[9; 32], "elsewhere.test/control".to_owned(), &tree), "seen.other_ledger");
    let origin = format!("{}/control", plane.trust()["origin"].as_str().unwrap());
    refused(&head_by(&[9; 32], origin, &tree), "seen.not_signed");
    refused("no note\n", "seen.malformed");
    let gone = plane.verify(&["--seen", "gone.txt"]);
    assert!(gone.code != 0 && gone.stderr.contains("gone.txt"), "{gone:?}");
}

#[test]
fn a_replica_is_verified_by_itself_and_held_against_those_beside_it() {
    let plane = Plane::told();
    let replica = plane.dir().join("platform/replica");
    let verify = |more: &[&str]| {
        let mut command = std::process::Command::new(crate::plane::EXE);
        command.args(["audit", "verify", "--json", "--dir"]).arg(&replica).args(more);
        crate::plane::Ran::of(command.output().unwrap())
    };
    let head =
        || -> serde_json::Value { serde_json::from_slice(&fs::read(replica.join("head.json")).unwrap()).unwrap() };
    let found = verify(&[]).ok().json();
    assert_eq!(found["verdict"]["verdict"], "verified_this_server_only", "{found}");
    assert_eq!((&found["checked"]["leaves"], &found["verdict"]["pin"]), (&head()["size"], &"beside_the_ledger".into()));
    assert!(found["checked"]["vouched"]["people"]["seen"].as_u64().unwrap() > 0, "{found}");

    // Cut short with its head, as somebody does who has the log's key too.
    let whole = [fs::read(replica.join("head.json")).unwrap(), fs::read(replica.join("entries.log")).unwrap()];
    let entries = plane.entries();
    let short = &entries[..entries.len() - 5];
    let bytes: usize = short.iter().map(|entry| 2 + entry.leaf.len()).sum();
    let tree = tree_of(short);
    let mut cut = head();
    cut["size"] = tree.size().into();
    cut["root"] = tree.root().to_string().into();
    cut["bytes"] = bytes.into();
    cut["checkpoint"] = plane.signed_head("control", &tree).into();
    fs::write(replica.join("head.json"), cut.to_string()).unwrap();
    let found = verify(&[]);
    assert_eq!(verdict(&found), (1, "failed".to_owned()), "{found:?}");
    assert!(found.json()["verdict"]["why"].as_str().unwrap().contains("replica/head.json"), "{found:?}");
    fs::write(replica.join("head.json"), &whole[0]).unwrap();
    verify(&[]).ok();
    // A changed leaf.
    let mut changed = whole[1].clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    fs::write(replica.join("entries.log"), &changed).unwrap();
    assert_eq!(verify(&[]).code, 1);
    fs::write(replica.join("entries.log"), &whole[1]).unwrap();
    verify(&[]).ok();
}
