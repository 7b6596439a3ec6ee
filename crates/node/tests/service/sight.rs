//! Who is shown what of a node.

use super::{Handout, Scene, done, packed};
use client::Http;
use model::{Digest, Resource, Scope, Service};
use node::Inventory;
use signed::Act;
use std::collections::BTreeSet;
use testkit::{Double, World};

/// What runs here for a tenant, and what lies here for it, is no matter of everybody who reaches the port.
#[tokio::test]
async fn placements_and_kept_releases_are_shown_to_who_may_read_of_them() {
    let double = Double::serve(World::scoped(), "127.0.0.1:0".parse().unwrap()).await;
    let scene = Scene::of(double, Handout::start().await, b"for anybody");
    let [own, unknown] = [&b"for one of us"[..], b"nobody published this"].map(|text| {
        let (digest, tar) = packed(text);
        let file = scene.dir.path().join("a.tar");
        std::fs::write(&file, tar).unwrap();
        artifact::unpack(&file, &scene.dir.path().join("store")).unwrap();
        digest
    });
    let (product, version) = ("own".parse().unwrap(), "1".parse().unwrap());
    let (resource, tenant) = (Resource::Artifact, Some(Double::TENANT));
    scene.double.sign_and_submit(World::AUTHOR, Act::Publish { resource, digest: own, product, version, tenant });
    let tokens = [World::AUTHOR, World::FINANCE, World::AUDITOR].map(|who| scene.double.login(who, Scope::Read));
    let ingest = scene.double.login(World::OPERATOR, Scope::Ingest);
    let running = scene.placing().await;
    scene.double.until(done(scene.change, 4)).await;
    let seen = async |http: &Http| http.get::<Inventory>("/v1/inventory").await;
    let [everything, of_it, of_none] = tokens.map(|token| running.http.clone().bearer(token));
    let console = scene.double.as_console(&running.http, Service::Node, "GET /v1/inventory");
    for (http, placed, kept) in [
        (&console, 1, &[scene.artifact, own, unknown][..]),
        (&everything, 1, &[scene.artifact, own, unknown]),
        (&of_it, 1, &[scene.artifact, own]),
        (&of_none, 0, &[scene.artifact]),
    ] {
        let inventory = seen(http).await.unwrap();
        let shown: BTreeSet<Digest> = inventory.artifacts.iter().map(|one| one.artifact).collect();
        assert_eq!((inventory.placements.len(), shown), (placed, kept.iter().copied().collect()));
        assert_eq!(inventory.memory_free_mib, inventory.memory_total_mib - 256, "how much is free is everybody's");
    }
    let bearer = |token: &str| running.http.clone().bearer(token);
    for (http, refused) in [
        (&running.http, "token.missing"),
        (&bearer("cs_nobody"), "token.unknown"),
        (&bearer(&ingest), "scope.forbidden"),
    ] {
        assert_eq!(seen(http).await.unwrap_err().code(), Some(refused));
    }
    running.end().await;
}
