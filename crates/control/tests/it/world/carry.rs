//! Carrying a change out as executors would.

use super::speak::bindings;
use super::{FAYE, FR, GO, No, OMAR, OPAL, SA, SAUL, World, accepted, token};
use control::{Action, Change, DueStep, Leaf, due_steps};
use model::{ChangeId, Digest, KindName, Nonce, Service, Status};
use warrant::{Outcome, Report, step_key};

impl World {
    pub fn change(&self, id: ChangeId) -> &Change {
        &self.state.changes[&id]
    }

    pub fn status(&self, id: ChangeId) -> Status {
        self.change(id).status_at(self.now)
    }

    /// The step due now, with its executor.
    pub fn due(&self, id: ChangeId) -> Option<(Service, DueStep)> {
        let of = |service: &Service| {
            due_steps(&self.state, *service).into_iter().find(|due| due.step.change == id).map(|due| (*service, due))
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
            End::Unknown => (Outcome::Unknown, None),
        };
        let reads = matches!(due.action, Action::CheckBindings { .. }) && outcome == Outcome::Done;
        let observed = reads.then(bindings);
        self.report(service, Report::Outcome { step, nonce, outcome, code, observed })
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
        let id = self.draft(OPAL, kind, artifact);
        self.observe_all(id);
        id
    }

    /// Sealed by Opal.
    pub fn sealed(&mut self, kind: KindName, artifact: Digest) -> ChangeId {
        let id = self.drafted(kind, artifact);
        accepted(self.seal(OPAL, id));
        id
    }

    /// Approved by Omar and the other slot's holder.
    pub fn approved(&mut self, kind: KindName, artifact: Digest) -> ChangeId {
        let id = self.sealed(kind, artifact);
        self.approve_all(id);
        id
    }

    pub fn approve_all(&mut self, id: ChangeId) {
        accepted(self.approve(OMAR, id, GO));
        match self.change(id).kind {
            KindName::Deployment => accepted(self.approve(FAYE, id, FR)),
            KindName::Rollback => accepted(self.approve(SAUL, id, SA)),
        };
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
        self.carry_out(id, |_, _| End::Done);
        assert_eq!(self.status(id), Status::Effective);
        id
    }

    pub fn deploy(&mut self, artifact: Digest) -> ChangeId {
        self.effective(KindName::Deployment, artifact)
    }

    pub fn serving(&self) -> Option<Digest> {
        self.state.engines[&self.engine].serving.map(|bundle| bundle.artifact)
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
