//! Another user of the machine reads nothing of a data directory but what an engine must.

use crate::plane::Plane;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// Every file and directory with its mode, without links.
fn modes(dir: &Path) -> Vec<(PathBuf, u32)> {
    let mut found = vec![];
    for entry in std::fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let (path, kind) = (entry.path(), entry.file_type().unwrap());
        // A file may be renamed under our eyes: its name is then another one's turn.
        let Ok(meta) = std::fs::symlink_metadata(&path) else { continue };
        if !kind.is_symlink() {
            found.push((path.clone(), meta.permissions().mode() & 0o777));
        }
        if kind.is_dir() && !kind.is_socket() {
            found.append(&mut modes(&path));
        }
    }
    found
}

/// What others may do at a place: engines and the front run as users of their own.
fn may(inside: &Path) -> u32 {
    let parts: Vec<_> = inside.iter().map(|part| part.to_str().unwrap()).collect();
    match parts[..] {
        // They pass through, and see no names.
        ["node" | "engine"] | ["engine", "engines"] | ["engine", "engines", _] => 0o011,
        // Releases: read and started by who serves them, written by nobody.
        ["node", "store", ..] => 0o055,
        // Written by Engine Runtime, read by the front, in a directory that only the front's user enters.
        ["engine", "front", "routes.json"] => 0o044,
        _ => 0,
    }
}

#[test]
fn a_data_directory_is_private_but_for_the_way_of_an_engine_to_its_release() {
    let mut plane = Plane::serving();
    let engine = plane.engine();
    plane.two_deployed(engine);
    let ingest = plane.token("ada", model::Scope::Ingest);
    // Enough for a tile.
    plane.send_events(&ingest, 0..300);
    plane.stop();
    let found = modes(&plane.dir());
    for name in ["cli/replica/entries.log", "console/replica/head.json", "platform/replica", "tile/0/000", "node/store"]
    {
        assert!(found.iter().any(|(path, _)| path.to_str().unwrap().contains(name)), "no {name}: {found:?}");
    }
    let open: Vec<_> = found
        .iter()
        .filter(|(path, mode)| mode & 0o077 & !may(path.strip_prefix(plane.dir()).unwrap()) != 0)
        .map(|(path, mode)| format!("{} {mode:o}", path.display()))
        .collect();
    assert!(open.is_empty(), "others may read:\n{}", open.join("\n"));
}
