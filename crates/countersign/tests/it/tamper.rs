//! One byte of it changed, anywhere, and it is found and named; put back, all is well again.

use crate::manners::snapshot;
use crate::plane::{Plane, Ran};
use crate::seed::{Seed, rounds};
use crate::{shop, wire};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

impl Plane {
    /// `audit verify`.
    pub fn verify(&self, more: &[&str]) -> Ran {
        self.cli(&[&["audit", "verify", "--json"], more].concat())
    }

    /// With a change, refusals and enough events for a tile; stopped.
    pub fn told() -> Self {
        let mut plane = Self::serving();
        let engine = plane.engine();
        let artifact = plane.publish("2026.02");
        let change = plane.draft(&["--kind", "deployment", "--engine", engine, "--artifact", &artifact]);
        plane.by("ada", &["change", "seal", &change]).ok();
        plane.by("ada", &["change", "approve", &change]).refused("approve.author");
        let ingest = plane.token("ada", model::Scope::Ingest);
        plane.send_events(&ingest, 0..300);
        plane.stop();
        plane.verified();
        plane
    }

    /// Sends these to be recorded.
    pub fn send_events(&self, ingest: &str, range: std::ops::Range<u64>) {
        let event = |n: u64| {
            json!({"id": format!("run-{n}"), "source": "ci.build", "kind": "pipeline.finished", "category": "reported",
                "severity": "info", "title": format!("build {n} finished")})
        };
        let batch: Vec<_> = range.map(event).collect();
        let (status, answer) =
            wire::post(&format!("{}/v1/events", self.url("governance")), Some(ingest), &batch.into());
        assert_eq!(status, 200, "{answer}");
    }

    /// Every file of the ledger: segments and checkpoints of both logs, tiles, governing blobs.
    fn ledger_files(&self) -> Vec<PathBuf> {
        let governance = self.dir().join("governance");
        let inside = ["control", "events", "blobs"].map(|dir| snapshot(&governance.join(dir)));
        let files = inside.into_iter().flatten().filter(|(path, bytes)| path.is_file() && !bytes.is_empty());
        let files: Vec<_> = files.map(|(path, _)| path).collect();
        for name in ["control/00000000.seg", "control/checkpoints-0", "events/00000000.seg", "events/checkpoints-0"] {
            assert!(files.iter().any(|file| file.to_str().unwrap().contains(name)), "no {name}: {files:?}");
        }
        for name in ["tile/0/000", "tile/entries/000", "blobs/settings-", "blobs/package-"] {
            assert!(files.iter().any(|file| file.to_str().unwrap().contains(name)), "no {name}: {files:?}");
        }
        files
    }

    /// Turns bits of one byte, demands that the place is named, and puts it back.
    fn flipped(&self, file: &Path, offset: usize, bits: u8, hashes_only: bool) {
        let before = fs::read(file).unwrap();
        let mut bytes = before.clone();
        bytes[offset] ^= bits;
        fs::write(file, &bytes).unwrap();
        let found = self.verify(if hashes_only { &["--hashes-only"] } else { &[] });
        fs::write(file, &before).unwrap();
        let place = format!("{} at byte {offset} of {} by {bits:#x}", file.display(), before.len());
        assert_eq!(found.code, 1, "{place}: {found:?}");
        let verdict = &found.json()["verdict"];
        assert_eq!(verdict["verdict"], "failed", "{place}: {verdict}");
        let why = verdict["why"].as_str().unwrap();
        assert!(why.contains(file.to_str().unwrap()), "{place}: {why}");
        // A segment is damaged from the start of the frame on, a tile at the byte; a blob as a whole.
        if let Some((_, rest)) = why.split_once("damaged at byte ") {
            let named: usize = rest.split(' ').next().unwrap().parse().unwrap();
            assert!(named <= offset, "{place}: {why}");
            assert!(!place.contains("/tile/") || named == offset, "{place}: {why}");
        } else {
            assert!(place.contains("/blobs/"), "{place}: {why}");
        }
    }
}

/// Where the written part of a file ends: behind it is padding.
fn written(file: &Path) -> usize {
    let bytes = fs::read(file).unwrap();
    bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)
}

