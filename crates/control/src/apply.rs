//! The fold: a leaf's effects into the state. Total: a leaf that was decided can be applied.

use crate::change::{Approval, Change, Intent, Observed, Run, StepState};
use crate::decide::{kinds, package};
use crate::state::{Artifact, Certified, Engine, IDEMPOTENCY_MS, Session, State, Tenant};
use crate::{Blobs, Command, Effect, Leaf, Requirement, SessionAct, SessionCommand, plan};
use model::{ChangeId, KindName, Status};
use std::collections::{BTreeMap, BTreeSet};
use warrant::{Act, Report};

/// Folds the leaf at `index` into the state.
pub fn apply(state: &mut State, blobs: &dyn Blobs, index: u64, leaf: &Leaf) {
    spend(state, index, leaf);
    for effect in &leaf.effects {
        Fold { state, blobs, index, leaf }.effect(effect);
    }
    state.size = index + 1;
    state.last = leaf.now;
}

/// What is used up by the leaf whatever its verdict: statement, receipt, idempotency tag.
fn spend(state: &mut State, index: u64, leaf: &Leaf) {
    let now = leaf.now;
    match &leaf.command {
        Command::Signed { statement, .. } => {
            if let Ok(digest) = statement.digest() {
                state.spent.insert((statement.not_after, digest), index);
            }
        }
        Command::Receipt { receipt, .. } => {
            let id = match &receipt.report {
                Report::Observed { change, .. } => *change,
                Report::Intent { step, .. } | Report::Outcome { step, .. } => step.change,
            };
            if let (Some(change), Ok(digest)) = (state.changes.get_mut(&id), receipt.digest()) {
                change.receipts.insert(digest, index);
            }
        }
        Command::Session(SessionCommand { idempotency: Some(tag), .. }) => {
            state.idempotency.insert(*tag, (now, index));
        }
        Command::Genesis { .. } | Command::Session(_) | Command::Clock { .. } => {}
    }
    // A statement that has ended is refused for that, so it need not be remembered; nor need old tags.
    while state.spent.first_key_value().is_some_and(|((end, _), _)| *end < now) {
        state.spent.pop_first();
    }
    state.idempotency.retain(|_, (at, _)| now.millis_since(*at) <= IDEMPOTENCY_MS);
    state.sessions.retain(|_, session| now <= session.expires);
}

struct Fold<'a> {
    state: &'a mut State,
    blobs: &'a dyn Blobs,
    index: u64,
    leaf: &'a Leaf,
}

