//! The small model: who holds what, who approved what, what is locked and what was done. It is kept
//! from the leaves alone, by other code than the core's, and says which effects must not have been.

mod ends;
mod leases;

use super::row::{Filled, Row, Word};
use crate::world::Shelf;
use control::{
    Body, ChangeEvent, Command, Effect, EngineEvent, Kind, Leaf, RosterEvent, Setting, StepEvent, TenantTerms, Terms,
};
use leases::Leases;
use model::{Bundle, ChangeId, Digest, EngineId, Instant, KindName, PersonId, Role, SettingName, canon};
use serde::{Serialize, de::DeserializeOwned};
use signed::{Act, Roster};
use std::collections::{BTreeMap, BTreeSet};

/// What is on the roster, since when; what is under way; what serves.
#[derive(Default)]
pub struct Book {
    roster: Option<Roster>,
    kinds: Vec<Kind>,
    terms: TenantTerms,
    pub leases: Leases,
    roles: BTreeMap<(PersonId, Role), u64>,
    keys: BTreeMap<Digest, u64>,
    gone: BTreeSet<Digest>,
    deputies: BTreeMap<(PersonId, PersonId, Instant, Instant), u64>,
    suspensions: BTreeMap<Digest, Word>,
    pub rows: BTreeMap<ChangeId, Row>,
    pub locks: BTreeMap<String, ChangeId>,
    pub serving: BTreeMap<EngineId, Option<Bundle>>,
    /// What is certified of each engine, the newest last.
    pub certified: BTreeMap<EngineId, Vec<Bundle>>,
    /// Where people said how a change ended: what serves there is certified by nobody, and a rollback goes to the top.
    pub reconciled: BTreeSet<EngineId>,
    /// The leaf's time: whose time as a deputy is over acts for nobody.
    now: Option<Instant>,
}

/// A leaf as the book reads it.
struct Entry<'a> {
    index: u64,
    leaf: &'a Leaf,
    shelf: &'a Shelf,
}

fn read<T: Serialize + DeserializeOwned>(shelf: &Shelf, digest: &Digest) -> T {
    canon::from_slice(&shelf.0.borrow()[digest]).unwrap()
}

impl Entry<'_> {
    fn signer(&self) -> (PersonId, Digest) {
        match &self.leaf.command {
            Command::Signed { statement, .. } => (statement.person, statement.key),
            other => panic!("nobody signed {other:?}"),
        }
    }

    fn word(&self, until: Instant) -> Word {
        let (person, key) = self.signer();
        Word { person, key, until, index: self.index }
    }

    fn has(&self, wanted: &ChangeEvent) -> bool {
        self.leaf.effects.iter().any(|effect| effect.event() == Some(wanted))
    }

    fn act(&self) -> Option<&Act> {
        match &self.leaf.command {
            Command::Signed { statement, .. } => Some(&statement.act),
            _ => None,
        }
    }
}

impl Book {
    pub fn take(&mut self, index: u64, leaf: &Leaf, shelf: &Shelf) {
        let entry = Entry { index, leaf, shelf };
        self.now = Some(leaf.now);
        for effect in &leaf.effects {
            match effect {
                Effect::LedgerFounded {} => self.founded(&entry),
                Effect::Change { about, event } => self.change(&entry, about.change, event),
                Effect::Step { step, event, .. } => self.step(step.change, (step.step, step.undo), event),
                Effect::Engine { engine, event, .. } => self.engine(&entry, *engine, event),
                Effect::Grant { grant, event } => self.grant(&entry, *grant, event),
                Effect::Roster { event } => self.roster(&entry, event),
                Effect::SettingChanged { name, document } => self.setting(&entry, *name, document),
                Effect::EngineRegistered { engine, .. } => drop(self.serving.insert(*engine, None)),
                Effect::ResourceCertified { digest, .. } | Effect::ResourceRefused { digest, .. } => {
                    self.leases.looked_at(&entry, *digest);
                }
                Effect::JournalHead { size, .. } => self.leases.grown(&entry, *size),
                _ => {}
            }
        }
    }

