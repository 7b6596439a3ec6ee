//! What is certified, what is refused by which code, and what is read for it.

use super::*;
use artifact::{Mode, Program, Source, SourceFile, Spec, pack};
use durable_file::Mended;
use std::path::PathBuf;

struct Scene {
    dir: tempfile::TempDir,
    shelf: Shelf,
    files: Mended,
}

impl Scene {
    fn new() -> Self {
        let (dir, files) = (tempfile::tempdir().unwrap(), Mended::default());
        let shelf = Shelf::open(dir.path(), files.clone()).unwrap();
        Self { dir, shelf, files }
    }

    /// Packs and keeps `shop` 1.
    fn kept(&self, program: Option<Program>, files: &[(&str, &[u8])]) -> Digest {
        let tar = self.dir.path().join("a.tar");
        let spec = Spec { product: token("shop"), version: token("1"), program };
        let file = |(path, bytes): &(&str, &[u8])| {
            let mode = if *path == "bin/engine" { Mode::Execute } else { Mode::Read };
            SourceFile { path: path.parse().unwrap(), mode, source: Source::Bytes(bytes.to_vec()) }
        };
        let (_, digest) = pack(spec, files.iter().map(file).collect(), &tar).unwrap();
        self.shelf.store.receive(&mut std::fs::File::open(&tar).unwrap(), &digest).unwrap();
        digest
    }

    fn program(&self) -> Digest {
        self.kept(Some(testkit::program()), &[("bin/engine", b"#!/bin/sh\n"), ("text", b"one")])
    }

    fn archive(&self, digest: Digest) -> PathBuf {
        self.shelf.store.archive_path(&digest)
    }

    /// One byte of a file becomes another: the manifest is as it was.
    fn damage(&self, digest: Digest, from: &[u8]) {
        let path = self.archive(digest);
        let mut bytes = std::fs::read(&path).unwrap();
        let at = bytes.windows(from.len()).rposition(|window| window == from).unwrap();
        bytes[at] ^= 1;
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, bytes).unwrap();
    }

    async fn look(&self, digest: Digest, resource: Resource, name: (&str, &str)) -> Option<Report> {
        look(&self.shelf, digest, resource, (token(name.0), token(name.1))).await
    }

    async fn code(&self, digest: Digest, resource: Resource, name: (&str, &str)) -> String {
        match self.look(digest, resource, name).await {
            Some(Report::NotCertified { code, .. }) => code.to_string(),
            other => panic!("{other:?}"),
        }
    }
}

fn token(text: &str) -> Token {
    text.parse().unwrap()
}

const NAME: (&str, &str) = ("shop", "1");
const SHEET: (&str, &[u8]) = ("theme.css", b"a { color: red }\n");

#[tokio::test]
async fn what_was_published_as_something_else_is_refused_by_its_code() {
    let scene = Scene::new();
    let (program, theme) = (scene.program(), scene.kept(None, &[SHEET]));
    assert_eq!(scene.code(theme, Resource::Artifact, NAME).await, "manifest.no_program");
    assert_eq!(scene.code(program, Resource::Theme, NAME).await, "manifest.a_program");
    for (resource, digest) in [(Resource::Artifact, program), (Resource::Theme, theme)] {
        for name in [("shop", "2"), ("other", "1")] {
            assert_eq!(scene.code(digest, resource, name).await, "manifest.another_name");
        }
        let report = scene.look(digest, resource, NAME).await;
        assert!(matches!(report, Some(Report::Certified { .. })), "{report:?}");
    }
}

#[tokio::test]
async fn what_is_no_theme_by_its_manifest_is_refused_without_reading_or_unpacking_it() {
    let scene = Scene::new();
    let names: Vec<_> = (0..=theme::MAX_FILES).map(|n| format!("{n}.css")).collect();
    let many: Vec<_> = names.iter().map(|name| (name.as_str(), &b"x"[..])).collect();
    let large = vec![b'x'; usize::try_from(theme::MAX_BYTES).unwrap() + 1];
    let all = [
        (scene.kept(None, &many), "theme.unacceptable"),
        (scene.kept(None, &[("theme.css", &large)]), "theme.unacceptable"),
        (scene.program(), "manifest.a_program"),
    ];
    for (digest, code) in all {
        assert_eq!(scene.code(digest, Resource::Theme, NAME).await, code);
        assert_eq!(scene.shelf.rehashed(&digest), None, "its files were read");
    }
    assert_eq!(scene.code(scene.kept(None, &[("a.txt", b"x")]), Resource::Theme, NAME).await, "theme.unacceptable");
    assert!(scene.look(scene.kept(None, &[SHEET]), Resource::Theme, NAME).await.is_some());
    assert_eq!(std::fs::read_dir(scene.dir.path().join("artifacts/trees")).unwrap().count(), 0, "nothing is unpacked");
}

#[tokio::test]
async fn what_an_earlier_version_unpacked_is_gone_after_a_start() {
    let scene = Scene::new();
    let theme = scene.kept(None, &[SHEET]);
    let (tree, _) = scene.shelf.store.tree(&theme).unwrap();
    assert!(tree.join("theme.css").is_file());
    let again = Shelf::open(scene.dir.path(), Mended::default()).unwrap();
    assert!(!tree.exists() && again.store.list().unwrap() == [theme]);
}

#[tokio::test]
async fn an_archive_that_is_damaged_is_told_and_read_once_until_it_looks_otherwise() {
    let scene = Scene::new();
    let program = scene.program();
    let whole = std::fs::read(scene.archive(program)).unwrap();
    let mut tried = BTreeMap::new();
    let mut now = async || {
        let report = one(&scene.shelf, &mut tried, program, Resource::Artifact, (token("shop"), token("1"))).await;
        (report, scene.shelf.rehashed(&program).map(|rehash| rehash.ok))
    };
    for from in [&b"one"[..], b"manifest.json"] {
        scene.damage(program, from);
        assert_eq!(now().await, (None, Some(false)));
        let (ok, told) = scene.files.standing();
        assert!(!ok && told.contains(&format!("{program}.tar")) && told.contains("publish the same"), "{told}");
        // As if it had not been told: it is not read again, so it is not told again.
        scene.files.whole(&scene.archive(program));
        assert_eq!(now().await.0, None);
        assert!(scene.files.standing().0, "it was read again");
        std::fs::remove_file(scene.archive(program)).unwrap();
        assert_eq!(now().await.0, None);
        std::fs::write(scene.archive(program), &whole).unwrap();
        let (report, ok) = now().await;
        assert!(matches!(report, Some(Report::Certified { .. })), "{report:?}");
        assert_eq!((ok, scene.files.standing().0), (Some(true), true));
    }
}

#[tokio::test]
async fn what_was_told_is_told_again_after_a_while_and_what_could_not_be_read_is_read_again() {
    let report = refused(Digest::ZERO, "manifest.no_program");
    let (at, looks) = (Instant::now(), Some((1, 2, 3, 4)));
    let after = |told: Option<&Report>, time: Duration| match (Tried { at, looks, told: told.cloned() })
        .next(looks, at + time)
    {
        Next::Wait => "wait",
        Next::Tell(_) => "tell",
        Next::Read => "read",
    };
    let second = Duration::from_secs(1);
    assert_eq!((after(Some(&report), second), after(Some(&report), AGAIN_AFTER)), ("wait", "tell"));
    assert_eq!((after(None, AGAIN_AFTER), after(None, READ_AGAIN_AFTER)), ("wait", "read"));
}
