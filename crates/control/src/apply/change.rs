//! What happens to a change, in the state.

use super::Fold;
use crate::change::{Approval, Attached, Change, Observed, Revoked, Run, Scheduled, StepState};
use crate::state::{Certified, Regressed, Rehearsed, Restarted};
use crate::warrant::{Used, Warrant};
use crate::{
    Asked, ChangeEvent, Command, EngineEvent, Executor, GrantEvent, UsedUp, governs, package, plan, requirement,
};
use model::{ChangeId, EngineId, Instant, PersonId, Service, Side, Status};
use signed::{Act, Report};

impl Fold<'_> {
    pub(super) fn happened(&mut self, id: &ChangeId, event: &ChangeEvent) {
        match event {
            ChangeEvent::Opened { revision } => self.opened(id, *revision),
            ChangeEvent::ObservationAsked {} => self.observe_again(id),
            ChangeEvent::Observed { service } | ChangeEvent::ReadLate { service } => {
                self.observed(id, *service, matches!(event, ChangeEvent::ReadLate { .. }));
            }
            ChangeEvent::Sealed { approve_by, .. } | ChangeEvent::SealedFlagged { approve_by, .. } => {
                self.sealed(id, *approve_by);
            }
            ChangeEvent::Escalated {}
            | ChangeEvent::Attached { .. }
            | ChangeEvent::ApprovalRecorded { .. }
            | ChangeEvent::Approved { .. }
            | ChangeEvent::ApprovalWithdrawn { .. }
            | ChangeEvent::ApprovalLapsed { .. } => self.approvals(id, event),
            ChangeEvent::Held {} | ChangeEvent::HoldReleased { .. } => self.holds(id, event),
            ChangeEvent::AbortAsked { .. } | ChangeEvent::ReconcileAsked { .. } => self.asked(id, event),
            ChangeEvent::Scheduled { not_before } => self.scheduled(id, *not_before),
            ChangeEvent::Unscheduled { .. } => self.change(id, |change| change.scheduled = None),
            ChangeEvent::Run { by, .. } => self.run(id, *by),
            ChangeEvent::Unwinding {} => {
                let waits = Some((self.now(), self.index));
                self.change(id, |change| (change.unwinding, change.waits) = (true, waits));
            }
            ChangeEvent::ReviewDue { review_by } => {
                let review_by = *review_by;
                self.change(id, |change| change.review_by = Some(review_by));
                self.stands(id, Status::ReviewDue);
            }
            ChangeEvent::ReviewOverdue { .. } => {
                let index = self.index;
                self.change(id, |change| change.overdue = Some(index));
            }
            ChangeEvent::Reconciled { unverified, .. } => self.reconciled(id, *unverified),
            // What it grants may stand on after its review.
            ChangeEvent::Reviewed {} => self.stands(id, Status::Effective),
            ChangeEvent::ChecklistComplete { .. } | ChangeEvent::Aborted {} => self.change(id, |_| {}),
            ChangeEvent::WarrantIssued { .. } | ChangeEvent::WarrantUsed {} | ChangeEvent::WarrantRevoked {} => {
                self.warrant(id, event);
            }
            _ => self.ended(id, event),
        }
    }

    fn ended(&mut self, id: &ChangeId, event: &ChangeEvent) {
        let status = match event {
            ChangeEvent::Rejected { .. } => Status::Rejected,
            ChangeEvent::Cancelled {} => Status::Cancelled,
            ChangeEvent::Superseded { .. } => Status::Superseded,
            ChangeEvent::Expired {} => Status::Expired,
            ChangeEvent::Invalidated { .. } => Status::Invalidated,
            ChangeEvent::Failed {} => Status::Failed,
            ChangeEvent::Indeterminate {} => Status::Indeterminate,
            ChangeEvent::Effective {} => Status::Effective,
            ChangeEvent::Closed {} => Status::Closed,
            _ => return,
        };
        let index = self.index;
        if status == Status::Indeterminate {
            // Of an executor that was silent the leaf before is the last that anybody knows of.
            self.change(id, |change| {
                change.stopped = change.silent_after().map_or(index, |before| change.stopped.max(before));
            });
        }
        if status == Status::Closed {
            self.state.grants.remove(id);
        }
        self.stands(id, status);
    }

    fn opened(&mut self, id: &ChangeId, revision: u32) {
        let Command::Signed { statement, .. } = &self.leaf.command else { return };
        let Act::Open { package: digest, .. } = &statement.act else { return };
        let Some(package) = package::stored(self.blobs, digest) else { return };
        let kind = governs(package.kind());
        let Ok(subject) = kind.subject(self.state, &package.body) else { return };
        let document = kind.document(self.blobs, &package.body).ok().flatten();
        let mut change = Change::draft(package, *digest, subject, document, self.leaf.now);
        change.revision = revision;
        change.authors.extend(self.state.roster.person(&statement.person).map(|person| person.id));
        (change.opened, change.last, change.signed) = (self.index, self.index, self.index);
        // Other bytes lift nobody's hold: only its release does.
        if let Some(before) = self.state.changes.get(id) {
            change.holds.clone_from(&before.holds);
            change.stopped = before.stopped;
        }
        self.state.changes.insert(*id, change);
    }

    /// Fresh observations are due; plan, requirement and approvals of a sealed package stay as they are.
    fn observe_again(&mut self, id: &ChangeId) {
        let (index, now) = (self.index, self.now());
        self.change(id, |change| {
            change.observed.clear();
            (change.opened, change.opened_at) = (index, now);
        });
    }

    fn observed(&mut self, id: &ChangeId, service: Service, late: bool) {
        let Command::Receipt { receipt, .. } = &self.leaf.command else { return };
        let Report::Observed { observation, .. } = &receipt.report else { return };
        let observed = Observed { observation: observation.clone(), at: self.now(), index: self.index };
        self.change(id, |change| {
            change.observed.insert(service, observed);
            if late {
                change.read_late.insert(service);
            }
        });
    }

    fn sealed(&mut self, id: &ChangeId, approve_by: Instant) {
        let Some(change) = self.state.changes.get(id) else { return };
        let sealed_plan = plan(self.state, change, self.leaf.now).ok();
        let requirement = requirement(self.state, change);
        let (index, signer) = (self.index, self.signer());
        self.change(id, |change| {
            change.plan_digest = sealed_plan.as_ref().and_then(|plan| plan.digest().ok());
            change.steps = vec![StepState::default(); sealed_plan.as_ref().map_or(0, |plan| plan.steps.len())];
            change.plan = sealed_plan;
            change.requirement_digest = requirement.as_ref().and_then(|requirement| requirement.digest().ok());
            change.requirement = requirement;
            change.sealed = Some(index);
            change.authors.extend(signer.map(|(person, _)| person));
            change.approve_by = Some(approve_by);
            change.status = Status::AwaitingApproval;
        });
    }

    fn approval(&self, on_behalf_of: Option<PersonId>) -> Option<Approval> {
        let (person, key) = self.signer()?;
        Some(Approval { person, on_behalf_of, key, at: self.now(), index: self.index })
    }

    fn approvals(&mut self, id: &ChangeId, event: &ChangeEvent) {
        let (now, index) = (self.now(), self.index);
        match event {
            ChangeEvent::Escalated {} => {
                let escalated = self.approval(None);
                self.change(id, |change| change.escalated = escalated);
            }
            ChangeEvent::Attached { item } => {
                let Command::Signed { statement, .. } = &self.leaf.command else { return };
                let Act::Attach { evidence, .. } = &statement.act else { return };
                let attached = Attached { evidence: *evidence, person: statement.person, index };
                self.change(id, |change| {
                    change.attached.insert(item.clone(), attached);
                    // What was approved is not what would be run: the slots are filled again.
                    change.approvals.clear();
                    if change.status == Status::Approved {
                        change.status = Status::AwaitingApproval;
                    }
                });
            }
            ChangeEvent::ApprovalRecorded { slot, on_behalf_of, .. } => {
                let approval = self.approval(*on_behalf_of);
                self.change(id, |change| change.approvals.extend(approval.map(|approval| (*slot, approval))));
            }
            ChangeEvent::Approved { execute_by, .. } => self.change(id, |change| {
                change.status = Status::Approved;
                change.first_approved = change.first_approved.or(Some(now));
                change.execute_by = Some(*execute_by);
            }),
            ChangeEvent::ApprovalWithdrawn { slot, .. } | ChangeEvent::ApprovalLapsed { slot, .. } => {
                self.change(id, |change| {
                    change.approvals.remove(slot);
                    change.status = Status::AwaitingApproval;
                    change.scheduled = None;
                });
            }
            _ => {}
        }
    }

    fn holds(&mut self, id: &ChangeId, event: &ChangeEvent) {
        let (index, now, signer) = (self.index, self.now(), self.signer().map(|(person, _)| person));
        self.change(id, |change| {
            if let ChangeEvent::HoldReleased { of } = event {
                change.holds.remove(of);
                // An executor that could not begin has its time from now on.
                if change.waits.is_some() && change.holds.is_empty() {
                    change.waits = Some((now, index));
                }
                change.released_by.extend(signer.map(|person| (person, index)));
                change.abort_asked = None;
            } else {
                change.holds.extend(signer.map(|person| (person, index)));
                change.stopped = index;
                change.scheduled = None;
            }
        });
    }

    fn asked(&mut self, id: &ChangeId, event: &ChangeEvent) {
        let (index, signer) = (self.index, self.signer());
        let Some((person, key)) = signer else { return };
        let asked = |until: &Instant| Asked { person, key, until: *until, index };
        self.change(id, |change| match event {
            ChangeEvent::AbortAsked { until } => change.abort_asked = Some(asked(until)),
            ChangeEvent::ReconcileAsked { outcome, until } => {
                change.reconcile_asked.insert(person, (*outcome, asked(until)));
            }
            _ => {}
        });
    }

    fn scheduled(&mut self, id: &ChangeId, not_before: Instant) {
        let Command::Signed { statement, .. } = &self.leaf.command else { return };
        let scheduled = Scheduled { statement: statement.clone(), not_before, index: self.index };
        self.change(id, |change| change.scheduled = Some(scheduled));
    }

    fn run(&mut self, id: &ChangeId, person: PersonId) {
        let (at, index) = (self.now(), self.index);
        self.change(id, |change| {
            change.run = Some(Run { person, at, index });
            change.waits = Some((at, index));
        });
        self.stands(id, Status::Executing);
    }

    /// That the signer ended what it granted before its time.
    fn revocation(&self) -> Option<Revoked> {
        self.signer().map(|(person, _)| Revoked { person, at: self.now(), index: self.index })
    }

    fn warrant(&mut self, id: &ChangeId, event: &ChangeEvent) {
        let (index, at, signer) = (self.index, self.now(), self.signer());
        let revoked = self.revocation();
        if let ChangeEvent::WarrantIssued { until } = event {
            self.state.warrant_ends.insert((*until, *id), ());
        }
        self.change(id, |change| match event {
            ChangeEvent::WarrantIssued { until } => change.warrant = Some(Warrant::issued(*until)),
            ChangeEvent::WarrantRevoked {} => {
                change.warrant.iter_mut().for_each(|warrant| warrant.revoked = Some(index));
                change.revoked = revoked;
            }
            _ => {
                let used = signer.map(|(machine, _)| Used { machine, at, index });
                change.warrant.iter_mut().for_each(|warrant| warrant.used.clone_from(&used));
            }
        });
    }

    fn reconciled(&mut self, id: &ChangeId, unverified: bool) {
        self.change(id, |_| {});
        let facts = self.state.changes.get(id).and_then(|change| change.plan.as_ref()?.engine());
        let Some((before, _)) = facts else { return };
        if let Some(engine) = self.state.engines.get_mut(&before.engine) {
            engine.unverified = unverified;
            if unverified {
                (engine.generation, engine.serving) = (before.generation, before.serving);
            }
        }
    }

    pub(super) fn engine(&mut self, id: &EngineId, event: &EngineEvent) {
        let (index, at, change) = (self.index, self.now(), self.leaf.command.change());
        let Some(engine) = self.state.engines.get_mut(id) else { return };
        match event {
            EngineEvent::Switched { generation, serving } | EngineEvent::Read { generation, serving } => {
                engine.generation = *generation;
                engine.serving = *serving;
                engine.unverified = false;
                // What was said of another generation says nothing of this one.
                (engine.regressed, engine.restarted) = (None, None);
            }
            EngineEvent::Certified { .. } => {
                if let (Some(bundle), Some(change)) = (engine.bundle(), change) {
                    engine.stack.push(Certified { bundle, change, index });
                }
            }
            EngineEvent::Popped { .. } => {
                engine.stack.pop();
            }
            EngineEvent::Restarted { count, failed } => {
                engine.restarted = Some(Restarted { count: *count, failed: *failed, at, index });
            }
            // A report may come late: what it says of another generation is not said of what serves.
            EngineEvent::Regressed { generation, counted } if *generation == engine.generation => {
                engine.regressed = Some(Regressed { counted: *counted, at, index });
            }
            EngineEvent::Regressed { .. } => {}
            EngineEvent::Rehearsed { bundle } => {
                engine.rehearsed = change.map(|change| Rehearsed { bundle: *bundle, change, at, index });
            }
            EngineEvent::CredentialChanged { side, credential } => {
                let place = &mut engine.credentials[usize::from(*side == Side::Green)];
                let before = std::mem::replace(place, *credential);
                if let Some(before) = before {
                    self.state.credentials.remove(&before);
                }
                self.state.credentials.extend(credential.map(|credential| (credential, (*id, *side))));
            }
        }
    }

    pub(super) fn granted(&mut self, id: &ChangeId, event: &GrantEvent) {
        let (now, index) = (self.now(), self.index);
        match event {
            GrantEvent::Started { until, .. } => {
                let body = self.state.changes.get(id).map(|change| &change.package.body);
                let Some((terms, _)) = body.and_then(crate::Body::grants) else { return };
                let grant = crate::Grant {
                    terms: terms.clone(),
                    from: now,
                    until: *until,
                    revoked: None,
                    ended_by: std::collections::BTreeSet::new(),
                    used: None,
                };
                self.state.grants.insert(*id, grant);
            }
            GrantEvent::Revoked { .. } => {
                if let Some(grant) = self.state.grants.get_mut(id) {
                    grant.revoked = Some(index);
                }
                let revoked = self.revocation();
                self.change(id, |change| change.revoked = revoked);
            }
            GrantEvent::Ended { service, node, .. } => {
                if let Some(grant) = self.state.grants.get_mut(id) {
                    grant.ended_by.insert(Executor { service: *service, node: *node });
                }
            }
            GrantEvent::Used { until, cycles, journal, .. } => {
                if let Some(grant) = self.state.grants.get_mut(id) {
                    let before = grant.used.map_or(0, |used| used.cycles);
                    let cycles = before.saturating_add(*cycles);
                    grant.used = Some(UsedUp { cycles, until: *until, index });
                }
                self.state.journal = Some((*journal, index));
            }
        }
        self.change(id, |_| {});
    }
}
