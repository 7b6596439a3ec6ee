//! Bound Resources: the inputs attached to the deployment package, each with version, digest, state and the entry that
//! bound it.

use super::panel::{Notice, Panel};
use super::{deployment, link, number, release};
use crate::scene::Scene;
use control::{Published, cap_at};
use model::{ChangeId, Digest, EngineId, Service};

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

/// What the newest deployment package of an engine binds.
fn bound(scene: &Scene, engine: &EngineId) -> Vec<Item> {
    let Some(change) = deployment::newest(scene, engine) else { return vec![] };
    let Some(bundle) = change.package.body.bundle() else { return vec![] };
    let sealed = change.sealed.is_some();
    let mut items = vec![artifact(scene, &bundle.artifact, sealed)];
    items.extend(bundle.lease.map(|lease| self::lease(scene, &lease)));
    items.extend(bundle.theme.map(|digest| theme(scene, &digest)));
    items.extend(bundle.config.map(|digest| config(scene, &digest)));
    items.extend(bundle.retention.map(|digest| retention(scene, &digest)));
    items
}

/// `certified by Platform Services (version 2026.03.1, sha256 0123abcd)`, or what keeps it from being so.
fn version(known: Option<&Published>, digest: &Digest) -> String {
    match known {
        Some(known) => format!("Version {}, sha256 {}; {}.", known.version, digest.short(), release::certified(known)),
        None => format!("sha256 {}; not published.", digest.short()),
    }
}

fn artifact(scene: &Scene, digest: &Digest, sealed: bool) -> Item {
    let (name, known) = (scene.names().artifact(digest), scene.state.resources.get(digest));
    let held = scene
        .snapshot
        .platform
        .as_ref()
        .and_then(|dated| dated.data.iter().find(|held| held.artifact == *digest))
        .is_some_and(|held| held.held);
    let certified = known.and_then(|known| known.certified);
    let profile = known.and_then(Published::profile);
    let fits = profile.filter(|_| sealed).map_or_else(String::new, |profile| {
        format!(" Artifact compatibility validated against the {} engine profile.", profile.runtime)
    });
    Item {
        number: String::new(),
        title: "Certified Development Layer artifact bound".to_owned(),
        sentence: if sealed {
            format!("{name} was sealed into the governed package before Production Node placement.")
        } else {
            format!("{name} is named by the draft; it is not sealed.")
        },
        note: format!("{}{fits}", version(known, digest)),
        href: certified.or(known.map(|known| known.index)).map(link::control),
        state: if sealed && held && certified.is_some() { "in-force" } else { "waiting" },
    }
}

fn lease(scene: &Scene, lease: &ChangeId) -> Item {
    let grant = scene.state.grants.get(lease);
    let standing = cap_at(&scene.state, lease, scene.now);
    let granted = grant.and_then(|grant| grant.terms.cap());
    let sentence = granted.map_or_else(
        || "The lease that the package names is over, and nothing more is known of it here.".to_owned(),
        |cap| format!("{} lease package was approved for {}.", cap.class.title(), cap.purpose),
    );
    let note = match (&standing, granted) {
        (Some(standing), _) => {
            let raised = if standing.raised_by.is_some() { ", raised by an override" } else { "" };
            format!("{} cycles a {}{raised}; it stands.", standing.cycles, standing.cap.period)
        }
        (None, Some(cap)) => {
            format!("{} cycles a {}; it does not stand: no cycles are granted.", cap.cycles, cap.period)
        }
        (None, None) => "No cycles are granted.".to_owned(),
    };
    Item {
        number: String::new(),
        title: "AI productivity lease attached".to_owned(),
        sentence,
        note: format!("{note} Lease class remains visible to finance and governance review."),
        href: Some(link::change(lease)),
        state: if standing.is_some() { "in-force" } else { "waiting" },
    }
}

fn theme(scene: &Scene, digest: &Digest) -> Item {
    let (name, known) = (scene.names().artifact(digest), scene.state.resources.get(digest));
    let certified = known.and_then(|known| known.certified);
    Item {
        number: String::new(),
        title: "Client theme package locked".to_owned(),
        sentence: format!("The engine launches with {name} and its branding assets."),
        note: format!("{} Theme scope remains presentation-only.", version(known, digest)),
        href: certified.or(known.map(|known| known.index)).map(link::control),
        state: if certified.is_some() { "in-force" } else { "waiting" },
    }
}

fn config(scene: &Scene, digest: &Digest) -> Item {
    let known = scene.state.resources.get(digest);
    let sentence = scene.state.config(digest).map_or_else(
        || "The config is not published.".to_owned(),
        |config| {
            let (values, secrets) = (config.values.len(), config.secrets.len());
            let count = |n: usize, what: &str| if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") };
            let reach = count(config.outbound.len(), "outbound place");
            format!("{}, {} by reference and {reach}.", count(values, "value"), count(secrets, "secret"))
        },
    );
    Item {
        number: String::new(),
        title: format!("Config bound: {}", scene.names().artifact(digest)),
        sentence,
        note: version(known, digest),
        href: known.map(|known| link::control(known.index)),
        state: if known.is_some() { "in-force" } else { "waiting" },
    }
}

fn retention(scene: &Scene, digest: &Digest) -> Item {
    let known = scene.state.resources.get(digest);
    Item {
        number: String::new(),
        title: "Retention policy bound".to_owned(),
        sentence: format!("{} rules what is kept once the engine is retired.", scene.names().artifact(digest)),
        note: version(known, digest),
        href: known.map(|known| link::control(known.index)),
        state: if known.is_some() { "in-force" } else { "waiting" },
    }
}

/// The section for an engine.
pub fn of(scene: &Scene, engine: Option<&EngineId>) -> Items {
    let notice = Notice::of(scene, Service::Governance);
    let label = engine.map_or_else(|| "Awaiting first sync".to_owned(), |engine| scene.names().engine(engine));
    let shown = engine.filter(|_| notice.is_none());
    let items: Vec<Item> = shown.map(|engine| bound(scene, engine)).unwrap_or_default();
    let notice = notice.or_else(|| items.is_empty().then(|| Notice::new("empty", "Nothing is bound to this engine.")));
    let panel = Panel::resting_on(scene, &[Service::Governance, Service::Platform]);
    let label = notice.as_ref().map_or(label, Notice::label);
    Items { panel, label, notice, list: numbered(items) }
}
