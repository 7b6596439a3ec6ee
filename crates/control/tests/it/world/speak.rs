//! What people and services say in a test.

use super::{No, World, accepted, token};
use control::{
    Answer, Answers, Body, Cap, ClockAct, Command, Field, Input, Leaf, Login, Package, SessionCommand, Terms,
};
use model::{Bundle, ChangeId, CommandId, Digest, KindName, LeaseClass, Nonce, Period, Role, Scope, Service, canon};
use serde::Serialize;
use signed::{
    Act, Binding, Observation, Opening, Part, PartBody, Placed, REASON, Receipt, Reconciled, Report, Seen, Statement,
    commit,
};

impl World {
    /// A statement of this person, ten minutes good, on the newest checkpoint.
    pub fn statement(&mut self, who: usize, act: Act) -> Statement {
        Statement {
            ledger: self.state.ledger,
            command: CommandId(self.fresh()),
            person: self.people[who].id,
            key: self.people[who].key_id,
            act,
            parts: vec![],
            not_after: self.now.plus_millis(600_000),
            seen: Seen { size: self.tree.size(), root: self.tree.root() },
        }
    }

    /// Signed with this person's key, whatever it says.
    pub fn sign(&self, who: usize, statement: Statement) -> Command {
        let signature = statement.sign(&self.people[who].key).unwrap();
        Command::Signed { statement, signature }
    }

    pub fn said(&mut self, who: usize, act: Act) -> Command {
        let statement = self.statement(who, act);
        self.sign(who, statement)
    }

    pub fn sign_and_submit(&mut self, who: usize, act: Act) -> Result<Leaf, No> {
        let command = self.said(who, act);
        self.submit(command)
    }

    /// A receipt of this service, signed now on the newest checkpoint.
    pub fn receipt_of(&mut self, service: Service, report: Report) -> Receipt {
        Receipt {
            ledger: self.state.ledger,
            command: CommandId(self.fresh()),
            service,
            node: self.place(service),
            at: self.now,
            seen: Seen { size: self.tree.size(), root: self.tree.root() },
            report,
            parts: vec![],
        }
    }

    /// Signed with this service's key, whatever it says.
    pub fn vouch(&self, service: Service, receipt: Receipt) -> Command {
        let key = &self.services.iter().find(|(known, _)| *known == service).unwrap().1;
        let signature = key.sign(&receipt).unwrap();
        Command::Receipt { receipt, signature }
    }

    pub fn receipt(&mut self, service: Service, report: Report) -> Command {
        let receipt = self.receipt_of(service, report);
        self.vouch(service, receipt)
    }

    pub fn report(&mut self, service: Service, report: Report) -> Result<Leaf, No> {
        let command = self.receipt(service, report);
        self.submit(command)
    }

    pub fn clock(&mut self, act: ClockAct) -> Result<Leaf, No> {
        self.submit(Command::Clock { act })
    }

    pub fn session(&mut self, who: usize, login: Login) -> Command {
        let (command, principal) = (CommandId(self.fresh()), self.people[who].id.into());
        Command::Session(SessionCommand { command, principal, login })
    }

    pub fn login(&mut self, who: usize, token: Digest, life_ms: i64) -> Result<Leaf, No> {
        let login = Login { token, scope: Scope::Person, expires: self.now.plus_millis(life_ms) };
        let command = self.session(who, login);
        self.submit(command)
    }

    /// What a change of this kind of the test's engine asks for.
    pub fn body(&self, kind: KindName, artifact: Digest) -> Body {
        let (engine, node, bundle) = (self.engine, self.node, Bundle::of(artifact));
        match kind {
            KindName::Deployment => Body::Deployment { engine, node, bundle, proven_on: None },
            KindName::Rollback => Body::Rollback { engine, node, bundle },
            KindName::Drain => Body::Drain { engine, node },
            KindName::Undrain => Body::Undrain { engine, node, bundle },
            KindName::Rehearsal => Body::Rehearsal { engine, node, bundle },
            KindName::LeaseOverride => {
                let stands = |id: &&ChangeId| control::cap_at(&self.state, id, self.now).is_some();
                let lease = self.state.grants.keys().find(stands).copied();
                self.raise(lease.unwrap_or(ChangeId([0x1a; 16])), 2_000, super::HOUR_MS)
            }
            KindName::External => {
                Body::External { target: token("ci.example/deploy"), digest: artifact, slot: vec![super::FR] }
            }
            kind => self.answered(kind, artifact),
        }
    }

