//! Statements about a tenant, an engine, an artifact or a key. Registrations are inert until a
//! package names them; a recall and a suspension only take away.

use super::{Decided, Inadmissible};
use crate::reach;
use crate::verb::{Speaker, verb_row};
use crate::{Artifact, Effect, Refusal, Replaces, RosterEvent, State, governs};
use model::{Digest, Instant, KindName, PersonId, Role};
use signed::{Act, NOT_AFTER_MAX_MS, Person, Roster, Statement};

pub(super) fn decide(
    state: &State,
    now: Instant,
    statement: &Statement,
    person: Option<&Person>,
) -> Result<Decided, Inadmissible> {
    let (tags, effect) = match &statement.act {
        Act::RegisterTenant { tenant } => {
            let taken = state.tenants.contains_key(tenant);
            (vec![*tenant], unless(taken, Effect::TenantRegistered { tenant: *tenant }))
        }
        Act::RegisterEngine { engine, tenant, node, port, side_ports } => {
            if !state.tenants.contains_key(tenant) || state.roster.node(node).is_none() {
                return Err(Inadmissible::UnknownObject);
            }
            let wanted = [*port, side_ports[0], side_ports[1]];
            if wanted.contains(&0) || wanted[0] == wanted[1] || wanted[0] == wanted[2] || wanted[1] == wanted[2] {
                return Err(Inadmissible::Bounds("an engine needs three distinct ports"));
            }
            let here = state.engines.values().filter(|known| known.node == *node);
            let mut ports = here.flat_map(|known| [known.port, known.side_ports[0], known.side_ports[1]]);
            let taken = state.engines.contains_key(engine) || ports.any(|port| wanted.contains(&port));
            (vec![*tenant], unless(taken, Effect::EngineRegistered { engine: *engine, node: *node }))
        }
        act @ Act::PublishArtifact { memory_mib, .. } => {
            if *memory_mib == 0 {
                return Err(Inadmissible::Bounds("an artifact needs memory"));
            }
            let (artifact, _) = Artifact::of(act, 0).ok_or(Inadmissible::UnknownObject)?;
            let taken = state.artifacts.contains_key(&artifact);
            (vec![], unless(taken, Effect::ArtifactPublished { artifact }))
        }
        Act::Recall { artifact } => {
            if !state.artifacts.contains_key(artifact) {
                return Err(Inadmissible::UnknownObject);
            }
            let taken = state.recalled.contains(artifact);
            (vec![], unless(taken, Effect::ArtifactRecalled { artifact: *artifact }))
        }
        Act::Suspend { person, key } => (vec![], suspend(state, now, statement, person, key)),
        _ => return Err(Inadmissible::UnknownObject),
    };
    // What such a statement acts on is the ledger itself, which exists: a try is recorded.
    Ok(match speaks(state, now, statement, person).and(effect) {
        Ok(effect) => Decided::accepted(vec![effect], tags),
        Err(refusal) => Decided::refused(refusal, tags),
    })
}

fn unless(taken: bool, effect: Effect) -> Result<Effect, Refusal> {
    if taken { Err(Refusal::Taken {}) } else { Ok(effect) }
}

fn speaks(state: &State, now: Instant, statement: &Statement, person: Option<&Person>) -> Result<(), Refusal> {
    let listed = state.roster.key(&statement.person, &statement.key).is_some();
    if !listed || !state.since.key_is_active(&statement.key) {
        return Err(Refusal::KeyNotActive {});
    }
    let left_ms = statement.not_after.millis_since(now);
    if left_ms < 0 {
        return Err(Refusal::StatementExpired { not_after: statement.not_after, now });
    }
    if left_ms > NOT_AFTER_MAX_MS {
        return Err(Refusal::NotAfterTooFar { not_after: statement.not_after, now });
    }
    let person = person.ok_or(Refusal::MachineMayNot {})?;
    let needed = match verb_row(statement.act.verb()).speaker {
        Speaker::Roles(roles) => roles.to_vec(),
        _ => Role::ALL.to_vec(),
    };
    if person.roles.iter().any(|role| needed.contains(role)) { Ok(()) } else { Err(Refusal::RoleMissing { needed }) }
}

/// By the key itself at once; by two other people with the second one's word. Never refused for
/// reach, except where afterwards nobody could ask for, approve and run a roster change.
fn suspend(
    state: &State,
    now: Instant,
    statement: &Statement,
    person: &PersonId,
    key: &Digest,
) -> Result<Effect, Refusal> {
    if state.roster.key(person, key).is_none() || !state.since.key_is_active(key) {
        return Err(Refusal::KeyUnknown {});
    }
    let suspended = Effect::Roster { event: RosterEvent::KeySuspended { person: *person, key: *key } };
    if statement.key == *key {
        return Ok(suspended);
    }
    match state.suspensions.get(key).filter(|asked| asked.stands(state, now)) {
        Some(asked) if asked.person == statement.person => Err(Refusal::SecondPerson {}),
        Some(_) => {
            let left = without(&state.roster, key);
            let lost = reach::unreachable(&left, state, &state.kinds);
            let roster = |kind: &KindName| governs(*kind).replaces() == Some(Replaces::Roster);
            if lost.iter().any(roster) { Err(Refusal::SuspendsLast {}) } else { Ok(suspended) }
        }
        None => {
            let event = RosterEvent::SuspensionAsked { person: *person, key: *key, until: statement.not_after };
            Ok(Effect::Roster { event })
        }
    }
}

/// The roster as if the key were not there.
fn without(roster: &Roster, key: &Digest) -> Roster {
    let mut left = roster.clone();
    left.people.iter_mut().for_each(|person| person.keys.retain(|known| known.id != *key));
    left
}