    fn founded(&mut self, entry: &Entry) {
        let Command::Genesis { genesis, .. } = &entry.leaf.command else { panic!("no genesis") };
        let kinds = genesis.settings.iter().find(|first| first.name == SettingName::Kinds).unwrap();
        self.kinds_from(entry.shelf, &kinds.digest);
        let terms = genesis.settings.iter().find(|first| first.name == SettingName::TenantTerms).unwrap();
        self.terms_from(entry.shelf, &terms.digest);
        self.adopt(&genesis.roster, entry.index);
    }

    fn kinds_from(&mut self, shelf: &Shelf, digest: &Digest) {
        let Setting::Kinds(table) = read(shelf, digest) else { panic!("no kinds") };
        self.kinds = table.kinds;
    }

    fn terms_from(&mut self, shelf: &Shelf, digest: &Digest) {
        let Setting::TenantTerms(terms) = read(shelf, digest) else { panic!("no terms") };
        self.terms = terms;
    }

    fn adopt(&mut self, roster: &Roster, index: u64) {
        let (roles, keys) = (std::mem::take(&mut self.roles), std::mem::take(&mut self.keys));
        let deputies = std::mem::take(&mut self.deputies);
        for person in &roster.people {
            for role in &person.roles {
                let held = (person.id, *role);
                self.roles.insert(held, roles.get(&held).copied().unwrap_or(index));
            }
            for key in &person.keys {
                assert!(!self.gone.contains(&key.id) || keys.contains_key(&key.id), "a key that was gone is back");
                self.keys.insert(key.id, keys.get(&key.id).copied().unwrap_or(index));
            }
            for deputy in &person.deputies {
                let named = (person.id, deputy.person, deputy.from, deputy.until);
                self.deputies.insert(named, deputies.get(&named).copied().unwrap_or(index));
            }
        }
        self.gone.extend(keys.keys().filter(|key| !self.keys.contains_key(*key)));
        self.suspensions.clear();
        self.roster = Some(roster.clone());
    }

    pub fn key_since(&self, key: &Digest, index: u64) -> bool {
        !self.gone.contains(key) && self.keys.get(key).is_some_and(|since| *since <= index)
    }

    fn role_since(&self, person: &PersonId, roles: &[Role], index: u64) -> bool {
        roles.iter().any(|role| self.roles.get(&(*person, *role)).is_some_and(|since| *since <= index))
    }

    /// Whether the signer of a leaf may speak with the key, holding one of the roles now.
    fn speaks(&self, entry: &Entry, roles: &[Role]) -> PersonId {
        let (person, key) = entry.signer();
        assert!(self.key_since(&key, entry.index), "the key does not sign");
        assert!(self.role_since(&person, roles, entry.index), "none of {roles:?} is held");
        person
    }

    fn stands(&self, word: &Word, now: Instant) -> bool {
        let role = self.role_since(&word.person, Role::ALL, word.index);
        now <= word.until && role && self.key_since(&word.key, word.index)
    }

    fn counts(&self, row: &Row, slot: u32, filled: &Filled) -> bool {
        let deputy = filled.signer == filled.filler
            || self.deputies.iter().any(|((of, who, from, until), since)| {
                (*of, *who) == (filled.filler, filled.signer)
                    && *from <= filled.at
                    && filled.at <= *until
                    && *since <= filled.index
            });
        let roles = &row.slots[slot as usize];
        deputy
            && self.role_since(&filled.filler, roles, filled.index)
            && self.key_since(&filled.key, filled.index)
            && !row.asked_for(&filled.signer)
            && !row.asked_for(&filled.filler)
    }

    /// Each slot by an approval that counts, each by other people.
    fn countersigned(&self, row: &Row) {
        let mut people = BTreeSet::new();
        for slot in 0..u32::try_from(row.slots.len()).unwrap() {
            let filled = row.filled.get(&slot).unwrap_or_else(|| panic!("the slot {slot} is open"));
            assert!(self.counts(row, slot, filled), "what fills the slot {slot} does not count");
            let theirs: BTreeSet<_> = [filled.signer, filled.filler].into();
            assert!(people.is_disjoint(&theirs), "one person, two slots");
            people.extend(theirs);
        }
    }

