//! What the verified fold says shall serve: the only ground on which a process is restarted.

use crate::{Serving, Site};
use control::{Action, State};
use follower::OwnNode;
use model::{Digest, EngineId};

/// What the ledger wants of one engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Which engine, and its front port.
    pub site: Site,
    /// Its slots' ports.
    pub slot_ports: [u16; 2],
    /// Generation of the route.
    pub generation: u64,
    /// Artifact that serves; none before the first deployment.
    pub serving: Option<Digest>,
    /// Where a step with an accepted intent leads, before its outcome is a leaf: the intent is the point of no return.
    pub ahead: Option<(u64, Option<Digest>)>,
}

impl Wanted {
    /// Every engine of a fold that is on this node.
    pub fn all(state: &State, node: &OwnNode) -> Vec<Self> {
        let wanted = |(id, engine): (&EngineId, &control::Engine)| Self {
            site: Site { engine: *id, port: engine.port },
            slot_ports: engine.slot_ports,
            generation: engine.generation,
            serving: engine.serving.map(|bundle| bundle.artifact),
            ahead: ahead(state, engine),
        };
        state.engines.iter().filter(|(_, engine)| node.is(state, &engine.node)).map(wanted).collect()
    }

    /// Whether this may serve: the fold says so, or an accepted intent does.
    pub(crate) fn allows(&self, generation: u64, serving: Option<Digest>) -> bool {
        (self.generation, self.serving) == (generation, serving) || self.ahead == Some((generation, serving))
    }

    /// What to start where nothing is recorded (a new disk): the two slots take turns with the generations.
    pub(crate) fn anew(&self) -> Option<(Serving, u16)> {
        let slot = u8::from(self.generation % 2 == 1);
        Some((Serving { slot, artifact: self.serving? }, self.slot_ports[usize::from(slot)]))
    }
}

fn ahead(state: &State, engine: &control::Engine) -> Option<(u64, Option<Digest>)> {
    let change = state.changes.get(&engine.locked_by?)?;
    let plan = change.plan.as_ref()?;
    plan.steps.iter().zip(&change.steps).find_map(|(step, progress)| {
        let intent = progress.intent.as_ref()?;
        match if intent.undo { step.undo.as_ref()? } else { &step.action } {
            Action::Switch { next, artifact, .. } => Some((*next, *artifact)),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_fold_or_an_accepted_intent_says_may_serve_and_nothing_else() {
        let (old, new) = (Some(Digest([1; 32])), Some(Digest([2; 32])));
        let wanted = Wanted {
            site: Site { engine: EngineId([1; 16]), port: 8101 },
            slot_ports: [9100, 9101],
            generation: 3,
            serving: old,
            ahead: Some((4, new)),
        };
        assert!(wanted.allows(3, old) && wanted.allows(4, new));
        assert!(!wanted.allows(4, old) && !wanted.allows(3, new) && !wanted.allows(5, new) && !wanted.allows(3, None));
        let (serving, port) = wanted.anew().unwrap();
        assert_eq!((serving.slot, Some(serving.artifact), port), (1, old, 9101));
    }
}
