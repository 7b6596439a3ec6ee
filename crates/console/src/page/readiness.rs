//! Rollback Readiness as pages show it: what was observed, put to the one pure function.

use super::moment::Moment;
use super::{kinds, link};
use crate::readings::{Reading, Readings};
use crate::scene::Scene;
use crate::snapshot::{ArtifactHeld, EngineSeen, Inventory, Rehashed};
use crate::sources::Health;
use model::{Digest, EngineId, Service};
use std::collections::BTreeMap;
use view::{
    AskedService, CheckState, EngineSaid, Hashed, NodeSaid, Observed, Readiness, ReadinessCheck, RehearsedView,
};

/// One check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckLine {
    pub what: String,
    /// `ok`, `not`, `unknown`; `said` where it does not hold and blocks nothing.
    pub state: &'static str,
    /// The same as a reader hears it.
    pub word: &'static str,
    pub title: String,
    pub sentence: String,
    /// What to do.
    pub next: Option<String>,
    /// When what it rests on was read.
    pub at: Option<Moment>,
    /// The entry it rests on, or where it can be looked at.
    pub href: String,
}

/// A copy of something that the target names, and what hashing it last found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyLine {
    /// `artifact` or `theme`.
    pub what: &'static str,
    /// Who keeps it.
    pub keeper: &'static str,
    /// `whole`, `damaged`, `absent`, `unknown` or `reading`.
    pub state: &'static str,
    pub text: String,
    pub at: Option<Moment>,
}

/// The last rehearsal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RehearsalLine {
    /// Of which bundle.
    pub text: String,
    pub at: Moment,
    /// The entry that says so.
    pub href: String,
    /// Whether it tried what a rollback would lead to.
    pub of_target: bool,
}

/// A sentence about where a rollback leads, around the release's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lead {
    pub before: &'static str,
    pub name: String,
    /// The release's page.
    pub href: String,
    pub after: String,
}

/// What a page shows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadinessShown {
    /// `ok`, `not` or `unknown`.
    pub state: &'static str,
    /// In a sentence.
    pub verdict: String,
    /// Where a rollback asked for now leads, which is what is judged; then for what else one can stand by.
    pub leads: Vec<Lead>,
    pub checks: Vec<CheckLine>,
    /// Each copy of what the target names.
    pub copies: Vec<CopyLine>,
    pub rehearsal: Option<RehearsalLine>,
    /// Where a rehearsal of the target is asked for.
    pub rehearse: Option<String>,
    /// What can be hashed again.
    pub kept: Vec<Digest>,
}

fn hashed(found: &Rehashed) -> Hashed {
    let why = || found.why.clone().unwrap_or_else(|| "its bytes are not those that were certified".to_owned());
    Hashed { at: found.at, damage: (!found.ok).then(why) }
}

fn held(all: &[ArtifactHeld]) -> BTreeMap<Digest, Option<Hashed>> {
    let held = all.iter().filter(|one| one.held);
    held.map(|one| (one.artifact, one.rehashed.as_ref().map(hashed))).collect()
}

fn node(data: &Inventory) -> NodeSaid {
    let kept = data.artifacts.iter().map(|one| (one.artifact, one.rehashed.as_ref().map(hashed))).collect();
    NodeSaid { node: Some(data.node), memory_free_mib: data.memory_free_mib, kept }
}

fn engine(seen: &EngineSeen) -> EngineSaid {
    EngineSaid {
        generation: seen.generation,
        serving: seen.serving_side.zip(seen.bundle.map(|bundle| bundle.digest)),
        unobserved: seen.unobserved.clone(),
        secrets_missing: seen.secrets_missing.clone(),
    }
}

/// What was observed of an engine, as this scene has it.
fn observed(scene: &Scene, id: &EngineId) -> Observed {
    let silent = |service| scene.health(service) == Health::Offline;
    let snapshot = &scene.snapshot;
    Observed {
        platform: AskedService {
            silent: silent(Service::Platform),
            said: snapshot.platform.as_ref().map(|dated| (dated.at, held(&dated.data))),
        },
        node: AskedService {
            silent: silent(Service::Node),
            said: snapshot.node.as_ref().map(|dated| (dated.at, node(&dated.data))),
        },
        engine: AskedService {
            silent: silent(Service::Engine),
            said: snapshot
                .engine
                .as_ref()
                .map(|dated| (dated.at, dated.data.engines.iter().find(|seen| seen.engine == *id).map(engine))),
        },
        integration: AskedService {
            silent: silent(Service::Integration),
            said: snapshot
                .integration
                .as_ref()
                .map(|dated| (dated.at, dated.data.engines.iter().any(|bound| bound.engine == *id))),
        },
    }
}

