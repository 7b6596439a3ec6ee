use super::*;
use testkit::Double;

const ARTIFACT: Digest = Digest([1; 32]);

/// The record of a change that was cancelled.
async fn ended() -> Change {
    let double = Double::start().await;
    double.register(ARTIFACT, 64);
    let change = double.draft(ARTIFACT);
    let act = signed::Act::Cancel { change, revision: 1 };
    double.sign_and_submit(testkit::World::AUTHOR, act);
    double.ended()[&change].clone()
}

#[tokio::test]
async fn a_record_reads_as_it_was_kept_and_is_written_once() {
    let (dir, change) = (tempfile::tempdir().unwrap(), ended().await);
    let (archive, id) = (Archive::open(dir.path()).unwrap(), change.package.change);
    assert_eq!(archive.record(&id), None);
    archive.keep(&change).unwrap();
    assert_eq!(archive.record(&id).as_ref(), Some(&change));
    archive.flush().unwrap();

    let written = || fs::metadata(archive.path(&id)).unwrap();
    let before = std::os::unix::fs::MetadataExt::ino(&written());
    archive.keep_all(std::slice::from_ref(&change));
    assert_eq!(std::os::unix::fs::MetadataExt::ino(&written()), before, "the same bytes are not written again");
    let mode = std::os::unix::fs::PermissionsExt::mode(&written().permissions());
    assert_eq!(mode & 0o777, 0o600);

    let again = Archive::open(dir.path()).unwrap();
    assert_eq!(again.record(&id), Some(change), "and are there when the process is started again");
}

#[tokio::test]
async fn a_damaged_record_is_none_and_is_made_again() {
    let (dir, change) = (tempfile::tempdir().unwrap(), ended().await);
    let (archive, id) = (Archive::open(dir.path()).unwrap(), change.package.change);
    archive.keep(&change).unwrap();
    let whole = fs::read(archive.path(&id)).unwrap();
    let cut = whole[..whole.len() / 2].to_vec();
    let mut other = whole.clone();
    *other.last_mut().unwrap() ^= 1;
    for damaged in [vec![], cut, other, b"no checksum".to_vec()] {
        fs::write(archive.path(&id), damaged).unwrap();
        assert_eq!(archive.record(&id), None);
        let (ok, told) = archive.files().standing();
        assert!(!ok && told.contains("cannot be read") && told.contains("start this process again"), "{told}");
        archive.keep(&change).unwrap();
        assert_eq!(archive.record(&id).as_ref(), Some(&change));
        assert!(archive.files().standing().0);
    }
    // Under another change's name it is not its record.
    let elsewhere = ChangeId([7; 16]);
    fs::create_dir_all(archive.path(&elsewhere).parent().unwrap()).unwrap();
    fs::write(archive.path(&elsewhere), &whole).unwrap();
    assert_eq!(archive.record(&elsewhere), None);
}