    fn unconcerned(&self, row: &Row) {
        let people: BTreeSet<_> = row.filled.values().flat_map(|filled| [filled.signer, filled.filler]).collect();
        assert!(people.is_disjoint(&self.concerned(row)), "decided by somebody concerned");
    }

    /// Whose entries a roster change alters, and who stands in for them.
    fn concerned(&self, row: &Row) -> BTreeSet<PersonId> {
        let (Some(now), Some(next)) = (&self.roster, &row.next) else { return BTreeSet::new() };
        let ids: BTreeSet<_> = now.people.iter().chain(&next.people).map(|person| person.id).collect();
        let altered: Vec<_> = ids.into_iter().filter(|id| now.person(id) != next.person(id)).collect();
        let entries = altered.iter().flat_map(|id| [now.person(id), next.person(id)]).flatten();
        let deputies = entries.flat_map(|person| &person.deputies).filter(|deputy| Some(deputy.until) >= self.now);
        let deputies: Vec<_> = deputies.map(|deputy| deputy.person).collect();
        let machines = now.machines.iter().filter(|machine| !next.machines.contains(machine));
        let machines: Vec<_> = machines.map(|machine| machine.id).collect();
        altered.into_iter().chain(deputies).chain(machines).collect()
    }

    /// Who may ask for it and the slots it needs, by the table in force and what its body says.
    fn required(&self, body: &Body) -> (Vec<Role>, Vec<Vec<Role>>) {
        let row = self.kinds.iter().find(|row| row.name == body.kind()).unwrap();
        let mut slots: Vec<_> = row.slots.iter().map(|slot| slot.roles.clone()).collect();
        let mut author = row.author.clone();
        let [go, fr, sa] = [Role::GovernanceOperator, Role::FinanceReviewer, Role::SupportAuditor];
        match body {
            Body::External { slot, .. } => slots.push(slot.clone()),
            Body::Grant { terms: Terms::Cap(cap), .. } if cap.raises.is_none() && !leases::inside(&self.terms, cap) => {
                slots.push(vec![fr]);
            }
            Body::Settings { name: SettingName::Rules | SettingName::Kinds, .. } => {
                (slots, author) = (vec![vec![go], vec![fr], vec![sa]], vec![go]);
            }
            Body::Settings { name: SettingName::TenantTerms, .. } => slots = vec![vec![go], vec![fr]],
            _ => {}
        }
        (author, slots)
    }

    fn change(&mut self, entry: &Entry, id: ChangeId, event: &ChangeEvent) {
        if let ChangeEvent::Opened { .. } = event {
            return self.opened(entry, id);
        }
        let mut row = self.rows.remove(&id).expect("it was opened");
        assert_eq!(row.ended, None, "{event:?} after its end");
        self.happened(entry, &id, &mut row, event);
        // What people said the end of keeps nothing while it waits for its review.
        if row.ended.is_some() || row.effective || matches!(event, ChangeEvent::ReviewDue { .. }) {
            self.locks.retain(|_, by| *by != id);
        }
        self.rows.insert(id, row);
    }

    fn opened(&mut self, entry: &Entry, id: ChangeId) {
        let Some(Act::Open { package, .. }) = entry.act() else { panic!("opened by something else") };
        let package: control::Package = read(entry.shelf, package);
        let known = self.rows.get(&id);
        assert!(known.is_none_or(|known| known.ended.is_none() && known.run.is_none()), "revised after its run");
        let next = match &package.body {
            Body::RosterChange { next, .. } => Some(read(entry.shelf, next)),
            _ => None,
        };
        let by = self.speaks(entry, &self.required(&package.body).0);
        if let Some(known) = known {
            assert!(!self.concerned(known).contains(&by), "revised by somebody concerned");
        }
        // Other bytes lift nobody's hold.
        let holds = known.map(|known| known.holds.clone()).unwrap_or_default();
        self.rows.insert(id, Row { holds, ..Row::new(package, next, by) });
    }

