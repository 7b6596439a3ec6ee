//! Leaf 0.

use super::{Decided, Inadmissible};
use crate::{Blobs, Effect, Kind, KindTable, RULES, State, blobs, guard};
use model::{Service, canon};
use std::collections::BTreeSet;
use tlog::note::{KeyKind, VerifierKey};
use warrant::{FounderSignature, Genesis, Person};

/// The kinds a genesis names, from their blob.
pub(crate) fn kinds(blobs: &dyn Blobs, genesis: &Genesis) -> Option<KindTable> {
    canon::from_slice(&blobs::whole(blobs, "kinds", &genesis.kind_table)?).ok()
}

pub(super) fn decide(
    state: &State,
    blobs: &dyn Blobs,
    genesis: &Genesis,
    signatures: &[FounderSignature],
) -> Result<Decided, Inadmissible> {
    if state.is_founded() {
        return Err(Inadmissible::Genesis);
    }
    let roster = &genesis.roster;
    let people: BTreeSet<_> = roster.people.iter().map(|person| person.id).collect();
    let keys: Vec<_> = roster.people.iter().flat_map(|person| person.keys.iter().map(|key| key.id)).collect();
    let distinct: BTreeSet<_> = keys.iter().collect();
    let signers: BTreeSet<_> = signatures.iter().map(|signature| signature.person).collect();
    let demand = |holds: bool, why| if holds { Ok(()) } else { Err(Inadmissible::Founding(why)) };
    demand(genesis.rules == RULES, "it names other rules")?;
    demand(people.len() == roster.people.len(), "two people share an id")?;
    demand(distinct.len() == keys.len(), "two people share a key")?;
    demand(roster.people.iter().all(|person| !person.keys.is_empty()), "a person has no key")?;
    roster.check_keys().map_err(Inadmissible::Key)?;
    let log_key: VerifierKey = genesis.log_key.parse().map_err(Inadmissible::LogKey)?;
    let is_ours = log_key.kind() == KeyKind::Ed25519 && log_key.name() == format!("{}/control", genesis.origin);
    demand(is_ours, "its log key is not one of the log `<origin>/control`")?;
    let needed = genesis.founders_needed as usize;
    demand(needed >= 1 && needed <= people.len(), "the number of founders needed is not possible")?;
    demand(signers.len() >= needed && signers.is_subset(&people), "not enough founders have signed")?;
    demand(Service::ALL.iter().all(|service| roster.service(*service).is_some()), "a service has no key")?;
    let services: BTreeSet<_> = roster.services.iter().map(|entry| entry.service).collect();
    let service_keys: BTreeSet<_> = roster.services.iter().map(|entry| entry.key).collect();
    let entries = roster.services.len();
    demand(services.len() == entries && service_keys.len() == entries, "a service is listed twice or shares a key")?;
    demand(roster.console.is_none_or(|key| !service_keys.contains(&key)), "the console has the key of a service")?;
    let sorted = |person: &Person| person.tenants.as_ref().is_none_or(|tenants| tenants.is_sorted_by(|a, b| a < b));
    demand(roster.people.iter().all(sorted), "a person's tenants are not sorted, or one is listed twice")?;
    demand(!roster.nodes.is_empty(), "there is no node")?;
    let kinds = kinds(blobs, genesis).ok_or(Inadmissible::MissingBlob)?;
    // A slot is named by its role: the same role twice would be filled by one person.
    let distinct_slots = |kind: &Kind| kind.slots.iter().collect::<BTreeSet<_>>().len() == kind.slots.len();
    demand(
        kinds.kinds.iter().all(|kind| !kind.slots.is_empty() && distinct_slots(kind)),
        "a kind repeats a slot or has none",
    )?;
    let mut founded = State { roster: roster.clone(), kinds, ..State::empty() };
    founded.size = 1;
    demand(satisfiable(&founded), "its people cannot approve every kind of change")?;
    Ok(Decided::accepted(vec![Effect::LedgerFounded {}], vec![]))
}

/// Whether every kind has an author for whom other, distinct people can fill the slots.
fn satisfiable(state: &State) -> bool {
    state.kinds.kinds.iter().all(|kind| {
        state.roster.holders(kind.author).any(|author| guard::can_fill(state, &kind.slots, &[author.id].into()).is_ok())
    })
}
