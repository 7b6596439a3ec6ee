//! A deployment from draft to effect, every leaf verified by a stranger's replica.

use crate::fixture::{AUDITOR, ENGINE, FINANCE, OPERATOR_1, OPERATOR_2, World, now, person, problem};
use crate::replica::Replica;
use control::{ChangeEvent, Effect};
use model::{AckLevel, ChangeId, Scope, Status};
use signed::Act;
use view::{ChangeView, EntryPage};

pub(crate) const CHANGE: ChangeId = ChangeId([71; 16]);

/// From draft to sealed; the author is the first operator.
pub(crate) async fn sealed(world: &World, replica: &mut Replica) {
    world.registered().await;
    let draft = world.draft(OPERATOR_1, CHANGE).await;
    let opened = world.client().submit(&draft, AckLevel::Published).await.unwrap();
    assert!(matches!(opened.effects[..], [Effect::Change { event: ChangeEvent::Opened { revision: 1 }, .. }]));
    replica.observe().await;
    let binding = replica.state().changes[&CHANGE].binding(replica.state(), now()).unwrap();
    world.sign_and_submit(OPERATOR_1, Act::Seal { binding }).await.unwrap();
    replica.sync().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_goes_from_draft_to_effect_and_every_leaf_verifies() {
    let world = World::new(true).await;
    let mut replica = Replica::new(&world, world.client());
    sealed(&world, &mut replica).await;
    let binding = replica.state().changes[&CHANGE].binding(replica.state(), now()).unwrap();

    let early = world.sign_and_submit(OPERATOR_1, Act::Run { binding, not_before: None }).await;
    assert_eq!(problem(early).1, "run.slots_open");
    let own = world.sign_and_submit(OPERATOR_1, Act::Approve { binding, slot: 0, on_behalf_of: None }).await;
    assert_eq!(problem(own).1, "approve.author");
    world.sign_and_submit(OPERATOR_2, Act::Approve { binding, slot: 0, on_behalf_of: None }).await.unwrap();
    let approved = world.sign_and_submit(FINANCE, Act::Approve { binding, slot: 1, on_behalf_of: None }).await.unwrap();
    assert!(approved.effects.iter().any(|effect| matches!(effect.event(), Some(ChangeEvent::Approved { .. }))));
    world.sign_and_submit(OPERATOR_2, Act::Run { binding, not_before: None }).await.unwrap();

    let mut steps = 0;
    while replica.act().await.is_some() {
        steps += 1;
    }
    assert_eq!(steps, 9, "a first deployment has no older slot to stop");
    replica.sync().await;
    assert_eq!(replica.state().closed[&CHANGE].status, Status::Effective);
    assert_eq!(replica.state().engines[&ENGINE].generation, 1);

    let reader = world.signed_in(AUDITOR, Scope::Read).await;
    let view: ChangeView = reader.change(&CHANGE).await.unwrap();
    assert_eq!((view.status, view.title.as_deref()), (Status::Effective, Some("Deploy 2026.03.1")));
    assert_eq!(view.run_by.as_deref(), Some("Governance Operator 2"));
    assert_eq!(view.slots[1].name.as_deref(), Some("Finance Reviewer 1"));
    let page: EntryPage = reader.entries(&client::EntryQuery::newest(false, 50)).await.unwrap();
    let titles: Vec<_> = page.rows.iter().map(|row| row.title.as_str()).collect();
    assert_eq!(titles[0], "Deployment package effective for POD Engine Alpha");
    let approved = page.rows.iter().find(|row| row.title.contains("approved")).unwrap();
    assert_eq!(
        approved.sentence,
        "Governance Operator 2 and Finance Reviewer 1 approved the storefront package for prod-node-01."
    );
    assert_eq!(page.headlines, u64::try_from(page.rows.len()).unwrap());
    assert!(page.total > page.headlines);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lacks_what_is_said_by_name() {
    let world = World::new(true).await;
    let mut replica = Replica::new(&world, world.client());
    sealed(&world, &mut replica).await;
    let reader = world.signed_in(FINANCE, Scope::Person).await;
    let explained = reader.explain(&CHANGE, &person(FINANCE)).await.unwrap();
    assert_eq!(explained.who_can[0], ("Governance Operator".to_owned(), vec!["Governance Operator 2".to_owned()]));
    assert_eq!(explained.who_can[1], ("Finance Reviewer".to_owned(), vec!["Finance Reviewer 1".to_owned()]));
    let refused = |verb: &str| {
        let found = explained.verbs.iter().find(|known| known.verb == verb).unwrap();
        found.refused.as_ref().map(|refused| refused.code.clone())
    };
    assert_eq!(refused("approve"), None);
    assert_eq!(refused("run").as_deref(), Some("run.slots_open"));
    let unknown = reader.explain(&ChangeId([1; 16]), &person(FINANCE)).await;
    assert_eq!(problem(unknown).1, "change.not_found");
    let nobody = reader.explain(&CHANGE, &person(99)).await;
    assert_eq!(problem(nobody).1, "person.not_found");
}
