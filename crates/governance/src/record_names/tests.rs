use super::*;
use crate::scene::{AUDITOR, CHANGE, FINANCE, NODE, OPERATOR, OTHER_OPERATOR, TENANT, World};
use control::{Body, ClockAct};
use model::{KindName, NodeId, PersonId, Role, TenantId};
use service_shell::Problem;
use signed::{Challenge, NodeEntry, Opening, Person, PersonKey, ServiceEntry, ServiceKey, ssh};
use view::rows;
use wire::{DocumentUpload, Recorded, Submission};

const EVE: PersonId = PersonId([77; 16]);
const SECOND: NodeId = NodeId([78; 16]);
const JOIN: ChangeId = ChangeId([79; 16]);

#[tokio::test]
async fn a_sum_of_refusals_concerns_whom_the_refusals_did() {
    let world = World::new().await;
    world.sealed().await;
    for _ in 0..2 {
        world.sign_and_submit(OPERATOR, Act::Release { change: CHANGE, revision: 1, of: FINANCE }).await.unwrap_err();
    }
    world.pass(61_000);
    world.tick().await;
    let leaf = world.service.leaf(world.size() - 1).unwrap();
    assert!(matches!(&leaf.command, Command::Clock { act: ClockAct::Refusals { count: 1, .. } }), "{leaf:?}");
    assert_eq!((leaf.tags.as_slice(), world.service.tags(&leaf).unwrap().as_slice()), (&[][..], &[TENANT][..]));
}

fn name(person: PersonId, name: &str) -> (model::Token, Option<model::Id>, Opening) {
    ("name".parse().unwrap(), Some(person.into()), client::random_opening([("text", name)]))
}

impl World {
    /// The word that asks for a roster with one person and one node more.
    fn joining(&self, change: ChangeId, texts: Vec<(model::Token, Option<model::Id>, Opening)>) -> Submission {
        let (base, mut next) = self.service.with_state(|state| (state.roster_digest, state.roster.clone()));
        let key = ssh::private_key(&[EVE.0[0]; 32]);
        let listed = PersonKey::of(&key.public_key().to_openssh().unwrap()).unwrap();
        let challenge = Challenge { ledger: self.ledger, person: EVE, key: listed.id };
        let roles = vec![Role::SupportAuditor];
        next.people.push(Person { id: EVE, roles, keys: vec![listed], tenants: None, deputies: vec![] });
        next.nodes.push(NodeEntry { id: SECOND, name: "prod-node-02".parse().unwrap() });
        for (service, secret) in [(model::Service::Node, 120), (model::Service::Engine, 121)] {
            let key = ServiceKey::from_secret(&[secret; 32]).public();
            next.services.push(ServiceEntry { service, node: Some(SECOND), key });
        }
        let body =
            Body::RosterChange { base, next: next.digest().unwrap(), possessions: vec![challenge.sign(&key).unwrap()] };
        self.open(OPERATOR, change, body, Some(DocumentUpload::Roster(next)), texts)
    }

    async fn joined(&self, change: ChangeId) -> Result<Recorded, Problem> {
        self.sign_and_submit(OPERATOR, Act::Seal { binding: self.binding(change) }).await?;
        let binding = self.approve(change, &[OTHER_OPERATOR, AUDITOR]).await;
        self.pass(60_000);
        self.sign_and_submit(OPERATOR, Act::Run { binding, not_before: None }).await
    }

    /// Rows of every leaf, as they read now.
    fn rows(&self) -> Vec<Vec<view::EntryRow>> {
        let names = self.service.names();
        (0..self.size()).map(|index| rows(&names, index, &self.service.leaf(index).unwrap())).collect()
    }
}

