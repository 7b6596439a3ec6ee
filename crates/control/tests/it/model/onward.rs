//! What people and services would sensibly do next, so that histories get far.

use super::play::{MACHINE, PLACES, Play};
use crate::world::{FR, GO, HOUR_MS, Persona, SA, World, key_of, persona, token};
use control::{Body, Change, ClockAct, Command, Item, Kind, KindTable, Quota, Review, ReviewWhen, Setting, Window};
use model::{Bundle, ChangeId, KindName, Role, Service, Status};
use signed::{Act, Deputy, Reconciled, Roster, ServiceKey};
use std::collections::BTreeSet;

/// What each of the six people holds when all is well.
const ROLES: [&[Role]; 6] = [&[GO], &[GO], &[FR], &[SA], &[GO, FR], &[GO, SA]];

/// The place that asks for rosters.
const ROSTER: usize = 5;
/// The places that ask for what makes an engine serve something else.
const OF_ENGINES: [usize; 7] = [3, 2, 1, 0, 9, 8, 15];
/// The place that asks for leases.
const LEASE: usize = 13;

impl Play {
    pub fn onward(&mut self, place: usize, pick: u8) {
        // Who is missing comes back in time: too few people decide nothing any more.
        if place != ROSTER && pick % 3 == 1 && (0..5).any(|who| !self.able(who, ROLES[who])) {
            return self.onward(ROSTER, pick);
        }
        self.turn_to(place);
        let known = self.at(place).map(|(id, change)| (id, change.status_at(&self.world.state, self.world.now)));
        let went = match known {
            None => self.open_sensibly(place, pick),
            Some((id, status)) if self.world.change(id).has_ended(&self.world.state, self.world.now) => {
                let _ = status;
                self.open_sensibly(place, pick)
            }
            Some((id, _)) if self.stuck[place] > 2 => {
                self.stuck[place] = 0;
                self.give_up(id)
            }
            Some((_, Status::Draft | Status::AwaitingApproval)) if pick % 20 == 10 => self.open_sensibly(place, pick),
            Some((id, Status::Draft)) => self.draft(place, id),
            Some((id, Status::AwaitingApproval | Status::Approved)) if pick % 12 == 6 && self.withdraw(id) => true,
            Some((id, Status::AwaitingApproval)) if pick % 24 == 14 && self.reject(id) => true,
            Some((id, Status::AwaitingApproval)) => self.release(id) || self.fill(place, id, pick),
            Some((id, Status::Approved)) if self.other_goes_on(place, id, pick) => true,
            Some((_, Status::Approved)) if pick % 10 == 4 && self.schedule(place, 25) => true,
            Some((id, Status::Approved)) => self.release(id) || self.start(id) || self.run(id, pick),
            Some((id, Status::Executing)) if self.world.change(id).unwinding => self.step(place, 9),
            Some((id, Status::Executing)) => {
                let held = !self.world.change(id).holds.is_empty();
                let back = held && pick % 4 != 1 && self.take_back(place, usize::from(pick) % 6);
                back || self.release(id) || self.step(place, 9)
            }
            Some((id, Status::Indeterminate)) => self.reconcile(place, id),
            Some((id, Status::ReviewDue)) => self.review(place, id, pick),
            Some((id, _)) if pick % 4 < 2 && self.world.change(id).warrant.is_some() => {
                self.use_warrant(place, MACHINE)
            }
            Some((id, _)) => self.grant_goes_on(id, pick),
        };
        self.stuck[place] = if went { 0 } else { self.stuck[place].saturating_add(1) };
    }

    /// What keeps the lock of this change's engine or document goes on first, in most cases.
    fn other_goes_on(&mut self, place: usize, id: ChangeId, pick: u8) -> bool {
        let body = &self.world.change(id).package.body;
        let locks = control::governs(body.kind()).locks(body);
        let by = locks.iter().find_map(|lock| self.world.state.locks.get(lock)).copied().filter(|by| *by != id);
        let other = by.and_then(|by| self.places.iter().position(|known| *known == Some(by)));
        let Some(other) = other.filter(|other| *other != place && pick % 8 != 3) else { return false };
        self.onward(other, pick);
        true
    }