    fn happened(&mut self, entry: &Entry, id: &ChangeId, row: &mut Row, event: &ChangeEvent) {
        let now = entry.leaf.now;
        match event {
            ChangeEvent::Escalated {} => row.escalator = Some(self.speaks(entry, Role::ALL)),
            ChangeEvent::Sealed { .. } | ChangeEvent::SealedFlagged { .. } => {
                let (author, slots) = self.required(&row.package.body);
                row.authors.insert(self.speaks(entry, &author));
                (row.slots, row.sealed) = (slots, entry.index);
            }
            ChangeEvent::ApprovalRecorded { slot, on_behalf_of, .. } => {
                let (signer, key) = entry.signer();
                let filler = on_behalf_of.unwrap_or(signer);
                assert!(self.role_since(&filler, &row.slots[*slot as usize], row.sealed), "a role given since");
                assert!(!self.concerned(row).contains(&signer), "approved by somebody concerned");
                row.filled.insert(*slot, Filled { signer, filler, key, at: now, index: entry.index });
            }
            ChangeEvent::Approved { .. } => self.countersigned(row),
            ChangeEvent::Attached { .. } => row.filled.clear(),
            ChangeEvent::ApprovalWithdrawn { slot, .. } => {
                let taken = row.filled.remove(slot).expect("it was filled");
                assert_eq!(taken.signer, entry.signer().0, "withdrawn by who signed it");
            }
            ChangeEvent::ApprovalLapsed { slot, .. } => {
                let lapsed = row.filled.remove(slot).expect("it was filled");
                assert!(!self.counts(row, *slot, &lapsed), "what counts does not lapse");
            }
            ChangeEvent::Held {} => {
                // A suspension holds what rests on the key, its own signer's too.
                if let Some(Act::Suspend { person, key }) = entry.act() {
                    let rests = row.filled.values().any(|filled| filled.key == *key);
                    assert!(rests || row.run_by == Some(*person), "held though it rests on another key");
                } else {
                    let by = self.speaks(entry, Role::ALL);
                    assert!(!self.concerned(row).contains(&by), "held by somebody concerned");
                }
                row.holds.insert(entry.signer().0);
            }
            ChangeEvent::HoldReleased { of } => {
                self.speaks(entry, Role::ALL);
                assert!(row.holds.remove(of), "nobody held it");
                row.abort = None;
            }
            ChangeEvent::Scheduled { .. } => row.scheduled = Some(entry.signer()),
            ChangeEvent::Unscheduled { .. } => row.scheduled = None,
            ChangeEvent::Run { by, .. } => self.run(entry, id, row, *by),
            ChangeEvent::AbortAsked { until } => row.abort = Some(entry.word(*until)),
            ChangeEvent::Aborted {} => {
                let (by, first) = (self.speaks(entry, Role::ALL), row.abort.as_ref().expect("one person asked"));
                assert!(first.person != by && self.stands(first, now), "two people take it back");
                assert!(!row.authors.contains(&by) || !row.authors.contains(&first.person), "one is no author");
                assert!(!row.holds.is_empty(), "only what is held is taken back");
            }
            ChangeEvent::Unwinding {} => row.unwinding = true,
            ChangeEvent::ReconcileAsked { until, .. } => {
                row.reconcile.insert(entry.signer().0, entry.word(*until));
            }
            ChangeEvent::Reconciled { unverified, .. } => self.reconciled(entry, row, *unverified),
            ChangeEvent::WarrantIssued { .. } | ChangeEvent::WarrantUsed {} | ChangeEvent::WarrantRevoked {} => {
                self.warrant(entry, row, event);
            }
            ChangeEvent::Indeterminate {} => row.nobody_knows(),
            ChangeEvent::Effective {} => {
                row.takes_effect();
                self.reconciled.retain(|engine| Some(*engine) != row.package.body.engine().map(|(engine, _)| engine));
            }
            event => self.ended(entry, row, event),
        }
    }