    /// An AI lease of the test's tenant for so many cycles a day.
    pub fn lease(&self, class: LeaseClass, cycles: u64, for_ms: Option<i64>) -> Body {
        let cap = Cap {
            tenant: self.tenant,
            class,
            cycles,
            period: Period::Day,
            zone: token("America/New_York"),
            purpose: token("merchandising"),
            price: None,
            raises: None,
        };
        Body::Grant { terms: Terms::Cap(cap), for_ms, asked_by: None }
    }

    /// More cycles of a lease.
    pub fn raise(&self, lease: ChangeId, cycles: u64, for_ms: i64) -> Body {
        let known = self.state.grants.get(&lease).and_then(|grant| grant.terms.cap().cloned());
        let Body::Grant { terms: Terms::Cap(own), .. } = self.lease(LeaseClass::Worker, cycles, None) else { panic!() };
        let cap = Cap { cycles, raises: Some(lease), ..known.unwrap_or(own) };
        Body::Grant { terms: Terms::Cap(cap), for_ms: Some(for_ms), asked_by: None }
    }

    /// What a person asks for who fills in what the kind's own form must know.
    fn answered(&self, kind: KindName, artifact: Digest) -> Body {
        let answer = |field: &Field| match field.input {
            Input::Engine => Answer::Engine(self.engine),
            Input::Tenant => Answer::Tenant(self.tenant),
            Input::Artifact | Input::Resource(_) | Input::Digest | Input::Document => Answer::Digest(artifact),
            Input::Lease => Answer::Change(ChangeId([0x1a; 16])),
            Input::LeaseClass => Answer::LeaseClass(LeaseClass::Worker),
            Input::Period => Answer::Period(Period::Day),
            Input::Count => Answer::Count(1_000),
            Input::Person => Answer::Person(self.people[0].id),
            Input::PersonKey => Answer::Digest(self.people[0].key_id),
            Input::Roles => Answer::Roles(vec![super::FR]),
            Input::Tenants => Answer::Tenants(vec![self.tenant]),
            Input::Time => Answer::Time(self.now),
            Input::Number => Answer::Number(1),
            Input::Duration => Answer::Duration(super::HOUR_MS),
            Input::Token | Input::Zone => Answer::Token(token("ci.example/deploy")),
            Input::Setting | Input::Way(_) | Input::ServiceKey | Input::Machine | Input::Proof => {
                panic!("{kind} is asked for in a way of its own")
            }
        };
        let kind = control::governs(kind);
        let required = kind.form().iter().filter(|field| field.required);
        let answers = required.fold(Answers::default(), |all, field| all.with(field.name, answer(field)));
        kind.body(&self.state, self.now, &answers).unwrap()
    }

    pub fn package(&mut self, change: ChangeId, kind: KindName, artifact: Digest) -> Package {
        let body = self.body(kind, artifact);
        self.package_of(change, body)
    }

    /// A package with a title and a reason.
    pub fn package_of(&mut self, change: ChangeId, body: Body) -> Package {
        let (nonce, ledger) = (self.fresh(), self.state.ledger);
        let part = |(position, about): (usize, &str)| {
            let body: PartBody = [("text".to_owned(), format!("the {about}"))].into();
            let opening = Opening { salt: Digest::of_bytes(about.as_bytes()), body };
            let commitment = commit(&ledger, &CommandId(nonce), position, &opening).unwrap();
            Part { about: token(about), subject: None, commitment }
        };
        Package {
            ledger,
            nonce: Nonce(nonce),
            change,
            body,
            window: None,
            supersedes: None,
            parts: ["title", REASON].into_iter().enumerate().map(part).collect(),
        }
    }

    /// Puts the package on the shelf.
    pub fn keep(&mut self, package: &Package) -> Digest {
        let digest = package.digest().unwrap();
        self.shelf.0.borrow_mut().insert(digest, canon::to_vec(package).unwrap());
        digest
    }

    /// Puts a governing document on the shelf.
    pub fn shelve<T: Serialize>(&mut self, object: &str, document: &T) -> Digest {
        let digest = canon::digest(object, document).unwrap();
        self.shelf.0.borrow_mut().insert(digest, canon::to_vec(document).unwrap());
        digest
    }

    pub fn opening(&mut self, who: usize, package: &Package) -> Command {
        let package_digest = self.keep(package);
        self.said(who, Act::Open { change: package.change, package: package_digest })
    }

    pub fn open(&mut self, who: usize, package: &Package) -> Result<Leaf, No> {
        let command = self.opening(who, package);
        self.submit(command)
    }

    /// A new draft of this kind.
    pub fn draft(&mut self, who: usize, kind: KindName, artifact: Digest) -> ChangeId {
        let body = self.body(kind, artifact);
        self.draft_of(who, body)
    }

