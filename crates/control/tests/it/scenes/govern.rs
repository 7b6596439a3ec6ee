//! Registrations, the roster, governed documents, suspensions.

use super::Without::Accepted;
use super::{Row, Scene, act, natural};
use crate::world::{
    DORA, FAYE, FR, GO, HOUR_MS, OMAR, OPAL, SA, SAUL, World, accepted, key_of, persona, row_of, token,
};
use control::{Body, Item, Kind, KindTable, Presence, Quota, Review, ReviewWhen, Setting, TenantTerm, TenantTerms};
use model::{ChangeId, Digest, EngineId, KindName, NodeId, Resource, TenantId};
use signed::{Act, Roster, ServiceEntry};

pub const ROWS: &[Row] = &[
    ("register a tenant twice", "register.taken", "not_there_yet", Accepted, taken),
    ("publish the same again", "publish.already", "not_there_yet", Accepted, || published(false, publish)),
    ("recall what is recalled", "recall.already", "not_there_yet", Accepted, || {
        published(true, |digest, _| Act::Recall { digest })
    }),
    ("publish what is recalled for others", "bundle.recalled", "not_recalled", Accepted, || {
        published(true, |digest, _| publish(digest, None))
    }),
    ("register an engine on a port in use", "register.taken", "not_there_yet", Accepted, port_taken),
    ("register an engine under a host in use", "register.taken", "not_there_yet", Accepted, host_taken),
    ("a roster that does not hold together", "document.unsound", "draft_fits", Accepted, || {
        roster(|next| next.nodes.clear())
    }),
    ("terms with a burst and no rate", "terms.burst_without_rate", "draft_fits", Accepted, burst_alone),
    ("a roster on another base", "base.drifted", "draft_fits", Accepted, other_base),
    ("a roster that strands a kind", "roster.kind_unreachable", "draft_fits", Accepted, strands),
    ("a roster with a key that was replaced", "roster.key_returns", "draft_fits", Accepted, key_returns),
    ("a roster that gives a key to somebody else", "roster.key_returns", "draft_fits", Accepted, key_moves),
    (
        "a roster with a service's key that was replaced",
        "roster.key_returns",
        "draft_fits",
        Accepted,
        service_key_returns,
    ),
    ("a roster without a node that has an engine", "roster.node_in_use", "draft_fits", Accepted, || {
        roster(|next| (next.nodes[0].id, next.services) = (NodeId([0x77; 16]), moved(&next.services)))
    }),
    ("a roster with a key nobody proved", "roster.possession_missing", "draft_fits", Accepted, unproven),
    ("rules that do not rise", "settings.rules_must_rise", "draft_fits", Accepted, || {
        settings(Setting::Rules { number: 0 })
    }),
    ("kinds that nobody could approve", "roster.kind_unreachable", "draft_fits", Accepted, unreachable_kinds),
    ("kinds under which no roster change fits its row", "document.unsound", "draft_fits", Accepted, || {
        kinds(ROSTER, |row| (row.until, row.until_max_ms) = (Presence::Required, Some(HOUR_MS)))
    }),
    ("kinds under which no settings change fits its row", "document.unsound", "draft_fits", Accepted, || {
        kinds(SETTINGS, |row| (row.until, row.until_max_ms) = (Presence::Required, Some(HOUR_MS)))
    }),
    ("kinds under which nobody approves a roster change in time", "document.unsound", "draft_fits", Accepted, || {
        kinds(ROSTER, |row| row.approve_within_ms = 1)
    }),
    ("kinds under which nobody runs a settings change in time", "document.unsound", "draft_fits", Accepted, || {
        kinds(SETTINGS, |row| row.execute_within_ms = row.cooling_ms + 1)
    }),
    ("kinds under which a review could stop all roster changes", "document.unsound", "draft_fits", Accepted, || {
        kinds(ROSTER, |row| row.review = Some(review(true, ReviewWhen::Always)))
    }),
    ("kinds with a review of what another system does", "document.unsound", "draft_fits", Accepted, || {
        kinds(KindName::External, |row| row.review = Some(review(false, ReviewWhen::Always)))
    }),
    ("kinds with a review of what is never left unchecked", "document.unsound", "draft_fits", Accepted, || {
        kinds(super::DEPLOYMENT, |row| row.review = Some(review(false, ReviewWhen::Unchecked)))
    }),
    ("kinds with an end of what grants nothing", "document.unsound", "draft_fits", Accepted, || {
        kinds(KindName::Drain, |row| (row.until, row.until_max_ms) = (Presence::Optional, Some(HOUR_MS)))
    }),
    ("kinds with a soak of what starts nothing", "document.unsound", "draft_fits", Accepted, || {
        kinds(KindName::Drain, |row| row.soak_ms = 1_000)
    }),
    ("kinds in a catalogue that does not know them", "document.unsound", "draft_fits", Accepted, || {
        kinds(KindName::Drain, |row| row.in_catalogue = true)
    }),
    ("a roster without whom a checklist needs", "roster.kind_unreachable", "draft_fits", Accepted, || {
        leaving(|row| row.checklist = vec![Item { item: token("record"), role: SA }], &[SAUL])
    }),
    ("a roster without whom an escalation needs", "roster.kind_unreachable", "draft_fits", Accepted, || {
        leaving(|row| row.escalation = Some(vec![SA]), &[FAYE, DORA])
    }),
    ("a roster without whom a review needs", "roster.kind_unreachable", "draft_fits", Accepted, || {
        leaving(|row| row.review = Some(review(false, ReviewWhen::Always)), &[FAYE, DORA])
    }),
    ("suspend a key there is not", "suspend.key_unknown", "key_known", Accepted, unknown_key),
    ("one person suspends twice", "second.same_person", "second_suspender", Accepted, suspends_twice),
    ("suspend the last operator's key", "suspend.roster_unreachable", "suspends_not_last", Accepted, suspends_last),
    (
        "suspend the last key of whom a checklist needs",
        "suspend.roster_unreachable",
        "suspends_not_last",
        Accepted,
        suspends_attacher,
    ),
];

