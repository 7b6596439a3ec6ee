//! Whoever has the server's disk has its keys too, and can put another text in the place of one that was
//! signed, under the right salt: every reader says so, and nobody is let sign over it.

use crate::plane::Plane;
use crate::wire;
use ledger::read::LogReader;
use ledger::subject::{Opened, SubjectKeys};
use ledger::{Payload, sealing_context};
use model::{CommandId, Digest, canon};
use serde_json::Value;
use signed::Opening;
use std::path::Path;
use view::DIFFERS;

const SIGNED: &str = "Spring shop for the market";
const FORGED: &str = "Only a rehearsal, approve!";

/// Bytes of a frame before its body, and of its checksum.
const HEADER: usize = 72;
const CHECKSUM: usize = 32;

/// Puts `payload` in the place of an entry's, of the same length, and makes every checksum good again.
fn replace(segment: &Path, before: &[u8], payload: &[u8]) {
    let mut bytes = std::fs::read(segment).unwrap();
    let at = bytes.windows(before.len()).position(|window| window == before).unwrap();
    bytes[at..at + payload.len()].copy_from_slice(payload);
    let (mut from, mut last) = (0, None::<[u8; CHECKSUM]>);
    while bytes[from..].starts_with(b"cs-entry") {
        let length = u32::from_be_bytes(bytes[from + 36..from + 40].try_into().unwrap()) as usize;
        if let Some(last) = last {
            bytes[from + 40..from + HEADER].copy_from_slice(&last);
        }
        let end = from + HEADER + length;
        let sum = *Digest::of_bytes(&bytes[from..end]).as_bytes();
        bytes[end..end + CHECKSUM].copy_from_slice(&sum);
        (from, last) = (end + CHECKSUM, Some(sum));
    }
    std::fs::write(segment, bytes).unwrap();
}

/// Another text for the only part of the entry, sealed under its own key with its own salt.
fn reseal(plane: &Plane, log: &str, index: u64, to: &CommandId, field: &str, text: &str) {
    let governance = plane.dir().join("governance");
    let trust: signed::Trust = serde_json::from_slice(&std::fs::read(plane.dir().join("trust.json")).unwrap()).unwrap();
    let keys = SubjectKeys::existing(&governance.join("keys/subjects")).unwrap();
    let reader = LogReader::open(&governance.join(log)).unwrap();
    let (_, entry) = reader.entries().map(Result::unwrap).find(|(at, _)| *at == index).unwrap();
    let mut payload = Payload::decode(&entry.payload).unwrap();
    let part = payload.parts.first_mut().unwrap();
    let context = sealing_context(&trust.genesis, to, 0);
    let Opened::Text(plain) = keys.unseal(part.subject, &context, &part.bytes).unwrap() else { panic!("erased") };
    let mut opening: Opening = canon::from_slice(&plain).unwrap();
    assert_eq!(opening.body.insert(field.to_owned(), text.to_owned()).map(|old| old.len()), Some(text.len()));
    part.bytes = keys.seal(part.subject, &context, &canon::to_vec(&opening).unwrap()).unwrap();
    replace(&governance.join(log).join("00000000.seg"), &entry.payload, &payload.encode().unwrap());
}

fn id(value: &Value) -> CommandId {
    value.as_str().unwrap().parse().unwrap()
}

#[test]
fn a_title_that_was_resealed_is_said_not_to_be_what_was_signed_by_every_reader_and_nobody_signs_over_it() {
    let mut plane = Plane::serving();
    let engine = plane.engine().to_owned();
    let artifact = plane.publish("2026.02");
    let change =
        plane.draft(&["--kind", "deployment", "--engine", &engine, "--artifact", &artifact, "--title", SIGNED]);
    let shown = plane.by("ada", &["change", "seal", &change]).ok();
    assert!(!shown.stdout.contains(DIFFERS));
    let opened = plane.cli(&["change", "show", &change, "--json"]).ok().json()["opened"].as_u64().unwrap();
    let entry = plane.entry(opened);
    let nonce = id(&entry["package"]["nonce"]);
    plane.stop();
    plane.verified();
    let texts = plane.verify(&[]).json()["checked"]["texts"].clone();
    assert!(texts["as_signed"].as_u64() > Some(0) && texts["unopened"] == 0, "{texts}");

    reseal(&plane, "control", opened, &nonce, "text", FORGED);
    for more in [&[][..], &["--hashes-only"]] {
        let found = plane.verify(more);
        let verdict = &found.json()["verdict"];
        assert_eq!(
            (found.code, &verdict["verdict"], &verdict["at"]),
            (1, &"failed".into(), &opened.into()),
            "{verdict}"
        );
        assert!(verdict["why"].as_str().unwrap().contains("`title` here does not match what was signed"), "{verdict}");
    }

    plane.serve();
    let read = plane.cli(&["change", "show", &change]).ok();
    assert!(read.stdout.contains(DIFFERS) && !read.stdout.contains(FORGED), "{read:?}");
    let read = plane.cli(&["audit", "show", &opened.to_string()]).ok();
    assert!(read.stdout.contains(DIFFERS) && !read.stdout.contains(FORGED), "{read:?}");
    // Governance's own words, too.
    let read = plane.cli(&["change", "ls", "--json"]).ok();
    assert!(read.stdout.contains(DIFFERS) && !read.stdout.contains(FORGED), "{read:?}");
    for who in ["ben", "cy"] {
        plane.by(who, &["change", "approve", &change]).refused("text.differs");
    }
    // What only takes away is not kept from anybody.
    plane.by("ben", &["change", "hold", &change, "--reason", "its title was changed"]).ok();
}

#[test]
fn an_event_that_was_resealed_is_said_not_to_be_what_was_sent() {
    let mut plane = Plane::serving();
    plane.all_signed_in();
    let ingest = plane.token("ada", model::Scope::Ingest);
    let event = |title: &str| {
        serde_json::json!({"id": "1", "source": "ci.build", "kind": "pipeline.finished", "category": "reported",
            "severity": "low", "title": title})
    };
    let (status, answer) = wire::post(&format!("{}/v1/events", plane.url("governance")), Some(&ingest), &event(SIGNED));
    assert_eq!(status, 200, "{answer}");
    let listed = plane.cli(&["audit", "ls"]).ok();
    assert!(listed.stdout.contains(SIGNED), "{listed:?}");
    plane.stop();
    let to = signed::event_command(&"ci.build".parse().unwrap(), &governance::event_id("1"));
    reseal(&plane, "events", 0, &to, "title", FORGED);
    let found = plane.verify(&[]);
    assert_eq!(found.code, 1, "{found:?}");
    assert!(found.json()["verdict"]["why"].as_str().unwrap().contains("events log, entry 0"), "{found:?}");
    plane.serve();
    for args in [&["audit", "ls"][..], &["audit", "show", "0", "--log", "events"]] {
        let read = plane.cli(args).ok();
        assert!(read.stdout.contains("does not match what was signed"), "{read:?}");
        assert!(!read.stdout.contains(FORGED) && !read.stdout.contains(SIGNED), "{read:?}");
    }
}
