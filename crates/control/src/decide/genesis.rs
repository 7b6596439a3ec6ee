//! Leaf 0.

use crate::{Blobs, Decided, Effect, Inadmissible, KindTable, Setting, State, log_key, reach, settings};
use model::SettingName;
use signed::{FounderSignature, Genesis};
use std::collections::BTreeSet;
use tlog::note::VerifierKey;

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
    let demand = |holds: bool, why: &'static str| if holds { Ok(()) } else { Err(Inadmissible::Founding(why.into())) };
    roster.check_keys().map_err(Inadmissible::Key)?;
    roster.check().map_err(|why| Inadmissible::Founding(why.into()))?;
    let people: BTreeSet<_> = roster.people.iter().map(|person| person.id).collect();
    let signers: BTreeSet<_> = signatures.iter().map(|signature| signature.person).collect();
    for key in &roster.log_keys {
        key.parse::<VerifierKey>().map_err(Inadmissible::LogKey)?;
    }
    demand(log_key::are_of(&genesis.origin, roster), "a log key is not one of the log `<origin>/control`")?;
    let needed = genesis.founders_needed as usize;
    demand(needed >= 1 && needed <= people.len(), "the number of founders needed is not possible")?;
    demand(signers.len() >= needed && signers.is_subset(&people), "not enough founders have signed")?;
    let names: Vec<_> = genesis.settings.iter().map(|first| first.name).collect();
    demand(names == SettingName::ALL, "its documents are not each of the known ones, in order")?;
    let settings = settings::founding(blobs, genesis).ok_or(Inadmissible::MissingBlob)?;
    let mut kinds = KindTable { kinds: vec![] };
    for (first, setting) in genesis.settings.iter().zip(&settings) {
        demand(setting.name() == first.name, "a document is listed under another name")?;
        setting.check().map_err(Inadmissible::Founding)?;
        match setting {
            Setting::Rules { number } => demand(*number == 0, "a ledger is founded under the rules 0")?,
            Setting::Kinds(table) => kinds = table.clone(),
            Setting::Recalls { .. } | Setting::TenantTerms(_) => {}
        }
    }
    let lost = reach::unreachable(roster, &State::empty(), &kinds);
    demand(lost.is_empty(), "there are not people enough for every kind of change")?;
    Ok(Decided::accepted(vec![Effect::LedgerFounded {}], vec![]))
}