    fn somebody(&self, roles: &[Role], but: &BTreeSet<usize>) -> Option<usize> {
        (0..ROLES.len()).find(|who| !but.contains(who) && self.able(*who, roles))
    }

    /// Indices of people, where they have one.
    fn indices(&self, people: impl IntoIterator<Item = model::PersonId>) -> BTreeSet<usize> {
        people.into_iter().filter_map(|person| self.index_of(&person)).collect()
    }

    fn barred(&self, change: &Change) -> BTreeSet<usize> {
        let asked = change.authors.iter().copied().chain(change.escalated.iter().map(|escalated| escalated.person));
        let concerned = control::governs(change.kind).concerned(&self.world.state, change, self.world.now);
        self.indices(asked.chain(concerned))
    }

    fn give_up(&mut self, id: ChangeId) -> bool {
        let who = self.somebody(&[GO], &self.barred(self.world.change(id))).or(self.somebody(&[GO], &BTreeSet::new()));
        let act = self.world.act("cancel", id, GO);
        self.speak(who.unwrap_or_default(), act)
    }

    fn draft(&mut self, place: usize, id: ChangeId) -> bool {
        let change = self.world.change(id);
        let row = change.required(&self.world.state).unwrap();
        let kind = control::governs(change.kind);
        let young = (self.world.now.millis_since(change.opened_at)) < 60_000;
        // The second engine's rollbacks find Platform Services and Integration Control silent.
        if place == 9 && young {
            self.world.advance(60_000);
        }
        let change = self.world.change(id);
        let does_without = |service: &&Service| place == 9 && kind.may_be_unchecked().contains(service);
        let mut observers = kind.observers().iter().filter(|service| !does_without(service));
        let stale = |service: &&Service| {
            change.observed.get(service).is_none_or(|seen| self.world.now.millis_since(seen.at) > 500_000)
        };
        if let Some(service) = observers.find(stale).copied() {
            return self.observe(place, service, false);
        }
        let authors = self.indices(change.authors.iter().copied());
        if let Some(by) = row.escalation.filter(|_| change.escalated.is_none()) {
            let who = self.somebody(&by, &authors).unwrap_or_default();
            return self.speak(who, Act::Escalate { change: id, revision: self.world.change(id).revision });
        }
        let able = authors.iter().copied().find(|who| self.able(*who, &row.author));
        let who = able.or(self.somebody(&row.author, &BTreeSet::new())).unwrap_or_default();
        let act = self.world.act("seal", id, GO);
        self.speak(who, act)
    }

    fn release(&mut self, id: ChangeId) -> bool {
        let Some(of) = self.world.change(id).holds.keys().next().copied() else { return false };
        let revision = self.world.change(id).revision;
        let who = self.somebody(&[SA, FR], &BTreeSet::new()).unwrap_or(2);
        self.speak(who, Act::Release { change: id, revision, of })
    }

    fn reject(&mut self, id: ChangeId) -> bool {
        let change = self.world.change(id);
        let Some(slot) = change.open_slots(&self.world.state).first().copied() else { return false };
        let roles = change.slot_roles(&self.world.state, slot);
        let Some(who) = self.somebody(&roles, &self.barred(change)) else { return false };
        let binding = self.world.binding(id);
        self.speak(who, Act::Reject { binding, slot })
    }

    fn withdraw(&mut self, change: ChangeId) -> bool {
        let known = self.world.change(change);
        let open = known.open_slots(&self.world.state);
        let mut counting = known.approvals.iter().filter(|(slot, _)| !open.contains(slot));
        let signer = counting.next().map(|(_, approval)| approval.person);
        let (who, revision) = (signer.and_then(|person| self.index_of(&person)), known.revision);
        who.is_some_and(|who| self.speak(who, Act::Withdraw { change, revision }))
    }

    /// What is scheduled is started when its time has come.
    fn start(&mut self, change: ChangeId) -> bool {
        let Some(scheduled) = &self.world.change(change).scheduled else { return false };
        let left = scheduled.not_before.millis_since(self.world.now).max(0);
        self.world.advance(left);
        self.attempt(Command::Clock { act: ClockAct::Start { change } })
    }

