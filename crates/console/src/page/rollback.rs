//! Rollback Readiness: computed from the stack, the node's disk and what is open.

use super::bound::{Item, Items, numbered};
use super::moment::Moment;
use super::panel::{Notice, Panel};
use super::{deployment, link};
use crate::scene::Scene;
use control::{Certified, Change};
use model::{Digest, EngineId, KindName, Service};

/// The open rollback of an engine, if there is one.
pub fn open<'a>(scene: &'a Scene, engine: &EngineId) -> Option<&'a Change> {
    let fits = |change: &&Change| {
        change.kind == KindName::Rollback && change.package.engine == *engine && change.status_at(scene.now).is_open()
    };
    scene.state.changes.values().filter(fits).max_by_key(|change| change.opened)
}

/// What a rollback would lead to: below what serves, or, while a deployment is open, what serves.
fn target<'a>(scene: &'a Scene, engine: &EngineId) -> Option<&'a Certified> {
    let known = scene.state.engines.get(engine)?;
    let below = known.stack.len().checked_sub(2).and_then(|below| known.stack.get(below));
    match scene.state.open_deployment(engine, scene.now) {
        Some(_) => known.stack.last(),
        None => below,
    }
}

fn on_node(scene: &Scene, artifact: &Digest) -> (bool, String) {
    let Some(node) = &scene.snapshot.node else { return (false, "the node's disk was not read".to_owned()) };
    let name = &node.data.name;
    match node.data.artifacts.iter().find(|stored| stored.artifact == *artifact) {
        None => (false, format!("not on {name}'s disk; it would be fetched and verified first")),
        Some(stored) => match &stored.rehashed {
            Some(rehashed) if rehashed.ok => {
                (true, format!("on {name}'s disk, every byte hashed again {}", Moment::of(rehashed.at).text))
            }
            Some(_) => (false, format!("on {name}'s disk, but its bytes are not those that were certified")),
            None => (false, format!("on {name}'s disk, not hashed again yet")),
        },
    }
}

fn asked(scene: &Scene, engine: &EngineId) -> String {
    match open(scene, engine) {
        None => "No rollback is asked for. Rollback requires governance reason capture before execution.".to_owned(),
        Some(change) => {
            let status = change.status_at(scene.now).title().to_lowercase();
            let blocked = control::blocked(&scene.state, change, scene.now);
            let blocked = blocked.map(|refusal| {
                let (message, next) = refusal.message(&|person| scene.names().person(person));
                format!(" Blocked: {message}; {next}.")
            });
            format!("A rollback is open: {status}.{}", blocked.unwrap_or_default())
        }
    }
}

fn revert(scene: &Scene, engine: &EngineId) -> Item {
    let Some(target) = target(scene, engine) else {
        return Item {
            number: String::new(),
            title: "No certified bundle to revert to".to_owned(),
            sentence: "There is no certified bundle below the one that serves, so a rollback would be refused."
                .to_owned(),
            note: asked(scene, engine),
            href: Some(link::engine(engine)),
            state: "blocked",
        };
    };
    let artifact = target.bundle.artifact;
    let known = scene.state.artifacts.get(&artifact).map(|artifact| artifact.version.to_string());
    let version = known.unwrap_or_else(|| artifact.short());
    let (verified, disk) = on_node(scene, &artifact);
    let serving = scene.state.engines.get(engine).and_then(|engine| engine.serving);
    let stands_by = if serving == Some(target.bundle) {
        " It serves now: while a deployment is open a rollback to it can stand by, and be run once another bundle serves."
    } else {
        ""
    };
    Item {
        number: String::new(),
        title: format!("Revert to {version} storefront package"),
        sentence: format!("{} was certified and is {disk}.{stands_by}", scene.names().artifact(&artifact)),
        note: asked(scene, engine),
        href: Some(
            open(scene, engine)
                .map_or_else(|| link::control(target.index), |change| link::change(&change.package.change)),
        ),
        state: if verified { "ready" } else { "waiting" },
    }
}

fn bindings(scene: &Scene, engine: &EngineId) -> Item {
    let seen = scene.snapshot.integration.as_ref();
    let found = seen.and_then(|dated| dated.data.engines.iter().find(|bindings| bindings.engine == *engine));
    let sentence = match found {
        Some(found) => format!(
            "Existing domain, DNS, and SSL bindings remain stable during rollback: {} are bound now, read before and \
             after as sha256 {}.",
            found.bindings.len(),
            found.digest.short()
        ),
        None => "The bindings of this engine were not read.".to_owned(),
    };
    Item {
        number: String::new(),
        title: "Preserve DNS and certificate bindings".to_owned(),
        sentence,
        note: "This limits blast radius during a governed reversal.".to_owned(),
        href: Some("/sources#integration".to_owned()),
        state: if found.is_some() { "in-force" } else { "waiting" },
    }
}

/// The section for an engine.
pub fn of(scene: &Scene, engine: Option<&EngineId>) -> Items {
    let notice = Notice::of(scene, Service::Governance)
        .or_else(|| engine.is_none().then(|| Notice::new("empty", "There is no engine to roll back.")));
    let items = engine
        .filter(|_| notice.is_none())
        .map(|engine| numbered(vec![revert(scene, engine), bindings(scene, engine)]))
        .unwrap_or_default();
    // The plan stays attached to the same package: where there is none, there is no plan.
    let planned = engine.and_then(|engine| deployment::newest(scene, engine)).is_some();
    let label = if planned || items.is_empty() { "Rollback Plan" } else { "No Rollback Plan" };
    let panel = Panel::resting_on(scene, &[Service::Governance, Service::Node, Service::Engine, Service::Integration]);
    Items { panel, label: label.to_owned(), notice, list: items }
}
