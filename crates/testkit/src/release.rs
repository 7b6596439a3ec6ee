//! A small release for tests of services that keep, hand out and place one.

use artifact::{Answer, Arg, Entry, Health, Mode, Program, Source, SourceFile, Spec, pack};
use model::{Digest, Profile, Range};
use std::path::Path;

/// What a small shop needs: 256 MiB, 10 seconds to start, no variable, nobody to connect to.
pub fn profile() -> Profile {
    Profile {
        runtime: "storefront".parse().unwrap(),
        memory_mib: Range::only(256),
        storage_mib: 64,
        start_within_ms: Range::only(10_000),
        needs: vec![],
        outbound: vec![],
    }
}

/// How it starts: `bin/engine`, told where to listen.
pub fn program() -> Program {
    Program {
        profile: profile(),
        entry: Entry { executable: "bin/engine".parse().unwrap(), args: vec![Arg::Listen] },
        health: Health { path: "/healthz".parse().unwrap(), answer: Answer::Release },
    }
}

/// Packs a release of one executable and one text into an archive at `path`; its digest.
pub fn packed(path: &Path, version: &str, text: &[u8]) -> Digest {
    let file = |path: &str, mode, bytes: &[u8]| SourceFile {
        path: path.parse().unwrap(),
        mode,
        source: Source::Bytes(bytes.to_vec()),
    };
    let spec = Spec {
        product: "pod-storefront-core".parse().unwrap(),
        version: version.parse().unwrap(),
        program: Some(program()),
    };
    let files = vec![file("bin/engine", Mode::Execute, b"#!/bin/sh\n"), file("text", Mode::Read, text)];
    pack(spec, files, path).unwrap().1
}
