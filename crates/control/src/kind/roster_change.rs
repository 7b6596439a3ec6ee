//! Roster change: people, roles, keys, services and nodes, under the roster that is replaced.

use super::{Answers, Detail, Field, FormError, Governs, Kind, Replaces, Slot, Words};
use crate::event::EventName;
use crate::plan::{Fact, Plan};
use crate::{
    Blobs, Body, Change, Document, Effect, Inadmissible, Lock, Package, Refusal, RosterEvent, State, Subject, blobs,
    log_key,
};
use model::{Category, Digest, Instant, KindName, PersonId, Role, Severity, canon};
use signed::{Challenge, LogKeyChallenge, Person, PersonKey, Possession, Roster, log_key_id};
use std::collections::{BTreeMap, BTreeSet};

pub(super) struct RosterChange;

impl Governs for RosterChange {
    fn name(&self) -> KindName {
        KindName::RosterChange
    }

    fn row(&self) -> Kind {
        let slots = vec![Slot::of(Role::GovernanceOperator), Slot::either(Role::FinanceReviewer, Role::SupportAuditor)];
        Kind { author: Role::ALL.to_vec(), cooling_ms: 24 * super::HOUR_MS, ..Kind::usual(self.name(), slots) }
    }

    fn category(&self) -> Category {
        Category::Roster
    }

    fn subject(&self, _: &State, _: &Body) -> Result<Subject, Inadmissible> {
        Ok(Subject::default())
    }

    fn locks(&self, _: &Body) -> Vec<Lock> {
        vec![Lock::Roster]
    }

    fn document(&self, store: &dyn Blobs, body: &Body) -> Result<Option<Document>, Inadmissible> {
        let Body::RosterChange { next, .. } = body else { return Err(Inadmissible::OtherPackage) };
        let bytes = blobs::whole(store, "roster", next).ok_or(Inadmissible::MissingBlob)?;
        canon::from_slice(&bytes).map(|roster| Some(Document::Roster(roster))).map_err(|_| Inadmissible::OtherPackage)
    }

    fn draft(&self, state: &State, package: &Package, document: Option<&Document>) -> Result<(), Refusal> {
        let (Body::RosterChange { base, next, possessions }, Some(Document::Roster(roster))) =
            (&package.body, document)
        else {
            return Err(Refusal::DocumentUnsound {});
        };
        if *base != state.roster_digest || base == next {
            return Err(Refusal::BaseDrifted {});
        }
        roster.check().map_err(|_| Refusal::DocumentUnsound {})?;
        if !state.origin.as_ref().is_some_and(|origin| log_key::are_of(origin, roster)) {
            return Err(Refusal::DocumentUnsound {});
        }
        keeps_nodes(state, roster)?;
        returning(state, roster)?;
        possessed(state, roster, possessions)
    }

    /// What only takes away does not cool.
    fn requirement(&self, state: &State, change: &Change, row: &Kind) -> Kind {
        let mut row = row.clone();
        if next(change).is_some_and(|next| !gives(&state.roster, next)) {
            row.cooling_ms = 0;
        }
        row
    }

    fn foresees(&self, row: &Kind, answers: &Answers) -> Kind {
        let edit = answers.token("edit").ok();
        let takes = edit.is_some_and(|edit| super::roster_form::TAKES.contains(&edit.as_str()));
        Kind { cooling_ms: if takes { 0 } else { row.cooling_ms }, ..row.clone() }
    }

