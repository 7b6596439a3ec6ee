//! Bound Resources: the inputs attached to the deployment package. What has no machinery says so.

use super::panel::{Notice, Panel};
use super::{deployment, link, number};
use crate::scene::Scene;
use model::{EngineId, Service};

/// A numbered item of a list: title, sentence, note, evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// `01`.
    pub number: String,
    pub title: String,
    pub sentence: String,
    /// The line below.
    pub note: String,
    /// Evidence.
    pub href: Option<String>,
    /// `in-force`, `ready`, `blocked`, `waiting` or `not-in-this-build`.
    pub state: &'static str,
}

/// A section that is a list of items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Items {
    pub panel: Panel,
    /// The label at its head.
    pub label: String,
    /// Why there is nothing to show.
    pub notice: Option<Notice>,
    /// The items, numbered.
    pub list: Vec<Item>,
}

/// Numbers items in their order.
pub fn numbered(mut items: Vec<Item>) -> Vec<Item> {
    items.iter_mut().enumerate().for_each(|(n, item)| item.number = number(n + 1));
    items
}

/// An item that is about something this build does not have.
pub fn absent(title: &str, sentence: &str) -> Item {
    Item {
        number: String::new(),
        title: title.to_owned(),
        sentence: sentence.to_owned(),
        note: "Not in this build.".to_owned(),
        href: None,
        state: "not-in-this-build",
    }
}

fn artifact(scene: &Scene, engine: &EngineId) -> Option<Item> {
    let change = deployment::newest(scene, engine)?;
    let digest = change.package.body.bundle()?.artifact;
    let name = scene.names().artifact(&digest);
    let known = scene.state.artifacts.get(&digest);
    let held = scene
        .snapshot
        .platform
        .as_ref()
        .and_then(|dated| dated.data.iter().find(|held| held.artifact == digest))
        .is_some_and(|held| held.held);
    let sealed = change.sealed.is_some();
    Some(Item {
        number: String::new(),
        title: "Certified Development Layer artifact bound".to_owned(),
        sentence: if sealed {
            format!("{name} was sealed into the governed package before Production Node placement.")
        } else {
            format!("{name} is named by the draft; it is not sealed.")
        },
        note: format!(
            "Manifest sha256 {}; {} by Platform Services.",
            digest.short(),
            if held { "held whole" } else { "not confirmed as held" }
        ),
        href: known.map(|artifact| link::control(artifact.index)),
        state: if sealed && held { "in-force" } else { "waiting" },
    })
}

/// The section for an engine.
pub fn of(scene: &Scene, engine: Option<&EngineId>) -> Items {
    let notice = Notice::of(scene, Service::Governance);
    let label = engine.map_or_else(|| "Awaiting first sync".to_owned(), |engine| scene.names().engine(engine));
    let mut items: Vec<Item> =
        engine.filter(|_| notice.is_none()).and_then(|engine| artifact(scene, engine)).into_iter().collect();
    let notice = notice.or_else(|| items.is_empty().then(|| Notice::new("empty", "Nothing is bound to this engine.")));
    if notice.is_none() {
        items.push(absent("AI productivity lease", "Leases are not bound by packages; no lease is granted."));
        items.push(api_services(scene));
        items.push(absent(
            "Client theme package",
            "Themes are not bound by packages; the engine shows its release's own.",
        ));
    }
    let panel = Panel::resting_on(scene, &[Service::Governance, Service::Platform, Service::Integration]);
    let label = notice.as_ref().map_or(label, Notice::label);
    Items { panel, label, notice, list: numbered(items) }
}

fn api_services(scene: &Scene) -> Item {
    let said = scene.snapshot.integration.as_ref().and_then(|dated| dated.data.note.clone());
    let said = said.unwrap_or_else(|| "no provider is configured in this build".to_owned());
    let sentence = format!("Integration Control says: {said}. DNS, registrar and ledger are not bound.");
    Item { href: Some("/sources#integration".to_owned()), ..absent("API Services Pool package", &sentence) }
}
