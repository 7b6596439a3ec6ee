//! A Governance that lies about leases: not a cycle is granted beyond what was verified.

use super::stage::{Stage, TOKEN, artifact, code};
use client::{BrakeClient, Http};
use control::{About, Body, Effect, GrantEvent, Terms, Verdict, cap_at};
use model::{ChangeId, Instant};
use signed::Act;
use testkit::{Double, Lie, World};
use wire::{BrakeRequest, Submission};

impl Stage {
    /// Records that a grant which nobody approved is run; answers the leaf.
    fn forge_run(&self, change: ChangeId, until: Option<Instant>) -> u64 {
        let run = Act::Run { binding: self.double.binding(change), not_before: None };
        let command = self.double.statement(World::AUTHOR, run);
        let about = About::of(&self.double.state().changes[&change]);
        let started = Effect::Grant { grant: change, event: GrantEvent::Started { about, until } };
        self.double.forge(command, Verdict::Accepted, vec![started])
    }

    /// A grant that is asked for and sealed.
    fn sealed(&self, cap: control::Cap, for_ms: Option<i64>) -> ChangeId {
        let (change, raises) = (ChangeId(client::random_bytes()), cap.raises.is_some());
        let body = Body::Grant { terms: Terms::Cap(cap), for_ms, asked_by: None };
        self.double.open(World::AUTHOR, change, body, None);
        self.double.observe(change);
        if raises {
            let revision = self.double.state().changes[&change].revision;
            self.double.sign_and_submit(World::AUTHOR, Act::Escalate { change, revision });
        }
        self.double.sign_and_submit(World::AUTHOR, Act::Seal { binding: self.double.binding(change) });
        change
    }

    /// It has stopped at this leaf, over a restart, and grants what it had verified to the last cycle and no further.
    fn grants_no_more(&mut self, leaf: u64, left: u64) {
        for first in [true, false] {
            if !first {
                self.kill_9();
                self.start();
            }
            self.until_ledger(&format!("stopped at leaf {leaf}: "));
            assert_eq!(code(self.reserve(self.lease, 200, left + u64::from(first))), "409 lease.cap_reached");
            if first {
                self.reserve(self.lease, 100, left).unwrap();
            }
        }
        assert_eq!(code(self.reserve(self.lease, 200, 1)), "409 lease.cap_reached");
    }
}

#[test]
fn a_forged_cap_grants_nothing() {
    let mut stage = Stage::new(100);
    stage.start();
    stage.until_folded();
    stage.reserve(stage.lease, 1, 60).unwrap();
    let raised = stage.sealed(Double::cap(1_000_000, "UTC", Some(stage.lease)), Some(3_600_000));
    let until = stage.double.state().last.plus_millis(3_600_000);
    let leaf = stage.forge_run(raised, Some(until));
    let state = stage.double.decided();
    assert_eq!(cap_at(&state, &stage.lease, state.last).unwrap().cycles, 1_000_000, "whoever believed it would");
    stage.grants_no_more(leaf, 40);
}

#[test]
fn a_forged_lease_grants_nothing_and_the_true_one_what_it_did() {
    let mut stage = Stage::new(100);
    stage.start();
    stage.until_folded();
    stage.reserve(stage.lease, 1, 60).unwrap();
    let forged = stage.sealed(Double::cap(1_000_000, "UTC", None), None);
    let leaf = stage.forge_run(forged, None);
    // What follows is as it should be: the engine is bound to it, by those who may.
    stage.double.serve_with(artifact(), Some(forged), TOKEN);
    let bound = stage.double.decided().engines[&Double::ENGINE].bundle().and_then(|bundle| bundle.lease);
    assert_eq!(bound, Some(forged), "whoever believed it would grant of it");
    stage.grants_no_more(leaf, 40);
    assert_eq!(code(stage.reserve(forged, 201, 1)), "404 lease.not_found");
}

/// What is withheld cannot be known: what was verified is granted, and not a cycle beyond it. Who revoked it hands the
/// same word to Platform Services itself; and once it is heard of it stays over.
#[test]
fn a_withheld_revoke_is_obeyed_once_it_is_handed_directly() {
    let mut stage = Stage::new(100);
    stage.start();
    stage.until_folded();
    let (lease, held) = (stage.lease, stage.double.leaves());
    let revision = stage.double.state().changes[&lease].revision;
    let command = stage.double.statement(World::AUDITOR, Act::Revoke { change: lease, revision });
    stage.double.accept(command.clone());
    stage.double.lie(Lie::Leaves(held));
    stage.reserve(lease, 1, 60).unwrap();
    assert_eq!(code(stage.reserve(lease, 2, 41)), "409 lease.cap_reached");
    let brake = BrakeClient::new(Http::new(stage.http().base()));
    let revoke = Submission { command, openings: vec![], package: None, document: None };
    stage.runtime.block_on(brake.hand(&BrakeRequest { statements: vec![revoke] })).unwrap();
    assert_eq!(code(stage.reserve(lease, 2, 1)), "409 lease.ended");
    stage.kill_9();
    stage.start();
    stage.until_ledger("");
    let asked_again = || match stage.reserve(lease, 2, 1) {
        Err(client::ClientError::Problem(detail, 503)) => detail.code.as_str() != "ledger.behind",
        Err(client::ClientError::Problem(detail, _)) => {
            assert_eq!(detail.code.as_str(), "lease.ended");
            true
        }
        other => panic!("{other:?}"),
    };
    crate::plane::until("it to have caught up", asked_again);
    stage.double.lie(Lie::None);
    stage.until_folded();
    assert_eq!(code(stage.reserve(lease, 2, 1)), "409 lease.ended");
}