    fn conditions(&self) -> &'static [&'static str] {
        &[
            "What only takes away does not cool.",
            "Whoever's entry it changes, and who may act in their place, neither approves, rejects, holds, cancels, \
             revises nor replaces it.",
        ]
    }

    fn plan(&self, _: &State, change: &Change, _: Instant) -> Result<Plan, Refusal> {
        let Body::RosterChange { base, next: to, .. } = &change.package.body else {
            return Err(Refusal::BaseDrifted {});
        };
        let fact = |digest| vec![Fact::Roster { digest }];
        Ok(Plan::of_ledger(change.ids(), fact(*base), fact(*to), None))
    }

    /// Whoever's entry differs, and who may act in their place; a machine identity too.
    fn concerned(&self, state: &State, change: &Change, now: Instant) -> BTreeSet<PersonId> {
        let Some(next) = next(change) else { return BTreeSet::new() };
        let (joined, left, altered) = differing(&state.roster, next);
        let entries: BTreeSet<_> = joined.into_iter().chain(left).chain(altered).collect();
        let person = |id: &PersonId| [state.roster.person(id), next.person(id)];
        let people = entries.iter().flat_map(person).flatten();
        // Whose time as a deputy is over acts in nobody's place any more.
        let deputies = people.flat_map(|person| person.deputies.iter()).filter(|deputy| deputy.until >= now);
        let deputies: Vec<_> = deputies.map(|deputy| deputy.person).collect();
        let machines = state.roster.machines.iter().filter(|machine| !next.machines.contains(machine));
        let machines: Vec<_> = machines.map(|machine| machine.id).collect();
        entries.into_iter().chain(deputies).chain(machines).collect()
    }

    fn runnable(&self, state: &State, change: &Change, _: Instant) -> Result<(), Refusal> {
        next(change).map_or(Ok(()), |roster| keeps_nodes(state, roster))
    }

    fn effective(&self, state: &State, change: &Change, _: Instant) -> Vec<Effect> {
        let (Body::RosterChange { next: roster, .. }, Some(document)) = (&change.package.body, next(change)) else {
            return vec![];
        };
        let (joined, left, altered) = differing(&state.roster, document);
        vec![Effect::Roster { event: RosterEvent::Changed { roster: *roster, joined, left, altered } }]
    }

    fn words(&self, event: EventName) -> Option<Words> {
        let (title, sentence, severity) = match event {
            EventName::Approved => {
                ("Roster change approved", "{people} approved it; it holds once it is run.", Severity::Medium)
            }
            EventName::Effective => {
                ("Roster changed", "{people} put the countersigned roster in force.", Severity::High)
            }
            _ => return None,
        };
        Some(Words { title, sentence, severity })
    }

    fn replaces(&self) -> Option<Replaces> {
        Some(Replaces::Roster)
    }

    fn details<'a>(&self, _: &State, change: &'a Change) -> Vec<Detail<'a>> {
        match (&change.package.body, &change.document) {
            (Body::RosterChange { base, .. }, Some(Document::Roster(next))) => {
                vec![Detail::Roster { base: *base, next }]
            }
            _ => vec![],
        }
    }

    fn form(&self) -> &'static [Field] {
        super::roster_form::FORM
    }

    fn body(&self, _: &State, _: Instant, _: &Answers) -> Result<Body, FormError> {
        Err(FormError::Otherwise(
            "a roster change says what it edits, or carries the whole roster; `person add` and `node key` ask for the rest",
        ))
    }
}

fn next(change: &Change) -> Option<&Roster> {
    match &change.document {
        Some(Document::Roster(roster)) => Some(roster),
        _ => None,
    }
}

/// A node with an engine stays: nobody else could read back what the engine was granted, or stop it.
fn keeps_nodes(state: &State, next: &Roster) -> Result<(), Refusal> {
    let lost = state.engines.values().map(|engine| engine.node).find(|node| next.node(node).is_none());
    lost.map_or(Ok(()), |node| Err(Refusal::NodeInUse { node }))
}

/// Whose each key is.
fn owners(roster: &Roster) -> BTreeMap<Digest, PersonId> {
    let of_people = roster.people.iter().flat_map(|person| person.keys.iter().map(|key| (key.id, person.id)));
    of_people.chain(roster.machines.iter().map(|machine| (machine.key.id, machine.id))).collect()
}

