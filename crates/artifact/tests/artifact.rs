//! What a publisher and a node rely on: same files, same bytes; nothing but the sealed bytes starts.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]
use artifact::{
    Arg, ArtifactError, ArtifactStore, Entry, Manifest, Mode, Placement, Source, SourceFile, Spec, directory, inspect,
    pack, unpack, verify_tree,
};
use model::Digest;
use proptest::prelude::*;
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

fn spec() -> Spec {
    let args = vec![
        Arg::Fixed("storefront".parse().unwrap()),
        Arg::Fixed("--listen".parse().unwrap()),
        Arg::Listen,
        Arg::DataDir,
        Arg::ReleaseDir,
    ];
    let entry = Entry { executable: "bin/engine".parse().unwrap(), args };
    let token = |text: &str| text.parse().unwrap();
    Spec {
        product: token("pod-storefront-core"),
        version: token("2026.03.1"),
        entry,
        memory_mib: 256,
        health: token("/healthz"),
    }
}

fn file(path: &str, mode: Mode, bytes: &[u8]) -> SourceFile {
    SourceFile { path: path.parse().unwrap(), mode, source: Source::Bytes(bytes.to_vec()) }
}

fn files() -> Vec<SourceFile> {
    vec![
        file("release.json", Mode::Read, b"{}"),
        file("bin/engine", Mode::Execute, b"#!/bin/sh\n"),
        file("css/a/b.css", Mode::Read, &[7; 3000]),
    ]
}

fn packed(dir: &TempDir) -> (PathBuf, Manifest, Digest) {
    let path = dir.path().join("a.tar");
    let (manifest, digest) = pack(spec(), files(), &path).unwrap();
    (path, manifest, digest)
}

/// Name, kind, mode and bytes of a member.
type Member<'a> = (&'a str, tar::EntryType, u32, &'a [u8]);

/// A tar with these members, written without any of `pack`'s care.
fn rough(path: &Path, members: &[Member]) {
    let mut tar = tar::Builder::new(fs::File::create(path).unwrap());
    for (name, kind, mode, bytes) in members {
        let mut header = tar::Header::new_ustar();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(*kind);
        header.set_mode(*mode);
        header.set_size(bytes.len() as u64);
        header.set_cksum();
        tar.append(&header, *bytes).unwrap();
    }
    tar.finish().unwrap();
}

#[test]
fn the_same_files_give_the_same_archive_whatever_their_order_and_source() {
    let dir = TempDir::new().unwrap();
    let (path, manifest, digest) = packed(&dir);
    let tree = dir.path().join("in");
    for file in files() {
        let target = file.path.below(&tree);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        let Source::Bytes(bytes) = &file.source else { unreachable!() };
        fs::write(&target, bytes).unwrap();
        fs::set_permissions(
            &target,
            fs::Permissions::from_mode(if file.mode == Mode::Execute { 0o755 } else { 0o600 }),
        )
        .unwrap();
    }
    let again = dir.path().join("b.tar");
    assert_eq!(pack(spec(), directory(&tree).unwrap(), &again).unwrap(), (manifest.clone(), digest));
    assert_eq!(fs::read(&path).unwrap(), fs::read(&again).unwrap());
    assert_eq!(inspect(&path).unwrap(), (manifest.clone(), digest));
    assert_eq!(model::canon::digest("manifest", &manifest).unwrap(), digest);
    assert_eq!(
        tar::Archive::new(fs::File::open(&path).unwrap())
            .entries()
            .unwrap()
            .next()
            .unwrap()
            .unwrap()
            .path_bytes()
            .as_ref(),
        b"manifest.json"
    );
}

#[test]
fn placeholders_become_the_place_of_the_start() {
    let at = Placement {
        listen: "127.0.0.1:9001".parse().unwrap(),
        data_dir: Path::new("/d"),
        release_dir: Path::new("/r"),
    };
    assert_eq!(spec().entry.arguments(at), ["storefront", "--listen", "127.0.0.1:9001", "/d", "/r"]);
}

