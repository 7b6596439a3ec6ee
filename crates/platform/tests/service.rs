//! Platform Services over real HTTP, against a Governance in the test.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "service/room.rs"]
mod room;
#[path = "service/sight.rs"]
mod sight;

use client::{BrakeClient, ClientError, Http, HttpOptions, PlatformClient};
use control::KeepRule;
use follower::{ServiceOptions, StoreView};
use model::{Digest, Resource, Scope, Service, Status};
use platform::{ArtifactHeld, ManifestView, PlatformOptions, TenantView};
use signed::{Act, Observation};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use testkit::{Double, Failure, Lie, World};
use tokio::io::AsyncWriteExt as _;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use wire::{BrakeRequest, Submission};

struct Running {
    address: SocketAddr,
    http: Http,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

impl Running {
    fn start(dir: &Path, double: &Double) -> Self {
        Self::keeping(dir, double, KeepRule::default())
    }

    fn keeping(dir: &Path, double: &Double, keep: KeepRule) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let options = ServiceOptions {
            dir: dir.to_owned(),
            listener,
            governance: double.url().to_owned(),
            trust: double.trust(),
            key: World::service_key(Service::Platform),
            key_file: "keys/own.key".into(),
            version: "1.2.3".to_owned(),
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let options = PlatformOptions { service: options, keep, accept_clock: false };
        let served = tokio::spawn(async move {
            platform::run(options, async { drop(stopped.await) }).await.unwrap();
        });
        Self { address, http: Http::new(format!("http://{address}")), stop, served }
    }

    /// Until its own verified state is the double's.
    async fn folded(&self, double: &Double) {
        let wanted = format!("{} entries verified", double.leaves().len());
        loop {
            if let Ok(ready) = self.http.ready().await
                && ready.checks.iter().any(|check| check.why.as_ref() == Some(&wanted))
            {
                return;
            }
        }
    }

