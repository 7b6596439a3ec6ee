//! What the verified fold says is placed here: the ground on which damaged placements are rebuilt.

use crate::Placement;
use control::{Change, Kept, Placing, State};
use follower::OwnNode;
use model::{ChangeId, EngineId, Side};
use signed::StepRef;

/// One engine of this node, as the ledger has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decided {
    pub(crate) engine: EngineId,
    /// What is certainly placed for it.
    pub(crate) placed: Vec<Placement>,
    /// Whether a change on it is being carried out: what is placed beside this is that change's.
    pub(crate) changing: bool,
}

/// Every engine of this node.
pub(crate) fn decided(state: &State, node: &OwnNode) -> Vec<Decided> {
    let here = state.engines.iter().filter(|(_, engine)| node.is(state, &engine.node));
    here.map(|(id, engine)| {
        let change = state.locked_by(id).and_then(|change| Some((change, state.changes.get(&change)?)));
        let mut placed: Vec<Placement> = vec![];
        if let Some(serving) = engine.serving {
            let (side, bundle, memory_mib) = (serving.side, serving.bundle, control::serves(state, engine).memory_mib);
            let (artifact, theme) = (bundle.artifact, bundle.theme);
            placed.push(Placement { engine: *id, side, artifact, theme, memory_mib, key: None });
        }
        if let Some((change_id, change)) = change {
            carried_out(*id, change_id, change, &mut placed);
        }
        Decided { engine: *id, placed, changing: change.is_some() }
    })
    .collect()
}

/// What the steps of a running change have placed and given back by now.
fn carried_out(engine: EngineId, id: ChangeId, change: &Change, placed: &mut Vec<Placement>) {
    let Some(plan) = &change.plan else { return };
    let give_back = |placed: &mut Vec<Placement>, side: Side| placed.retain(|one| one.side != side);
    for (number, (step, at)) in (0_u32..).zip(plan.steps.iter().zip(&change.steps)) {
        match step.action.placing() {
            Some(Placing { side, kept: Some(Kept { artifact, theme, memory_mib }) })
                if at.done.is_some() && at.undone.is_none() =>
            {
                give_back(placed, side);
                let step = StepRef { change: id, revision: change.revision, step: number, undo: false };
                let key = Some(signed::step_key(&step));
                placed.push(Placement { engine, side, artifact, theme, memory_mib, key });
            }
            Some(Placing { side, kept: None }) if at.done.is_some() => give_back(placed, side),
            _ => {}
        }
    }
}