    fn fill(&mut self, place: usize, id: ChangeId, pick: u8) -> bool {
        let change = self.world.change(id);
        let row = change.required(&self.world.state).unwrap();
        if let Some(item) = row.checklist.iter().find(|item| !change.attached.contains_key(&item.item)) {
            let who = self.somebody(&[item.role], &BTreeSet::new()).unwrap_or_default();
            return self.attach(place, who);
        }
        let state = &self.world.state;
        let open = change.open_slots(state);
        let counting = change.approvals.iter().filter(|(slot, _)| !open.contains(slot));
        let filled = counting.flat_map(|(_, approval)| [approval.person, approval.filled_by()]);
        let mut but = self.barred(change);
        but.extend(self.indices(filled));
        let sealed = change.sealed.unwrap_or_default();
        let roles = change.slot_roles(state, open[0]);
        let fits = |who: &usize| {
            let person = &self.world.people[*who].id;
            !but.contains(who) && self.able(*who, &roles) && state.since.role_held(person, &roles, sealed)
        };
        let people = state.roster.people.iter().filter(|_| pick % 3 == 1);
        let for_them = people.filter(|of| self.index_of(&of.id).is_some_and(|of| !but.contains(&of)));
        let stands_in = for_them.filter(|of| of.roles.iter().any(|role| roles.contains(role))).find_map(|of| {
            let deputy = of.deputies.iter().find(|deputy| of.has_deputy(&deputy.person, self.world.now))?;
            Some((self.index_of(&deputy.person).filter(|who| !but.contains(who))?, of.id))
        });
        if let Some((who, of)) = stands_in {
            let binding = self.world.binding(id);
            return self.speak(who, Act::Approve { binding, slot: open[0], on_behalf_of: Some(of) });
        }
        // Who holds one role leaves the slot open that only who holds two could fill.
        let fitting = (0..ROLES.len()).filter(fits).min_by_key(|who| ROLES[*who].len());
        let (who, binding) = (fitting.unwrap_or(place % ROLES.len()), self.world.binding(id));
        self.speak(who, Act::Approve { binding, slot: open[0], on_behalf_of: None })
    }

    fn run(&mut self, id: ChangeId, pick: u8) -> bool {
        let change = self.world.change(id);
        let cooled = change.first_approved.zip(change.requirement.as_ref());
        let until = cooled.map(|(at, row)| at.plus_millis(row.cooling_ms));
        if let Some(left) = until.map(|until| until.millis_since(self.world.now)).filter(|left| *left > 0) {
            // Time goes by in half the cases; else the try is refused.
            self.world.advance(if pick.is_multiple_of(4) { 0 } else { left });
        }
        let opens = self.world.change(id).package.window.map(|window| window.from);
        if let Some(left) = opens.map(|from| from.millis_since(self.world.now)).filter(|left| *left > 0) {
            self.world.advance(if pick.is_multiple_of(4) { 0 } else { left });
        }
        let released = self.indices(self.world.change(id).released_by.keys().copied());
        let who = self.somebody(&[GO], &released).or(self.somebody(&[GO], &BTreeSet::new()));
        let act = self.world.act("run", id, GO);
        self.speak(who.unwrap_or_default(), act)
    }

    fn reconcile(&mut self, place: usize, id: ChangeId) -> bool {
        let (state, now) = (&self.world.state, self.world.now);
        let change = self.world.change(id);
        let (stopped, revision) = (change.stopped_at(now), change.revision);
        if change.opened <= stopped {
            return self.speak(2, Act::Observe { change: id, revision });
        }
        let fresh = |service: &&Service| {
            let seen = change.observed.get(*service).filter(|seen| seen.index > stopped);
            seen.is_some_and(|seen| now.millis_since(seen.at) <= 500_000)
        };
        let observers = control::governs(change.kind).observers();
        if let Some(service) = observers.iter().find(|service| !fresh(service)).copied() {
            return self.observe(place, service, false);
        }
        let after = change.plan.as_ref().and_then(control::Plan::engine).map(|(_, after)| after);
        let serves = after.and_then(|after| Some((after.generation, state.engines.get(&after.engine)?.generation)));
        let planned = serves.is_some_and(|(after, known)| after == known);
        let outcome = if planned { Reconciled::AsPlanned } else { Reconciled::AsBase };
        let asked =
            change.reconcile_asked.iter().filter(|(_, (said, asked))| *said == outcome && asked.stands(state, now));
        let said = self.indices(asked.map(|(person, _)| *person));
        let roles = [SA, FR, GO].into_iter().find(|role| !said.iter().any(|who| ROLES[*who].contains(role)));
        let who = self.somebody(&[roles.unwrap_or(GO)], &said).unwrap_or_default();
        self.speak(who, Act::Reconcile { change: id, revision, outcome })
    }