    fn as_person(&self, double: &Double, scope: Scope) -> PlatformClient {
        PlatformClient::new(self.http.clone().bearer(double.login(World::AUTHOR, scope)))
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

fn code(result: Result<(), ClientError>) -> String {
    match result {
        Err(ClientError::Problem(detail, status)) => format!("{status} {}", detail.code),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_archive_is_taken_from_a_person_and_given_to_who_may_read_of_it() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    let (id, tar) = packed(&vec![7; 300_000]);
    double.register(id, 256);
    let running = Running::start(dir.path(), &double);
    let person = running.as_person(&double, Scope::Person);
    running.folded(&double).await;
    let anyone = PlatformClient::new(running.http.clone());
    assert_eq!(code(anyone.download(&id).await.map(drop)), "401 token.missing");
    assert_eq!(code(person.download(&id).await.map(drop)), "404 artifact.not_found");
    person.upload(&id, tar.clone().into()).await.unwrap();
    person.upload(&id, tar.clone().into()).await.unwrap();
    assert_eq!(person.download(&id).await.unwrap(), tar);
    // The same from a file and into one, a piece at a time.
    let (from, to) = (dir.path().join("from.tar"), dir.path().join("to.tar"));
    std::fs::write(&from, &tar).unwrap();
    let file = tokio::fs::File::open(&from).await.unwrap();
    person.upload_file(&id, file, tar.len() as u64).await.unwrap();
    let mut file = tokio::fs::File::create(&to).await.unwrap();
    person.download_file(&id, &mut file).await.unwrap();
    assert_eq!(std::fs::read(&to).unwrap(), tar);
    assert_eq!(code(person.download_file(&Digest::ZERO, &mut file).await), "404 artifact.not_found");
    let file = tokio::fs::File::open(&from).await.unwrap();
    assert_eq!(code(anyone.upload_file(&id, file, tar.len() as u64).await), "401 token.missing");
    let short = HttpOptions { answer_max_bytes: 1_000, ..HttpOptions::default() };
    let mut file = tokio::fs::File::create(&to).await.unwrap();
    let short = Http::with(running.http.base(), short).bearer(double.login(World::AUTHOR, Scope::Read));
    running.folded(&double).await;
    let short = PlatformClient::new(short).download_file(&id, &mut file).await;
    assert!(short.unwrap_err().to_string().contains("above 1000 bytes"));
    let (other, other_tar) = packed(b"nobody published this");
    person.upload(&other, other_tar.into()).await.unwrap();
    let all = running.http.clone().bearer(double.login(World::AUTHOR, Scope::Read));
    running.folded(&double).await;
    let listed: Vec<ArtifactHeld> = all.get("/v1/artifacts").await.unwrap();
    assert_eq!(listed.len(), 2);
    for one in listed {
        assert!(one.held);
        assert_eq!(one.published.is_some(), one.artifact == id);
    }
    let tenants: Vec<TenantView> = all.get("/v1/tenants").await.unwrap();
    assert_eq!((tenants[0].tenant, tenants[0].engines.as_slice()), (Double::TENANT, &[Double::ENGINE][..]));
    running.end().await;
    // What is kept is kept.
    let again = Running::start(dir.path(), &double);
    let person = again.as_person(&double, Scope::Read);
    again.folded(&double).await;
    assert_eq!(person.download(&id).await.unwrap(), tar);
    again.end().await;
}

#[tokio::test]
async fn a_release_that_is_held_says_what_it_is_and_lists_its_files_a_piece_at_a_time() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    let (id, tar) = packed(b"one");
    double.register(id, 256);
    let running = Running::start(dir.path(), &double);
    let person = running.as_person(&double, Scope::Person);
    running.folded(&double).await;
    let read = async |more: &str| -> Result<ManifestView, ClientError> {
        running.http.get(&format!("/v1/artifacts/{id}/manifest{more}")).await
    };
    assert_eq!(code(read("").await.map(drop)), "404 artifact.not_found");
    person.upload(&id, tar.clone().into()).await.unwrap();
    let whole = read("").await.unwrap();
    let health = whole.program.clone().unwrap().health;
    assert_eq!((whole.artifact, health.path.as_str(), whole.files_total, whole.next), (id, "/healthz", 2, None));
    let paths = |view: &ManifestView| view.files.iter().map(|file| file.path.to_string()).collect::<Vec<_>>();
    assert_eq!(paths(&whole), ["bin/engine", "text"]);
    assert_eq!((whole.bytes_total, whole.files[1].sha256), (13, Digest::of_bytes(b"one")));
    let (first, second) = (read("?limit=1").await.unwrap(), read("?limit=1&after=1").await.unwrap());
    assert_eq!((paths(&first), first.next), (vec!["bin/engine".to_owned()], Some(1)));
    assert_eq!((paths(&second), second.next), (vec!["text".to_owned()], None));
    assert_eq!(paths(&read("?after=100000").await.unwrap()), [""; 0]);
    for (more, why) in [("?limit=0", "400 manifest.limit"), ("?limit=1001", "400 manifest.limit")] {
        assert_eq!(code(read(more).await.map(drop)), why);
    }
    assert!(code(read("?after=x").await.map(drop)).starts_with("400 "));
    // What lies there under its name is compared with its digest, and what has gone is not remembered.
    let (_, other) = packed(b"two");
    let archive = dir.path().join(format!("artifacts/archives/{id}.tar"));
    std::fs::remove_file(&archive).unwrap();
    assert_eq!(code(read("").await.map(drop)), "404 artifact.not_found");
    running.end().await;
    std::fs::write(&archive, other).unwrap();
    let again = Running::start(dir.path(), &double);
    again.folded(&double).await;
    let changed: Result<ManifestView, _> = again.http.get(&format!("/v1/artifacts/{id}/manifest")).await;
    assert_eq!(code(changed.map(drop)), "409 artifact.changed");
    again.end().await;
}

#[tokio::test]
async fn what_is_for_one_tenant_is_listed_to_who_may_read_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let double = Double::serve(World::scoped(), "127.0.0.1:0".parse().unwrap()).await;
    let [open, own] = [&b"for anybody"[..], b"for one of us"].map(|text| Digest::of_object("manifest", text));
    double.register(open, 256);
    let (product, version) = ("own".parse().unwrap(), "1".parse().unwrap());
    let (resource, tenant) = (Resource::Artifact, Some(Double::TENANT));
    double.sign_and_submit(World::AUTHOR, Act::Publish { resource, digest: own, product, version, tenant });
    let running = Running::start(dir.path(), &double);
    let token = |person, scope| running.http.clone().bearer(double.login(person, scope));
    let read = [World::AUTHOR, World::FINANCE, World::AUDITOR].map(|person| token(person, Scope::Read));
    let [ingest, suspended] = [Scope::Ingest, Scope::Person].map(|scope| token(World::OPERATOR, scope));
    let person = World::OPERATOR;
    let key = double.state().roster.person(&person).unwrap().keys[0].id;
    running.folded(&double).await;
    let listed = async |http: Http| {
        let listed: Result<Vec<ArtifactHeld>, ClientError> = http.get("/v1/artifacts").await;
        listed.map(|listed| listed.iter().map(|one| one.artifact).collect::<std::collections::BTreeSet<_>>())
    };
    let (both, one) = ([open, own].into(), [open].into());
    let [everything, of_it, of_none] = read;
    for (http, what) in
        [(everything.clone(), &both), (of_it.clone(), &both), (of_none.clone(), &one), (running.http.clone(), &one)]
    {
        assert_eq!(listed(http).await.unwrap(), *what);
    }
    // What may not be listed is answered as what is not there.
    let shown = async |http: &Http, id: Digest| {
        code(http.get::<ManifestView>(&format!("/v1/artifacts/{id}/manifest")).await.map(drop))
    };
    for http in [&running.http, &of_none] {
        assert_eq!(shown(http, own).await, "404 artifact.not_found");
    }
    assert_eq!(shown(&running.http.clone().bearer("cs_nobody"), own).await, "401 token.unknown");
    let refused = async |http: Http| code(listed(http).await.map(drop));
    assert_eq!(refused(running.http.clone().bearer("cs_nobody")).await, "401 token.unknown");
    assert_eq!(refused(ingest).await, "403 scope.forbidden");
    assert_eq!(refused(everything.viewer(control::Viewer::Person(World::AUDITOR))).await, "403 viewer.forbidden");
    assert_eq!(listed(suspended.clone()).await.unwrap(), both);
    double.sign_and_submit(person, Act::Suspend { person, key });
    running.folded(&double).await;
    assert_eq!(refused(suspended).await, "401 token.unknown");
    running.end().await;
}

#[tokio::test]
async fn what_is_not_a_person_s_or_not_that_artifact_is_refused() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    let (id, tar) = packed(b"one");
    let running = Running::start(dir.path(), &double);
    let person = running.as_person(&double, Scope::Person);
    let reader = running.as_person(&double, Scope::Read);
    running.folded(&double).await;
    let anyone = PlatformClient::new(running.http.clone());
    let stranger = PlatformClient::new(running.http.clone().bearer("cs_nobody"));
    assert_eq!(code(anyone.upload(&id, tar.clone().into()).await), "401 token.missing");
    assert_eq!(code(stranger.upload(&id, tar.clone().into()).await), "401 token.unknown");
    assert_eq!(code(reader.upload(&id, tar.clone().into()).await), "403 scope.forbidden");
    let (other, _) = packed(b"another");
    assert_eq!(code(person.upload(&other, tar.clone().into()).await), "409 artifact.other");
    assert_eq!(code(person.upload(&id, tar[..tar.len() / 2].to_vec().into()).await), "400 artifact.not_acceptable");
    assert_eq!(code(person.upload(&id, b"garbage".to_vec().into()).await), "400 artifact.not_acceptable");
    let nothing = running.http.get::<Vec<ArtifactHeld>>("/v1/artifacts/x/tar").await.map(drop);
    assert_eq!(code(nothing), "400 digest.malformed");
    let listed: Vec<ArtifactHeld> = running.http.get("/v1/artifacts").await.unwrap();
    assert_eq!(listed, []);
    running.end().await;
}

#[tokio::test]
async fn a_credential_that_was_over_is_not_good_again_for_a_clock_that_is_set_back() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    let (id, tar) = packed(b"one");
    // As a service leaves it whose clock was two hours ahead of what it is now.
    let shown = follower::system_clock()().plus_millis(2 * 3_600_000).as_millis();
    std::fs::create_dir(dir.path().join("replica")).unwrap();
    std::fs::write(dir.path().join("replica").join("clock.json"), format!("{{\"latest_ms\":{shown}}}\n")).unwrap();
    let running = Running::start(dir.path(), &double);
    let person = running.as_person(&double, Scope::Person);
    running.folded(&double).await;
    assert_eq!(code(person.upload(&id, tar.into()).await), "401 token.unknown");
    running.end().await;
}

