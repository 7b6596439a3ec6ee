//! AI leases: granted, raised and taken back, and an engine that serves with one.

use super::{Double, World};
use client::random_bytes;
use control::{Action, Body, Cap, Effect, EngineAction, GrantEvent, Leaf, Terms};
use model::{Bundle, ChangeId, Digest, LeaseClass, Period};
use signed::{Act, Outcome, Report};

impl Double {
    /// What may be used of a lease in a month of this zone; with `raises` of that one.
    pub fn cap(cycles: u64, zone: &str, raises: Option<ChangeId>) -> Cap {
        Cap {
            tenant: Self::TENANT,
            class: LeaseClass::Worker,
            cycles,
            period: Period::Month,
            zone: zone.parse().unwrap(),
            purpose: "merchandising".parse().unwrap(),
            price: None,
            raises,
        }
    }

    /// A lease, or more cycles of one, in force for so long; answers the change that granted it.
    pub fn grant(&self, cap: Cap, for_ms: Option<i64>) -> ChangeId {
        let (change, raises) = (ChangeId(random_bytes()), cap.raises.is_some());
        let body = Body::Grant { terms: Terms::Cap(cap), for_ms, asked_by: None };
        self.open(World::AUTHOR, change, body, None);
        self.observe(change);
        if raises {
            let revision = self.state().changes[&change].revision;
            self.sign_and_submit(World::AUTHOR, Act::Escalate { change, revision });
        }
        self.countersign(change);
        change
    }

    /// The leaf that put a grant in force.
    pub fn started(&self, change: ChangeId) -> u64 {
        let starts = |effect: &Effect| matches!(effect, Effect::Grant { grant, event: GrantEvent::Started { .. } } if *grant == change);
        let leaves = self.leaves().into_iter().map(|leaf| Leaf::decode(&leaf).unwrap());
        leaves.into_iter().position(|leaf| leaf.effects.iter().any(starts)).unwrap() as u64
    }

    /// Takes a grant back.
    pub fn revoke(&self, change: ChangeId) {
        let revision = self.state().changes[&change].revision;
        self.sign_and_submit(World::AUDITOR, Act::Revoke { change, revision });
    }

    /// What was recorded as used of a lease, period by period.
    pub fn used(&self, lease: ChangeId) -> Vec<u64> {
        let effects = self.leaves().into_iter().flat_map(|leaf| Leaf::decode(&leaf).unwrap().effects);
        let cycles = |effect| match effect {
            Effect::Grant { grant, event: GrantEvent::Used { cycles, .. } } if grant == lease => Some(cycles),
            _ => None,
        };
        effects.filter_map(cycles).collect()
    }

    /// Deploys a release bound to this lease, every step carried out in the name of its executor; the process that
    /// is started is known by this token. Where only the lease is another, the process stays, and its token.
    pub fn serve_with(&self, artifact: Digest, lease: Option<ChangeId>, token: &str) -> ChangeId {
        let (change, credential) = (ChangeId(random_bytes()), Digest::of_bytes(token.as_bytes()));
        let bundle = Bundle { lease, ..Bundle::of(artifact) };
        let body = Body::Deployment { engine: Self::ENGINE, node: World::NODE, bundle, proven_on: None };
        self.open(World::AUTHOR, change, body, None);
        self.observe(change);
        self.countersign(change);
        let starts = |action: &Action| matches!(action, Action::Engine { action: EngineAction::Start { .. }, .. });
        if !self.advance_until(change, starts) {
            return change;
        }
        let state = self.state();
        let (record, outcome) = (&state.changes[&change], Outcome::Done);
        let step = record.step_due().unwrap();
        let planned = &record.plan.as_ref().unwrap().steps[step.step as usize];
        let (executor, observed) = (planned.executor(), planned.expect);
        let nonce = self.intend(step, executor);
        let credential = Some(credential);
        self.accept(self.receipt(executor, Report::Outcome { step, nonce, outcome, code: None, observed, credential }));
        self.advance_until(change, |_| false);
        change
    }
}