    pub fn draft_of(&mut self, who: usize, body: Body) -> ChangeId {
        let change = ChangeId(self.fresh());
        let package = self.package_of(change, body);
        accepted(self.open(who, &package));
        change
    }

    /// What this service would truthfully see now.
    pub fn sight(&self, service: Service) -> Observation {
        let engine = &self.state.engines[&self.engine];
        match service {
            Service::Platform | Service::Governance => Observation::Platform { missing: vec![], zone: None },
            Service::Node => Observation::Node { memory_free_mib: self.free_mib, placed: self.placed() },
            Service::Engine => {
                Observation::Engine { generation: engine.generation, serving: engine.serving, missing: vec![] }
            }
            Service::Integration => Observation::Integration { bindings: bindings() },
        }
    }

    /// The same of this change: Platform Services can count in the zone of a lease.
    pub fn sight_of(&self, change: ChangeId, service: Service) -> Observation {
        match (self.sight(service), &self.change(change).package.body) {
            (Observation::Platform { missing, .. }, Body::Grant { terms, .. }) => {
                Observation::Platform { missing, zone: terms.cap().map(|cap| cap.zone.clone()) }
            }
            (sight, _) => sight,
        }
    }

    /// What the node keeps for the engine: what serves.
    fn placed(&self) -> Vec<Placed> {
        let serving = self.state.engines[&self.engine].serving;
        serving.map(|at| at.placed()).into_iter().collect()
    }

    pub fn observe(&mut self, change: ChangeId, service: Service) -> Result<Leaf, No> {
        let (revision, observation) = (self.change(change).revision, self.sight_of(change, service));
        self.report(service, Report::Observed { change, revision, observation })
    }

    pub fn observe_all(&mut self, change: ChangeId) {
        for service in [Service::Platform, Service::Node, Service::Engine, Service::Integration] {
            accepted(self.observe(change, service));
        }
    }

    /// The digests as they are now.
    pub fn binding(&self, change: ChangeId) -> Binding {
        let known = self.change(change);
        known.binding(&self.state, self.now).unwrap_or(Binding {
            change,
            revision: known.revision,
            package: known.package_digest,
            plan: Digest::ZERO,
            requirement: Digest::ZERO,
            evidence: None,
        })
    }

    /// The position of the slot that holders of this role fill; one that no change has if there is none.
    pub fn slot(&self, id: ChangeId, role: Role) -> u32 {
        let row = self.change(id).required(&self.state);
        let position = row.and_then(|row| row.slots.iter().position(|slot| slot.roles.contains(&role)));
        position.map_or(9, |position| u32::try_from(position).unwrap())
    }

    pub fn act(&self, verb: &str, id: ChangeId, role: Role) -> Act {
        let (change, revision, binding) = (id, self.change(id).revision, self.binding(id));
        let slot = self.slot(id, role);
        let held_by = self.change(id).holds.keys().next().copied();
        match verb {
            "observe" => Act::Observe { change, revision },
            "escalate" => Act::Escalate { change, revision },
            "seal" => Act::Seal { binding },
            "approve" => Act::Approve { binding, slot, on_behalf_of: None },
            "reject" => Act::Reject { binding, slot },
            "withdraw" => Act::Withdraw { change, revision },
            "hold" => Act::Hold { change, revision },
            "release" => Act::Release { change, revision, of: held_by.unwrap_or(self.people[0].id) },
            "cancel" => Act::Cancel { change, revision },
            "run" => Act::Run { binding, not_before: None },
            "revoke" => Act::Revoke { change, revision },
            "review" => Act::Review { change, revision },
            "abort" => Act::Abort { change, revision },
            "use" => Act::Use { change, revision },
            "reconcile" => Act::Reconcile { change, revision, outcome: Reconciled::AsBase },
            other => panic!("no verb {other}"),
        }
    }

    /// Says a verb that needs no slot.
    pub fn verb(&mut self, who: usize, verb: &str, id: ChangeId) -> Result<Leaf, No> {
        let act = self.act(verb, id, super::GO);
        self.sign_and_submit(who, act)
    }

    pub fn seal(&mut self, who: usize, id: ChangeId) -> Result<Leaf, No> {
        self.verb(who, "seal", id)
    }

    pub fn approve(&mut self, who: usize, id: ChangeId, slot: Role) -> Result<Leaf, No> {
        let act = self.act("approve", id, slot);
        self.sign_and_submit(who, act)
    }

    pub fn run(&mut self, who: usize, id: ChangeId) -> Result<Leaf, No> {
        self.verb(who, "run", id)
    }
}

/// The outside bindings, which never change in these tests.
pub fn bindings() -> Digest {
    Digest::of_object("bindings", b"dns and certificates")
}