#[tokio::test]
async fn a_credential_of_somebody_whose_keys_are_suspended_is_good_for_nothing() {
    let (id, tar) = packed(b"one");
    let person = World::AUTHOR;
    for by_brake in [false, true] {
        let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
        let running = Running::start(dir.path(), &double);
        let uploader = running.as_person(&double, Scope::Person);
        let key = double.state().roster.person(&person).unwrap().keys[0].id;
        let command = double.statement(person, Act::Suspend { person, key });
        if by_brake {
            running.folded(&double).await;
            uploader.upload(&id, tar.clone().into()).await.unwrap();
            double.fail(std::iter::repeat_n(Failure::Refused, 10_000));
            let suspend = Submission { command, openings: vec![], package: None, document: None };
            BrakeClient::new(running.http.clone()).hand(&BrakeRequest { statements: vec![suspend] }).await.unwrap();
        } else {
            double.accept(command);
            running.folded(&double).await;
        }
        assert_eq!(code(uploader.upload(&id, tar.clone().into()).await), "401 token.unknown", "{by_brake}");
        running.end().await;
    }
}

#[tokio::test]
async fn an_upload_that_breaks_off_is_not_kept() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    let (id, tar) = packed(b"one");
    let running = Running::start(dir.path(), &double);
    let token = double.login(World::AUTHOR, Scope::Person);
    running.folded(&double).await;
    let mut wire = tokio::net::TcpStream::connect(running.address).await.unwrap();
    let head = format!(
        "PUT /v1/artifacts/{id}/tar HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\ncontent-length: {}\r\n\r\n",
        running.address,
        tar.len()
    );
    wire.write_all(head.as_bytes()).await.unwrap();
    wire.write_all(&tar[..tar.len() - 1]).await.unwrap();
    drop(wire);
    running.end().await;
    let kept = std::fs::read_dir(dir.path().join("artifacts/archives")).unwrap();
    assert_eq!(kept.filter(|entry| entry.as_ref().unwrap().path().extension().is_some()).count(), 0);
}