impl Fold<'_> {
    fn change(&mut self, id: &ChangeId, fold: impl FnOnce(&mut Change)) {
        let index = self.index;
        if let Some(change) = self.state.changes.get_mut(id) {
            change.last = index;
            fold(change);
        }
    }

    fn ended(&mut self, id: &ChangeId, status: Status) {
        self.change(id, |change| {
            change.status = status;
            change.deadline = None;
        });
        if status != Status::Indeterminate {
            self.state
                .engines
                .values_mut()
                .filter(|engine| engine.locked_by == Some(*id))
                .for_each(|engine| engine.locked_by = None);
        }
    }

    fn effect(&mut self, effect: &Effect) {
        match effect {
            Effect::LedgerFounded {}
            | Effect::TenantRegistered { .. }
            | Effect::EngineRegistered { .. }
            | Effect::ArtifactPublished { .. }
            | Effect::SessionOpened { .. } => self.registered(effect),
            Effect::DraftOpened { change, kind, revision } => self.draft(change, *kind, *revision),
            Effect::DraftObserved { change, service } => self.observed(change, *service),
            Effect::PackageSealed { change, approve_by, .. } => self.sealed(change, *approve_by),
            Effect::ApprovalRecorded { change, slot, person } => {
                let (at, index, key) = (self.leaf.now, self.index, self.signer_key());
                let approval = Approval { person: *person, key, at, index };
                self.change(change, |change| {
                    change.approvals.insert(*slot, approval);
                });
            }
            Effect::ChangeApproved { change, execute_by, .. } => self.change(change, |change| {
                change.status = Status::Approved;
                change.deadline = Some(*execute_by);
            }),
            Effect::ApprovalWithdrawn { change, slot, approve_by } => self.change(change, |change| {
                change.approvals.remove(slot);
                change.status = Status::AwaitingApproval;
                change.deadline = Some(*approve_by);
            }),
            Effect::ChangeRejected { change, .. } => self.ended(change, Status::Rejected),
            Effect::ChangeCancelled { change, .. } => self.ended(change, Status::Cancelled),
            Effect::ChangeExpired { change, .. } => self.ended(change, Status::Expired),
            Effect::ChangeHeld { change } => {
                let by = self.signer();
                self.change(change, |change| change.held_by = by);
            }
            Effect::HoldReleased { change } => {
                let by = self.signer();
                self.change(change, |change| {
                    change.held_by = None;
                    change.released_by.extend(by);
                });
            }
            Effect::RefusalsSummed { .. } => {}
            Effect::EventsHead { size, root } => self.state.events_head = Some((*size, *root)),
            _ => self.carried_out(effect),
        }
    }

    fn signer(&self) -> Option<model::PersonId> {
        match &self.leaf.command {
            Command::Signed { statement, .. } => Some(statement.person),
            _ => None,
        }
    }

    fn signer_key(&self) -> model::Digest {
        match &self.leaf.command {
            Command::Signed { statement, .. } => statement.key,
            _ => model::Digest::ZERO,
        }
    }

    fn registered(&mut self, effect: &Effect) {
        let index = self.index;
        match (effect, &self.leaf.command) {
            (Effect::LedgerFounded {}, Command::Genesis { genesis, .. }) => {
                let state = &mut *self.state;
                state.ledger = genesis.digest().unwrap_or(model::Digest::ZERO);
                state.origin = Some(genesis.origin.clone());
                state.demo = genesis.demo;
                state.roster = genesis.roster.clone();
                if let Some(kinds) = kinds(self.blobs, genesis) {
                    state.kinds = kinds;
                }
            }
            (Effect::TenantRegistered { tenant }, _) => {
                self.state.tenants.insert(*tenant, Tenant { index });
            }
            (Effect::EngineRegistered { engine }, Command::Signed { statement, .. }) => {
                if let Act::RegisterEngine { tenant, node, port, slot_ports, .. } = &statement.act {
                    let engine_state = Engine {
                        tenant: *tenant,
                        node: *node,
                        port: *port,
                        slot_ports: *slot_ports,
                        generation: 0,
                        serving: None,
                        stack: vec![],
                        locked_by: None,
                        index,
                    };
                    self.state.engines.insert(*engine, engine_state);
                }
            }
            (Effect::ArtifactPublished { artifact }, Command::Signed { statement, .. }) => {
                if let Some(published) = Artifact::of(&statement.act, index) {
                    self.state.artifacts.insert(*artifact, published);
                }
            }
            (Effect::SessionOpened { principal, scope }, Command::Session(session)) => {
                if let SessionAct::Login(login) = &session.act {
                    let (principal, scope, expires) = (*principal, *scope, login.expires);
                    self.state.sessions.insert(login.token, Session { principal, scope, expires, index });
                }
            }
            _ => {}
        }
    }

    fn draft(&mut self, id: &ChangeId, kind: KindName, revision: u32) {
        let Command::Session(session) = &self.leaf.command else { return };
        let SessionAct::OpenDraft { package: digest, .. } = &session.act else { return };
        let Some(package) = package(self.blobs, digest) else { return };
        let before = self.state.changes.remove(id);
        let (mut authors, receipts) = before.map_or((BTreeSet::new(), BTreeMap::new()), |c| (c.authors, c.receipts));
        authors.extend(session.principal.person());
        let change = Change {
            kind,
            package,
            package_digest: *digest,
            revision,
            status: Status::Draft,
            authors,
            opened: self.index,
            observed: BTreeMap::new(),
            plan: None,
            plan_digest: None,
            requirement: None,
            requirement_digest: None,
            sealed: None,
            deadline: None,
            approvals: BTreeMap::new(),
            held_by: None,
            released_by: BTreeSet::new(),
            run: None,
            steps: vec![],
            unwinding: false,
            receipts,
            last: self.index,
        };
        self.state.changes.insert(*id, change);
    }

    fn observed(&mut self, id: &ChangeId, service: model::Service) {
        let Command::Receipt { receipt, .. } = &self.leaf.command else { return };
        let Report::Observed { observation, .. } = &receipt.report else { return };
        let observed = Observed { observation: observation.clone(), at: self.leaf.now, index: self.index };
        self.change(id, |change| {
            change.observed.insert(service, observed);
        });
    }

    fn sealed(&mut self, id: &ChangeId, approve_by: model::Instant) {
        let Some(change) = self.state.changes.get(id) else { return };
        let sealed_plan = plan(self.state, change, self.leaf.now).ok();
        let requirement = self.state.kinds.kind(change.kind).map(Requirement::of);
        let (index, signer) = (self.index, self.signer());
        self.change(id, |change| {
            change.plan_digest = sealed_plan.as_ref().and_then(|plan| plan.digest().ok());
            change.steps = vec![StepState::default(); sealed_plan.as_ref().map_or(0, |plan| plan.steps.len())];
            change.plan = sealed_plan;
            change.requirement_digest = requirement.as_ref().and_then(|requirement| requirement.digest().ok());
            change.requirement = requirement;
            change.sealed = Some(index);
            change.authors.extend(signer);
            change.deadline = Some(approve_by);
            change.status = Status::AwaitingApproval;
        });
    }

    fn carried_out(&mut self, effect: &Effect) {
        match effect {
            Effect::ChangeRun { change: id, .. } => {
                let (at, index, signer) = (self.leaf.now, self.index, self.signer());
                self.change(id, |change| {
                    change.status = Status::Executing;
                    change.deadline = None;
                    change.run = signer.map(|person| Run { person, at, index });
                });
                let engine = self.state.changes.get(id).map(|change| change.package.engine);
                if let Some(engine) = engine.and_then(|engine| self.state.engines.get_mut(&engine)) {
                    engine.locked_by = Some(*id);
                }
            }
            Effect::StepIntended { .. }
            | Effect::StepDone { .. }
            | Effect::StepLate { .. }
            | Effect::StepRefused { .. }
            | Effect::StepUnknown { .. } => self.step(effect),
            Effect::RouteSwitched { engine, generation, artifact } => {
                if let Some(engine) = self.state.engines.get_mut(engine) {
                    engine.generation = *generation;
                    engine.serving = artifact.map(|artifact| crate::Bundle { artifact });
                }
            }
            Effect::ChangeUnwinding { change, .. } => self.change(change, |change| change.unwinding = true),
            Effect::ChangeInvalidated { change, .. } => self.ended(change, Status::Invalidated),
            Effect::ChangeFailed { change, .. } => self.ended(change, Status::Failed),
            Effect::ChangeIndeterminate { change, .. } => self.ended(change, Status::Indeterminate),
            Effect::ChangeEffective { change, .. } => self.ended(change, Status::Effective),
            Effect::BundleCertified { engine, .. } => self.certified(engine),
            Effect::BundlePopped { engine, .. } => {
                if let Some(engine) = self.state.engines.get_mut(engine) {
                    engine.stack.pop();
                }
            }
            _ => {}
        }
    }

    fn certified(&mut self, engine: &model::EngineId) {
        let Command::Receipt { receipt, .. } = &self.leaf.command else { return };
        let (Report::Outcome { step, .. }, index) = (&receipt.report, self.index) else { return };
        if let Some(engine) = self.state.engines.get_mut(engine)
            && let Some(bundle) = engine.serving
        {
            engine.stack.push(Certified { bundle, change: step.change, index });
        }
    }

    fn step(&mut self, effect: &Effect) {
        let Command::Receipt { receipt, .. } = &self.leaf.command else { return };
        let (Report::Intent { step, .. } | Report::Outcome { step, .. }) = &receipt.report else { return };
        let index = self.index;
        self.change(&step.change, |change| {
            let Some(progress) = change.steps.get_mut(step.step as usize) else { return };
            progress.intent = None;
            match (effect, &receipt.report) {
                (Effect::StepIntended { .. }, Report::Intent { nonce, act_by, .. }) => {
                    progress.intent = Some(Intent { nonce: *nonce, act_by: *act_by, index, undo: step.undo });
                }
                (Effect::StepDone { .. }, _) if step.undo => progress.undone = Some(index),
                (Effect::StepDone { .. }, _) => {
                    progress.done = Some(index);
                    // Its compensation, should it come to that, may be late as often.
                    progress.late = 0;
                }
                (Effect::StepLate { .. }, _) => progress.late += 1,
                _ => {}
            }
        });
    }
}
