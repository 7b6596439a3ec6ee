//! Carrying a change out as executors would.

use super::{DORA, FAYE, No, OMAR, OPAL, SAUL, World, accepted, token};
use control::{Body, Change, DueStep, Executor, Leaf, due_steps};
use model::{ChangeId, Digest, KindName, LeaseClass, Nonce, Service, Status};
use signed::{Act, Outcome, Report, step_key};

impl World {
    /// The kinds of all changes there were.
    pub fn kinds(&self) -> impl Iterator<Item = KindName> {
        let (open, ended) = (self.state.changes.values(), self.state.closed.values());
        open.map(|change| change.kind).chain(ended.map(|closed| closed.kind))
    }

    pub fn change(&self, id: ChangeId) -> &Change {
        self.state.changes.get(&id).unwrap_or_else(|| &self.ended[&id])
    }

    pub fn status(&self, id: ChangeId) -> Status {
        self.change(id).status_at(&self.state, self.now)
    }

    /// The step due now, with its executor.
    pub fn due(&self, id: ChangeId) -> Option<(Service, DueStep)> {
        let of = |service: &Service| {
            let who = Executor { service: *service, node: self.place(*service) };
            due_steps(&self.state, &who).into_iter().find(|due| due.step.change == id).map(|due| (*service, due))
        };
        Service::ALL.iter().find_map(of)
    }

    pub fn intend(&mut self, service: Service, due: &DueStep) -> (Nonce, Result<Leaf, No>) {
        let nonce = Nonce(self.fresh());
        let act_by = self.now.plus_millis(60_000);
        let report = Report::Intent { step: due.step, key: step_key(&due.step), nonce, act_by };
        (nonce, self.report(service, report))
    }

    pub fn end(&mut self, service: Service, due: &DueStep, nonce: Nonce, end: End) -> Result<Leaf, No> {
        let step = due.step;
        let (outcome, code) = match end {
            End::Done => (Outcome::Done, None),
            End::Refused(code) => (Outcome::Refused, Some(token(code))),
            End::Unknown => (Outcome::Unknown, Some(token("lost"))),
        };
        let planned = &self.change(step.change).plan.as_ref().unwrap().steps[step.step as usize];
        let observed = planned.expect.filter(|_| outcome == Outcome::Done && !step.undo);
        let started = due.action.word() == "start" && outcome == Outcome::Done;
        let credential = started.then(|| Digest::of_bytes(&self.fresh()));
        self.report(service, Report::Outcome { step, nonce, outcome, code, observed, credential })
    }

    /// Intent and outcome of the step that is due.
    pub fn step(&mut self, id: ChangeId, end: End) -> Leaf {
        let (service, due) = self.due(id).expect("a step is due");
        let (nonce, intended) = self.intend(service, &due);
        accepted(intended);
        accepted(self.end(service, &due, nonce, end))
    }

    /// All steps, ending as `end` says by the action's word and whether it is an undo.
    pub fn carry_out(&mut self, id: ChangeId, end: impl Fn(&str, bool) -> End) -> Vec<String> {
        let mut words = vec![];
        while let Some((_, due)) = self.due(id) {
            let word = due.action.word();
            words.push(if due.step.undo { format!("undo:{word}") } else { word.to_owned() });
            self.step(id, end(word, due.step.undo));
        }
        words
    }

    /// Steps until this action is due.
    pub fn carry_until(&mut self, id: ChangeId, word: &str) {
        while self.due(id).is_some_and(|(_, due)| due.action.word() != word) {
            self.step(id, End::Done);
        }
    }

    /// Drafted and observed by Opal.
    pub fn drafted(&mut self, kind: KindName, artifact: Digest) -> ChangeId {
        if kind == KindName::LeaseOverride && self.state.grants.is_empty() {
            self.leased();
        }
        let id = self.draft(OPAL, kind, artifact);
        for service in control::governs(kind).observers() {
            accepted(self.observe(id, *service));
        }
        id
    }

    /// An AI lease that stands: its grant.
    pub fn leased(&mut self) -> ChangeId {
        let body = self.lease(LeaseClass::Worker, 1_000, None);
        self.granted(body)
    }

