//! Node Runtime over real HTTP, against a Governance and an artifact shelf in the test.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "service/sight.rs"]
mod sight;

use artifact::verify_tree;
use axum::extract::Path as Segment;
use axum::http::{HeaderMap, StatusCode};
use client::{BrakeClient, Http};
use control::{Body, Command, Quota, State, TenantTerm, TenantTerms, Terms};
use follower::{OwnNode, ServiceOptions, StoreView};
use model::{ChangeId, Digest, Scope, Service, Status};
use node::{Inventory, NodeOptions};
use signed::{Act, Observation, Outcome, Report, SERVICE_ASK, ServiceAsk};
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};
use testkit::{Double, Failure, Lie, World, until};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use wire::{BrakeRequest, Submission};

/// Hands out whatever it was given under a digest, right or wrong, to a node that signs for it.
struct Handout {
    url: String,
    archives: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
    task: JoinHandle<()>,
}

impl Handout {
    async fn start() -> Self {
        let archives: Arc<Mutex<BTreeMap<String, Vec<u8>>>> = Arc::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let held = Arc::clone(&archives);
        let get = axum::routing::get(move |Segment(digest): Segment<String>, headers: HeaderMap| async move {
            let ask = headers.get(SERVICE_ASK).and_then(|text| ServiceAsk::of_header(text.to_str().ok()?).ok());
            let (ask, request) = (ask.ok_or(StatusCode::UNAUTHORIZED)?, format!("GET /v1/artifacts/{digest}/tar"));
            assert_eq!((ask.key, ask.request), (World::service_key(Service::Node).public(), request));
            held.lock().unwrap().get(&digest).cloned().ok_or(StatusCode::NOT_FOUND)
        });
        let router = axum::Router::new().route("/v1/artifacts/{digest}/tar", get);
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, archives, task }
    }

    fn hold(&self, digest: &Digest, tar: Vec<u8>) {
        self.archives.lock().unwrap().insert(digest.to_string(), tar);
    }
}

impl Drop for Handout {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Running {
    http: Http,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

impl Running {
    fn start(dir: &Path, double: &Double, platform: &str, memory_mib: u32) -> Self {
        Self::start_with(dir, double, platform, memory_mib, World::service_key(Service::Node))
    }

    fn start_with(dir: &Path, double: &Double, platform: &str, memory_mib: u32, key: signed::ServiceKey) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let http = Http::new(format!("http://{}", listener.local_addr().unwrap()));
        let service = ServiceOptions {
            dir: dir.to_owned(),
            listener,
            governance: double.url().to_owned(),
            trust: double.trust(),
            key,
            key_file: "keys/own.key".into(),
            version: "1.2.3".to_owned(),
        };
        let options = NodeOptions {
            service,
            node: OwnNode::default(),
            platform: platform.to_owned(),
            memory_mib,
            keep: control::KeepRule::default(),
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let served = tokio::spawn(async move { node::run(options, async { drop(stopped.await) }).await.unwrap() });
        Self { http, stop, served }
    }

    /// What the console is told is here.
    async fn inventory(&self, double: &Double) -> Inventory {
        double.as_console(&self.http, Service::Node, "GET /v1/inventory").get("/v1/inventory").await.unwrap()
    }

    /// What readiness says under a name.
    async fn check(&self, name: &str) -> Option<(bool, String)> {
        let checks = self.http.ready().await.unwrap().checks;
        checks.into_iter().find(|check| check.name == name).map(|check| (check.ok, check.why.unwrap_or_default()))
    }

    async fn files(&self) -> (bool, String) {
        self.check("files").await.unwrap()
    }