#[test]
fn what_cannot_be_packed_says_why() {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("a.tar");
    let why = |spec: Spec, files| pack(spec, files, &out).unwrap_err().to_string();
    assert!(why(spec(), vec![]).contains("`bin/engine` is not among its files"));
    assert!(why(spec(), vec![file("bin/engine", Mode::Read, b"")]).contains("mode 0555"));
    let twice = vec![file("bin/engine", Mode::Execute, b"a"), file("bin/engine", Mode::Execute, b"b")];
    assert!(why(spec(), twice).contains("not unique"));
    let both = vec![
        file("bin/engine", Mode::Execute, b"a"),
        file("bin/engine/x", Mode::Read, b"b"),
        file("bin/engine-x", Mode::Read, b"b"),
    ];
    assert!(why(spec(), both).contains("a file and a directory"));
    assert!(why(Spec { memory_mib: 0, ..spec() }, files()).contains("0 MiB"));
    assert!(why(Spec { health: "healthz".parse().unwrap(), ..spec() }, files()).contains("begin with /"));
    let many = (0..=artifact::MAX_FILES).map(|n| file(&format!("f{n}"), Mode::Read, b"")).collect();
    assert!(why(spec(), many).contains("4097 files"));
    std::os::unix::fs::symlink("x", dir.path().join("link")).unwrap();
    assert!(matches!(directory(dir.path()), Err(ArtifactError::Kind(name)) if name == "link"));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left behind");
}

#[test]
fn an_archive_is_believed_only_as_a_whole() {
    use tar::EntryType::{Link, Regular, Symlink};
    let dir = TempDir::new().unwrap();
    let (_, manifest, _) = packed(&dir);
    let json = manifest.to_bytes().unwrap();
    let path = dir.path().join("rough.tar");
    let head = ("manifest.json", Regular, 0o444, json.as_slice());
    let engine = ("bin/engine", Regular, 0o555, &b"#!/bin/sh\n"[..]);
    let css = ("css/a/b.css", Regular, 0o444, &[7u8; 3000][..]);
    let release = ("release.json", Regular, 0o444, &b"{}"[..]);
    let why = |members: &[_]| {
        rough(&path, members);
        inspect(&path).map(|_| ()).map_err(|e| e.to_string())
    };
    assert_eq!(why(&[head, engine, css, release]), Ok(()));
    let cases: &[(&[Member], &str)] = &[
        (&[engine, head], "first member"),
        (&[head, engine, css], "`release.json` is named in the manifest and missing"),
        (&[head, css, release], "`bin/engine` is named in the manifest and missing"),
        (&[head, engine, engine, css, release], "`bin/engine` is there twice"),
        (&[head, engine, css, release, release], "`release.json` is there twice"),
        (&[head, engine, css, release, ("z", Regular, 0o444, b"")], "`z` is not named"),
        (&[head, engine, ("../x", Regular, 0o444, b""), css, release], "`../x` is not a path inside"),
        (&[head, ("/etc/passwd", Regular, 0o444, b"")], "`/etc/passwd` is not a path inside"),
        (&[head, ("bin/engine", Symlink, 0o555, b"")], "`bin/engine` is not a plain file"),
        (&[head, ("bin/engine", Link, 0o555, b"")], "`bin/engine` is not a plain file"),
        (&[head, ("bin/engine", tar::EntryType::GNULongName, 0o555, b"x")], "not a plain file"),
        (&[head, ("bin/engine", Regular, 0o755, b"#!/bin/sh\n")], "mode 0755 instead of 0555"),
        (&[head, ("bin/engine", Regular, 0o555, b"#!/bin/sh")], "9 bytes instead of 10"),
        (&[head, ("bin/engine", Regular, 0o555, b"#!/bin/sx\n")], "another SHA-256"),
        (&[("manifest.json", Regular, 0o444, b"{\"a\": 1}")], "the manifest is not readable"),
        (&[], "empty"),
    ];
    for (members, expected) in cases {
        assert!(why(members).unwrap_err().contains(expected), "{expected}: {:?}", why(members));
    }
    fs::write(&path, b"not a tar at all").unwrap();
    assert!(inspect(&path).is_err());
}

