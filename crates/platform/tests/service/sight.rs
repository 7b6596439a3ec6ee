//! Who is shown what of the tenants and of what is kept.

use super::{Running, code, packed};
use client::{Http, PlatformClient};
use follower::StoreView;
use model::{Digest, Resource, Scope, Service};
use platform::TenantView;
use signed::{Act, ServiceAsk};
use testkit::{Double, World};

/// Which tenants there are, and what lies here for them, is no matter of everybody who reaches the port.
#[tokio::test]
async fn tenants_and_what_is_kept_are_shown_to_who_may_read_of_them() {
    let dir = tempfile::tempdir().unwrap();
    let double = Double::serve(World::scoped(), "127.0.0.1:0".parse().unwrap()).await;
    let texts = [&b"for anybody"[..], b"for one of us", b"nobody published this"];
    let [(open, open_tar), (own, own_tar), (unknown, unknown_tar)] = texts.map(packed);
    double.register(open, 256);
    let (product, version) = ("own".parse().unwrap(), "1".parse().unwrap());
    let (resource, tenant) = (Resource::Artifact, Some(Double::TENANT));
    double.sign_and_submit(World::AUTHOR, Act::Publish { resource, digest: own, product, version, tenant });
    let running = Running::start(dir.path(), &double);
    let token = |person, scope| running.http.clone().bearer(double.login(person, scope));
    let read = [World::AUTHOR, World::FINANCE, World::AUDITOR].map(|person| token(person, Scope::Read));
    let ingest = token(World::OPERATOR, Scope::Ingest);
    let person = running.as_person(&double, Scope::Person);
    running.folded(&double).await;
    for (digest, tar) in [(open, open_tar), (own, own_tar), (unknown, unknown_tar)] {
        person.upload(&digest, tar.into()).await.unwrap();
    }
    let tenants = async |http: &Http| http.get::<Vec<TenantView>>("/v1/tenants").await;
    let kept = async |http: &Http| http.get::<StoreView>("/v1/kept").await;
    let [everything, of_it, of_none] = read;
    for (http, known, digests) in [
        (&everything, &[Double::TENANT][..], &[open, own, unknown][..]),
        (&of_it, &[Double::TENANT], &[open, own]),
        (&of_none, &[], &[open]),
    ] {
        let shown: Vec<_> = tenants(http).await.unwrap().iter().map(|one| one.tenant).collect();
        assert_eq!(shown, known);
        let shown: std::collections::BTreeSet<_> =
            kept(http).await.unwrap().kept.iter().map(|one| one.artifact).collect();
        assert_eq!(shown, digests.iter().copied().collect());
    }
    let stranger = running.http.clone().bearer("cs_nobody");
    let as_another = everything.viewer(control::Viewer::Person(World::AUDITOR));
    for (http, refused) in [
        (&running.http, "401 token.missing"),
        (&stranger, "401 token.unknown"),
        (&ingest, "403 scope.forbidden"),
        (&as_another, "403 viewer.forbidden"),
    ] {
        assert_eq!(code(tenants(http).await.map(drop)), refused);
        assert_eq!(code(kept(http).await.map(drop)), refused);
    }
    running.end().await;
}

/// A digest is no credential: who has one has seen a plan or a listing, and may be of another tenant.
#[tokio::test]
async fn an_archive_is_handed_to_who_may_read_of_it_and_to_a_node_that_signs_for_it() {
    let dir = tempfile::tempdir().unwrap();
    let double = Double::serve(World::scoped(), "127.0.0.1:0".parse().unwrap()).await;
    let texts = [&b"for anybody"[..], b"for one of us", b"nobody published this"];
    let [(open, open_tar), (own, own_tar), (unknown, unknown_tar)] = texts.map(packed);
    double.register(open, 256);
    let (product, version) = ("own".parse().unwrap(), "1".parse().unwrap());
    let (resource, tenant) = (Resource::Artifact, Some(Double::TENANT));
    double.sign_and_submit(World::AUTHOR, Act::Publish { resource, digest: own, product, version, tenant });
    let running = Running::start(dir.path(), &double);
    let bare = PlatformClient::new(running.http.clone());
    let token = |person, scope| bare.bearer(double.login(person, scope));
    let [everything, of_it, of_none] =
        [World::AUTHOR, World::FINANCE, World::AUDITOR].map(|person| token(person, Scope::Read));
    let ingest = token(World::OPERATOR, Scope::Ingest);
    let person = running.as_person(&double, Scope::Person);
    running.folded(&double).await;
    for (digest, tar) in [(open, open_tar), (own, own_tar), (unknown, unknown_tar)] {
        person.upload(&digest, tar.into()).await.unwrap();
    }
    let missing = "404 artifact.not_found";
    let got = async |client: &PlatformClient, digest: &Digest| client.download(digest).await.map(drop);
    for (client, refused) in [(&bare, "401 token.missing"), (&ingest, "403 scope.forbidden")] {
        assert_eq!(code(got(client, &open).await), refused);
    }
    for (client, has, has_not) in [
        (&everything, &[open, own, unknown][..], &[][..]),
        (&of_it, &[open, own], &[unknown]),
        (&of_none, &[open], &[own, unknown]),
    ] {
        for digest in has {
            got(client, digest).await.unwrap();
        }
        for digest in has_not {
            assert_eq!(code(got(client, digest).await), missing);
        }
    }

    let said = |of: Service, digest: &Digest| ServiceAsk {
        ledger: double.state().ledger,
        key: World::service_key(of).public(),
        service: Service::Platform,
        request: PlatformClient::download_request(digest),
        at: follower::system_clock()().max(double.state().last),
    };
    let signed = |ask: ServiceAsk, by: Service| bare.signed_by_service(ask.header(&World::service_key(by)).unwrap());
    let node = |digest: &Digest| signed(said(Service::Node, digest), Service::Node);
    for digest in [open, own] {
        got(&node(&digest), &digest).await.unwrap();
    }
    assert_eq!(code(got(&node(&unknown), &unknown).await), missing, "nothing of it can be placed");
    let fresh = said(Service::Node, &own);
    let late = ServiceAsk { at: fresh.at.plus_millis(-120_000), ..fresh.clone() };
    let elsewhere = ServiceAsk { service: Service::Engine, ..fresh.clone() };
    let of_another = ServiceAsk { ledger: Digest::ZERO, ..fresh.clone() };
    for client in [
        node(&open),
        signed(said(Service::Engine, &own), Service::Engine),
        signed(fresh, Service::Engine),
        signed(late, Service::Node),
        signed(elsewhere, Service::Node),
        signed(of_another, Service::Node),
    ] {
        assert_eq!(code(got(&client, &own).await), "401 service.unknown");
    }
    running.end().await;
}