const ROSTER: KindName = KindName::RosterChange;
const SETTINGS: KindName = KindName::SettingsChange;

fn taken() -> Scene {
    let world = World::new();
    let tenant = world.tenant;
    act(world, OMAR, Act::RegisterTenant { tenant })
}

fn publish(digest: Digest, tenant: Option<TenantId>) -> Act {
    let (product, version) = (token("pod-storefront-core"), token("2026.02"));
    Act::Publish { resource: Resource::Theme, digest, product, version, tenant }
}

/// What is said of a theme that is published for one tenant, and recalled or not.
fn published(recalled: bool, said: impl FnOnce(Digest, Option<TenantId>) -> Act) -> Scene {
    let mut world = World::new();
    let tenant = world.tenant;
    let theme = world.publish_theme_of(tenant, "2026.02");
    if recalled {
        accepted(world.sign_and_submit(SAUL, Act::Recall { digest: theme }));
    }
    act(world, OPAL, said(theme, Some(tenant)))
}

fn port_taken() -> Scene {
    let world = World::new();
    let (tenant, node) = (world.tenant, world.node);
    let engine = EngineId([1; 16]);
    act(
        world,
        OMAR,
        Act::RegisterEngine {
            engine,
            tenant,
            node,
            port: 8201,
            side_ports: [9001, 9002],
            profile: crate::world::shop(),
            hosts: vec![],
        },
    )
}

/// A host name leads to one engine, whatever its ports are.
fn host_taken() -> Scene {
    let mut world = World::new();
    let (tenant, node, hosts) = (world.tenant, world.node, vec![token("shop.example.com")]);
    let register = |number: u8, port: u16| Act::RegisterEngine {
        engine: EngineId([number; 16]),
        tenant,
        node,
        port,
        side_ports: [port + 1, port + 2],
        profile: crate::world::shop(),
        hosts: hosts.clone(),
    };
    accepted(world.sign_and_submit(OMAR, register(1, 9_000)));
    act(world, OMAR, register(2, 9_100))
}

fn opening(mut world: World, body: Body) -> Scene {
    let change = ChangeId(world.fresh());
    let package = world.package_of(change, body);
    let command = world.opening(OPAL, &package);
    natural(world, command)
}

fn roster(alter: impl FnOnce(&mut Roster)) -> Scene {
    roster_in(World::new(), alter)
}

fn roster_in(mut world: World, alter: impl FnOnce(&mut Roster)) -> Scene {
    let mut next = world.state.roster.clone();
    alter(&mut next);
    let body = world.roster_body(&next, &[]);
    opening(world, body)
}

fn other_base() -> Scene {
    let mut world = World::new();
    let mut next = world.state.roster.clone();
    next.people[FAYE].tenants = Some(vec![]);
    let next = world.shelve("roster", &next);
    opening(world, Body::RosterChange { base: Digest::ZERO, next, possessions: vec![] })
}

/// It gives Saul a role, and leaves one operator: no deployment would find a second one.
fn strands() -> Scene {
    roster(|next| {
        next.people[OMAR].roles.clear();
        next.people[SAUL].roles.insert(0, FR);
    })
}

