//! Registrations, the roster, governed documents, suspensions.

use super::Without::Accepted;
use super::{Row, Scene, act, natural};
use crate::world::{FAYE, FR, GO, OMAR, OPAL, SAUL, World, accepted, key_of, persona};
use control::{Body, KindTable, Quota, Setting, TenantTerm, TenantTerms};
use model::{ChangeId, Digest, EngineId, TenantId};
use signed::{Act, Roster};

pub const ROWS: &[Row] = &[
    ("register a tenant twice", "register.taken", "not_there_yet", Accepted, taken),
    ("register an engine on a port in use", "register.taken", "not_there_yet", Accepted, port_taken),
    ("a roster that does not hold together", "document.unsound", "draft_fits", Accepted, || {
        roster(|next| next.nodes.clear())
    }),
    ("terms with a burst and no rate", "terms.burst_without_rate", "draft_fits", Accepted, burst_alone),
    ("a roster on another base", "base.drifted", "draft_fits", Accepted, other_base),
    ("a roster that strands a kind", "roster.kind_unreachable", "draft_fits", Accepted, strands),
    ("a roster with a key that was replaced", "roster.key_returns", "draft_fits", Accepted, key_returns),
    ("a roster that gives a key to somebody else", "roster.key_returns", "draft_fits", Accepted, key_moves),
    ("a roster with a key nobody proved", "roster.possession_missing", "draft_fits", Accepted, unproven),
    ("rules that do not rise", "settings.rules_must_rise", "draft_fits", Accepted, || {
        settings(Setting::Rules { number: 0 })
    }),
    ("kinds that nobody could approve", "roster.kind_unreachable", "draft_fits", Accepted, unreachable_kinds),
    ("suspend a key there is not", "suspend.key_unknown", "key_known", Accepted, unknown_key),
    ("one person suspends twice", "second.same_person", "second_suspender", Accepted, suspends_twice),
    ("suspend the last operator's key", "suspend.roster_unreachable", "suspends_not_last", Accepted, suspends_last),
];

fn taken() -> Scene {
    let world = World::new();
    let tenant = world.tenant;
    act(world, OMAR, Act::RegisterTenant { tenant })
}

fn port_taken() -> Scene {
    let world = World::new();
    let (tenant, node) = (world.tenant, world.node);
    let engine = EngineId([1; 16]);
    act(world, OMAR, Act::RegisterEngine { engine, tenant, node, port: 8201, side_ports: [9001, 9002] })
}

fn opening(mut world: World, body: Body) -> Scene {
    let change = ChangeId(world.fresh());
    let package = world.package_of(change, body);
    let command = world.opening(OPAL, &package);
    natural(world, command)
}

fn roster(alter: impl FnOnce(&mut Roster)) -> Scene {
    let mut world = World::new();
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
    settings(Setting::TenantTerms(TenantTerms { tenants: vec![TenantTerm { tenant: TenantId([0x07; 16]), quota }] }))
}

fn unreachable_kinds() -> Scene {
    let mut table = KindTable::standard();
    table.kinds[0].slots.push(control::Slot::of(GO));
    settings(Setting::Kinds(table))
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