#[tokio::test]
async fn whoever_joins_is_called_by_name_from_the_leaf_that_lists_them_and_for_ever() {
    let world = World::new().await;
    assert_eq!(world.service.names().node(&NODE), "prod-node-01", "nodes are called as the first roster does");
    // Somebody else's word about the same person, never approved, names nobody.
    world.send(world.joining(CHANGE, vec![name(EVE, "Mallory")])).await.unwrap();
    world.send(world.joining(JOIN, vec![name(EVE, "Eve Adams")])).await.unwrap();
    assert_eq!(world.service.names().people.get(&EVE), None, "not before the roster is in force");
    let before = world.rows();
    world.joined(JOIN).await.unwrap();

    let names = world.service.names();
    assert_eq!((names.person(&EVE), names.node(&SECOND)), ("Eve Adams".to_owned(), "prod-node-02".to_owned()));
    assert_eq!(names.changes[&JOIN].kind, KindName::RosterChange);
    let after = world.rows();
    assert_eq!(after[..before.len()], before, "what was recorded earlier reads as it did");

    // A name recorded later fills no id that has one; and all of it is read back from the disk.
    world
        .send(world.open(
            OPERATOR,
            CHANGE_LATER,
            Body::External { target: "ci".parse().unwrap(), digest: Digest([1; 32]), slot: vec![Role::SupportAuditor] },
            None,
            vec![name(EVE, "Somebody else")],
        ))
        .await
        .unwrap();
    assert_eq!(world.service.names().person(&EVE), "Eve Adams");
    let again = crate::timeline::Timeline::default();
    again.catch_up(&world.service);
    assert_eq!(*again.names(), *world.service.names());
}

/// The same bytes may be published for two tenants. What one of them calls it stands in a leaf that the other may not read.
#[tokio::test]
async fn what_is_published_for_two_tenants_is_called_by_its_name_only_for_who_may_read_the_leaf_that_says_it() {
    let world = World::new().await;
    world.sign_and_submit(OPERATOR, Act::RegisterTenant { tenant: TENANT }).await.unwrap();
    world.sign_and_submit(OPERATOR, Act::RegisterTenant { tenant: OTHER }).await.unwrap();
    let publish = async |tenant, called: &str| {
        let (resource, digest) = (model::Resource::Theme, Digest([42; 32]));
        let (product, version) = ("shop-look".parse().unwrap(), "1".parse().unwrap());
        let act = Act::Publish { resource, digest, product, version, tenant: Some(tenant) };
        let opening = client::random_opening([("text", called)]);
        world.send(world.saying(OPERATOR, act, vec![("name".parse().unwrap(), None, opening)])).await.unwrap()
    };
    let first = publish(OTHER, "The secret launch of Harbor").await.index;
    let before = world.rows();
    let second = publish(TENANT, "Ours").await.index;
    let names = world.service.names();
    let of = |sight: &control::ReadScope| world.service.with_state(|state| names.narrowed(state, sight));
    let called = |tenants: &[TenantId]| {
        let names = of(&control::ReadScope::Tenants(tenants.iter().copied().collect()));
        let told = serde_json::to_string(&names).unwrap();
        assert_eq!(told.contains("secret launch"), tenants.contains(&OTHER), "{told}");
        names.artifact(&Digest([42; 32]))
    };
    assert_eq!(called(&[TENANT]), "shop-look 1");
    assert_eq!(called(&[OTHER]), "The secret launch of Harbor");
    assert_eq!(called(&[TENANT, OTHER]), "The secret launch of Harbor");
    let rows = world.rows();
    let title = |index: u64| rows[usize::try_from(index).unwrap()][0].title.clone();
    assert!(title(first).contains("secret launch"), "{}", title(first));
    assert!(title(second).contains("shop-look 1") && !title(second).contains("secret"), "{}", title(second));
    assert_eq!(rows[..before.len()], before, "what was recorded earlier reads as it did");
    // A reader's own verified copy of the ledger makes no other name of it.
    let checked = world.service.with_state(|state| of(&control::ReadScope::Tenants([TENANT].into())).checked(state));
    assert_eq!(checked.artifact(&Digest([42; 32])), "shop-look 1");
}

const OTHER: TenantId = TenantId([0x17; 16]);
const CHANGE_LATER: ChangeId = ChangeId([80; 16]);

#[tokio::test]
async fn a_text_is_about_somebody_there_is_or_whom_the_roster_sent_brings_in() {
    let world = World::new().await;
    let stranger = world.send(world.joining(JOIN, vec![name(PersonId([99; 16]), "Nobody")])).await.unwrap_err();
    assert_eq!(stranger.code(), "part.subject_unknown");
    world.send(world.joining(JOIN, vec![name(EVE, "Eve Adams")])).await.unwrap();
}
