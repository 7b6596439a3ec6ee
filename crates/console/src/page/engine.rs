//! An engine's page: what is decided beside what is observed.

use super::change::{self, ChangeRow};
use super::health::{self, HealthLine};
use super::moment::Moment;
use super::panel::{Notice, Panel};
use super::{ask, link};
use crate::scene::Scene;
use crate::snapshot::{EngineSeen, SideSeen};
use model::{EngineId, Service};
use view::EngineView;

/// One side of the engine, as observed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SideLine {
    /// The side's word.
    pub side: &'static str,
    pub title: &'static str,
    /// Whether it serves.
    pub serves: bool,
    /// What runs in it.
    pub release: String,
    pub port: u16,
    /// `healthy`, `unhealthy`, `stopped` or `not probed`.
    pub health: &'static str,
    /// In words.
    pub why: String,
    /// The last probe.
    pub probed: Option<Moment>,
    /// When it was started.
    pub since: Moment,
    /// Limits that are not enforced.
    pub not_enforced: Vec<String>,
}

/// The row of an engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineRow {
    pub id: String,
    pub href: String,
    pub name: String,
    pub tenant: String,
    pub node: String,
    pub shop: String,
    /// What serves, as decided.
    pub decided: String,
    /// What serves, as observed.
    pub observed: String,
    /// `agree`, `differ` or `unknown`.
    pub agree: &'static str,
    /// What is known of how it does.
    pub health: HealthLine,
}

/// The page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnginePage {
    /// The facts of its row.
    pub row: EngineRow,
    /// State of what is decided.
    pub decided: Panel,
    /// State of what is observed.
    pub observed: Panel,
    /// Generation as decided.
    pub generation: u64,
    /// Generation as observed.
    pub generation_seen: Option<u64>,
    /// How the release in service does.
    pub health: Vec<HealthLine>,
    /// What disagrees.
    pub trouble: Option<String>,
    /// The change being carried out.
    pub locked_by: Option<String>,
    pub sides: Vec<SideLine>,
    /// Certified bundles, the top first, with the entries that certified them.
    pub stack: Vec<(String, String)>,
    pub changes: Vec<ChangeRow>,
    /// Whether more have ended than are listed.
    pub has_older: bool,
    /// Whether a change on it ended without anybody reading what serves.
    pub unverified: bool,
    /// What can be asked for here: the form, and what it asks for.
    pub asks: Vec<(String, &'static str)>,
    /// The release a rollback would lead to.
    pub fallback: Option<String>,
}

fn side(seen: &SideSeen, engine: &EngineSeen, scene: &Scene) -> SideLine {
    let health = match (&seen.health, seen.running) {
        (_, false) => "stopped",
        (None, true) => "not probed",
        (Some(health), true) => {
            if health.ok {
                "healthy"
            } else {
                "unhealthy"
            }
        }
    };
    SideLine {
        side: seen.side.word(),
        title: seen.side.title(),
        serves: engine.serving_side == Some(seen.side),
        release: scene.names().artifact(&seen.artifact),
        port: seen.port,
        health,
        why: seen.health.as_ref().map(|health| health.why.clone()).unwrap_or_default(),
        probed: seen.health.as_ref().map(|health| Moment::of(health.at)),
        since: Moment::of(seen.since),
        not_enforced: seen.not_enforced.clone(),
    }
}

fn seen<'a>(scene: &'a Scene, id: &EngineId) -> Option<&'a EngineSeen> {
    scene.snapshot.engine.as_ref()?.data.engines.iter().find(|engine| engine.engine == *id)
}

/// The row of an engine.
pub fn row(scene: &Scene, view: &EngineView) -> EngineRow {
    let observed = seen(scene, &view.id);
    let name = |artifact: Option<&model::Digest>| {
        artifact.map_or_else(|| "Nothing serves".to_owned(), |artifact| scene.names().artifact(artifact))
    };
    let decided = view.serving.as_ref().map(|serving| serving.artifact);
    EngineRow {
        id: view.id.to_string(),
        href: link::engine(&view.id),
        name: view.name.clone(),
        tenant: view.tenant_name.clone(),
        node: view.node.to_string(),
        shop: view.url.clone(),
        decided: name(decided.as_ref()),
        observed: observed.map_or_else(|| "Not observed".to_owned(), |seen| name(seen.serving.as_ref())),
        agree: match observed {
            None => "unknown",
            Some(seen) if seen.serving == decided => "agree",
            Some(_) => "differ",
        },
        health: health::short(scene, &view.id),
    }
}

/// Most changes of it that have ended on its page.
const CHANGES_MAX: usize = 100;

/// Every engine.
pub fn list(scene: &Scene) -> (Panel, Option<Notice>, Vec<EngineRow>) {
    let rows: Vec<_> = EngineView::all(&scene.state, scene.names()).iter().map(|view| row(scene, view)).collect();
    let notice = Notice::of(scene, Service::Governance)
        .or_else(|| rows.is_empty().then(|| Notice::new("empty", "No engine is registered.")));
    (Panel::of(scene, Service::Governance), notice, rows)
}

/// The page of one engine; none when there is no such engine.
pub fn of(scene: &Scene, id: &EngineId) -> Option<EnginePage> {
    let view = EngineView::of(&scene.state, scene.names(), id)?;
    let known = scene.state.engines.get(id)?;
    let observed = seen(scene, id);
    let stack = known.stack.iter().rev();
    let stack = stack.map(|top| (scene.names().artifact(&top.bundle.artifact), link::control(top.index))).collect();
    Some(EnginePage {
        row: row(scene, &view),
        decided: Panel::of(scene, Service::Governance),
        observed: Panel::of(scene, Service::Engine),
        generation: view.generation,
        generation_seen: observed.map(|seen| seen.generation),
        health: health::lines(scene, id),
        trouble: observed.and_then(|seen| seen.trouble.clone()),
        locked_by: view.locked_by.as_ref().map(link::change),
        sides: observed.map(|seen| seen.sides.iter().map(|line| side(line, seen, scene)).collect()).unwrap_or_default(),
        stack,
        changes: scene.changes_on(id, CHANGES_MAX).iter().map(|view| change::row(view, scene.now)).collect(),
        has_older: scene.state.ended_on(id).nth(CHANGES_MAX).is_some(),
        unverified: view.unverified,
        asks: ask::of_engine(scene, &id.to_string()),
        fallback: view.fallback.map(|fallback| fallback.name),
    })
}