#[test]
fn the_first_the_last_and_the_padding_of_every_file() {
    let plane = Plane::told();
    for (n, file) in plane.ledger_files().iter().enumerate() {
        let (size, written) = (usize::try_from(fs::metadata(file).unwrap().len()).unwrap(), written(file));
        let mut offsets = vec![0, written - 1];
        // The first byte of padding could be a write that was cut off; the last one could not.
        offsets.extend([written, size - 1].into_iter().filter(|offset| *offset < size && *offset >= written));
        for offset in offsets {
            plane.flipped(file, offset, 1, n % 2 == 0);
        }
    }
    plane.verified();
    assert_eq!(plane.verify(&[]).code, 0);
}

#[test]
fn soak_one_flipped_byte_anywhere_is_named() {
    let plane = Plane::told();
    let files = plane.ledger_files();
    let mut seed = Seed::of_run();
    for round in 0..rounds(60) {
        for file in &files {
            let (size, written) = (usize::try_from(fs::metadata(file).unwrap().len()).unwrap(), written(file));
            // Padding is most of a segment: half of the choices are for what was written.
            let bound = if seed.below(2) == 0 { written } else { size };
            let (offset, bits) = (seed.below(bound), 1 << seed.below(8));
            plane.flipped(file, offset, bits, round % 2 == 0);
        }
    }
    plane.verified();
}

#[test]
fn what_is_missing_is_not_taken_for_whole() {
    let plane = Plane::told();
    let governance = plane.dir().join("governance");
    let away = plane.home.path().join("away");
    let without = |path: PathBuf, more: &[&str], then: &dyn Fn(Ran)| {
        fs::rename(&path, &away).unwrap();
        then(plane.verify(more));
        fs::rename(&away, &path).unwrap();
    };
    let inconclusive = |found: Ran| {
        assert_eq!((found.code, &found.json()["verdict"]["verdict"]), (3, &"inconclusive".into()), "{found:?}");
    };
    let failed = |found: Ran| assert_eq!(found.code, 1, "{found:?}");
    // Nothing to check is never `verified`.
    without(governance.clone(), &[], &inconclusive);
    without(governance.join("control"), &[], &inconclusive);
    without(plane.dir().join("trust.json"), &[], &inconclusive);
    fs::rename(governance.join("control"), &away).unwrap();
    fs::create_dir(governance.join("control")).unwrap();
    inconclusive(plane.verify(&[]));
    fs::remove_dir(governance.join("control")).unwrap();
    fs::rename(&away, governance.join("control")).unwrap();
    // A blob that a leaf names: everything up to that leaf was decided again.
    let package = plane.ledger_files().into_iter().find(|file| file.to_str().unwrap().contains("/package-")).unwrap();
    for more in [&[][..], &["--hashes-only"]] {
        without(package.clone(), more, &|found| {
            assert!(found.json()["verdict"]["at"].as_u64().is_some_and(|at| at > 0), "{found:?}");
            inconclusive(found);
        });
        without(governance.join("blobs"), more, &|found| {
            assert_eq!(found.json()["verdict"]["at"], 0, "{found:?}");
            inconclusive(found);
        });
    }
    // Signed checkpoints say that there was more.
    without(governance.join("control/00000000.seg"), &[], &failed);
    let segment = governance.join("events/00000000.seg");
    let whole = fs::read(&segment).unwrap();
    fs::write(&segment, &whole[..written(&segment) / 2]).unwrap();
    failed(plane.verify(&[]));
    fs::write(&segment, &whole).unwrap();
    plane.verified();
}

#[test]
fn the_story_told_again_with_other_keys_is_another_ledger() {
    let (plane, forged) = (Plane::told(), Plane::founded());
    let trust = plane.dir().join("trust.json").display().to_string();
    for more in [&["--trust", &trust][..], &["--hashes-only", "--trust", &trust]] {
        let found = forged.verify(more);
        assert_eq!((found.code, &found.json()["verdict"]["at"]), (1, &0.into()), "{found:?}");
    }
    // Its own trust is content with it, and says which one it is.
    let found = forged.verify(&[]).ok().json();
    let genesis = |plane: &Plane| {
        let trust = fs::read(plane.dir().join("trust.json")).unwrap();
        serde_json::from_slice::<Value>(&trust).unwrap()["genesis"].clone()
    };
    assert_eq!(found["genesis"], genesis(&forged));
    assert_ne!(genesis(&forged), genesis(&plane));
    // The ledger's bytes under the other's name, too.
    for part in ["control", "events", "blobs"] {
        fs::remove_dir_all(plane.dir().join("governance").join(part)).unwrap();
        let from = forged.dir().join("governance").join(part);
        fs::create_dir(plane.dir().join("governance").join(part)).unwrap();
        for (path, bytes) in snapshot(&from).into_iter().filter(|(path, _)| path.is_file()) {
            fs::write(plane.dir().join("governance").join(part).join(path.strip_prefix(&from).unwrap()), bytes)
                .unwrap();
        }
    }
    let found = plane.verify(&[]);
    assert_eq!((found.code, &found.json()["verdict"]["at"]), (1, &0.into()), "{found:?}");
    assert!(!forged.dir().join("governance/events").exists(), "a founded ledger has no events yet");
}