    async fn end(self) {
        self.stop.send(()).unwrap();
        self.served.await.unwrap();
    }
}

fn packed(text: &[u8]) -> (Digest, Vec<u8>) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.tar");
    let digest = testkit::packed(&path, "2026.03.1", text);
    (digest, std::fs::read(path).unwrap())
}

fn done(change: ChangeId, step: usize) -> impl Fn(&State) -> bool {
    move |state| state.changes[&change].steps[step].done.is_some()
}

fn is(change: ChangeId, status: Status) -> impl Fn(&State) -> bool {
    move |state| state.changes[&change].status == status
}

struct Scene {
    dir: tempfile::TempDir,
    double: Double,
    handout: Handout,
    artifact: Digest,
    change: ChangeId,
}

/// A countersigned deployment that waits for the node's first step.
async fn scene() -> Scene {
    scene_of(b"one").await
}

async fn scene_of(text: &[u8]) -> Scene {
    Scene::of(Double::start().await, Handout::start().await, text)
}

impl Scene {
    fn of(double: Double, handout: Handout, text: &[u8]) -> Self {
        let (artifact, tar) = packed(text);
        handout.hold(&artifact, tar);
        double.register(artifact, 256);
        let change = double.running(artifact);
        double.advance_to(change, Service::Node);
        Self { dir: tempfile::tempdir().unwrap(), double, handout, artifact, change }
    }

    fn start(&self, memory_mib: u32) -> Running {
        Running::start(self.dir.path(), &self.double, &self.handout.url, memory_mib)
    }

    /// Starts the node and lets its check pass: what is due next is to place.
    async fn placing(&self) -> Running {
        let running = self.start(node::MEMORY_MIB);
        self.double.until(done(self.change, 1)).await;
        self.double.advance_to(self.change, Service::Node);
        running
    }
}

#[tokio::test]
async fn a_draft_is_observed() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    let (artifact, _) = packed(b"one");
    double.register(artifact, 256);
    let running = Running::start(dir.path(), &double, "http://127.0.0.1:1", 1_000);
    let change = double.draft(artifact);
    let state = double.until(|state| state.changes[&change].observed.contains_key(&Service::Node)).await;
    let seen = &state.changes[&change].observed[&Service::Node].observation;
    assert_eq!(*seen, Observation::Node { memory_free_mib: 1_000, placed: vec![] });
    running.end().await;
}

#[tokio::test]
async fn a_release_is_fetched_verified_unpacked_and_its_memory_reserved() {
    let scene = scene().await;
    let running = scene.placing().await;
    scene.double.until(done(scene.change, 4)).await;
    verify_tree(&scene.dir.path().join("store").join(scene.artifact.to_string()), &scene.artifact).unwrap();
    let inventory = running.inventory(&scene.double).await;
    assert_eq!((inventory.memory_total_mib, inventory.memory_free_mib), (2_048, 2_048 - 256));
    assert_eq!(inventory.name.unwrap().as_str(), "prod-node-01");
    let placed = &inventory.placements[0];
    assert_eq!((placed.engine, placed.side, placed.artifact), (Double::ENGINE, model::Side::Blue, scene.artifact));
    assert_eq!(inventory.artifacts[0].artifact, scene.artifact);
    assert!(inventory.artifacts[0].rehashed.as_ref().unwrap().ok);
    running.end().await;
    let again = scene.start(node::MEMORY_MIB);
    assert_eq!(again.inventory(&scene.double).await.placements, inventory.placements, "placements outlive the process");
    again.end().await;
}

#[tokio::test]
async fn what_is_kept_is_shown_to_who_may_read_of_it() {
    let scene = scene().await;
    let reader = scene.double.login(World::AUTHOR, Scope::Read);
    let running = scene.placing().await;
    scene.double.until(done(scene.change, 4)).await;
    let reader = running.http.clone().bearer(reader);
    let view: StoreView = reader.get("/v1/kept").await.unwrap();
    assert_eq!(view.kept.iter().map(|one| (one.artifact, one.placed)).collect::<Vec<_>>(), [(scene.artifact, true)]);
    for (http, refused) in
        [(running.http.clone(), "token.missing"), (running.http.clone().bearer("x"), "token.unknown")]
    {
        assert_eq!(http.get::<StoreView>("/v1/kept").await.unwrap_err().code(), Some(refused));
    }
    running.end().await;
}

