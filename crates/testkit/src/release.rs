//! A small release for tests of services that keep, hand out and place one.

use artifact::{Arg, Entry, Mode, Source, SourceFile, Spec, pack};
use model::Digest;
use std::path::Path;

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
        entry: Entry { executable: "bin/engine".parse().unwrap(), args: vec![Arg::Listen] },
        memory_mib: 256,
        health: "/healthz".parse().unwrap(),
    };
    let files = vec![file("bin/engine", Mode::Execute, b"#!/bin/sh\n"), file("text", Mode::Read, text)];
    pack(spec, files, path).unwrap().1
}
