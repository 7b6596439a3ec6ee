//! An engine's page: what is decided beside what is observed.

use super::change::{self, ChangeRow};
use super::health::{self, HealthLine};
use super::moment::Moment;
use super::panel::{Notice, Panel};
use super::readiness::{self, ReadinessShown};
use super::{ask, held, link, resource};
use crate::scene::{Blocked, Scene};
use crate::snapshot::{EngineSeen, SideSeen};
use control::{Certified, cap_at};
use model::{EngineId, Service};
use view::{BoundThing, EngineStage, EngineView, ORDER_NOTE};

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
    /// Whether its front is to lead visitors anywhere.
    pub is_open: bool,
    /// What serves, as decided.
    pub decided: String,
    /// What serves, as observed.
    pub observed: String,
    /// Both in a sentence.
    pub sentence: String,
    /// `agree`, `differ` or `unknown`.
    pub agree: &'static str,
    /// What is known of how it does.
    pub health: HealthLine,
}

/// One stage between its registration and its launch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageLine {
    /// `registered`, `bound`, `placed`, `certified` or `launched`.
    pub what: String,
    /// `done` or `gap`.
    pub state: &'static str,
    pub sentence: String,
    /// The entry, or the change, that it came by.
    pub href: Option<String>,
}

/// One thing that is bound to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoundLine {
    /// `artifact`, `config`, `lease`, `theme` or `retention`.
    pub what: String,
    pub title: String,
    pub name: String,
    /// Its own page: what was published, or the change that granted it.
    pub href: String,
    /// Version and digest.
    pub note: String,
    pub state: String,
    /// The leaf that bound it.
    pub bound: Option<(u64, String)>,
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
    /// Why no process is shown.
    pub no_sides: &'static str,
    /// From its registration to its launch.
    pub stages: Vec<StageLine>,
    pub order_note: &'static str,
    /// What serves as one, thing by thing.
    pub bound: Vec<BoundLine>,
    pub readiness: Option<ReadinessShown>,
    /// Why nothing can be hashed again from here now.
    pub blocked: Option<Blocked>,
    /// Certified bundles, the top first.
    pub stack: Vec<StackRow>,
    /// Those below that are not listed.
    pub stack_below: usize,
    pub changes: Vec<ChangeRow>,
    /// Whether more have ended than are listed.
    pub has_older: bool,
    /// Whether a change on it ended without anybody reading what serves.
    pub unverified: bool,
    /// What can be asked for here: the form, and what it asks for.
    pub asks: Vec<(String, &'static str)>,
    /// The release a rollback would lead to.
    pub fallback: Option<String>,
    /// Where that is published again, if it is gone.
    pub fallback_again: Option<String>,
}

/// A certified bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackRow {
    pub name: String,
    /// The entry that certified it.
    pub href: String,
    /// Where what of it is no longer held is published again.
    pub again: Option<String>,
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

/// Why no process is shown, at this generation of its route.
fn no_sides(scene: &Scene, generation: u64) -> &'static str {
    match (&scene.snapshot.engine, generation) {
        (None, _) => "Engine Runtime was not read.",
        (Some(_), 0) => "Nothing was ever started here.",
        (Some(_), _) => "Nothing runs here now: what was started before was stopped.",
    }
}

fn stages(scene: &Scene, id: &EngineId) -> Vec<StageLine> {
    let stages = EngineStage::all(&scene.state, id, scene.now).unwrap_or_default();
    let line = |stage: EngineStage| StageLine {
        what: stage.what,
        state: if stage.reached { "done" } else { "gap" },
        sentence: stage.sentence,
        href: stage.entry.map(link::control).or_else(|| stage.change.as_ref().map(link::change)),
    };
    stages.into_iter().map(line).collect()
}

fn bound(scene: &Scene, thing: &BoundThing) -> BoundLine {
    let known = thing.digest.and_then(|digest| scene.state.resources.get(&digest));
    let state = match (known, &thing.lease) {
        (Some(known), _) => {
            let recalled = thing.digest.is_some_and(|digest| scene.state.recalled.contains_key(&digest));
            if recalled { "recalled".to_owned() } else { resource::certified(known) }
        }
        (None, Some(lease)) if cap_at(&scene.state, lease, scene.now).is_some() => "stands".to_owned(),
        (None, Some(_)) => "over: no cycles are granted".to_owned(),
        (None, None) => "not published".to_owned(),
    };
    let version = thing.version.as_ref().map(|version| format!("version {version}, "));
    let note = match (&thing.digest, &thing.lease) {
        (Some(digest), _) => format!("{}sha256 {}", version.unwrap_or_default(), digest.short()),
        (None, Some(lease)) => format!("granted by change {}", lease.short()),
        (None, None) => String::new(),
    };
    let href = thing.digest.as_ref().map(link::resource).or_else(|| thing.lease.as_ref().map(link::change));
    BoundLine {
        what: thing.what.clone(),
        title: thing.title.clone(),
        name: thing.name.clone().unwrap_or_default(),
        href: href.unwrap_or_default(),
        note,
        state,
        bound: thing.bound.map(|index| (index, link::control(index))),
    }
}

