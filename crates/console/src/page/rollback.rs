//! Rollback Readiness: computed from the stack, the node's disk and what is open.

use super::bound::{Item, Items, numbered};
use super::moment::Moment;
use super::panel::{Notice, Panel};
use super::readiness::{self, ReadinessShown};
use super::{deployment, health, held, kinds, link, newest, plan};
use crate::scene::Scene;
use control::{Certified, Change};
use model::{Digest, EngineId, Service};
use std::fmt::Write as _;
use view::{CheckState, Readiness};

/// What was certified before what serves.
fn below<'a>(scene: &'a Scene, engine: &EngineId) -> Option<&'a Certified> {
    scene.state.engines.get(engine)?.fallback()
}

/// What a rollback that is asked for now would lead to.
pub(crate) fn target<'a>(scene: &'a Scene, engine: &EngineId) -> Option<&'a Certified> {
    Readiness::target(&scene.state, engine, scene.now)
}

fn on_node(scene: &Scene, engine: &EngineId, artifact: &Digest) -> String {
    let node = scene.state.engines.get(engine).and_then(|known| held::on_node(scene, &known.node));
    let Some(node) = node else { return "what is on the node's disk is not known".to_owned() };
    let name = &node.name;
    match node.artifacts.iter().find(|stored| stored.artifact == *artifact) {
        None => format!("is not on {name}'s disk; it would be fetched and verified first"),
        Some(stored) => match &stored.rehashed {
            Some(rehashed) if rehashed.ok => {
                format!("is on {name}'s disk, every byte hashed again {}", Moment::of(rehashed.at).text)
            }
            Some(_) => format!("is on {name}'s disk, but its bytes are not those that were certified"),
            None => format!("is on {name}'s disk, not hashed again yet"),
        },
    }
}

/// What an open rollback rests on: the deployment it stands by for, and who was not asked.
fn rests_on(scene: &Scene, change: &Change) -> String {
    let mut text = String::new();
    let engine = change.subject.engine.and_then(|engine| scene.state.engines.get(&engine));
    let stands_by = engine.is_some_and(|engine| engine.bundle() == change.package.body.bundle());
    let deployment = change.subject.engine.and_then(|engine| newest::open_deployment(scene, &engine));
    if let (true, Some(deployment)) = (stands_by, deployment) {
        let (title, blocked) = (scene_title(scene, deployment), control::blocked(&scene.state, deployment, scene.now));
        let _ = match blocked {
            None => write!(text, " It assumes that change {title} has run."),
            Some(refusal) => {
                let (found, _) = refusal.message(&|person| scene.names().person(person));
                write!(text, " It stands by for change {title}, which cannot be run as it is: {found}.")
            }
        };
    }
    let plan = change.plan.clone().or_else(|| control::plan(&scene.state, change, scene.now).ok());
    if let Some(plan) = plan.filter(|plan| !plan.unchecked.is_empty()) {
        let _ = write!(text, " {}", plan::unchecked_note(&plan.unchecked));
    }
    text
}

fn scene_title(scene: &Scene, change: &Change) -> String {
    let id = change.package.change;
    let title = scene.names().titles.get(&id);
    title.map_or_else(|| id.short(), |title| format!("{} ({title})", id.short()))
}

fn asked(scene: &Scene, engine: &EngineId) -> String {
    match newest::open_rollback(scene, engine) {
        None => "No rollback is asked for. Rollback requires governance reason capture before execution.".to_owned(),
        Some(change) => {
            let status = change.status_at(&scene.state, scene.now).title().to_lowercase();
            let blocked = control::blocked(&scene.state, change, scene.now);
            let blocked = blocked.map(|refusal| {
                let (message, next) = refusal.message(&|person| scene.names().person(person));
                format!(" Blocked: {message}; {next}.")
            });
            format!("A rollback is open: {status}.{}{}", rests_on(scene, change), blocked.unwrap_or_default())
        }
    }
}