#[tokio::test]
async fn what_was_placed_is_given_back_when_the_change_is_undone() {
    let scene = scene().await;
    let running = scene.placing().await;
    scene.double.until(done(scene.change, 4)).await;
    scene.double.refuse(scene.change, "engine.unhealthy");
    scene.double.until(is(scene.change, Status::Failed)).await;
    let inventory = running.inventory(&scene.double).await;
    assert_eq!((inventory.memory_free_mib, inventory.placements.len()), (2_048, 0));
    running.end().await;
}

#[tokio::test]
async fn no_room_is_found_before_anything_is_changed() {
    let scene = scene().await;
    let running = scene.start(255);
    scene.double.until(is(scene.change, Status::Invalidated)).await;
    assert_eq!(scene.double.refusals(), ["placement.insufficient"]);
    assert!(running.inventory(&scene.double).await.artifacts.is_empty());
    running.end().await;
}

#[tokio::test]
async fn no_room_left_when_it_is_placed_is_refused_too() {
    let scene = scene().await;
    let large = scene.start(node::MEMORY_MIB);
    scene.double.until(done(scene.change, 1)).await;
    large.end().await;
    scene.double.advance_to(scene.change, Service::Node);
    // The node comes back smaller.
    let running = scene.start(255);
    scene.double.until(is(scene.change, Status::Failed)).await;
    assert_eq!(scene.double.refusals(), ["placement.insufficient"]);
    running.end().await;
}

/// A deployment that is approved and run under an exception of its tenant's quota, with its placement due.
async fn excepted() -> (Scene, ChangeId) {
    let quota = |memory_mib| Quota { memory_mib: Some(memory_mib), ..Quota::default() };
    let terms =
        TenantTerms { tenants: vec![TenantTerm { tenant: Double::TENANT, quota: quota(100), envelope: vec![] }] };
    let double = Double::serve(World::new().with_terms(terms), ([127, 0, 0, 1], 0).into()).await;
    let (dir, handout) = (tempfile::tempdir().unwrap(), Handout::start().await);
    let (artifact, tar) = packed(b"one");
    handout.hold(&artifact, tar);
    double.register(artifact, 256);
    let exception = ChangeId([9; 16]);
    let terms = Terms::Quota { tenant: Double::TENANT, quota: quota(512) };
    double.open(World::AUTHOR, exception, Body::Grant { terms, for_ms: Some(3_600_000), asked_by: None }, None);
    double.countersign(exception);
    let change = double.running(artifact);
    double.advance_to(change, Service::Node);
    let scene = Scene { dir, double, handout, artifact, change };
    let running = scene.start(node::MEMORY_MIB);
    scene.double.until(done(scene.change, 1)).await;
    running.end().await;
    scene.double.advance_to(scene.change, Service::Node);
    (scene, exception)
}

#[tokio::test]
async fn what_the_tenant_s_quota_has_no_room_for_any_more_is_not_placed() {
    let (scene, exception) = excepted().await;
    scene.double.sign_and_submit(World::AUTHOR, Act::Revoke { change: exception, revision: 1 });
    let running = scene.start(node::MEMORY_MIB);
    scene.double.until(is(scene.change, Status::Failed)).await;
    assert_eq!(scene.double.refusals(), ["quota.exceeded"]);
    let inventory = running.inventory(&scene.double).await;
    assert!(inventory.placements.is_empty() && inventory.artifacts.is_empty());
    running.end().await;
}

