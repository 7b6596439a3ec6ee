//! Retirement Workflow: there is no machinery for it, and the section says what is true today.

use super::bound::{Item, Items, absent, numbered};
use super::panel::{Notice, Panel};
use super::{deployment, link};
use crate::scene::Scene;
use model::{EngineId, Service};

fn disabled(scene: &Scene, engine: &EngineId) -> Item {
    let name = scene.names().engine(engine);
    let serving = scene.state.engines.get(engine).and_then(control::Engine::bundle);
    let serves = match serving {
        Some(bundle) => format!("{name} serves {}.", scene.names().artifact(&bundle.artifact)),
        None => format!("Nothing serves on {name}."),
    };
    let sentence = format!("{serves} No kind of change in this build retires an engine.");
    Item { href: Some(link::engine(engine)), ..absent("Retirement remains disabled while engine is active", &sentence) }
}

fn retention(scene: &Scene, engine: &EngineId) -> Item {
    let serving = scene.state.engines.get(engine).and_then(control::Engine::bundle);
    let newest = || deployment::newest(scene, engine).and_then(|change| change.package.body.bundle());
    let bound = serving.and_then(|bundle| bundle.retention).or_else(|| newest()?.retention);
    if let Some((digest, policy)) = bound.and_then(|digest| Some((digest, scene.state.retention(&digest)?))) {
        let rules: Vec<_> = policy.rules().into_iter().map(|(about, rule)| format!("{about}: {rule}")).collect();
        return Item {
            number: String::new(),
            title: "Retention policy preattached".to_owned(),
            sentence: format!(
                "{}: audit history, billing closeout, and client control panel export rules are already listed for future \
                 review.",
                scene.names().artifact(&digest)
            ),
            note: format!("{}.", rules.join(". ")),
            href: scene.state.resources.get(&digest).map(|known| link::control(known.index)),
            state: "in-force",
        };
    }
    let entries = scene.snapshot.governance.as_ref().map_or(0, |dated| dated.data.ledger.control_size);
    let sentence = format!(
        "No retention policy is attached. Audit history is kept as it is: all {entries} entries of the control log, \
         which nothing prunes."
    );
    let href = entries.checked_sub(1).map(link::control);
    Item { href, ..absent("Retention policy preattached", &sentence) }
}

/// The section for an engine.
pub fn of(scene: &Scene, engine: Option<&EngineId>) -> Items {
    let notice = Notice::of(scene, Service::Governance)
        .or_else(|| engine.is_none().then(|| Notice::new("empty", "There is no engine to retire.")));
    let items = engine
        .filter(|_| notice.is_none())
        .map(|engine| numbered(vec![disabled(scene, engine), retention(scene, engine)]))
        .unwrap_or_default();
    let panel = Panel::resting_on(scene, &[Service::Governance, Service::Engine]);
    Items { panel, label: "Retirement Controls".to_owned(), notice, list: items }
}
