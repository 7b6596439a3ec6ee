//! What the verified fold says shall serve: the only ground on which a process is restarted.

use crate::{Setup, Site, limits, record};
use control::State;
use follower::OwnNode;
use front::Limits;
use model::{EngineId, Side, TenantId};
use signed::Served;
use std::collections::BTreeMap;

/// What the ledger wants of one engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Which engine, whose, and its front port.
    pub site: Site,
    pub side_ports: [u16; 2],
    /// Generation of the route.
    pub generation: u64,
    /// What serves; none before the first deployment, or after a drain.
    pub serving: Option<Served>,
    /// What the process of what serves gets beside its bundle.
    pub setup: Option<Setup>,
    /// Where a step with an accepted intent leads, before its outcome is a leaf: the intent is the point of no return.
    pub ahead: Option<(u64, Option<Served>)>,
    /// How many requests of its tenant the front may let through, and when.
    pub limits: Option<Limits>,
}

impl Wanted {
    /// Every engine of a fold that is on this node.
    pub fn all(state: &State, node: &OwnNode) -> Vec<Self> {
        let mut schedules: BTreeMap<TenantId, Option<Limits>> = BTreeMap::new();
        let mut of = |tenant: TenantId| schedules.entry(tenant).or_insert_with(|| limits(state, &tenant)).clone();
        let wanted = |(id, engine): (&EngineId, &control::Engine)| Self {
            site: Site { engine: *id, tenant: engine.tenant, port: engine.port },
            side_ports: engine.side_ports,
            generation: engine.generation,
            serving: engine.serving,
            setup: engine.bundle().and_then(|bundle| Setup::of(state, bundle)),
            ahead: ahead(state, id),
            limits: of(engine.tenant),
        };
        state.engines.iter().filter(|(_, engine)| node.is(state, &engine.node)).map(wanted).collect()
    }

    /// Whether this may serve: the fold says so, or an accepted intent does.
    pub(crate) fn allows(&self, generation: u64, serving: Option<Served>) -> bool {
        (self.generation, self.serving) == (generation, serving) || self.ahead == Some((generation, serving))
    }

    /// The port of a side.
    pub(crate) fn side_port(&self, side: Side) -> u16 {
        self.side_ports[record::place(side)]
    }
}

fn ahead(state: &State, engine: &EngineId) -> Option<(u64, Option<Served>)> {
    let change = state.changes.get(&state.locked_by(engine)?)?;
    let plan = change.plan.as_ref()?;
    plan.steps.iter().zip(&change.steps).find_map(|(step, progress)| {
        let intent = progress.intent.as_ref()?;
        let switch = if intent.undo { step.undo.as_ref()? } else { &step.action }.switch()?;
        Some((switch.next, switch.serving))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Bundle, Digest};

    #[test]
    fn what_the_fold_or_an_accepted_intent_says_may_serve_and_nothing_else() {
        let of = |side, digest| Some(Served { side, bundle: Bundle::of(Digest([digest; 32])) });
        let (old, new) = (of(Side::Green, 1), of(Side::Blue, 2));
        let wanted = Wanted {
            site: Site { engine: EngineId([1; 16]), tenant: TenantId([1; 16]), port: 8101 },
            side_ports: [9100, 9101],
            generation: 3,
            serving: old,
            setup: None,
            ahead: Some((4, new)),
            limits: None,
        };
        assert!(wanted.allows(3, old) && wanted.allows(4, new));
        assert!(!wanted.allows(4, old) && !wanted.allows(3, new) && !wanted.allows(5, new) && !wanted.allows(3, None));
        assert_eq!([Side::Blue, Side::Green].map(|side| wanted.side_port(side)), [9100, 9101]);
    }
}