    fn run(&mut self, entry: &Entry, id: &ChangeId, row: &mut Row, by: PersonId) {
        let key = match &entry.leaf.command {
            Command::Signed { .. } => entry.signer(),
            _ => row.scheduled.take().expect("the clock starts what was scheduled"),
        };
        assert_eq!(key.0, by, "run by who signed it");
        assert!(self.key_since(&key.1, entry.index), "the runner's key does not sign");
        let runner = &self.kinds.iter().find(|known| known.name == row.package.kind()).unwrap().runner;
        assert!(self.role_since(&by, &[*runner], entry.index), "the runner's role is not held");
        assert!(row.holds.is_empty(), "run while it is held");
        let inside = |window: control::Window| window.from <= entry.leaf.now && entry.leaf.now <= window.until;
        assert!(row.package.window.is_none_or(inside), "run outside its window");
        assert_eq!(row.run, None, "run twice");
        self.countersigned(row);
        self.unconcerned(row);
        if let (KindName::Rollback, Body::Rollback { engine, bundle, .. }) = (row.package.kind(), &row.package.body) {
            let (stack, serves) = (&self.certified[engine], self.serving[engine]);
            let target = stack.iter().rev().nth(usize::from(stack.last().copied() == serves));
            assert_eq!(target, Some(bundle), "a rollback goes below what is certified and serves");
        }
        (row.run, row.run_by) = (Some(entry.index), Some(by));
        for lock in row.locks() {
            assert_eq!(self.locks.insert(lock.clone(), *id), None, "{lock} was locked");
        }
        if let Some((engine, _)) = row.package.body.engine() {
            row.base = self.serving[&engine];
        }
    }

    fn reconciled(&mut self, entry: &Entry, row: &mut Row, unverified: bool) {
        let by = self.speaks(entry, Role::ALL);
        let standing = row.reconcile.iter().filter(|(_, word)| self.stands(word, entry.leaf.now));
        let people: BTreeSet<_> = standing.map(|(person, _)| *person).chain([by]).collect();
        assert!(self.fill(&row.slots, &people), "not one holder of each slot");
        self.reconciled.extend(row.package.body.engine().map(|(engine, _)| engine));
        if let (true, Some((engine, _))) = (unverified, row.package.body.engine()) {
            self.serving.insert(engine, row.base);
        }
    }

    fn fill(&self, slots: &[Vec<Role>], people: &BTreeSet<PersonId>) -> bool {
        let Some((slot, rest)) = slots.split_first() else { return true };
        let mut holders = people.iter().filter(|person| self.role_since(person, slot, u64::MAX));
        holders.any(|person| {
            let others = people.iter().copied().filter(|other| other != person).collect();
            self.fill(rest, &others)
        })
    }

    fn step(&mut self, id: ChangeId, step: (u32, bool), event: &StepEvent) {
        let row = self.rows.get_mut(&id).expect("it was opened");
        assert!(row.run.is_some(), "no step without a run");
        match event {
            StepEvent::Intended { .. } => {
                assert_eq!((row.ended, row.begun), (None, None), "begun after its end, or beside another step");
                assert!(row.holds.is_empty() || row.unwinding, "begun while it is held");
                assert!(!row.done.contains(&step), "begun again when it was done");
                assert!(!step.1 || row.unwinding, "undone though nobody takes it back");
                row.begun = Some(step);
            }
            StepEvent::Silent {} => match row.begun {
                Some(begun) => assert_eq!(begun, step, "silent of another step"),
                None => assert!(!row.done.contains(&step), "silent of a step that was done"),
            },
            event => {
                assert_eq!(row.begun.take(), Some(step), "an outcome of nothing");
                if let StepEvent::Done {} = event {
                    assert!(row.done.insert(step), "one effect a step");
                    assert!(!step.1 || row.done.contains(&(step.0, false)), "undone before it was done");
                }
            }
        }
    }