/// The same with the revoke handed to the node, by a Governance that keeps it back and lets the placement go on.
#[tokio::test]
async fn what_a_brake_took_of_the_tenant_s_quota_is_not_placed() {
    let (scene, exception) = excepted().await;
    let step = scene.double.state().changes[&scene.change].step_due().unwrap().step;
    // The intent is recorded, and shown once the revoke was handed.
    scene.double.lie(Lie::Leaves(scene.double.leaves()));
    let running = scene.start(node::MEMORY_MIB);
    scene.double.until(|state| state.changes[&scene.change].steps[step as usize].intent.is_some()).await;
    scene.double.fail(std::iter::repeat_n(Failure::Refused, 10_000));
    let command = scene.double.statement(World::AUTHOR, Act::Revoke { change: exception, revision: 1 });
    let revoke = Submission { command, openings: vec![], package: None, document: None };
    BrakeClient::new(running.http.clone()).hand(&BrakeRequest { statements: vec![revoke] }).await.unwrap();
    scene.double.lie(Lie::None);
    let told = |all: &[Command]| {
        all.iter().find_map(|command| match command {
            Command::Receipt { receipt, .. } => match &receipt.report {
                Report::Outcome { step: of, outcome, code, .. } if of.step == step => Some((*outcome, code.clone())),
                _ => None,
            },
            _ => None,
        })
    };
    scene.double.submitted_until(|all| told(all).is_some()).await;
    let (outcome, code) = told(&scene.double.submitted()).unwrap();
    assert_eq!((outcome, code.unwrap().as_str()), (Outcome::Refused, "quota.exceeded"));
    let inventory = running.inventory(&scene.double).await;
    assert!(inventory.placements.is_empty() && inventory.artifacts.is_empty());
    running.end().await;
}

#[tokio::test]
async fn a_release_nobody_hands_out_is_unavailable() {
    let scene = scene().await;
    scene.handout.archives.lock().unwrap().clear();
    let running = scene.placing().await;
    scene.double.until(is(scene.change, Status::Failed)).await;
    assert_eq!(scene.double.refusals(), ["bundle.unavailable"]);
    assert!(running.inventory(&scene.double).await.placements.is_empty());
    running.end().await;
}

#[tokio::test]
async fn another_or_a_damaged_release_is_never_kept() {
    let (_, other) = packed(b"two");
    for handed_out in [other, b"garbage".to_vec()] {
        let scene = scene().await;
        scene.handout.hold(&scene.artifact, handed_out);
        let running = scene.placing().await;
        scene.double.until(is(scene.change, Status::Failed)).await;
        assert_eq!(scene.double.refusals(), ["bundle.changed"]);
        let inventory = running.inventory(&scene.double).await;
        assert!(inventory.placements.is_empty() && inventory.artifacts.is_empty());
        running.end().await;
    }
}

/// Puts the release of a scene into the store, with another text in it than was signed.
fn keep_changed(scene: &Scene) -> std::path::PathBuf {
    let (tar, store) = (scene.dir.path().join("a.tar"), scene.dir.path().join("store"));
    std::fs::create_dir(&store).unwrap();
    std::fs::write(&tar, &scene.handout.archives.lock().unwrap()[&scene.artifact.to_string()]).unwrap();
    artifact::unpack(&tar, &store).unwrap();
    let text = store.join(scene.artifact.to_string()).join("text");
    std::fs::remove_file(&text).unwrap();
    std::fs::write(&text, b"six").unwrap();
    text
}

#[tokio::test]
async fn a_kept_release_that_somebody_changed_is_not_placed_while_nobody_hands_it_out() {
    let scene = scene().await;
    let text = keep_changed(&scene);
    scene.handout.archives.lock().unwrap().clear();
    let running = scene.placing().await;
    scene.double.until(is(scene.change, Status::Failed)).await;
    assert_eq!(scene.double.refusals(), ["bundle.changed"]);
    let rehashed = running.inventory(&scene.double).await.artifacts[0].rehashed.clone().unwrap();
    assert!(!rehashed.ok && rehashed.why.unwrap().contains("text"));
    assert_eq!(std::fs::read(&text).unwrap(), b"six");
    let (ok, told) = running.files().await;
    assert!(!ok && told.contains(&scene.artifact.to_string()), "{told}");
    running.end().await;
}

