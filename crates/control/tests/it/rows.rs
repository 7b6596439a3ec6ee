//! History stands still: a row is a pure function of its leaf, and every id it names was known when
//! it was written, so that a name filled in then is the name filled in later.

use crate::golden;
use crate::model::{long_strategy, played, strategy};
use crate::runner;
use crate::scenes::scenes;
use crate::tamper::recorded;
use crate::vectors::lives;
use crate::world::{GO, OMAR, OPAL, SA, SAUL, World, accepted, token};
use control::{Actor, ChangeEvent, Command, Effect, EventName, Fragment, Leaf, Party, RosterEvent, Row, rows};
use model::{KindName, PersonId, Service, Severity};
use signed::{Act, Roster, Verb};
use std::collections::{BTreeMap, BTreeSet};

/// Names by id, as the leaves so far give them.
#[derive(Default)]
struct Names(BTreeMap<String, String>);

impl Names {
    fn learn(&mut self, index: usize, leaf: &Leaf) {
        let mut name = |id: String| {
            self.0.entry(id).or_insert_with(|| format!("name of leaf {index}"));
        };
        // Who joins has a name from the leaf that puts the countersigned roster in force.
        for effect in &leaf.effects {
            if let Effect::Roster { event: RosterEvent::Changed { joined, .. } } = effect {
                for person in joined {
                    name(person.to_string());
                }
            }
        }
        let mut roster = |roster: &Roster| {
            roster.people.iter().for_each(|person| name(person.id.to_string()));
            roster.nodes.iter().for_each(|node| name(node.id.to_string()));
            // A machine's name stands in the roster itself.
            roster.machines.iter().for_each(|machine| name(machine.id.to_string()));
        };
        match &leaf.command {
            Command::Genesis { genesis, .. } => roster(&genesis.roster),
            Command::Signed { statement, .. } => match &statement.act {
                Act::RegisterTenant { tenant } => name(tenant.to_string()),
                Act::RegisterEngine { engine, .. } => name(engine.to_string()),
                Act::Publish { digest, .. } => name(digest.to_string()),
                Act::Open { change, .. } => name(change.to_string()),
                _ => {}
            },
            Command::Receipt { .. } | Command::Session(_) | Command::Clock { .. } => {}
        }
    }

    fn text(&self, fragments: &[Fragment]) -> String {
        let known = |id: String| {
            self.0.get(&id).cloned().unwrap_or_else(|| panic!("{id} is named and not known yet: {fragments:?}"))
        };
        let word = |fragment: &Fragment| match fragment {
            Fragment::Text(text) => text.clone(),
            Fragment::Person(id) | Fragment::Actor(Actor::Person(id)) => known(id.to_string()),
            Fragment::Engine(id) => known(id.to_string()),
            Fragment::Tenant(id) => known(id.to_string()),
            Fragment::Node(id) => known(id.to_string()),
            Fragment::Resource(id) => known(id.to_string()),
            Fragment::Change(id) => known(id.to_string()),
            Fragment::Actor(actor) => format!("{actor:?}"),
            Fragment::Instant(at) => at.to_string(),
            Fragment::Refusal(refusal) => refusal.message(&|person| known(person.to_string())).0,
        };
        fragments.iter().map(word).collect()
    }

    fn shown(&self, rows: &[Row]) -> Vec<(String, String)> {
        rows.iter().map(|row| (self.text(&row.title), self.text(&row.sentence))).collect()
    }
}

fn stand_still(world: &World) {
    let leaves: Vec<_> = world.leaves.iter().map(|bytes| Leaf::decode(bytes).unwrap()).collect();
    let mut names = Names::default();
    let mut then = vec![];
    for (index, leaf) in leaves.iter().enumerate() {
        names.learn(index, leaf);
        then.push(names.shown(&control::rows(leaf)));
    }
    for (index, (leaf, then)) in leaves.iter().zip(then).enumerate() {
        assert_eq!(names.shown(&control::rows(leaf)), then, "the rows of leaf {index}");
        for (title, sentence) in &then {
            assert!(!title.is_empty() && !title.contains(['{', '}']) && !sentence.contains(['{', '}']), "{title}");
        }
    }
}

#[test]
fn rows_of_a_leaf_read_the_same_at_every_later_size() {
    // By its type a row sees nothing but its leaf.
    let _: fn(&Leaf) -> Vec<Row> = control::rows;
    stand_still(&recorded());
    runner::check(6, strategy(), |history| stand_still(&played(&history).world));
}

/// The row of leaf N at size N is the one at size N + 1,000.
#[test]
fn rows_of_a_leaf_read_the_same_a_thousand_leaves_later() {
    runner::check(1, long_strategy(), |history| {
        let world = played(&history).world;
        assert!(world.leaves.len() > 1_200, "{} leaves", world.leaves.len());
        stand_still(&world);
    });
}

/// Words in place of ids.
fn words(fragments: &[Fragment]) -> String {
    let word = |fragment: &Fragment| match fragment {
        Fragment::Text(text) => text.clone(),
        Fragment::Person(_) | Fragment::Actor(Actor::Person(_)) => "PERSON".to_owned(),
        Fragment::Engine(_) => "ENGINE".to_owned(),
        Fragment::Tenant(_) => "TENANT".to_owned(),
        Fragment::Node(_) => "NODE".to_owned(),
        Fragment::Resource(_) => "RELEASE".to_owned(),
        Fragment::Change(_) => "CHANGE".to_owned(),
        Fragment::Actor(actor) => format!("{actor:?}").to_uppercase(),
        Fragment::Instant(_) => "INSTANT".to_owned(),
        Fragment::Refusal(refusal) => refusal.message(&|_| "PERSON".to_owned()).0,
    };
    fragments.iter().map(word).collect()
}