    /// It is reviewed, what was not read before being read first; or its review is left until it is overdue.
    fn review(&mut self, place: usize, id: ChangeId, pick: u8) -> bool {
        let change = self.world.change(id);
        if let Some(by) = change.review_by.filter(|by| pick % 6 == 5 && self.world.now <= *by) {
            self.world.advance(by.millis_since(self.world.now) + 1);
            self.attempt(Command::Clock { act: ClockAct::Settle {} });
            return true;
        }
        let unread = change.plan.iter().flat_map(|plan| &plan.unchecked);
        if let Some(service) = unread.into_iter().find(|service| !change.read_late.contains(service)).copied() {
            return self.observe(place, service, false);
        }
        let roles = change.required(&self.world.state).and_then(|row| row.review).map(|review| review.roles);
        let approvers = change.approvals.values().flat_map(|approval| [approval.person, approval.filled_by()]);
        let but = self.indices(approvers.chain(change.authors.iter().copied()));
        let who = self.somebody(&roles.unwrap_or_default(), &but).unwrap_or_default();
        let act = self.world.act("review", id, GO);
        self.speak(who, act)
    }

    /// A grant is revoked, or its end is reached and read back.
    fn grant_goes_on(&mut self, id: ChangeId, pick: u8) -> bool {
        let over = self.world.state.grants.get(&id).is_some_and(|grant| grant.is_over(self.world.now));
        if over {
            let quota = self.world.change(id).kind == KindName::QuotaException;
            let enforces = if quota { Service::Engine } else { Service::Platform };
            let command = self.world.receipt(enforces, signed::Report::Ended { grant: id });
            return self.attempt(command);
        }
        // A lease stands for long: what others bind to it rests on it.
        let lease = self.world.change(id).kind == KindName::LeaseGrant;
        let warranted = self.world.change(id).warrant.is_some();
        if pick.is_multiple_of(if lease { 11 } else { 3 }) || warranted {
            let act = self.world.act("revoke", id, GO);
            let who = self.somebody(Role::ALL, &BTreeSet::new()).unwrap_or_default();
            return self.speak(who, act);
        }
        self.world.advance(if lease { 2 } else { 8 } * HOUR_MS);
        if lease {
            let hours = if pick % 8 == 1 { 11 } else { 9 };
            self.used(LEASE, hours, u64::from(pick % 5));
        }
        true
    }

    fn open_sensibly(&mut self, place: usize, pick: u8) -> bool {
        // What is open on the same engine would drift: it goes on first, in most cases.
        let waits = |other: &usize| {
            let change = self.at(*other).map(|(_, change)| change.status_at(&self.world.state, self.world.now));
            let open = matches!(change, Some(Status::Draft | Status::AwaitingApproval | Status::Approved));
            open && *other != place && (*other >= 8) == (place >= 8) && OF_ENGINES.contains(other)
        };
        let first = OF_ENGINES.iter().copied().find(waits).filter(|_| OF_ENGINES.contains(&place) && pick % 4 != 2);
        if let Some(first) = first {
            self.onward(first, pick);
            return true;
        }
        // What it would rest on comes first.
        let (serves, certified) = (self.world.serving().is_some(), self.world.stack().len());
        let deployment = if place >= 8 { 8 } else { 0 };
        let first = match PLACES[place] {
            KindName::Rollback if !serves || certified < 2 => Some(deployment),
            KindName::Drain if !serves => Some(deployment),
            KindName::Undrain if certified == 0 => Some(deployment),
            KindName::Undrain if serves => Some(2),
            KindName::LeaseOverride if self.lease_now().is_none() => Some(LEASE),
            _ => None,
        };
        if let Some(first) = first {
            self.onward(first, pick);
            return true;
        }
        let but = self.indices((pick.is_multiple_of(2)).then(|| self.world.people[0].id));
        let who = self.somebody(&[GO], &but).or(self.somebody(Role::ALL, &BTreeSet::new())).unwrap_or_default();
        self.open(place, who, pick, false)
    }

