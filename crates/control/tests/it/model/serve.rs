//! What services report: what they see, what they are about to do, and how it went.

use super::play::Play;
use crate::world::{End, MINUTE_MS, token};
use model::{ChangeId, Digest, Service};
use signed::{Counted, Observation, Outcome, Report, StepRef, step_key};

impl Play {
    pub fn observe(&mut self, place: usize, service: Service, lie: bool) -> bool {
        self.turn_to(place);
        let Some((change, known)) = self.at(place) else { return false };
        let revision = known.revision;
        let mut observation = self.world.sight_of(change, service);
        if lie {
            observation = match observation {
                Observation::Platform { .. } => Observation::Platform { missing: vec![Digest::ZERO], zone: None },
                Observation::Node { .. } => Observation::Node { memory_free_mib: 1, placed: vec![] },
                Observation::Engine { .. } => Observation::Engine { generation: 99, serving: None, missing: vec![] },
                Observation::Integration { .. } => Observation::Integration { bindings: Digest::ZERO },
            };
        }
        let command = self.world.receipt(service, Report::Observed { change, revision, observation });
        self.attempt(command)
    }

    /// What was begun, whatever has become of its change since; else the step that is due.
    fn turn(&self, id: ChangeId) -> Option<(Service, StepRef)> {
        let change = self.world.state.kind_of(&id).map(|_| self.world.change(id))?;
        let Some((step, intent)) = change.open_intent() else {
            // Nobody begins what has waited for too long, whether or not that was written down.
            if change.is_silent(self.world.now) {
                return None;
            }
            return self.world.due(id).map(|(service, due)| (service, due.step));
        };
        let service = change.plan.as_ref()?.steps[step as usize].executor();
        Some((service, StepRef { change: id, revision: change.revision, step, undo: intent.undo }))
    }

    /// An intent, or the outcome of the one that is open; 9 is how all goes well.
    pub fn step(&mut self, place: usize, how: u8) -> bool {
        let Some((service, step)) = self.places[place].and_then(|id| self.turn(id)) else { return false };
        let open = self.world.change(step.change).open_intent().map(|(_, intent)| intent.nonce);
        let Some(nonce) = open else {
            let nonce = model::Nonce(self.world.fresh());
            let act_by = self.world.now.plus_millis(60_000);
            let by = if how == 0 { Service::Integration } else { service };
            let command = self.world.receipt(by, Report::Intent { step, key: step_key(&step), nonce, act_by });
            let went = self.attempt(command);
            match how {
                // Trouble comes of what was begun; or nothing does, for too long.
                1..=5 | 8 if went => return self.step(place, how),
                7 if went => self.world.advance(21 * MINUTE_MS),
                _ => {}
            }
            return went;
        };
        let end = match how {
            1 | 2 => End::Refused("late"),
            3 => End::Refused("probe_failed"),
            4 => End::Unknown,
            5 => End::Refused("foreign_intent"),
            _ => End::Done,
        };
        let (outcome, code) = match end {
            End::Done => (Outcome::Done, None),
            End::Refused(code) => (Outcome::Refused, Some(token(code))),
            End::Unknown => (Outcome::Unknown, Some(token("lost"))),
        };
        let planned = &self.world.change(step.change).plan.as_ref().unwrap().steps[step.step as usize];
        let observed = planned.expect.filter(|_| outcome == Outcome::Done && !step.undo && how != 6);
        // A process is given a credential of its own; seldom the one that another has.
        let starts = planned.action.word() == "start" && !step.undo && outcome == Outcome::Done;
        let others = self.world.state.credentials.keys().next().copied().filter(|_| how == 8);
        let credential = starts.then(|| others.unwrap_or(Digest::of_bytes(&nonce.0)));
        let by = if how == 0 { Service::Integration } else { service };
        let mut receipt =
            self.world.receipt_of(by, Report::Outcome { step, nonce, outcome, code, observed, credential });
        if how == 8 {
            receipt.at = receipt.at.plus_millis(-3 * MINUTE_MS);
        }
        let command = self.world.vouch(by, receipt);
        self.attempt(command)
    }

    /// What serves was started again, or answers worse; in half the cases nothing of it is true.
    pub fn health(&mut self, place: usize, how: u8) -> bool {
        self.turn_to(place);
        let engine = self.world.engine;
        let generation = self.world.state.engines[&engine].generation + u64::from(how % 2);
        let counted = Counted { requests: 200, errors: 20, p99_ms: 40, p99_before_ms: None };
        let report = match how / 2 {
            0 => Report::Restarted { engine, count: 1, failed: u32::from(how % 2) },
            _ => Report::Regressed { engine, generation, counted },
        };
        let by = if how == 4 { Service::Node } else { Service::Engine };
        let command = self.world.receipt(by, report);
        self.attempt(command)
    }
}