/// What none of the lives has: of the change of this leaf, as the clock would write it.
fn settled(leaf: &Leaf) -> Option<Leaf> {
    let Some(Effect::Change { about, .. }) = leaf.effects.first() else { return None };
    let (item, code) = (token("load-test"), token("artifact.changed"));
    let party = Party { person: PersonId([1; 16]), roles: vec![GO] };
    let events = [
        ChangeEvent::Attached { item: item.clone() },
        ChangeEvent::ChecklistComplete { items: vec![item] },
        ChangeEvent::ApprovalLapsed { slot: 0, party },
        ChangeEvent::Superseded { by: about.change },
        ChangeEvent::Unscheduled { code: code.clone() },
        ChangeEvent::Invalidated { service: Service::Platform, code },
        ChangeEvent::ReviewOverdue { review_by: leaf.now },
    ];
    let effects = events.map(|event| Effect::Change { about: about.clone(), event }).into();
    Some(Leaf { effects, ..leaf.clone() })
}

#[test]
fn the_rows_of_every_kind_read_as_they_were_reviewed() {
    let (mut lines, mut events) = (BTreeSet::new(), BTreeSet::new());
    let scenes = scenes().into_iter().map(|(.., scene)| scene().world);
    let worlds: Vec<_> = lives().into_iter().chain(scenes).collect();
    let leaves: BTreeSet<_> = worlds.iter().flat_map(|world| &world.leaves).collect();
    let leaves: Vec<_> = leaves.into_iter().map(|bytes| Leaf::decode(bytes).unwrap()).collect();
    let settled = leaves.iter().find_map(settled).unwrap();
    for leaf in leaves.into_iter().chain([settled]) {
        events.extend(leaf.effects.iter().filter_map(|effect| effect.event()).map(|event| event.name().word()));
        for row in rows(&leaf) {
            let shown = if row.headline { "headline" } else { "entry" };
            let (title, sentence) = (words(&row.title), words(&row.sentence));
            lines.insert(format!("{} {} {shown}\n    {title}\n    {sentence}\n", row.category, row.severity));
        }
    }
    golden::check("rows.txt", &lines.into_iter().collect::<String>());
    let unseen: Vec<_> = EventName::ALL.iter().filter(|name| !events.contains(name.word())).collect();
    assert_eq!(unseen, [] as [&EventName; 0], "events that none of these lives has");
}

/// What would have decided something and was refused is read without asking for it; other slips are found
/// among all entries.
#[test]
fn a_refused_seal_approval_or_run_is_a_headline() {
    let mut seen = BTreeSet::new();
    for (name, code, _, _, scene) in scenes() {
        let mut scene = scene();
        let Command::Signed { statement, .. } = scene.command.clone() else { continue };
        if !scene.natural {
            continue;
        }
        let leaf = scene.world.submit(scene.command).unwrap_or_else(|no| panic!("{name}: {no:?}"));
        let rows = control::rows(&leaf);
        let [row] = &rows[..] else { panic!("{name}: {rows:?}") };
        let verb = statement.act.verb();
        let decides = matches!(verb, Verb::Seal | Verb::Approve | Verb::Run);
        assert_eq!(row.headline, decides, "{name}");
        assert!(!decides || row.severity == Severity::Medium, "{name}: {}", row.severity);
        assert_eq!((&row.actor, row.change), (&Actor::Person(statement.person), leaf.command.change()), "{name}");
        assert_eq!(row.refused.as_ref().map(control::Refusal::code), Some(code), "{name}");
        seen.extend(decides.then(|| control::verb_row(verb).name));
    }
    assert_eq!(seen.len(), 3, "{seen:?}");
}

/// Who approved, and what a change waited for, stand in the row for good: its leaf says them.
#[test]
fn a_row_keeps_who_decided_and_what_was_waited_for_when_all_of_it_has_changed() {
    let mut world = World::new();
    let (a, big) = (world.publish("a", 64), world.publish("big", 2_000));
    world.deploy(a);
    let deployment = world.drafted(KindName::Deployment, big);
    let rollback = world.drafted(KindName::Rollback, a);
    let sealed = accepted(world.seal(OPAL, rollback));
    let sentence = &control::rows(&sealed)[0].sentence;
    let waits = Fragment::text(" while provisioning is blocked on node placement");
    assert!(sentence.contains(&waits), "{sentence:?}");
    accepted(world.approve(OMAR, rollback, GO));
    let approved = accepted(world.approve(SAUL, rollback, SA));
    let (index, both) = (world.leaves.len() - 1, [OMAR, SAUL].map(|who| Fragment::Person(world.id(who))));
    let rows = control::rows(&approved);
    let row = rows.iter().find(|row| both.iter().all(|one| row.sentence.contains(one)));
    assert!(row.is_some(), "{rows:?}");

    accepted(world.verb(OPAL, "cancel", deployment));
    let other = world.package(rollback, KindName::Rollback, a);
    accepted(world.open(OPAL, &other));
    let leaf = |index: usize| Leaf::decode(&world.leaves[index]).unwrap();
    assert_eq!(control::rows(&leaf(index)), rows);
    assert!(control::rows(&leaf(index - 2))[0].sentence.contains(&waits));
}