fn key_returns() -> Scene {
    let mut world = World::new();
    let (old, fresh) = (world.state.roster.people[FAYE].keys.clone(), persona(3 + 40));
    let holder = crate::world::Persona { id: world.id(FAYE), ..fresh };
    let mut next = world.state.roster.clone();
    next.people[FAYE].keys = vec![key_of(&holder)];
    world.change_roster(OPAL, &next, &[&holder]);
    let mut back = world.state.roster.clone();
    back.people[SAUL].keys.extend(old);
    let body = world.roster_body(&back, &[]);
    opening(world, body)
}

fn service_key_returns() -> Scene {
    let mut world = World::new();
    let (first, second) = (world.state.roster.services[0].key, signed::ServiceKey::from_secret(&[0x61; 32]).public());
    let mut next = world.state.roster.clone();
    next.services[0].key = second;
    world.change_roster(OPAL, &next, &[]);
    let mut back = world.state.roster.clone();
    back.services[0].key = first;
    let body = world.roster_body(&back, &[]);
    opening(world, body)
}

/// The services of a node, on another one.
fn moved(services: &[ServiceEntry]) -> Vec<ServiceEntry> {
    let node = |entry: &ServiceEntry| entry.node.map(|_| NodeId([0x77; 16]));
    services.iter().map(|entry| ServiceEntry { node: node(entry), ..entry.clone() }).collect()
}

fn key_moves() -> Scene {
    roster(|next| {
        let (mine, theirs) = (next.people[FAYE].keys.clone(), next.people[SAUL].keys.clone());
        (next.people[FAYE].keys, next.people[SAUL].keys) = (theirs, mine);
    })
}

fn unproven() -> Scene {
    roster(|next| next.people[FAYE].keys.push(key_of(&persona(30))))
}

fn settings(setting: Setting) -> Scene {
    let mut world = World::new();
    let body = world.setting_body(&setting);
    opening(world, body)
}

fn burst_alone() -> Scene {
    let quota = Quota { burst: Some(5), ..Quota::default() };
    settings(Setting::TenantTerms(TenantTerms {
        tenants: vec![TenantTerm { tenant: TenantId([0x07; 16]), quota, envelope: vec![] }],
    }))
}

fn unreachable_kinds() -> Scene {
    let mut table = KindTable::standard();
    table.kinds[0].slots.push(control::Slot::of(GO));
    settings(Setting::Kinds(table))
}

/// The standard kinds but for this row.
fn kinds(name: KindName, alter: impl FnOnce(&mut Kind)) -> Scene {
    let mut table = KindTable::standard();
    alter(row_of(&mut table, name));
    settings(Setting::Kinds(table))
}

fn review(blocks_author: bool, when: ReviewWhen) -> Review {
    Review { roles: vec![SA], within_ms: HOUR_MS, blocks_author, when }
}

/// With these of five people gone nobody could change the roster any more, the row of roster changes being so.
fn leaving(alter: impl FnOnce(&mut Kind), gone: &[usize]) -> Scene {
    let world = World::under(|table| alter(row_of(table, ROSTER)));
    let gone: Vec<_> = gone.iter().map(|who| world.id(*who)).collect();
    roster_in(world, |next| next.people.retain(|person| !gone.contains(&person.id)))
}

fn suspends_attacher() -> Scene {
    let mut world = World::under(|table| {
        row_of(table, ROSTER).checklist = vec![Item { item: token("record"), role: SA }];
    });
    let suspend = suspending(&world, SAUL);
    accepted(world.sign_and_submit(FAYE, suspend.clone()));
    act(world, OMAR, suspend)
}

fn unknown_key() -> Scene {
    let world = World::new();
    let person = world.id(OMAR);
    act(world, OMAR, Act::Suspend { person, key: Digest::ZERO })
}

fn suspending(world: &World, who: usize) -> Act {
    Act::Suspend { person: world.id(who), key: world.people[who].key_id }
}

fn suspends_twice() -> Scene {
    let mut world = World::new();
    let suspend = suspending(&world, OMAR);
    accepted(world.sign_and_submit(FAYE, suspend.clone()));
    act(world, FAYE, suspend)
}

fn suspends_last() -> Scene {
    let mut world = World::new();
    let own = suspending(&world, OPAL);
    accepted(world.sign_and_submit(OPAL, own));
    let suspend = suspending(&world, OMAR);
    accepted(world.sign_and_submit(FAYE, suspend.clone()));
    act(world, SAUL, suspend)
}
