//! What a publisher and a node rely on: same files, same bytes; nothing but the sealed bytes starts.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]
use artifact::{
    Answer, Arg, ArtifactError, ArtifactStore, Entry, Health, Manifest, Mode, Placement, Program, Source, SourceFile,
    Spec, directory, inspect, pack, unpack, verify_tree,
};
use model::{Digest, Profile, Range, Token};
use proptest::prelude::*;
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

fn token(text: &str) -> Token {
    text.parse().unwrap()
}

fn program() -> Program {
    let fixed = |text: &str| Arg::Fixed(text.parse().unwrap());
    let args = vec![fixed("storefront"), fixed("--listen"), Arg::Listen, Arg::DataDir, Arg::ReleaseDir];
    Program {
        profile: Profile {
            runtime: token("storefront"),
            memory_mib: Range::only(256),
            storage_mib: 64,
            start_within_ms: Range::only(10_000),
            needs: vec![],
            outbound: vec![],
        },
        entry: Entry { executable: "bin/engine".parse().unwrap(), args },
        health: Health { path: token("/healthz"), answer: Answer::Release },
    }
}

fn spec() -> Spec {
    with(program())
}

fn with(program: Program) -> Spec {
    Spec { product: token("pod-storefront-core"), version: token("2026.03.1"), program: Some(program) }
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

/// A tar with these members, in headers as `pack` writes them and without any of its care.
fn rough(path: &Path, members: &[Member]) {
    let mut tar = tar::Builder::new(fs::File::create(path).unwrap());
    for (name, kind, mode, bytes) in members {
        let mut header = tar::Header::new_ustar();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(*kind);
        header.set_mode(*mode);
        header.set_size(bytes.len() as u64);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
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
    assert_eq!(pack(spec(), directory(&tree, &[]).unwrap().files, &again).unwrap(), (manifest.clone(), digest));
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
        theme_dir: None,
    };
    assert_eq!(program().entry.arguments(at), ["storefront", "--listen", "127.0.0.1:9001", "/d", "/r"]);
    let args = vec![Arg::Host, Arg::Port, Arg::ThemeDir];
    let entry = Entry { args, ..program().entry };
    assert_eq!(entry.arguments(at), ["127.0.0.1", "9001", ""]);
    assert_eq!(entry.arguments(Placement { theme_dir: Some(Path::new("/t")), ..at })[2], "/t");
}

#[test]
fn what_cannot_be_packed_says_why() {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("a.tar");
    let why = |spec: Spec, files| pack(spec, files, &out).unwrap_err().to_string();
    assert!(why(spec(), vec![]).contains("`bin/engine` is not among its files"));
    assert!(why(spec(), vec![file("bin/engine", Mode::Read, b"")]).contains("chmod +x"));
    let twice = vec![file("bin/engine", Mode::Execute, b"a"), file("bin/engine", Mode::Execute, b"b")];
    assert!(why(spec(), twice).contains("not unique"));
    let both = vec![
        file("bin/engine", Mode::Execute, b"a"),
        file("bin/engine/x", Mode::Read, b"b"),
        file("bin/engine-x", Mode::Read, b"b"),
    ];
    assert!(why(spec(), both).contains("a file and a directory"));
    let mut small = program();
    small.profile.memory_mib = Range::only(0);
    assert!(why(with(small), files()).contains("memory"));
    let health = Health { path: token("healthz"), answer: Answer::Plain };
    assert!(why(with(Program { health, ..program() }), files()).contains("begin with /"));
    assert!(why(Spec { program: None, ..spec() }, vec![]).contains("holds no file"));
    let many = (0..=artifact::MAX_FILES).map(|n| file(&format!("f{n}"), Mode::Read, b"")).collect();
    assert!(why(spec(), many).contains("100001 files"));
    let long = (0..40_000)
        .map(|n| file(&format!("{}/{}/{}/{n}", "d".repeat(250), "e".repeat(250), "f".repeat(250)), Mode::Read, b""));
    let said = why(spec(), long.chain(files()).collect());
    assert!(said.contains("shorten") && said.contains("40003 files"), "{said}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "nothing is left behind");
}

/// Names that ustar has no room for.
fn long_names() -> Vec<SourceFile> {
    let deep = format!("{}/{}", "tief/".repeat(60), "x".repeat(255));
    let mut all = files();
    all.extend([
        file("a b (1).txt", Mode::Read, b"spaces"),
        file("Größe/写真.jpg", Mode::Read, b"other scripts"),
        file("e\u{301}", Mode::Read, b"decomposed"),
        file("\u{e9}", Mode::Read, b"composed"),
        file(&deep.replace("//", "/"), Mode::Execute, b"deep"),
    ]);
    all
}

#[test]
fn a_name_of_any_script_and_length_comes_back_byte_for_byte() {
    let dir = TempDir::new().unwrap();
    let (path, again) = (dir.path().join("a.tar"), dir.path().join("b.tar"));
    let (manifest, digest) = pack(spec(), long_names(), &path).unwrap();
    pack(spec(), long_names().into_iter().rev().collect(), &again).unwrap();
    assert_eq!(fs::read(&path).unwrap(), fs::read(&again).unwrap());
    let store = dir.path().join("store");
    let (tree, unpacked, found) = unpack(&path, &store).unwrap();
    assert_eq!((&unpacked, found), (&manifest, digest));
    assert_eq!(verify_tree(&tree, &digest).unwrap(), manifest);
    for source in long_names() {
        let Source::Bytes(bytes) = &source.source else { unreachable!() };
        assert_eq!(fs::read(source.path.below(&tree)).unwrap(), *bytes, "{}", source.path);
    }
    // Any tar of POSIX reads it, each file under its own name.
    let out = dir.path().join("out");
    fs::create_dir(&out).unwrap();
    let tar = std::process::Command::new("tar").arg("-xf").arg(&path).arg("-C").arg(&out).status().unwrap();
    assert!(tar.success());
    for entry in &manifest.files {
        assert_eq!(Digest::of_bytes(&fs::read(entry.path.below(&out)).unwrap()), entry.sha256, "{}", entry.path);
    }
}

#[test]
fn links_stand_for_what_they_lead_to_and_never_for_what_is_outside() {
    use std::os::unix::fs::symlink;
    let dir = TempDir::new().unwrap();
    let at = |path: &str| dir.path().join("in").join(path);
    fs::create_dir_all(at("lib/real")).unwrap();
    fs::write(at("lib/real/a.txt"), "a").unwrap();
    fs::write(dir.path().join("secret"), "outside").unwrap();
    symlink("real", at("lib/current")).unwrap();
    symlink("lib/real/a.txt", at("top.txt")).unwrap();
    let found = directory(&at(""), &[]).unwrap();
    let mut names: Vec<_> = found.files.iter().map(|file| file.path.to_string()).collect();
    names.sort();
    assert_eq!(names, ["lib/current/a.txt", "lib/real/a.txt", "top.txt"]);
    let why = |name: &str, target: &Path| {
        symlink(target, at(name)).unwrap();
        let said = directory(&at(""), &[]).unwrap_err().to_string();
        let own = name.rsplit('/').next().unwrap();
        directory(&at(""), &[own.to_owned()]).expect("it can be left out");
        fs::remove_file(at(name)).unwrap();
        said
    };
    let outside = why("out", &dir.path().join("secret"));
    assert!(outside.contains("the link `out` leads out of the directory") && outside.contains("copy"), "{outside}");
    assert!(why("up", Path::new("../secret")).contains("leads out"));
    assert!(why("lost", Path::new("nowhere")).contains("leads nowhere"));
    assert!(why("self", Path::new("self")).contains("in a circle"));
    assert!(why("lib/real/back", Path::new("..")).contains("leads back to a directory"));
    assert!(why("root", Path::new(".")).contains("leads back"));
    rustix::fs::mkfifoat(rustix::fs::CWD, at("pipe"), rustix::fs::Mode::RUSR).unwrap();
    assert!(directory(&at(""), &[]).unwrap_err().to_string().contains("`pipe` is not a plain file"));
    fs::remove_file(at("pipe")).unwrap();
    let odd: &std::ffi::OsStr = std::os::unix::ffi::OsStrExt::from_bytes(b"a\xff");
    fs::write(at("").join(odd), "").unwrap();
    assert!(directory(&at(""), &[]).unwrap_err().to_string().contains("not UTF-8"));
}

#[test]
fn what_is_left_out_is_named_by_its_name_or_by_its_path() {
    let dir = TempDir::new().unwrap();
    for path in [".git/config", "src/.git/config", "src/a", "tests/a"] {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }
    let leave = [".git".to_owned(), "tests/a".to_owned(), "a/nowhere/".to_owned()];
    let found = directory(dir.path(), &leave).unwrap();
    assert_eq!(found.files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), ["src/a"]);
    assert_eq!(found.left_out, [".git", "src/.git", "tests/a"]);
}

/// A program of many small files, as an application with all its packages is. The figures are printed.
#[test]
fn a_hundred_thousand_files_are_packed_unpacked_and_verified_in_time_that_grows_with_them() {
    let dir = TempDir::new().unwrap();
    let count = if std::env::var("COUNTERSIGN_SOAK").is_ok_and(|soak| soak == "1") { 100_000 } else { 10_000 };
    let many = (0..count - 3).map(|n| file(&format!("lib/p{}/m{}/f{n}.js", n / 1_000, n / 20), Mode::Read, b"x"));
    let many: Vec<_> = many.chain(files()).collect();
    let (archive, store) = (dir.path().join("a.tar"), dir.path().join("store"));
    let timed = |what: &str, work: &mut dyn FnMut()| {
        let began = std::time::Instant::now();
        work();
        println!("{what} {count} files: {:?}", began.elapsed());
        assert!(began.elapsed() < std::time::Duration::from_secs(120), "{what} took {:?}", began.elapsed());
    };
    let mut digest = Digest::ZERO;
    timed("packed", &mut || digest = pack(spec(), many.clone(), &archive).unwrap().1);
    timed("inspected", &mut || assert_eq!(inspect(&archive).unwrap().1, digest));
    timed("unpacked", &mut || drop(unpack(&archive, &store).unwrap()));
    timed("verified", &mut || drop(verify_tree(&store.join(digest.to_string()), &digest).unwrap()));
}

#[test]
fn an_archive_is_believed_only_as_a_whole() {
    use tar::EntryType::{Link, Regular, Symlink, XHeader};
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
        (&[head, ("bin/engine", tar::EntryType::XGlobalHeader, 0o444, b"")], "not a plain file"),
        (&[head, ("pax-header", XHeader, 0o444, b"19 path=bin/engine\n")], "stands before a name that needs none"),
        (&[head, ("other", XHeader, 0o444, "11 path=é\n".as_bytes())], "not one that"),
        (&[head, ("pax-header", XHeader, 0o444, "12 path=é\n".as_bytes())], "something else than one name"),
        (&[head, ("pax-header", XHeader, 0o444, "11 path=é\n11 path=é\n".as_bytes())], "something else than one name"),
        (&[head, ("pax-header", XHeader, 0o444, b"11 path=\xff\xfe\n")], "not UTF-8"),
        (&[head, ("pax-header", XHeader, 0o444, "11 path=é\n".as_bytes()), engine], "has two names"),
        (&[head, ("pax-header", XHeader, 0o444, "11 path=é\n".as_bytes())], "ends where `é`"),
        (
            &[head, ("pax-header", XHeader, 0o444, "11 path=é\n".as_bytes()), ("long-name", Regular, 0o444, b"")],
            "`é` is not named",
        ),
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
fn what_stands_around_the_files_is_what_pack_writes_and_nothing_else() {
    let dir = TempDir::new().unwrap();
    let (path, ..) = packed(&dir);
    let whole = fs::read(&path).unwrap();
    let second = 512 + inspect(&path).unwrap().0.to_bytes().unwrap().len().next_multiple_of(512);
    let why = |change: Change| {
        let mut bytes = whole.clone();
        change(&mut bytes);
        rewrite(&path, &bytes);
        inspect(&path).map(drop).map_err(|error| error.to_string())
    };
    assert_eq!(why(&|_| ()), Ok(()));
    let cases: [(Change, &str); 7] = [
        (&|bytes| bytes.extend_from_slice(b"a second payload"), "not the end"),
        (&|bytes| bytes.extend_from_slice(&[0; 512]), "not the end"),
        (&|bytes| bytes.truncate(bytes.len() - 512), "not the end"),
        (&|bytes| *bytes.last_mut().unwrap() = 1, "not the end"),
        (&|bytes| bytes[second - 1] = b'x', "bytes behind `manifest.json`"),
        // An owner, with a checksum that fits.
        (
            &|bytes| changed_header(&mut bytes[second..second + 512], |header| header.set_uid(7)),
            "header of `bin/engine`",
        ),
        (&|bytes| changed_header(&mut bytes[..512], |header| header.set_mtime(7)), "header of `manifest.json`"),
    ];
    for (change, expected) in cases {
        let said = why(change).unwrap_err();
        assert!(said.contains(expected) && said.contains("pack the artifact again"), "{expected}: {said}");
    }
}

/// What is done to an archive.
type Change<'a> = &'a dyn Fn(&mut Vec<u8>);

fn changed_header(block: &mut [u8], change: impl Fn(&mut tar::Header)) {
    let mut header = tar::Header::from_byte_slice(block).clone();
    change(&mut header);
    header.set_cksum();
    block.copy_from_slice(header.as_bytes());
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

#[test]
fn a_crash_while_an_artifact_is_forgotten_leaves_it_whole_or_gone() {
    let dir = TempDir::new().unwrap();
    let (archive, _, digest) = packed(&dir);
    let bytes = fs::read(&archive).unwrap();
    let root = dir.path().join("node");
    let store = ArtifactStore::open(&root).unwrap();
    store.receive(&mut bytes.as_slice(), &digest).unwrap();
    let (tree, _) = store.tree(&digest).unwrap();
    // The process dies with the tree half removed under the name it was given first, the archive still there.
    let gone = root.join("trees/.incoming-1-1");
    fs::rename(&tree, &gone).unwrap();
    fs::remove_file(gone.join("release.json")).unwrap();
    let store = ArtifactStore::open(&root).unwrap();
    assert_eq!(fs::read_dir(root.join("trees")).unwrap().count(), 0, "the rest is swept away");
    assert_eq!(store.list().unwrap(), [digest]);
    store.tree(&digest).unwrap();
    store.remove(&digest).unwrap();
    for left in ["archives", "trees"] {
        assert_eq!(fs::read_dir(root.join(left)).unwrap().count(), 0, "{left}");
    }
    assert!(matches!(store.remove(&digest), Err(ArtifactError::Unknown(_))));
    assert!(matches!(store.kept(&digest), Err(ArtifactError::Unknown(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    /// One changed byte anywhere in the archive is found.
    #[test]
    fn any_changed_byte_is_found(pick in any::<prop::sample::Index>(), flip in 1u8..=255) {
        let dir = TempDir::new().unwrap();
        let archive = dir.path().join("a.tar");
        let (_, digest) = pack(spec(), long_names(), &archive).unwrap();
        let mut bytes = fs::read(&archive).unwrap();
        let at = pick.index(bytes.len());
        bytes[at] ^= flip;
        rewrite(&archive, &bytes);
        let Ok((_, found)) = inspect(&archive) else { return Ok(()) };
        prop_assert!(found != digest, "byte {at} is read by nobody");
        // The manifest itself was changed into another good one: then it is another artifact by name, and passes nowhere
        // for this one.
        let store = ArtifactStore::open(dir.path().join("kept")).unwrap();
        prop_assert!(store.receive(&mut fs::File::open(&archive).unwrap(), &digest).is_err());
    }
}