#[test]
fn verifying_writes_nothing_and_needs_no_server() {
    let plane = Plane::told();
    // A copy that cannot be written, without keys and without anything else of the directory.
    let copy = plane.home.path().join("copy");
    let from = plane.dir().join("governance");
    for (path, bytes) in snapshot(&from) {
        let inside = path.strip_prefix(&from).unwrap();
        if inside.starts_with("keys") {
            continue;
        }
        let to = copy.join("governance").join(inside);
        if path.is_dir() { fs::create_dir_all(to).unwrap() } else { write_all(&to, &bytes) }
    }
    let set = |mode: &str| {
        let done = std::process::Command::new("chmod").args(["-R", mode]).arg(&copy).status().unwrap();
        assert!(done.success());
    };
    set("a-w");
    let before = snapshot(&copy);
    let trust = plane.dir().join("trust.json");
    let mut verify = std::process::Command::new(crate::plane::EXE);
    verify.args(["audit", "verify", "--trust"]).arg(&trust).arg("--dir").arg(&copy);
    let verified = verify.output().unwrap();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
    assert_eq!(snapshot(&copy), before);
    set("u+w");
}

fn write_all(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_ledger_verifies_while_it_is_written() {
    let plane = Plane::serving();
    plane.all_signed_in();
    let ingest = plane.token("ada", model::Scope::Ingest);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0.. {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                plane.send_events(&ingest, n * 50..n * 50 + 50);
                // Leaves of the control log at the same time.
                plane.by("ada", &["tenant", "new", &format!("Tenant {n}")]).ok();
            }
        });
        // The writer is told to end also when a verification fails.
        let verified: Vec<_> =
            (0..8).map(|n| (n, plane.verify(if n % 2 == 0 { &[] } else { &["--hashes-only"] }))).collect();
        done.store(true, Ordering::Relaxed);
        for (n, found) in verified {
            assert_eq!(found.code, if n % 2 == 0 { 0 } else { 7 }, "{found:?}");
        }
    });
    plane.verified();
}

/// Changes one bit in the middle.
fn flip(path: &std::path::Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    write(path, &bytes);
}

/// Writes over what nobody is meant to write over.
fn write(path: &std::path::Path, bytes: &[u8]) {
    let mode = fs::metadata(path).unwrap().permissions();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(path, bytes).unwrap();
    fs::set_permissions(path, mode).unwrap();
}

#[test]
fn a_changed_artifact_is_never_started() {
    let plane = Plane::serving();
    let engine = plane.engine();
    let (old, _) = plane.two_deployed(engine);
    let kept = plane.dir().join("node/store").join(&old).join("release.json");
    let archive = plane.dir().join(format!("platform/artifacts/archives/{old}.tar"));
    let whole = [&kept, &archive].map(|path| fs::read(path).unwrap());
    flip(&kept);
    let rollback = plane.approved_rollback(engine);
    flip(&archive);
    let ran = plane.by("ada", &["change", "run", &rollback]);
    assert_eq!((ran.code, &ran.json()["status"]), (5, &"invalidated".into()), "{ran:?}");
    let outcomes = (0..plane.control_size()).map(|index| plane.entry(index)["leaf"]["command"]["receipt"].clone());
    let codes: Vec<_> = outcomes.map(|receipt| receipt["receipt"]["report"]["outcome"]["code"].clone()).collect();
    assert!(codes.contains(&"bundle.not_held".into()), "{codes:?}");
    assert_eq!(shop::release(plane.shop_port(0)).as_deref(), Some("2026.03.1"), "what served serves");

    // Handed out whole again, the certified one takes the place of what was changed.
    write(&archive, &whole[1]);
    let rollback = plane.approved_rollback(engine);
    plane.by("ada", &["change", "run", &rollback]).ok();
    assert_eq!(shop::release(plane.shop_port(0)).as_deref(), Some("2026.02"));
    assert_eq!(fs::read(&kept).unwrap(), whole[0], "what was changed was set aside");
    plane.verified();
}