    /// Escalated by Opal, where its kind asks for that.
    fn escalate(&mut self, id: ChangeId) {
        if self.change(id).required(&self.state).is_some_and(|row| row.escalation.is_some()) {
            accepted(self.verb(OPAL, "escalate", id));
        }
    }

    /// Sealed by Opal.
    pub fn sealed(&mut self, kind: KindName, artifact: Digest) -> ChangeId {
        let id = self.drafted(kind, artifact);
        self.escalate(id);
        accepted(self.seal(OPAL, id));
        id
    }

    /// Approved by Omar and the other slot's holder.
    pub fn approved(&mut self, kind: KindName, artifact: Digest) -> ChangeId {
        let id = self.sealed(kind, artifact);
        self.approve_all(id);
        id
    }

    /// Who fills this slot: somebody else than the authors and who fills another one.
    pub fn approver(&self, id: ChangeId, slot: u32) -> usize {
        let change = self.change(id);
        let roles = change.slot_roles(&self.state, slot);
        let concerned = control::governs(change.kind).concerned(&self.state, change, self.now);
        let fits = |who: &usize| {
            let person = self.people.get(*who).and_then(|known| self.state.roster.person(&known.id));
            person.is_some_and(|person| {
                let others = change.approvals.iter().filter(|(filled, _)| **filled != slot);
                person.roles.iter().any(|role| roles.contains(role))
                    && !change.authors.contains(&person.id)
                    && !concerned.contains(&person.id)
                    && others.into_iter().all(|(_, approval)| approval.person != person.id)
            })
        };
        [OMAR, FAYE, SAUL, OPAL, DORA].into_iter().find(fits).expect("somebody can fill the slot")
    }

    /// Every open slot, by the first who can.
    pub fn approve_all(&mut self, id: ChangeId) {
        for slot in self.change(id).open_slots(&self.state) {
            let (who, binding) = (self.approver(id, slot), self.binding(id));
            accepted(self.sign_and_submit(who, Act::Approve { binding, slot, on_behalf_of: None }));
        }
    }

    /// A change of any body, sealed by `who` and approved.
    pub fn approved_of(&mut self, who: usize, body: Body) -> ChangeId {
        let id = self.draft_of(who, body);
        for service in control::governs(self.change(id).kind).observers() {
            accepted(self.observe(id, *service));
        }
        self.escalate(id);
        accepted(self.seal(who, id));
        self.approve_all(id);
        id
    }

    /// A grant of any terms, in force.
    pub fn granted(&mut self, body: Body) -> ChangeId {
        let id = self.approved_of(OPAL, body);
        accepted(self.run(OPAL, id));
        id
    }

    /// Ordered by Opal.
    pub fn running(&mut self, kind: KindName, artifact: Digest) -> ChangeId {
        let id = self.approved(kind, artifact);
        accepted(self.run(OPAL, id));
        id
    }

    /// From draft to effective.
    pub fn effective(&mut self, kind: KindName, artifact: Digest) -> ChangeId {
        let id = self.running(kind, artifact);
        while self.due(id).is_some() {
            // What an executor asks itself: a change in whose way nothing came is not in its own.
            assert_eq!(control::in_the_way(&self.state, self.change(id), self.now), None);
            self.step(id, End::Done);
        }
        assert_eq!(self.status(id), Status::Effective);
        id
    }

    pub fn deploy(&mut self, artifact: Digest) -> ChangeId {
        self.effective(KindName::Deployment, artifact)
    }

    pub fn serving(&self) -> Option<Digest> {
        self.state.engines[&self.engine].bundle().map(|bundle| bundle.artifact)
    }

    pub fn locked_by(&self) -> Option<ChangeId> {
        self.state.locked_by(&self.engine)
    }

    pub fn stack(&self) -> Vec<Digest> {
        self.state.engines[&self.engine].stack.iter().map(|certified| certified.bundle.artifact).collect()
    }
}

/// How a step ends.
#[derive(Debug, Clone, Copy)]
pub enum End {
    Done,
    Refused(&'static str),
    Unknown,
}