    /// A new change at this place, or another revision of the one that has not ended.
    pub fn open(&mut self, place: usize, who: usize, pick: u8, supersede: bool) -> bool {
        self.turn_to(place);
        let (state, now) = (&self.world.state, self.world.now);
        let open = self.at(place).filter(|(_, change)| !change.has_ended(state, now)).map(|(id, _)| id);
        let id = open.filter(|_| !supersede).unwrap_or_else(|| ChangeId(self.world.fresh()));
        let body = match PLACES[place] {
            KindName::RosterChange => self.roster_body(id, pick),
            KindName::SettingsChange => self.setting_body(pick),
            kind => self.body(kind, pick),
        };
        let mut package = self.world.package_of(id, body);
        // One in nine opens in two hours and shuts a day later.
        let opens = self.world.now.plus_millis(2 * HOUR_MS);
        package.window = (pick % 9 == 8).then(|| Window { from: opens, until: opens.plus_millis(24 * HOUR_MS) });
        package.supersedes = open.filter(|_| supersede);
        let command = self.world.opening(who, &package);
        self.places[place] = Some(id);
        self.attempt(command)
    }

    fn body(&self, kind: KindName, pick: u8) -> Body {
        let (engine, node) = (self.world.engine, self.world.node);
        let known = &self.world.state.engines[&engine];
        let stack: Vec<Bundle> = known.stack.iter().map(|certified| certified.bundle).collect();
        let below = stack.len().checked_sub(2).map(|below| stack[below]);
        let wanted = usize::from(pick) % 3 + usize::from(pick > 240);
        let recalled = |version: &usize| self.world.state.recalled.contains_key(&Self::artifact(*version));
        let fine = (wanted..wanted + 3).find(|version| !recalled(version)).filter(|_| pick % 16 != 1);
        let any = Self::artifact(fine.unwrap_or(wanted));
        let asked = self.bundle_of(any, pick);
        match kind {
            KindName::Rollback => Body::Rollback { engine, node, bundle: below.or(known.bundle()).unwrap_or(asked) },
            KindName::Undrain => Body::Undrain { engine, node, bundle: stack.last().copied().unwrap_or(asked) },
            KindName::Rehearsal => {
                let bundle = below.filter(|_| pick.is_multiple_of(2)).unwrap_or(asked);
                Body::Rehearsal { engine, node, bundle }
            }
            KindName::LeaseGrant | KindName::LeaseOverride => self.lease_body(kind, pick),
            KindName::QuotaException => {
                let raised = Quota { engines: Some(2 + u32::from(pick % 2)), ..Quota::default() };
                World::quota_body(self.world.tenant, raised, 8)
            }
            KindName::External => {
                let slot = if pick.is_multiple_of(2) { vec![FR, SA] } else { vec![GO] };
                Body::External { target: token("ci.example/deploy"), digest: any, slot }
            }
            KindName::Deployment => {
                let proven_on = (pick % 16 == 5).then(|| self.engines[usize::from(engine == self.engines[0])]);
                Body::Deployment { engine, node, bundle: asked, proven_on }
            }
            kind => self.world.body(kind, any),
        }
    }

    /// Kinds with what their rows may have besides: all of that, or but one thing.
    pub fn kinds(pick: u8) -> KindTable {
        let mut table = KindTable::standard();
        let review = Review { roles: vec![SA], within_ms: HOUR_MS, blocks_author: true, when: ReviewWhen::Always };
        let mut alter = |number, name, alter: &dyn Fn(&mut Kind)| {
            table.kinds.iter_mut().filter(|row| number != pick && row.name == name).for_each(alter);
        };
        alter(0, KindName::QuotaException, &|row| row.review = Some(review.clone()));
        alter(1, KindName::Undrain, &|row| row.escalation = Some(vec![GO]));
        alter(2, KindName::External, &|row| row.checklist = vec![Item { item: token("load-test"), role: SA }]);
        alter(3, KindName::Undrain, &|row| row.soak_ms = 1_000);
        table
    }

