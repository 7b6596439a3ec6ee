//! Statements about a tenant, an engine, something published or a key. Registrations are inert until a
//! package names them; a recall and a suspension only take away.

use crate::guard::{StatementContext, stands};
use crate::{Blobs, Change, ChangeEvent, Decided, Effect, Guards, Inadmissible, RosterEvent, State, config, is_host};
use crate::{HOSTS_MAX, Unsound, retention};
use model::{Digest, PersonId, Resource, Status, TenantId};
use signed::Act;
use std::collections::BTreeSet;

pub(super) fn decide(guards: &Guards, blobs: &dyn Blobs, s: &StatementContext) -> Result<Decided, Inadmissible> {
    let act = &s.statement.act;
    possible(s.state, blobs, act)?;
    let mut stopped = (vec![], vec![]);
    let (mut tags, effect) = match act {
        Act::RegisterTenant { tenant } => (vec![*tenant], Effect::TenantRegistered { tenant: *tenant }),
        Act::RegisterEngine { engine, tenant, node, .. } => {
            (vec![*tenant], Effect::EngineRegistered { engine: *engine, node: *node })
        }
        Act::Publish { resource, digest, tenant, .. } => {
            let effect = Effect::ResourcePublished { resource: *resource, digest: *digest };
            (tenant.iter().copied().collect(), effect)
        }
        Act::Recall { digest } => {
            let known = s.state.resources.get(digest).ok_or(Inadmissible::UnknownObject)?;
            let effect = Effect::ResourceRecalled { resource: known.content.resource(), digest: *digest };
            (known.whose.tenants(), effect)
        }
        Act::Suspend { person, key } => {
            let effect = suspension(s, person, key);
            if matches!(&effect, Effect::Roster { event: RosterEvent::KeySuspended { .. } }) {
                stopped = what_rests_on(s, person, key);
            }
            (vec![], effect)
        }
        _ => return Err(Inadmissible::UnknownObject),
    };
    // What such a statement acts on is the ledger itself, which exists: a try is recorded.
    Ok(match guards.check_thing(s) {
        Ok(()) => {
            let (held, tenants) = stopped;
            tags.extend(tenants);
            Decided::accepted([effect].into_iter().chain(held).collect(), tags)
        }
        Err(refusal) => Decided::refused(refusal, tags),
    })
}

/// What names something that there is not, or that cannot be, is no leaf.
fn possible(state: &State, blobs: &dyn Blobs, act: &Act) -> Result<(), Inadmissible> {
    let known = match act {
        Act::RegisterEngine { tenant, node, port, side_ports, profile, hosts, .. } => {
            let [blue, green] = *side_ports;
            let known = state.tenants.contains_key(tenant) && state.roster.node(node).is_some();
            if known && ([*port, blue, green].contains(&0) || *port == blue || *port == green || blue == green) {
                return Err(Inadmissible::Bounds("an engine needs three distinct ports"));
            }
            if known && profile.memory_mib == 0 {
                return Err(Inadmissible::Bounds("an engine's profile allows no memory"));
            }
            let sound = hosts.is_sorted_by(|a, b| a < b) && hosts.iter().all(is_host) && hosts.len() <= HOSTS_MAX;
            if known && !sound {
                return Err(Inadmissible::Bounds(
                    "an engine's hosts are names in lower case, sorted, each once, 16 at most",
                ));
            }
            known
        }
        Act::Publish { resource, digest, tenant, .. } => {
            document(blobs, *resource, digest)?;
            tenant.is_none_or(|tenant| state.tenants.contains_key(&tenant))
        }
        Act::Recall { digest } => state.resources.contains_key(digest),
        _ => true,
    };
    if known { Ok(()) } else { Err(Inadmissible::UnknownObject) }
}

/// A document that is published is there, of its shape, and holds together.
fn document(blobs: &dyn Blobs, resource: Resource, digest: &Digest) -> Result<(), Inadmissible> {
    let unsound = |unsound: Unsound| Inadmissible::Bounds(unsound.why);
    match resource {
        Resource::Config => config::stored(blobs, digest).ok_or(Inadmissible::MissingBlob)?.check().map_err(unsound),
        Resource::Retention => {
            retention::stored(blobs, digest).ok_or(Inadmissible::MissingBlob)?.check().map_err(unsound)
        }
        Resource::Artifact | Resource::Theme => Ok(()),
    }
}

/// A running change that rests on a suspended key is held by who suspends it: one whose approval was signed with
/// it, or that the key's person ordered (with which of their keys is not in the state). With whom it concerns.
fn what_rests_on(s: &StatementContext, person: &PersonId, key: &Digest) -> (Vec<Effect>, Vec<TenantId>) {
    let rests = |change: &&Change| {
        let ordered = change.run.as_ref().is_some_and(|run| run.person == *person);
        ordered || change.approvals.values().any(|approval| approval.key == *key)
    };
    let executing = |change: &&Change| change.status_at(s.state, s.now) == Status::Executing && !change.unwinding;
    let running = s.state.open_changes().filter(executing);
    let stopped: Vec<_> = running.filter(rests).collect();
    let tenants: BTreeSet<_> = stopped.iter().flat_map(|change| change.subject.tenants.iter().copied()).collect();
    let held = stopped.into_iter().map(|change| change.event(ChangeEvent::Held {})).collect();
    (held, tenants.into_iter().collect())
}

/// By the key itself at once; by two other people with the second one's word.
fn suspension(s: &StatementContext, person: &PersonId, key: &Digest) -> Effect {
    let (person, key) = (*person, *key);
    let event = if s.statement.key == key || stands(s, &key).is_some() {
        RosterEvent::KeySuspended { person, key }
    } else {
        RosterEvent::SuspensionAsked { person, key, until: s.statement.not_after }
    };
    Effect::Roster { event }
}
