//! One thing of the roster is changed by the form of its kind.

use crate::kinds::Desk;
use model::{Digest, KindName, PersonId, Role};
use signed::{Challenge, KeyProof, Roster, ServiceKey, ssh};
use testkit::World;

/// As a browser sends a date and time: Eastern Time.
const UNTIL: &str = "2099-03-22T12:00";

#[tokio::test]
async fn one_thing_of_the_roster_is_changed_by_the_form_of_its_kind() {
    let desk = Desk::open().await;
    let list = desk.get("/roster").await;
    let roster = desk.roster();
    let (auditor, finance) = (World::AUDITOR.to_string(), World::FINANCE.to_string());
    let public = |secret| ServiceKey::from_secret(&[secret; 32]).public().to_string();
    let (node_key, engine_key) = (public(77), public(78));
    let other = Digest([7; 32]).to_string();
    let ask = async |answers: &[(&str, &str)]| desk.edited(answers).await;
    for edit in ["leave", "remove-key", "give-roles", "take-roles", "add-node"] {
        assert!(list.body.contains(&format!("href=\"/changes/new?kind=roster-change&#38;edit={edit}\"")), "{edit}");
    }
    let left = ask(&[("edit", "leave"), ("person", &auditor)]).await;
    assert!(left.person(&World::AUDITOR).is_none() && left.people.len() == roster.people.len() - 1);
    let given = ask(&[("edit", "give-roles"), ("person", &finance), ("roles", "support-auditor")]).await;
    assert_eq!(given.person(&World::FINANCE).unwrap().roles, [Role::FinanceReviewer, Role::SupportAuditor]);
    let node =
        [("edit", "add-node"), ("node-name", "prod-node-09"), ("node-key", &node_key), ("engine-key", &engine_key)];
    assert_eq!(ask(&node).await.nodes.len(), roster.nodes.len() + 1);

    // What says nothing whole, names nobody or changes nothing is refused, and opens nothing.
    let before = desk.double.state().changes.len();
    let nobody = "7".repeat(32);
    for answers in [
        &[("edit", "leave")][..],
        &[("edit", "leave"), ("person", &nobody)],
        &[("edit", "crown"), ("person", &auditor)],
        &[("edit", "remove-key"), ("person-key", &other)],
        &[("edit", "give-roles"), ("person", &finance), ("roles", "finance-reviewer")],
        &[("edit", "take-roles"), ("person", &finance), ("roles", "support-auditor")],
        &[("edit", "add-node"), ("node-name", "two words"), ("node-key", &other), ("engine-key", &other)],
    ] {
        let path = desk.ask(KindName::RosterChange, answers).await;
        let page = desk.get(&path).await;
        assert!(path.starts_with("/changes/new") && page.body.contains("id=\"refusal\""), "{answers:?}");
        assert!(page.body.contains("To go on: "), "{answers:?}");
    }
    assert_eq!(desk.double.state().changes.len(), before);
}

#[tokio::test]
async fn deputies_and_tenants_of_a_person_are_changed_by_the_form_of_the_roster() {
    // The finance reviewer sees one tenant, the support auditor none, everybody else every tenant.
    let desk = Desk::of(World::scoped()).await;
    let list = desk.get("/roster").await;
    let (auditor, finance, tenant) =
        (World::AUDITOR.to_string(), World::FINANCE.to_string(), World::TENANT.to_string());
    let edited = async |edit: &'static str, person: &str, answer: Option<(&str, &str)>| {
        assert!(list.body.contains(&format!("href=\"/changes/new?kind=roster-change&#38;edit={edit}\"")), "{edit}");
        let answers: Vec<_> = [("edit", edit), ("person", person)].into_iter().chain(answer).collect();
        desk.edited(&answers).await
    };
    let sees = |roster: &Roster, person: PersonId| roster.person(&person).unwrap().tenants.clone();
    let author = World::AUTHOR.to_string();
    let only = edited("only-tenants", &author, Some(("tenants", &tenant))).await;
    assert_eq!(sees(&only, World::AUTHOR), Some(vec![World::TENANT]));
    let more = edited("more-tenants", &auditor, Some(("tenants", &tenant))).await;
    assert_eq!(sees(&more, World::AUDITOR), Some(vec![World::TENANT]));
    assert_eq!(sees(&edited("every-tenant", &auditor, None).await, World::AUDITOR), None);

    let deputy = [("edit", "add-deputy"), ("person", &finance), ("deputy", &auditor), ("deputy-until", UNTIL)];
    let named = desk.edited(&deputy).await.person(&World::FINANCE).unwrap().deputies.clone();
    assert_eq!((named.len(), named[0].person), (1, World::AUDITOR));
    assert_eq!((named[0].until, named[0].from < named[0].until), ("2099-03-22T16:00:00.000Z".parse().unwrap(), true));
    let nobody = "7".repeat(32);
    for answers in [
        &[("edit", "more-tenants"), ("person", &author), ("tenants", &tenant)][..],
        &[("edit", "only-tenants"), ("person", &auditor), ("tenants", &tenant)],
        &[("edit", "only-tenants"), ("person", &author), ("tenants", &nobody)],
        &[("edit", "every-tenant"), ("person", &author)],
        &[("edit", "remove-deputy"), ("person", &finance), ("deputy", &auditor)],
        &[("edit", "add-deputy"), ("person", &finance), ("deputy", &finance), ("deputy-until", UNTIL)],
        &[("edit", "add-deputy"), ("person", &finance), ("deputy", &nobody), ("deputy-until", UNTIL)],
        &[("edit", "add-deputy"), ("person", &finance), ("deputy", &auditor), ("deputy-until", "2001-01-01T00:00")],
    ] {
        let page = desk.get(&desk.ask(KindName::RosterChange, answers).await).await;
        assert!(page.body.contains("id=\"refusal\"") && page.body.contains("To go on: "), "{answers:?}");
    }
}