    fn setting_body(&mut self, pick: u8) -> Body {
        let setting = match pick % 6 {
            0 => Setting::Recalls { digests: vec![] },
            1 | 2 => Setting::TenantTerms(Self::terms(self.world.tenant, 1 + u32::from(pick % 2))),
            3 if pick > 200 => Setting::Rules { number: 0 },
            _ => Setting::Kinds(Self::kinds(pick / 6 % 5)),
        };
        self.world.setting_body(&setting)
    }

    /// Another roster: who is missing, without role or key comes back, else somebody loses something.
    fn roster_body(&mut self, id: ChangeId, pick: u8) -> Body {
        let mut next = self.world.state.roster.clone();
        // A service that somebody else has the key of begins nothing until it has another one.
        let distrusted = next.services.iter_mut().find(|entry| self.world.state.distrusted.contains_key(&entry.key));
        if let Some(entry) = distrusted.filter(|_| !pick.is_multiple_of(4)) {
            let service = entry.service;
            let number = self.number();
            let entry = next.services.iter_mut().find(|entry| entry.service == service).unwrap();
            entry.key = ServiceKey::from_secret(&[number; 32]).public();
            self.service_keys.insert(id, (service, number));
            return self.world.roster_body(&next, &[]);
        }
        let able = |who: &usize| self.able(*who, ROLES[*who]);
        let unable = (0..5).find(|who| !able(who)).filter(|_| !pick.is_multiple_of(4));
        let whom = unable.unwrap_or(usize::from(pick) % 6);
        let person = self.world.people[whom].id;
        let listed = next.people.iter().position(|known| known.id == person);
        let mut fresh = None;
        match (listed, unable, (pick / 6) % 6) {
            (None, ..) => fresh = Some(self.joins(&mut next, whom)),
            (Some(at), Some(_), _) => {
                next.people[at].roles = ROLES[whom].to_vec();
                if !self.book.key_since(&self.world.people[whom].key_id, u64::MAX) {
                    fresh = Some(self.new_key(&mut next, at, whom));
                }
            }
            (Some(at), None, 0) => {
                next.people.remove(at);
                next.people.iter_mut().for_each(|known| known.deputies.retain(|deputy| deputy.person != person));
            }
            (Some(at), None, 1) => next.people[at].roles.clear(),
            (Some(at), None, 2) => fresh = Some(self.new_key(&mut next, at, whom)),
            (Some(at), None, 3 | 4) => {
                let deputy = self.world.people[(whom + 1) % 5].id;
                let now = self.world.now;
                let until = now.plus_millis(if pick > 128 { 40 } else { 400 } * HOUR_MS);
                let stands = next.people.iter().any(|known| known.id == deputy);
                next.people[at].deputies =
                    Vec::from_iter(stands.then_some(Deputy { person: deputy, from: now, until }));
            }
            (Some(at), None, _) => next.people[at].deputies.clear(),
        }
        let holders: Vec<Persona> = fresh.iter().map(|number| Persona { id: person, ..persona(*number) }).collect();
        self.keys.extend(fresh.map(|number| (id, (whom, number))));
        self.world.roster_body(&next, &holders.iter().collect::<Vec<_>>())
    }

    fn number(&mut self) -> u8 {
        self.next_key = self.next_key.saturating_add(1);
        self.next_key
    }

    fn joins(&mut self, next: &mut Roster, whom: usize) -> u8 {
        let number = self.number();
        let known = Persona { id: self.world.people[whom].id, ..persona(number) };
        let (roles, keys) = (ROLES[whom].to_vec(), vec![key_of(&known)]);
        next.people.push(signed::Person { id: known.id, roles, keys, tenants: None, deputies: vec![] });
        number
    }

    fn new_key(&mut self, next: &mut Roster, at: usize, whom: usize) -> u8 {
        let number = self.number();
        next.people[at].keys = vec![key_of(&Persona { id: self.world.people[whom].id, ..persona(number) })];
        number
    }
}
