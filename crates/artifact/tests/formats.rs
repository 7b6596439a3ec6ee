//! `docs/formats.md` shows a manifest as the type writes it, and its digest as anybody can compute it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use artifact::{Answer, Arg, Entry, FileEntry, Health, Manifest, Mode, Program};
use model::{Bounds, Digest, Need, Profile, Range};
use sha2::{Digest as _, Sha256};
use std::path::PathBuf;

const MARK: &str = "<!-- example: manifest -->\n";

fn example() -> Manifest {
    let file = |path: &str, mode, bytes: &[u8]| FileEntry {
        path: path.parse().unwrap(),
        mode,
        size: bytes.len() as u64,
        sha256: Digest::of_bytes(bytes),
    };
    let args = vec![
        Arg::Fixed("serve".parse().unwrap()),
        Arg::Fixed("--listen".parse().unwrap()),
        Arg::Listen,
        Arg::Fixed("--data".parse().unwrap()),
        Arg::DataDir,
        Arg::Fixed("--release".parse().unwrap()),
        Arg::ReleaseDir,
    ];
    Manifest {
        product: "pod-storefront-core".parse().unwrap(),
        version: "2026.03.1".parse().unwrap(),
        program: Some(Program {
            profile: Profile {
                runtime: "web".parse().unwrap(),
                memory_mib: Range { least: 32, usual: 64, most: 256 },
                storage_mib: 100,
                start_within_ms: Range { least: 1_000, usual: 10_000, most: 60_000 },
                needs: vec![Need {
                    key: "WORKERS".parse().unwrap(),
                    required: false,
                    secret: false,
                    bounds: Some(Bounds { least: 1, most: 8 }),
                }],
                outbound: vec![5432],
            },
            entry: Entry { executable: "bin/storefront".parse().unwrap(), args },
            health: Health { path: "/healthz".parse().unwrap(), answer: Answer::Release },
        }),
        files: vec![
            file("bin/storefront", Mode::Execute, b"#!/bin/sh\n"),
            file("release.json", Mode::Read, b"{\"version\":\"2026.03.1\"}"),
        ],
    }
}

/// The digest from the page's bytes alone.
fn by_hand(object: &str, json: &str) -> String {
    let mut hasher = Sha256::new();
    hasher.update(format!("countersign/{object}/v1\0").as_bytes());
    hasher.update(json.as_bytes());
    Digest(hasher.finalize().into()).to_string()
}

#[test]
fn the_page_shows_the_manifest_as_it_is_written_and_its_digest_follows_from_the_page() {
    let manifest = example();
    let json = String::from_utf8(manifest.to_bytes().unwrap()).unwrap();
    let block = format!("{MARK}```text\n{json}\ndigest {}\n```", manifest.digest().unwrap());
    let page = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/formats.md");
    let text = std::fs::read_to_string(&page).unwrap();
    let (before, rest) = text.split_once(MARK).expect("docs/formats.md shows a manifest");
    let end = rest[3..].find("```").expect("a fenced block follows") + 6;
    if std::env::var_os("UPDATE").is_some() {
        return std::fs::write(&page, format!("{before}{block}{}", &rest[end..])).unwrap();
    }
    assert_eq!(format!("{MARK}{}", &rest[..end]), block, "run with UPDATE=1 to write the page again");
    let lines: Vec<_> = rest.lines().skip(1).take(2).collect();
    assert_eq!(lines[1], format!("digest {}", by_hand("manifest", lines[0])));
    assert_eq!(Manifest::from_bytes(lines[0].as_bytes()).unwrap(), manifest);
}