#[test]
fn a_tree_that_was_touched_is_named_and_not_started() {
    let dir = TempDir::new().unwrap();
    let (archive, manifest, digest) = packed(&dir);
    let store = dir.path().join("store");
    let (tree, ..) = unpack(&archive, &store).unwrap();
    assert_eq!(tree, store.join(digest.to_string()));
    assert_eq!(verify_tree(&tree, &digest).unwrap(), manifest);
    assert_eq!(fs::metadata(tree.join("bin/engine")).unwrap().permissions().mode() & 0o7777, 0o555);
    let css = tree.join("css/a/b.css");
    let damage: &[(&dyn Fn(), &str)] = &[
        (&|| rewrite(&css, &[8; 3000]), "`css/a/b.css` differs from the manifest: its bytes"),
        (&|| rewrite(&css, &[7; 3001]), "more than 3000 bytes"),
        (&|| rewrite(&css, &[7; 2999]), "2999 bytes instead of 3000"),
        (&|| fs::set_permissions(&css, fs::Permissions::from_mode(0o644)).unwrap(), "mode 0644"),
        (&|| fs::remove_file(&css).unwrap(), "`css/a/b.css` is named in the manifest and missing"),
        (&|| fs::write(tree.join("css/x"), b"").unwrap(), "`css/x` is not named"),
        (&|| fs::create_dir(tree.join("css/empty")).unwrap(), "`css/empty` is not named"),
        (
            &|| std::os::unix::fs::symlink("b.css", tree.join("css/a/c.css")).unwrap(),
            "`css/a/c.css` is not a plain file",
        ),
        (&|| rewrite(&tree.join("manifest.json"), b"{}"), "the manifest is not readable"),
    ];
    for (harm, expected) in damage {
        harm();
        let said = verify_tree(&tree, &digest).unwrap_err().to_string();
        assert!(said.contains(expected), "{expected}: {said}");
        unpack(&archive, &store).unwrap();
        verify_tree(&tree, &digest).unwrap();
    }
    assert!(matches!(verify_tree(&tree, &Digest::ZERO), Err(ArtifactError::Identity { .. })));
    assert_eq!(fs::read_dir(&store).unwrap().count(), 1, "no temporary directory stays");
}

fn rewrite(path: &Path, bytes: &[u8]) {
    let mode = fs::metadata(path).unwrap().permissions();
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
    fs::set_permissions(path, mode).unwrap();
}

#[test]
fn a_store_keeps_only_the_artifact_that_was_asked_for() {
    let dir = TempDir::new().unwrap();
    let (archive, manifest, digest) = packed(&dir);
    let root = dir.path().join("node");
    let store = ArtifactStore::open(&root).unwrap();
    let bytes = fs::read(&archive).unwrap();
    assert!(matches!(store.receive(&mut bytes.as_slice(), &Digest::ZERO), Err(ArtifactError::Identity { .. })));
    assert!(store.receive(&mut &bytes[..2000], &digest).is_err());
    assert_eq!(store.list().unwrap(), []);
    assert!(matches!(store.tree(&digest), Err(ArtifactError::Unknown(_))));
    assert_eq!(store.receive(&mut bytes.as_slice(), &digest).unwrap(), manifest);
    assert_eq!(store.receive(&mut bytes.as_slice(), &digest).unwrap(), manifest, "twice is harmless");
    assert_eq!(store.list().unwrap(), [digest]);
    let (tree, _) = store.tree(&digest).unwrap();
    rewrite(&tree.join("release.json"), b"[]");
    assert!(matches!(store.tree(&digest), Err(ArtifactError::Changed { path, .. }) if path == "release.json"));
    rewrite(&store.archive_path(&digest), &bytes[..bytes.len() / 2]);
    assert!(store.verify(&digest).is_err());
    fs::write(root.join("archives/.incoming-1-1"), b"half").unwrap();
    ArtifactStore::open(&root).unwrap().remove(&digest).unwrap();
    assert_eq!(fs::read_dir(root.join("archives")).unwrap().count(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    /// One changed byte anywhere in the meaningful part of the archive is refused.
    #[test]
    fn any_changed_byte_of_a_member_is_found(pick in any::<prop::sample::Index>(), flip in 1u8..=255) {
        let dir = TempDir::new().unwrap();
        let (archive, _, digest) = packed(&dir);
        let mut bytes = fs::read(&archive).unwrap();
        let len = bytes.len() - 1024;
        let at = pick.index(len);
        bytes[at] ^= flip;
        rewrite(&archive, &bytes);
        // Header fields that nothing reads (owner, time) and padding may differ; identity and bytes may not.
        let Ok((_, found)) = inspect(&archive) else { return Ok(()) };
        if found == digest {
            let (tree, ..) = unpack(&archive, &dir.path().join("s")).unwrap();
            prop_assert!(verify_tree(&tree, &digest).is_ok());
        } else {
            // The manifest itself was changed into another good one: then it is another artifact by name,
            // and passes nowhere for this one.
            let store = ArtifactStore::open(dir.path().join("kept")).unwrap();
            prop_assert!(store.receive(&mut fs::File::open(&archive).unwrap(), &digest).is_err());
        }
    }
}