#[tokio::test]
async fn machines_join_and_leave_and_services_get_other_keys_by_the_form_of_the_roster() {
    let desk = Desk::of(World::new().with_machine()).await;
    let list = desk.get("/roster").await;
    for edit in ["add-machine", "remove-machine", "service-key"] {
        assert!(list.body.contains(&format!("href=\"/changes/new?kind=roster-change&#38;edit={edit}\"")), "{edit}");
    }
    let next = async |answers: &[(&str, &str)]| desk.edited(answers).await;
    // The form says what is typed where the key is, with an id that is chosen there.
    let form = desk.get("/changes/new?kind=roster-change&edit=add-machine").await;
    let ledger = desk.double.state().ledger;
    let machine = form.between(&format!("countersign key prove --ledger {ledger} --person "), " ");
    let proof = |ledger, key: &ssh_key::PrivateKey| {
        let openssh = key.public_key().to_openssh().unwrap();
        let (person, id) = (machine.parse().unwrap(), ssh::key_id(&openssh).unwrap());
        let possession = Challenge { ledger, person, key: id }.sign(key).unwrap();
        serde_json::to_string_pretty(&KeyProof { ledger, person, openssh, possession }).unwrap()
    };
    let key = ssh::private_key(&[91; 32]);
    let held = proof(ledger, &key);
    let joined = next(&[("edit", "add-machine"), ("machine-name", "ci.deploy"), ("proof", &held)]).await;
    assert!(joined.machines.iter().any(|known| known.name.as_str() == "ci.deploy" && known.id.to_string() == machine));
    let left = next(&[("edit", "remove-machine"), ("machine", &World::MACHINE.to_string())]).await;
    assert!(left.machines.is_empty());
    let (was, becomes) = (desk.roster().services[0].clone(), ServiceKey::from_secret(&[79; 32]).public());
    let (listed, other) = (was.key.to_string(), becomes.to_string());
    let replaced = next(&[("edit", "service-key"), ("service", &listed), ("new-key", &other)]).await;
    assert!(replaced.services.iter().any(|entry| entry.service == was.service && entry.key == becomes));

    let before = desk.double.state().changes.len();
    let foreign = proof(Digest([1; 32]), &key);
    let altered = held.replace("\"ledger\"", "\"person2\"");
    for answers in [
        &[("edit", "add-machine"), ("machine-name", "ci.deploy"), ("proof", "no proof")][..],
        &[("edit", "add-machine"), ("machine-name", "ci.deploy"), ("proof", &foreign)],
        &[("edit", "add-machine"), ("machine-name", "ci.deploy"), ("proof", &altered)],
        &[("edit", "add-machine"), ("machine-name", "ci.release"), ("proof", &held)],
        &[("edit", "remove-machine"), ("machine", &World::AUDITOR.to_string())],
        &[("edit", "service-key"), ("service", &other), ("new-key", &listed)],
    ] {
        let path = desk.ask(KindName::RosterChange, answers).await;
        let page = desk.get(&path).await;
        assert!(path.starts_with("/changes/new") && page.body.contains("id=\"refusal\""), "{answers:?}");
    }
    assert_eq!(desk.double.state().changes.len(), before);
}