#[tokio::test]
async fn a_draft_is_observed_and_the_step_carried_out_when_the_artifact_is_held() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    let (id, tar) = packed(b"one");
    double.register(id, 256);
    let running = Running::start(dir.path(), &double);
    let observed = |held: bool| {
        move |state: &control::State| {
            let mut seen = state.changes.values().filter_map(|change| change.observed.get(&Service::Platform));
            seen.any(|seen| {
                seen.observation == Observation::Platform { missing: if held { vec![] } else { vec![id] }, zone: None }
            })
        }
    };
    double.draft(id);
    double.until(observed(false)).await;
    let person = running.as_person(&double, Scope::Person);
    running.folded(&double).await;
    person.upload(&id, tar.into()).await.unwrap();
    let change = double.draft(id);
    double.until(observed(true)).await;
    double.observe(change);
    double.countersign(change);
    double.until(|state| state.changes[&change].steps[0].done.is_some()).await;
    running.end().await;
}

#[tokio::test]
async fn an_artifact_changed_on_disk_or_gone_invalidates_the_change() {
    for change_it in [true, false] {
        let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
        let (id, tar) = packed(b"one");
        double.register(id, 256);
        let running = Running::start(dir.path(), &double);
        let person = running.as_person(&double, Scope::Person);
        running.folded(&double).await;
        person.upload(&id, tar.clone().into()).await.unwrap();
        let change = double.draft(id);
        double.until(|state| state.changes[&change].observed.contains_key(&Service::Platform)).await;
        let archive = dir.path().join(format!("artifacts/archives/{id}.tar"));
        std::fs::remove_file(&archive).unwrap();
        if change_it {
            let (_, other) = packed(b"two");
            std::fs::write(&archive, other).unwrap();
        }
        double.observe(change);
        double.countersign(change);
        double.until(|state| state.changes[&change].status == Status::Invalidated).await;
        assert_eq!(double.refusals(), ["bundle.not_held"], "the code with which a draft is refused for the same");
        let files = async || {
            let checks = running.http.ready().await.unwrap().checks;
            checks.into_iter().find(|check| check.name == "files").unwrap()
        };
        let told = files().await;
        assert_eq!(told.ok, !change_it);
        assert!(!told.why.as_ref().unwrap().contains("pack the artifact again"), "the same file mends it: {told:?}");
        assert_eq!(told.why.unwrap().contains(&format!("{id}.tar")), change_it, "a damaged archive is named");
        person.upload(&id, tar.into()).await.unwrap();
        assert!(files().await.ok, "uploaded again, it is whole");
        running.end().await;
    }
}