/// A key that was listed once returns under no name, and one that is listed goes to nobody else.
fn returning(state: &State, next: &Roster) -> Result<(), Refusal> {
    let listed = owners(&state.roster);
    let back = |(key, owner): &(Digest, PersonId)| match listed.get(key) {
        Some(known) => known != owner,
        None => state.since.retired(key).is_some(),
    };
    // A key of a service, the console or the log belongs to nobody: once it was taken off it stays off.
    let of_services = next.services.iter().map(|entry| entry.key).chain(next.console).chain(next.log_key_ids());
    let gone = of_services.into_iter().find(|key| state.since.retired(key).is_some());
    let key = owners(next).into_iter().find(back).map(|(key, _)| key).or(gone);
    key.map_or(Ok(()), |key| Err(Refusal::KeyReturns { key }))
}

/// Whose possession of a new key is to be proven.
enum Holder<'a> {
    Person(PersonId, &'a PersonKey),
    Log(&'a str),
}

/// One proof of possession for each key that the roster in force does not list, in the order of their ids.
fn possessed(state: &State, next: &Roster, possessions: &[Possession]) -> Result<(), Refusal> {
    let listed: BTreeSet<Digest> = state.roster.key_ids().chain(state.roster.log_key_ids()).collect();
    let of_people = next.people.iter().flat_map(|person| person.keys.iter().map(|key| (person.id, key)));
    let of_machines = next.machines.iter().map(|machine| (machine.id, &machine.key));
    let of_principals = of_people.chain(of_machines).map(|(who, key)| (key.id, Holder::Person(who, key)));
    let of_log = next.log_keys.iter().map(|key| (log_key_id(key), Holder::Log(key)));
    let new: BTreeMap<_, _> = of_principals.chain(of_log).filter(|(id, _)| !listed.contains(id)).collect();
    let holds = |(possession, (id, holder)): (&Possession, (Digest, Holder<'_>))| match holder {
        Holder::Person(person, key) => {
            let challenge = Challenge { ledger: state.ledger, person, key: id };
            possession.key == id && challenge.verify(&key.openssh, &possession.signature).is_ok()
        }
        Holder::Log(key) => {
            let challenge = LogKeyChallenge { ledger: state.ledger, log_key: key.to_owned() };
            log_key::is_possessed(&challenge, possession)
        }
    };
    let whole = possessions.len() == new.len() && possessions.iter().zip(new).all(holds);
    if whole { Ok(()) } else { Err(Refusal::PossessionMissing {}) }
}

/// Whether the next roster gives anybody or anything something the one in force does not.
pub(crate) fn gives(base: &Roster, next: &Roster) -> bool {
    let more = |person: &Person| {
        let Some(before) = base.person(&person.id) else { return true };
        let keys = person.keys.iter().any(|key| !before.keys.contains(key));
        let roles = person.roles.iter().any(|role| !before.roles.contains(role));
        let deputies = person.deputies.iter().any(|deputy| !before.deputies.contains(deputy));
        let tenants = match (&before.tenants, &person.tenants) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(before), Some(next)) => next.iter().any(|tenant| !before.contains(tenant)),
        };
        keys || roles || deputies || tenants
    };
    next.people.iter().any(more)
        || next.services.iter().any(|entry| !base.services.contains(entry))
        || next.nodes.iter().any(|node| !base.nodes.contains(node))
        || next.machines.iter().any(|machine| !base.machines.contains(machine))
        || next.log_keys.iter().any(|key| !base.log_keys.contains(key))
        || (next.console.is_some() && next.console != base.console)
}

type People = Vec<PersonId>;

/// Who joins, who leaves, whose entry differs, each sorted.
fn differing(base: &Roster, next: &Roster) -> (People, People, People) {
    let ids = |roster: &Roster| roster.people.iter().map(|person| person.id).collect::<BTreeSet<_>>();
    let (before, after) = (ids(base), ids(next));
    let altered = before.intersection(&after).copied().filter(|id| base.person(id) != next.person(id)).collect();
    (after.difference(&before).copied().collect(), before.difference(&after).copied().collect(), altered)
}
