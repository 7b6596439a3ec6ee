//! Integration Control over real HTTP, against a Governance in the test.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use client::Http;
use follower::ServiceOptions;
use integration::{BindingsView, NO_PROVIDER};
use model::{ChangeId, Digest, Service, Status};
use signed::Observation;
use std::net::TcpListener;
use testkit::{Double, World};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

struct Scene {
    dir: tempfile::TempDir,
    double: Double,
    http: Http,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

impl Scene {
    async fn start() -> Self {
        let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
        double.register(Digest::of_bytes(b"a release"), 256);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let http = Http::new(format!("http://{}", listener.local_addr().unwrap()));
        let options = ServiceOptions {
            dir: dir.path().to_owned(),
            listener,
            governance: double.url().to_owned(),
            trust: double.trust(),
            key: World::service_key(Service::Integration),
            key_file: "keys/own.key".into(),
            version: "1.2.3".to_owned(),
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let served =
            tokio::spawn(async move { integration::run(options, async { drop(stopped.await) }).await.unwrap() });
        Self { dir, double, http, stop, served }
    }

    fn bind(&self) {
        let binding = r#"{"kind":"dns.cname","name":"shop.example.com","value":"edge.example.net"}"#;
        let text = format!(r#"{{"{}":[{binding}]}}"#, Double::ENGINE);
        std::fs::write(self.dir.path().join("bindings.json"), text).unwrap();
    }

    async fn observed(&self) -> (ChangeId, Observation) {
        let change = self.double.draft(Digest::of_bytes(b"a release"));
        let seen = |state: &control::State| state.changes[&change].observed.contains_key(&Service::Integration);
        let state = self.double.until(seen).await;
        (change, state.changes[&change].observed[&Service::Integration].observation.clone())
    }

    /// Countersigned, and carried out up to the first check of the bindings.
    fn run_up_to_the_check(&self, change: ChangeId) {
        self.double.observe(change);
        self.double.countersign(change);
        self.double.advance_to(change, Service::Integration);
    }

    async fn end(self) {
        self.stop.send(()).unwrap();
        self.served.await.unwrap();
    }
}

#[tokio::test]
async fn the_empty_set_is_observed_and_read_before_and_after() {
    let scene = Scene::start().await;
    let (change, seen) = scene.observed().await;
    assert_eq!(seen, Observation::Integration { bindings: Double::no_bindings() });
    scene.run_up_to_the_check(change);
    scene.double.until(|state| state.changes[&change].steps[3].done.is_some()).await;
    scene.double.advance_to(change, Service::Integration);
    scene.double.until(|state| state.changes[&change].steps[7].done.is_some()).await;
    // What is left is the release's soak, which is not this service's.
    scene.double.advance_to(change, Service::Integration);
    assert_eq!(scene.double.state().changes[&change].status, Status::Effective);
    scene.end().await;
}

#[tokio::test]
async fn bindings_that_drifted_invalidate_the_change() {
    let scene = Scene::start().await;
    let (change, _) = scene.observed().await;
    scene.bind();
    scene.run_up_to_the_check(change);
    scene.double.until(|state| state.changes[&change].status == Status::Invalidated).await;
    assert_eq!(scene.double.refusals(), ["bindings.drifted"]);
    scene.end().await;
}

#[tokio::test]
async fn what_is_on_disk_is_what_is_observed() {
    let scene = Scene::start().await;
    scene.bind();
    let (_, seen) = scene.observed().await;
    let Observation::Integration { bindings } = seen else { panic!("{seen:?}") };
    assert_ne!(bindings, Double::no_bindings());
    let stranger = scene.http.get::<BindingsView>("/v1/bindings").await.unwrap_err();
    assert_eq!(stranger.code(), Some("token.missing"), "{stranger}");
    let console = scene.double.as_console(&scene.http, Service::Integration, "GET /v1/bindings");
    let view: BindingsView = console.get("/v1/bindings").await.unwrap();
    assert_eq!((view.engines[0].engine, view.engines[0].digest), (Double::ENGINE, bindings));
    assert_eq!(view.engines[0].bindings[0].name.as_str(), "shop.example.com");
    assert_eq!((view.providers.len(), view.note.as_str()), (0, NO_PROVIDER));
    scene.end().await;
}