/// What a rollback can stand by for, apart from what it leads to now.
fn standing_by(scene: &Scene, engine: &EngineId, target: &Certified) -> String {
    let Some((serving, deployment)) = Readiness::stands_by(&scene.state, engine, scene.now) else {
        return String::new();
    };
    let title = scene_title(scene, deployment);
    if serving.bundle == target.bundle {
        format!(
            " It serves now: a rollback to it can stand by, and be run once another bundle serves. It assumes that \
             change {title} has run."
        )
    } else {
        let name = scene.names().artifact(&serving.bundle.artifact);
        format!(" Apart from this, a rollback to {name}, which serves now, can stand by for change {title}.")
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
    let known = scene.state.resources.get(&artifact).map(|artifact| artifact.version.to_string());
    let version = known.unwrap_or_else(|| artifact.short());
    let disk = match held::gone(scene, &target.bundle) {
        // What is not there is not fetched, and no package that names it is sealed.
        Some(resource) => {
            let what = resource.title().to_lowercase();
            format!("its {what} is no longer held by Platform Services; publish it again before a rollback to it")
        }
        None => on_node(scene, engine, &artifact),
    };
    let state = readiness::state(scene, engine).map_or("waiting", |state| match state {
        CheckState::Ok => "ready",
        CheckState::Not => "blocked",
        CheckState::Unknown => "waiting",
    });
    let stands_by = standing_by(scene, engine, target);
    Item {
        number: String::new(),
        title: format!("Revert to {version} storefront package"),
        sentence: format!("{} was certified, and {disk}.{stands_by}", scene.names().artifact(&artifact)),
        note: asked(scene, engine),
        href: Some(
            newest::open_rollback(scene, engine)
                .map_or_else(|| link::control(target.index), |change| link::change(&change.package.change)),
        ),
        state,
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

/// Who is silent now, and what a rollback that is asked for meanwhile goes without.
fn silent(scene: &Scene) -> Option<Item> {
    let spared = kinds::rollback_does_without();
    let silent = spared.iter().copied().filter(|service| !scene.health(*service).answers());
    let silent: Vec<_> = silent.filter(|service| scene.freshness(*service).at().is_some()).collect();
    if silent.is_empty() {
        return None;
    }
    let names: Vec<_> = silent.iter().map(|service| service.title()).collect();
    Some(Item {
        number: String::new(),
        title: format!("{} is silent; a rollback can go on unchecked", names.join(" and ")),
        sentence:
            "When it has not observed a rollback for a minute, the plan lists it as unchecked, which everyone who \
                   approves signs. What it would have been asked is not checked before."
                .to_owned(),
        note: "It is read afterwards, and the change is reviewed by somebody who neither asked for nor approved it."
            .to_owned(),
        href: silent.first().map(|service| format!("/sources#{}", service.word())),
        state: "waiting",
    })
}

/// What keeps a rollback of the engine from being carried out, cause by cause; none: there is no engine, or nothing of
/// it may be read.
pub fn checks(scene: &Scene, engine: Option<&EngineId>) -> Option<ReadinessShown> {
    engine.filter(|_| Notice::of(scene, Service::Governance).is_none()).and_then(|engine| readiness::of(scene, engine))
}

/// The section for an engine.
pub fn of(scene: &Scene, engine: Option<&EngineId>) -> Items {
    let notice = Notice::of(scene, Service::Governance)
        .or_else(|| engine.is_none().then(|| Notice::new("empty", "There is no engine to roll back.")));
    let items = engine
        .filter(|_| notice.is_none())
        .map(|engine| {
            let items = [
                health::stage_rollback(scene, engine, below(scene, engine).is_some()),
                health::not_running(scene, engine),
                Some(revert(scene, engine)),
                Some(bindings(scene, engine)),
                silent(scene),
            ];
            numbered(items.into_iter().flatten().collect())
        })
        .unwrap_or_default();
    // The plan stays attached to the same package: where there is none, there is no plan.
    let planned = engine.and_then(|engine| deployment::newest(scene, engine)).is_some();
    let label = if planned || items.is_empty() { "Rollback Plan" } else { "No Rollback Plan" };
    let rests_on = [Service::Governance, Service::Platform, Service::Node, Service::Engine, Service::Integration];
    let panel = Panel::resting_on(scene, &rests_on);
    Items { panel, label: label.to_owned(), notice, list: items }
}

#[cfg(test)]
pub(in crate::page) mod tests;
