//! Words about a tenant, an engine, something published or a key.

use super::signing::StatementContext;
use crate::refusal::refuse_if;
use crate::verb::{Speaker, verb_row};
use crate::{Asked, Refusal, Replaces, governs, reach};
use model::{Digest, KindName, PersonId, Role, TenantId};
use signed::{Act, Roster};

pub(super) fn role_held(s: &StatementContext) -> Result<(), Refusal> {
    let Some(person) = s.person else { return Ok(()) };
    let needed = match verb_row(s.statement.act.verb()).speaker {
        Speaker::Roles(roles) => roles.to_vec(),
        _ => Role::ALL.to_vec(),
    };
    let held = person.roles.iter().any(|role| needed.contains(role));
    refuse_if(!held, Refusal::RoleMissing { needed })
}

/// What no plan may name is published for nobody else: first the recall is lifted.
pub(super) fn not_recalled(s: &StatementContext) -> Result<(), Refusal> {
    let Act::Publish { digest, .. } = &s.statement.act else { return Ok(()) };
    let Some(known) = s.state.resources.get(digest) else { return Ok(()) };
    let resource = known.content.resource();
    refuse_if(s.state.recalled.contains_key(digest), Refusal::ResourceRecalled { resource })
}

/// What is registered, published or recalled is not so already; an engine has its ports for itself.
pub(super) fn not_there_yet(s: &StatementContext) -> Result<(), Refusal> {
    let taken = match &s.statement.act {
        Act::RegisterTenant { tenant } => s.state.tenants.contains_key(tenant),
        Act::RegisterEngine { engine, node, port, side_ports, hosts, .. } => {
            let wanted = [*port, side_ports[0], side_ports[1]];
            let here = s.state.engines.values().filter(|known| known.node == *node);
            let mut ports = here.flat_map(|known| [known.port, known.side_ports[0], known.side_ports[1]]);
            // A host name leads to one engine, on whatever node.
            let named = s.state.engines.values().any(|known| known.hosts.iter().any(|host| hosts.contains(host)));
            s.state.engines.contains_key(engine) || named || ports.any(|port| wanted.contains(&port))
        }
        Act::Publish { digest, tenant, .. } => return not_published_yet(s, digest, tenant.as_ref()),
        Act::Recall { digest } => return not_recalled_yet(s, digest),
        _ => false,
    };
    refuse_if(taken, Refusal::Taken {})
}

fn not_published_yet(s: &StatementContext, digest: &Digest, tenant: Option<&TenantId>) -> Result<(), Refusal> {
    let Some(known) = s.state.resources.get(digest).filter(|known| known.whose.covers(tenant)) else { return Ok(()) };
    let index = tenant.and_then(|tenant| known.whose.published_for(tenant));
    Err(Refusal::PublishedAlready { resource: known.content.resource(), index })
}

fn not_recalled_yet(s: &StatementContext, digest: &Digest) -> Result<(), Refusal> {
    let recalled = s.state.resources.get(digest).zip(s.state.recalled.get(digest));
    let Some((known, index)) = recalled else { return Ok(()) };
    Err(Refusal::RecalledAlready { resource: known.content.resource(), index: *index })
}

/// For more tenants the same is published as what it was published as.
pub(super) fn published_alike(s: &StatementContext) -> Result<(), Refusal> {
    let Act::Publish { resource, digest, product, version, .. } = &s.statement.act else { return Ok(()) };
    let Some(known) = s.state.resources.get(digest) else { return Ok(()) };
    let was = known.content.resource();
    let alike = (was, &known.product, &known.version) == (*resource, product, version);
    let (product, version) = (known.product.clone(), known.version.clone());
    refuse_if(!alike, Refusal::PublishedOtherwise { resource: was, product, version })
}

/// Who names a product and version means one thing, on whatever engine: what was recalled, or is never certified, is
/// not meant.
pub(super) fn edition_free(s: &StatementContext) -> Result<(), Refusal> {
    let Act::Publish { resource, digest, product, version, tenant } = &s.statement.act else { return Ok(()) };
    let other = s.state.edition(*resource, product, version).find(|(known, published)| {
        let usable = published.refused.is_none() && !s.state.recalled.contains_key(*known);
        *known != digest && usable && published.whose.meets(tenant.as_ref())
    });
    other.map_or(Ok(()), |(by, _)| Err(Refusal::EditionTaken { resource: *resource, by: *by }))
}

/// The key, and whose it is, where the word is that it signs nothing any more.
fn suspended<'a>(s: &'a StatementContext) -> Option<(&'a PersonId, &'a Digest)> {
    match &s.statement.act {
        Act::Suspend { person, key } => Some((person, key)),
        _ => None,
    }
}

/// The first of two people's words that a key be suspended, while it stands. A key needs no second
/// word to suspend itself.
pub(crate) fn stands<'a>(s: &StatementContext<'a>, key: &Digest) -> Option<&'a Asked> {
    let first = s.state.suspensions.get(key).filter(|asked| asked.stands(s.state, s.now));
    first.filter(|_| s.statement.key != *key)
}

pub(super) fn key_known(s: &StatementContext) -> Result<(), Refusal> {
    let Some((person, key)) = suspended(s) else { return Ok(()) };
    let known = s.state.roster.key(person, key).is_some() && s.state.since.key_is_active(key);
    refuse_if(!known, Refusal::KeyUnknown {})
}

pub(super) fn second_suspender(s: &StatementContext) -> Result<(), Refusal> {
    let first = suspended(s).and_then(|(_, key)| stands(s, key));
    refuse_if(first.is_some_and(|first| first.person == s.statement.person), Refusal::SecondPerson {})
}

/// Never refused for reach, except where afterwards there would not be people for a roster change.
pub(super) fn suspends_not_last(s: &StatementContext) -> Result<(), Refusal> {
    let Some((_, key)) = suspended(s).filter(|(_, key)| stands(s, key).is_some()) else { return Ok(()) };
    let lost = reach::unreachable(&without(&s.state.roster, key), s.state, &s.state.kinds);
    let roster = |kind: &KindName| governs(*kind).replaces() == Some(Replaces::Roster);
    refuse_if(lost.iter().any(roster), Refusal::SuspendsLast {})
}

/// The roster as if the key were not there.
fn without(roster: &Roster, key: &Digest) -> Roster {
    let mut left = roster.clone();
    left.people.iter_mut().for_each(|person| person.keys.retain(|known| known.id != *key));
    left
}