    /// The run, countersigned change of a leaf.
    fn carried_out(&self, entry: &Entry) -> &Row {
        let row = &self.rows[&entry.leaf.command.change().expect("an effect is of a change")];
        assert!(row.run.is_some(), "an effect without a run: {:?}", entry.leaf.effects);
        row
    }

    fn engine(&mut self, entry: &Entry, engine: EngineId, event: &EngineEvent) {
        let kind = || self.carried_out(entry).package.kind();
        let reconciled = matches!(entry.act(), Some(Act::Reconcile { .. }));
        match event {
            EngineEvent::Switched { serving, .. } => {
                let row = self.carried_out(entry);
                assert_eq!(row.package.body.engine().map(|(of, _)| of), Some(engine), "of another engine");
                let done = |effect: &Effect| matches!(effect, Effect::Step { event: StepEvent::Done {}, .. });
                assert!(reconciled || entry.leaf.effects.iter().any(done), "switched by no step");
                self.serving.insert(engine, serving.map(|served| served.bundle));
            }
            EngineEvent::Read { serving, .. } => {
                assert!(self.reconciled.contains(&engine), "read again though nobody had to say how it ended");
                self.serving.insert(engine, serving.map(|served| served.bundle));
            }
            EngineEvent::Certified { .. } => {
                assert_eq!(kind(), KindName::Deployment);
                assert!(entry.has(&ChangeEvent::Effective {}), "certified before it is effective");
                self.certified.entry(engine).or_default().push(self.serving[&engine].expect("it serves"));
            }
            EngineEvent::Popped { .. } => {
                assert_eq!(kind(), KindName::Rollback);
                assert!(reconciled || entry.has(&ChangeEvent::Effective {}), "popped before it is effective");
                self.certified.entry(engine).and_modify(|certified| _ = certified.pop());
                assert_eq!(self.certified[&engine].last().copied(), self.serving[&engine], "what lies below the top");
            }
            EngineEvent::Rehearsed { bundle } => {
                let row = self.carried_out(entry);
                assert_eq!(row.package.body.bundle().map(|bundle| bundle.digest()), Some(*bundle), "another bundle");
                assert!(entry.has(&ChangeEvent::Effective {}), "rehearsed before it is effective");
                assert_eq!(self.serving[&engine], row.base, "a rehearsal leaves what serves");
            }
            EngineEvent::CredentialChanged { side, credential } => {
                self.carried_out(entry);
                self.leases.given((engine, *side), *credential);
            }
            EngineEvent::Restarted { .. } | EngineEvent::Regressed { .. } => {}
        }
    }

    fn roster(&mut self, entry: &Entry, event: &RosterEvent) {
        match event {
            RosterEvent::Changed { roster, .. } => {
                let row = self.carried_out(entry);
                let Body::RosterChange { next, .. } = &row.package.body else { panic!("of another kind") };
                assert_eq!(next, roster, "another roster than was countersigned");
                self.countersigned(row);
                let next: Roster = read(entry.shelf, roster);
                self.adopt(&next, entry.index);
            }
            RosterEvent::SuspensionAsked { key, until, .. } => {
                self.suspensions.insert(*key, entry.word(*until));
            }
            RosterEvent::KeySuspended { key, .. } => {
                let (by, with) = entry.signer();
                if with != *key {
                    let first = self.suspensions.remove(key).expect("one person asked");
                    assert!(first.person != by && self.stands(&first, entry.leaf.now), "two people suspend it");
                }
                self.gone.insert(*key);
            }
        }
    }

    fn setting(&mut self, entry: &Entry, name: SettingName, document: &Digest) {
        let row = self.carried_out(entry);
        let Body::Settings { name: named, next, .. } = &row.package.body else { panic!("of another kind") };
        assert_eq!((*named, next), (name, document), "another document than was countersigned");
        self.countersigned(row);
        match name {
            SettingName::Kinds => self.kinds_from(entry.shelf, document),
            SettingName::TenantTerms => self.terms_from(entry.shelf, document),
            SettingName::Rules | SettingName::Recalls => {}
        }
    }
}