/// The row of an engine.
pub fn row(scene: &Scene, view: &EngineView) -> EngineRow {
    let observed = seen(scene, &view.id);
    let name = |artifact: Option<&model::Digest>| {
        artifact.map_or_else(|| "Nothing serves".to_owned(), |artifact| scene.names().artifact(artifact))
    };
    let sentence = serves_in_words(scene, view, observed);
    let decided = view.serving.as_ref().map(|serving| serving.artifact);
    EngineRow {
        id: view.id.to_string(),
        href: link::engine(&view.id),
        name: view.name.clone(),
        tenant: view.tenant_name.clone(),
        node: view.node.to_string(),
        shop: view.url.clone(),
        is_open: view.serving.is_some(),
        decided: name(decided.as_ref()),
        observed: observed.map_or_else(|| "Not observed".to_owned(), |seen| name(seen.serving.as_ref())),
        agree: match observed {
            None => "unknown",
            Some(seen) if seen.serving == decided => "agree",
            Some(_) => "differ",
        },
        sentence,
        health: health::short(scene, &view.id),
    }
}

/// What is to serve and what was seen to, in a sentence.
fn serves_in_words(scene: &Scene, view: &EngineView, observed: Option<&EngineSeen>) -> String {
    let decided = view.serving.as_ref().map(|serving| serving.name.clone());
    let decided = decided.map_or_else(|| "nothing is to serve".to_owned(), |name| format!("{name} is to serve"));
    let seen = observed.map(|seen| seen.serving.map(|artifact| scene.names().artifact(&artifact)));
    let seen = match seen {
        None => "what serves was not observed".to_owned(),
        Some(None) => "nothing was seen to serve".to_owned(),
        Some(Some(name)) => format!("{name} was seen to serve"),
    };
    format!("{decided}, and {seen}")
}

/// Most changes of it that have ended on its page.
const CHANGES_MAX: usize = 100;

/// Most certified bundles on its page: the top and the one a rollback leads to are always among them.
const STACK_MAX: usize = 20;

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
    let certified = |certified: &Certified| StackRow {
        name: BoundThing::told(&scene.state, scene.names(), &certified.bundle),
        href: link::control(certified.index),
        again: held::again(scene, &certified.bundle),
    };
    let stack = known.stack.iter().rev().take(STACK_MAX).map(certified).collect();
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
        no_sides: no_sides(scene, known.generation),
        stages: stages(scene, id),
        order_note: ORDER_NOTE,
        bound: view.bound.iter().map(|thing| bound(scene, thing)).collect(),
        readiness: readiness::of(scene, id),
        blocked: scene.not_signed_in(),
        stack,
        stack_below: known.stack.len().saturating_sub(STACK_MAX),
        changes: scene.changes_on(id, CHANGES_MAX).iter().map(|view| change::row(view, scene.now)).collect(),
        has_older: scene.state.ended_on(id).nth(CHANGES_MAX).is_some(),
        unverified: view.unverified,
        asks: ask::of_engine(scene, &id.to_string()),
        fallback: known.fallback().map(|below| BoundThing::told(&scene.state, scene.names(), &below.bundle)),
        fallback_again: known.fallback().and_then(|certified| held::again(scene, &certified.bundle)),
    })
}

#[cfg(test)]
mod tests {
    use super::super::rollback::tests::{scene, serving};
    use super::*;
    use model::Instant;
    use std::sync::Arc;
    use testkit::Double;

    #[tokio::test]
    async fn the_newest_certified_bundles_are_listed_and_the_rest_counted() {
        let double = serving().await;
        let mut scene = scene(&double, Instant::from_millis(1_772_971_200_000));
        let shown = |scene: &Scene| {
            let page = of(scene, &Double::ENGINE).unwrap();
            (page.stack.into_iter().map(|row| row.href).collect::<Vec<_>>(), page.stack_below)
        };
        assert_eq!((shown(&scene).0.len(), shown(&scene).1), (1, 0));
        let engines = &mut Arc::make_mut(&mut scene.state).engines;
        let stack = &mut engines.get_mut(&Double::ENGINE).unwrap().stack;
        let first = stack[0].clone();
        stack.extend((0..STACK_MAX as u64 + 4).map(|n| Certified { index: 1_000 + n, ..first.clone() }));
        let newest: Vec<_> = (0..STACK_MAX as u64).map(|n| link::control(1_000 + STACK_MAX as u64 + 3 - n)).collect();
        assert_eq!(shown(&scene), (newest, 5));
    }
}