fn computed(scene: &Scene, id: &EngineId) -> Option<Readiness> {
    let target = Readiness::target(&scene.state, id, scene.now);
    Readiness::of((&scene.state, scene.names()), id, target, &observed(scene, id), scene.now)
}

/// How it stands; none: there is no such engine.
pub fn state(scene: &Scene, id: &EngineId) -> Option<CheckState> {
    computed(scene, id).map(|readiness| readiness.state)
}

/// Where what a check says can be looked at, beside the entry it rests on.
fn evidence(what: &str, id: &EngineId) -> String {
    let source = |service: Service| format!("/sources#{}", service.word());
    match what {
        "artifact" | "theme" => source(Service::Platform),
        "secrets" => source(Service::Engine),
        "node" => source(Service::Node),
        "integration" => source(Service::Integration),
        _ => format!("{}#bound", link::engine(id)),
    }
}

fn line(check: ReadinessCheck, id: &EngineId) -> CheckLine {
    let (state, word) = match (check.state, check.blocks) {
        (CheckState::Ok, _) => ("ok", "holds"),
        (CheckState::Not, true) => ("not", "does not hold"),
        (CheckState::Not, false) => ("said", "does not hold, and blocks nothing"),
        (CheckState::Unknown, _) => ("unknown", "not known"),
    };
    CheckLine {
        what: check.what.clone(),
        state,
        word,
        title: check.title,
        sentence: check.sentence,
        next: check.next,
        at: check.at.map(Moment::of),
        href: check.entry.map_or_else(|| evidence(&check.what, id), link::control),
    }
}

/// What a service says of one archive.
enum Found<'a> {
    NotKept,
    NotHashed,
    Hashed(&'a Hashed),
}

fn found(kept: Option<&Option<Hashed>>) -> Found<'_> {
    match kept {
        None => Found::NotKept,
        Some(None) => Found::NotHashed,
        Some(Some(hashed)) => Found::Hashed(hashed),
    }
}

/// What is said of a copy while it is being hashed again, or after that came to nothing.
fn read_again(line: CopyLine, reading: Option<Reading>) -> CopyLine {
    match reading {
        None => line,
        Some(Reading::Asked(at)) => {
            let text = "every byte is being hashed again; asked for".to_owned();
            CopyLine { state: "reading", text, at: Some(Moment::of(at)), ..line }
        }
        Some(Reading::Failed(_, why)) => {
            CopyLine { text: format!("it could not be hashed again ({why}); {}", line.text), ..line }
        }
    }
}

fn copy(what: &'static str, keeper: Service, silent: bool, found: Option<Found<'_>>) -> CopyLine {
    let (state, text, at) = match found {
        _ if silent => ("unknown", "it does not answer".to_owned(), None),
        None => ("unknown", "it was not read yet".to_owned(), None),
        Some(Found::NotKept) => ("absent", "not kept there".to_owned(), None),
        Some(Found::NotHashed) => {
            ("unknown", "kept there, not hashed again since the service started".to_owned(), None)
        }
        Some(Found::Hashed(Hashed { at, damage: None })) => {
            ("whole", "every byte as its digest says, hashed again".to_owned(), Some(*at))
        }
        Some(Found::Hashed(Hashed { at, damage: Some(why) })) => {
            ("damaged", format!("damaged: {why}; hashed"), Some(*at))
        }
    };
    CopyLine { what, keeper: keeper.title(), state, text, at: at.map(Moment::of) }
}