#[tokio::test]
async fn a_ledger_that_lies_shows_on_the_ready_page_and_the_service_serves_on() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    double.register(Digest::of_bytes(b"a"), 256);
    let reader = double.login(World::AUTHOR, Scope::Read);
    let running = Running::start(dir.path(), &double);
    running.folded(&double).await;
    let mut leaves = double.leaves();
    leaves.push(b"garbage".to_vec());
    double.lie(Lie::Leaves(leaves));
    let raw = || async {
        let mut wire = tokio::net::TcpStream::connect(running.address).await.unwrap();
        let head = format!("GET /readyz HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", running.address);
        wire.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        tokio::io::AsyncReadExt::read_to_string(&mut wire, &mut answer).await.unwrap();
        answer
    };
    let mut answer = raw().await;
    while !answer.contains("stopped at leaf 6") {
        answer = raw().await;
    }
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    let tenants: Vec<TenantView> = running.http.clone().bearer(reader).get("/v1/tenants").await.unwrap();
    assert_eq!(tenants.len(), 1);
    running.end().await;
}

#[tokio::test]
async fn what_changes_anything_keeps_an_archive_or_is_the_brake() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    let running = Running::start(dir.path(), &double);
    let document: serde_json::Value = running.http.get("/openapi.json").await.unwrap();
    let mut changing = vec![];
    for (path, item) in document["paths"].as_object().unwrap() {
        let methods = ["post", "put", "patch", "delete"].into_iter().filter(|method| item.get(method).is_some());
        changing.extend(methods.map(|method| format!("{method} {path}")));
    }
    // An archive is inert, a look changes nothing, a brake takes away, and the use of a lease is no more than what was granted.
    let lease = "post /v1/leases/{lease}/reservations";
    let uses = [lease.to_owned(), format!("{lease}/{{id}}/post"), format!("{lease}/{{id}}/void")];
    let [reserve, post, void] = &uses;
    let look = "post /v1/artifacts/{digest}/verify";
    assert_eq!(changing, ["put /v1/artifacts/{digest}/tar", look, "post /v1/brake", reserve, post, void]);
    for used in &uses {
        let route = &document["paths"][used.strip_prefix("post ").unwrap()]["post"];
        assert_eq!((&route["x-countersign-entry"], &route["x-countersign-auth"]), (&"none".into(), &"token".into()));
    }
    let brake = &document["paths"]["/v1/brake"]["post"];
    assert_eq!((&brake["x-countersign-entry"], &brake["x-countersign-auth"]), (&"leaf".into(), &"signed".into()));
    let put = &document["paths"]["/v1/artifacts/{digest}/tar"]["put"];
    assert_eq!((&put["x-countersign-entry"], &put["x-countersign-auth"]), (&"none".into(), &"token".into()));
    running.end().await;
}

/// Whenever it is dropped, an observation that says that it is held is true until its change is over.
#[tokio::test]
async fn what_was_observed_as_held_is_held_while_its_change_is_open() {
    let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
    let ((id, tar), (other, other_tar)) = (packed(b"one"), packed(b"nobody names this"));
    double.register(id, 256);
    let running = Running::keeping(dir.path(), &double, KeepRule { unneeded_ms: 0, certified: 2 });
    let person = running.as_person(&double, Scope::Person);
    let reader = running.http.clone().bearer(double.login(World::AUTHOR, Scope::Read));
    running.folded(&double).await;
    let there = |artifact: Digest| dir.path().join(format!("artifacts/archives/{artifact}.tar")).exists();
    let gone = async |artifact: Digest| {
        testkit::until("it to be dropped", async || (!there(artifact)).then_some(())).await;
    };
    for round in 0..10 {
        person.upload(&id, tar.clone().into()).await.unwrap();
        if round % 2 == 1 {
            gone(id).await;
        }
        let change = double.draft(id);
        let state = double.until(|state| state.changes[&change].observed.contains_key(&Service::Platform)).await;
        let seen = &state.changes[&change].observed[&Service::Platform].observation;
        let held = *seen == (Observation::Platform { missing: vec![], zone: None });
        assert!(!held || round % 2 == 0, "{seen:?}");
        if held {
            // What came later is dropped: this store has looked at what may go, and this was not it.
            person.upload(&other, other_tar.clone().into()).await.unwrap();
            gone(other).await;
            assert!(there(id), "round {round}");
            let view: StoreView = reader.get("/v1/kept").await.unwrap();
            assert_eq!((view.unneeded_ms, view.kept.len(), view.kept[0].artifact), (0, 1, id));
        }
        double.sign_and_submit(World::AUTHOR, Act::Cancel { change, revision: 1 });
        gone(id).await;
    }
    running.end().await;
}