#[tokio::test]
async fn a_kept_release_that_somebody_changed_is_set_aside_and_fetched_again_by_its_digest() {
    let scene = scene().await;
    let text = keep_changed(&scene);
    let running = scene.placing().await;
    scene.double.until(done(scene.change, 4)).await;
    verify_tree(text.parent().unwrap(), &scene.artifact).unwrap();
    let aside = scene.dir.path().join("store").join(format!("{}.damaged-1", scene.artifact));
    assert_eq!(std::fs::read(aside.join("text")).unwrap(), b"six");
    let (ok, told) = running.files().await;
    assert!(ok && told.contains("fetched again"), "{told}");
    running.end().await;
}

#[tokio::test]
async fn damaged_placements_are_rebuilt_from_the_ledger() {
    let scene = scene().await;
    let running = scene.placing().await;
    scene.double.until(done(scene.change, 4)).await;
    let placed = running.inventory(&scene.double).await.placements;
    assert_eq!(placed.len(), 1);
    running.end().await;
    let path = scene.dir.path().join("placements.json");
    for damaged in ["", "[{", "{}"] {
        std::fs::write(&path, damaged).unwrap();
        let running = scene.start(node::MEMORY_MIB);
        until("its placements are there again", async || {
            (running.inventory(&scene.double).await.placements == placed).then_some(())
        })
        .await;
        let (ok, told) = running.files().await;
        assert!(ok && told.contains("placements.json"), "{damaged}: {told}");
        running.end().await;
    }
}

#[tokio::test]
async fn another_key_than_the_roster_lists_signs_nothing_and_its_file_is_named() {
    let scene = scene().await;
    let key = signed::ServiceKey::from_secret(&[77; 32]);
    let running = Running::start_with(scene.dir.path(), &scene.double, &scene.handout.url, node::MEMORY_MIB, key);
    let (ok, told) = until("its readiness speaks of the key", async || running.check("key").await).await;
    assert!(!ok && told.contains("keys/own.key"), "{told}");
    running.end().await;
    assert!(scene.double.refusals().is_empty());
}

/// A file system of its own, as small as a full disk.
struct Small(tempfile::TempDir);

impl Small {
    /// None where this machine does not let this user mount one: said, and counted as skipped.
    fn mount(test: &str, size: &str) -> Option<Self> {
        let small = Self(tempfile::tempdir().unwrap());
        let mount = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(small.0.path())
            .output();
        if mount.is_ok_and(|mount| mount.status.success()) {
            return Some(small);
        }
        let line = format!("{test}: no file system can be mounted here\n");
        print!("{line}");
        if let Some(path) = std::env::var_os("COUNTERSIGN_SKIPS") {
            let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
            std::io::Write::write_all(&mut file.unwrap(), line.as_bytes()).unwrap();
        }
        None
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        // Nothing to unmount where nothing was mounted.
        let _ = std::process::Command::new("umount").arg(self.0.path()).output();
    }
}

#[tokio::test]
async fn a_disk_that_is_full_before_anything_is_placed_refuses_and_changes_nothing() {
    let Some(small) = Small::mount("a_disk_that_is_full_before_anything_is_placed", "2m") else { return };
    let scene = scene_of(&vec![b'x'; 4 << 20]).await;
    let running = Running::start(small.0.path(), &scene.double, &scene.handout.url, node::MEMORY_MIB);
    scene.double.until(done(scene.change, 1)).await;
    scene.double.advance_to(scene.change, Service::Node);
    scene.double.until(is(scene.change, Status::Failed)).await;
    assert_eq!(scene.double.refusals(), ["node.disk_failed"]);
    let inventory = running.inventory(&scene.double).await;
    assert!(inventory.placements.is_empty() && inventory.artifacts.is_empty());
    running.end().await;
}
