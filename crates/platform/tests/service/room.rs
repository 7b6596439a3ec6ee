//! What is not taken for want of room, what goes to make some, and what is told of an archive that is damaged.

use super::{Running, code, packed};
use client::PlatformClient;
use control::KeepRule;
use model::{Digest, Resource, Scope};
use platform::ArtifactHeld;
use signed::Act;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use testkit::{Double, World};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Where an archive lies; its directory is there.
fn place(dir: &Path, artifact: Digest) -> PathBuf {
    let archives = dir.join("artifacts/archives");
    std::fs::create_dir_all(&archives).unwrap();
    archives.join(format!("{artifact}.tar"))
}

fn number(n: usize) -> Digest {
    Digest::of_object("manifest", n.to_string().as_bytes())
}

#[tokio::test]
async fn no_more_archives_are_kept_than_512_and_one_that_is_kept_may_be_sent_again() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    let ((id, tar), (kept, kept_tar)) = (packed(b"one more"), packed(b"kept"));
    double.register(id, 256);
    (1..512).for_each(|n| drop(File::create(place(dir.path(), number(n))).unwrap()));
    let running = Running::start(dir.path(), &double);
    let person = running.as_person(&double, Scope::Person);
    running.folded(&double).await;
    person.upload(&kept, kept_tar.clone().into()).await.unwrap();
    assert_eq!(code(person.upload(&id, tar.into()).await), "409 artifacts.full");
    person.upload(&kept, kept_tar.into()).await.unwrap();
    running.end().await;
}

#[tokio::test]
async fn what_nobody_has_published_takes_8_gib_at_most_and_what_is_published_is_taken_all_the_same() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    let ((id, tar), (other, other_tar)) = (packed(b"published"), packed(b"not published"));
    double.register(id, 256);
    let lying = place(dir.path(), number(1));
    // With holes: it takes nothing of the disk.
    File::create(&lying).unwrap().set_len((8 << 30) - other_tar.len() as u64 + 1).unwrap();
    let running = Running::start(dir.path(), &double);
    let person = running.as_person(&double, Scope::Person);
    running.folded(&double).await;
    let refused = person.upload(&other, other_tar.clone().into()).await.unwrap_err().to_string();
    assert!(
        refused.contains("8191 MiB that nobody has published") && refused.contains("publish what was"),
        "{refused}"
    );
    assert_eq!(code(person.upload(&other, other_tar.clone().into()).await), "409 uploads.full");
    person.upload(&id, tar.into()).await.unwrap();
    // One byte less, and again, for it replaces itself.
    File::options().write(true).open(&lying).unwrap().set_len((8 << 30) - other_tar.len() as u64).unwrap();
    for _ in 0..2 {
        person.upload(&other, other_tar.clone().into()).await.unwrap();
    }
    running.end().await;
}

#[tokio::test]
async fn one_upload_of_each_person_is_taken_at_once_and_only_of_who_may_publish() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    let (id, tar) = packed(b"one");
    let running = Running::start(dir.path(), &double);
    let person = running.as_person(&double, Scope::Person);
    let token = double.login(World::AUTHOR, Scope::Person);
    running.folded(&double).await;
    let auditor = PlatformClient::new(running.http.clone().bearer(double.login(World::AUDITOR, Scope::Person)));
    testkit::until("the session", async || {
        (code(auditor.upload(&id, tar.clone().into()).await) == "403 role.missing").then_some(())
    })
    .await;
    let mut wire = TcpStream::connect(running.address).await.unwrap();
    let head = format!(
        "PUT /v1/artifacts/{id}/tar HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\nexpect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        running.address,
        tar.len()
    );
    wire.write_all(head.as_bytes()).await.unwrap();
    // Its body is waited for, so it has its place.
    let mut answer = [0; 12];
    wire.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 100");
    assert_eq!(code(person.upload(&id, tar.clone().into()).await), "503 upload.in_progress");
    // Somebody else is not kept from theirs.
    let other = PlatformClient::new(running.http.clone().bearer(double.login(World::OPERATOR, Scope::Person)));
    testkit::until("the session", async || other.upload(&id, tar.clone().into()).await.ok()).await;
    drop(wire);
    testkit::until("a place", async || person.upload(&id, tar.clone().into()).await.ok()).await;
    running.end().await;
}

#[tokio::test]
async fn what_nobody_has_published_goes_after_an_hour() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    let [published, new, old] = [&b"published"[..], b"new", b"old"].map(packed);
    double.register(published.0, 256);
    let minutes = |n: u64| SystemTime::now() - Duration::from_secs(60 * n);
    for ((id, tar), since) in [(&published, minutes(61)), (&new, minutes(59)), (&old, minutes(61))] {
        std::fs::write(place(dir.path(), *id), tar).unwrap();
        File::options().append(true).open(place(dir.path(), *id)).unwrap().set_modified(since).unwrap();
    }
    let running = Running::keeping(dir.path(), &double, KeepRule::default());
    let there = |artifact: Digest| place(dir.path(), artifact).exists();
    testkit::until("it to be dropped", async || (!there(old.0)).then_some(())).await;
    assert!(there(published.0) && there(new.0));
    running.end().await;
}

/// It was taken whole and is damaged since, when somebody publishes it.
#[tokio::test]
async fn what_cannot_be_certified_because_it_is_damaged_says_so_where_people_look() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    let (id, tar) = packed(b"one");
    let running = Running::start(dir.path(), &double);
    let person = running.as_person(&double, Scope::Person);
    running.folded(&double).await;
    person.upload(&id, tar.clone().into()).await.unwrap();
    let mut damaged = tar.clone();
    let at = damaged.windows(3).rposition(|window| window == b"one").unwrap();
    damaged[at] ^= 1;
    std::fs::remove_file(place(dir.path(), id)).unwrap();
    std::fs::write(place(dir.path(), id), damaged).unwrap();
    let (product, version) = ("pod-storefront-core".parse().unwrap(), "2026.03.1".parse().unwrap());
    let (resource, digest, tenant) = (Resource::Artifact, id, None);
    double.sign_and_submit(World::AUTHOR, Act::Publish { resource, digest, product, version, tenant });
    testkit::until("it to be told", async || {
        let checks = running.http.ready().await.unwrap().checks;
        let files = checks.into_iter().find(|check| check.name == "files").unwrap();
        (!files.ok && files.why.unwrap().contains("publish the same artifact again")).then_some(())
    })
    .await;
    let listed: Vec<ArtifactHeld> = running.http.get("/v1/artifacts").await.unwrap();
    assert!(!listed[0].rehashed.as_ref().unwrap().ok, "{listed:?}");
    person.upload(&id, tar.into()).await.unwrap();
    double.until(|state| state.resources[&id].certified.is_some()).await;
    running.end().await;
}
