//! What is kept, without anybody who hands it out.

use super::*;
use testkit::World;

/// A shelf that keeps one release.
fn shelf(dir: &Path) -> (Shelf, Digest) {
    let tar = dir.join("a.tar");
    let digest = testkit::packed(&tar, "2026.04", b"one");
    let (placements, files) = (Placements::open(dir, 1_024, Mended::default()).unwrap(), Mended::default());
    let nobody = || client::Http::new("http://127.0.0.1:9");
    let governance = client::GovernanceClient::new(nobody());
    let archives = Archives {
        platform: client::PlatformClient::new(nobody()),
        follower: follower::Follower::open(&dir.join("replica"), &World::new().trust(), governance).unwrap(),
        key: World::service_key(model::Service::Node),
        clock: follower::system_clock(),
    };
    let shelf = Shelf::open(dir, archives, follower::system_clock(), (Arc::new(placements), files)).unwrap();
    unpack(&tar, &shelf.store()).unwrap();
    (shelf, digest)
}

/// A disk that fails once: what was not read then is hashed again though nothing about it looks otherwise.
#[tokio::test]
async fn what_could_not_be_read_is_hashed_again() {
    let dir = tempfile::tempdir().unwrap();
    let (shelf, digest) = shelf(dir.path());
    let (path, away, mut checked) = (shelf.path(&digest), dir.path().join("away"), BTreeMap::new());
    fs::rename(&path, &away).unwrap();
    fs::write(&path, "it cannot be listed").unwrap();
    shelf.watch(digest, &mut checked).await;
    assert!(!shelf.files.standing().0);
    assert!(checked.is_empty(), "it would be hashed again only once it changes: {checked:?}");
    fs::remove_file(&path).unwrap();
    fs::rename(&away, &path).unwrap();
    shelf.watch(digest, &mut checked).await;
    assert!(shelf.files.standing().0 && checked.contains_key(&digest));
}

#[tokio::test]
async fn what_was_set_aside_goes_with_its_release() {
    let dir = tempfile::tempdir().unwrap();
    let (shelf, digest) = shelf(dir.path());
    fs::create_dir_all(shelf.store().join(format!("{digest}.damaged-1/bin"))).unwrap();
    assert_eq!(shelf.drop_if(digest, |_| true).await, Ok(true));
    assert_eq!(names(&shelf.store()).unwrap(), Vec::<PathBuf>::new());
}