/// Each copy of artifact and theme.
fn copies(observed: &Observed, readings: &Readings, kept: &[(&'static str, Digest)]) -> Vec<CopyLine> {
    let of = |(what, digest): &(&'static str, Digest)| {
        let platform = observed.platform.said.as_ref().map(|(_, held)| found(held.get(digest)));
        let node = observed.node.said.as_ref().map(|(_, said)| found(said.kept.get(digest)));
        [
            (Service::Platform, copy(what, Service::Platform, observed.platform.silent, platform)),
            (Service::Node, copy(what, Service::Node, observed.node.silent, node)),
        ]
        .map(|(keeper, line)| read_again(line, readings.of(&(keeper, *digest))))
    };
    kept.iter().flat_map(of).collect()
}

/// The last rehearsal on an engine; it says which bundle it tried.
pub fn rehearsal(scene: &Scene, id: &EngineId) -> Option<RehearsalLine> {
    let engine = scene.state.engines.get(id)?;
    let tried = RehearsedView::of(scene.names(), engine)?;
    let target = Readiness::target(&scene.state, id, scene.now).map(|certified| certified.bundle.digest());
    let name = tried.name.unwrap_or_else(|| "A bundle that is not certified here".to_owned());
    Some(RehearsalLine {
        text: format!("{name} (bundle {}): started and healthy beside what served", tried.bundle.short()),
        at: Moment::of(tried.at),
        href: link::control(tried.entry),
        of_target: target == Some(tried.bundle),
    })
}

/// Where a rehearsal is asked for. Left out, the release is that of the bundle a rollback would lead to; it is named
/// where that is another one than what serves.
fn rehearse(scene: &Scene, id: &EngineId) -> Option<String> {
    let target = scene.state.engines.get(id)?.fallback()?.bundle.artifact;
    let serving = scene.state.engines.get(id)?.bundle().map(|bundle| bundle.artifact);
    let artifact = if serving == Some(target) { String::new() } else { target.to_string() };
    let (engine, kind) = (id.to_string(), kinds::rehearsal()?);
    let answers = [("engine", engine.as_str()), ("artifact", artifact.as_str())];
    Some(link::ask(kind, &answers))
}

/// Where a rollback leads: what is judged first.
fn leads(readiness: &Readiness) -> Vec<Lead> {
    let judged = readiness.target.as_ref().map(|target| Lead {
        before: "A rollback asked for now leads to",
        name: target.name.clone(),
        href: link::resource(&target.artifact),
        after: format!("(bundle {}); that is what is judged here.", target.bundle.short()),
    });
    let other = readiness.stands_by.as_ref().map(|other| Lead {
        before: "A rollback to",
        name: other.name.clone(),
        href: link::resource(&other.artifact),
        after: format!(
            "(bundle {}) can stand by for change {}; it is not judged here.",
            other.bundle.short(),
            other.deployment.short()
        ),
    });
    judged.into_iter().chain(other).collect()
}

/// Everything of an engine; none: there is no such engine.
pub fn of(scene: &Scene, id: &EngineId) -> Option<ReadinessShown> {
    let readiness = computed(scene, id)?;
    let causes: Vec<_> = readiness.causes().map(|check| check.title.to_lowercase()).collect();
    let verdict = match (readiness.state, readiness.after_ms()) {
        (CheckState::Ok, Some(ms)) => format!(
            "Ready {} s after it is asked for, and not before: a service is silent, and only then a rollback goes on \
             without it.",
            ms / 1_000
        ),
        (CheckState::Ok, None) => "Ready: nothing keeps a rollback from being carried out now.".to_owned(),
        (CheckState::Not, _) => format!("Not ready. What does not hold: {}.", causes.join("; ")),
        (CheckState::Unknown, _) => "Not known: something that a rollback rests on was not read.".to_owned(),
    };
    let target = readiness.target.as_ref();
    let theme = target.and_then(|target| target.theme).map(|theme| ("theme", theme));
    let kept: Vec<_> = target.map(|target| ("artifact", target.artifact)).into_iter().chain(theme).collect();
    Some(ReadinessShown {
        state: readiness.state.word(),
        verdict,
        leads: leads(&readiness),
        copies: copies(&observed(scene, id), &scene.readings, &kept),
        rehearsal: rehearsal(scene, id),
        rehearse: rehearse(scene, id),
        kept: kept.into_iter().map(|(_, digest)| digest).collect(),
        checks: readiness.checks.into_iter().map(|check| line(check, id)).collect(),
    })
}

#[cfg(test)]
mod tests;
