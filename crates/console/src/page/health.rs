//! How the release in service does: the ledger's last word on it beside what Engine Runtime sees now.

use super::bound::Item;
use super::moment::Moment;
use super::{kinds, link, newest};
use crate::scene::Scene;
use crate::snapshot::{EngineSeen, ReleaseSeen};
use control::{Engine, counted_words, restart_words};
use model::EngineId;
use signed::Counted;

/// A line with its evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthLine {
    /// `regressed`, `down`, `restarted` or `well`.
    pub state: &'static str,
    /// What it is about.
    pub name: &'static str,
    pub text: String,
    /// The entry or page that it comes from.
    pub href: Option<String>,
}

fn known<'a>(scene: &'a Scene, engine: &EngineId) -> Option<&'a Engine> {
    scene.state.engines.get(engine)
}

/// What Engine Runtime sees of an engine, of the generation that the ledger says serves.
fn seen<'a>(scene: &'a Scene, engine: &EngineId) -> Option<&'a EngineSeen> {
    let generation = known(scene, engine)?.generation;
    let all = &scene.snapshot.engine.as_ref()?.data.engines;
    all.iter().find(|seen| seen.engine == *engine && seen.generation == generation)
}

/// The last minute that was judged, in words.
fn minute(seen: &ReleaseSeen) -> String {
    let slowest = seen.p99_ms.map(|ms| format!(", 99 of 100 answered within {ms} ms")).unwrap_or_default();
    let verdict = if seen.regressed {
        "It has not recovered."
    } else if seen.requests < Counted::REQUESTS_MIN {
        "Too few to say whether it has recovered."
    } else {
        "No limit is crossed now."
    };
    let at = Moment::of(seen.at).clock;
    format!(
        "In the last minute judged ({at}): {} of {} requests failed{slowest}. {verdict}",
        seen.errors, seen.requests
    )
}

/// The reason that a rollback of this engine is suggested with; none: its release has not regressed.
pub fn reason(scene: &Scene, engine: &EngineId) -> Option<String> {
    let said = known(scene, engine)?.regressed?;
    let name = scene.names().engine(engine);
    Some(format!("Release health regressed on {name}: {} (entry {}).", counted_words(&said.counted), said.index))
}

/// Rollback Readiness opens with it: the release in service fails its visitors.
pub fn stage_rollback(scene: &Scene, engine: &EngineId, can_go_back: bool) -> Option<Item> {
    let said = known(scene, engine)?.regressed?;
    let name = scene.names().engine(engine);
    let open = newest::open_rollback(scene, engine);
    let act = match (open, can_go_back) {
        (Some(_), _) => "A rollback is open",
        (None, true) => "Stage rollback",
        (None, false) => "No certified bundle to go back to",
    };
    let now = seen(scene, engine).and_then(|seen| seen.release_health.as_ref());
    let now = now.map_or_else(|| "How it does now was not read.".to_owned(), minute);
    let form = || match kinds::rollback().filter(|_| can_go_back) {
        Some(kind) => Some(link::ask(kind, &[("engine", &engine.to_string())])),
        None => Some(link::control(said.index)),
    };
    Some(Item {
        number: String::new(),
        title: format!("{act}: release health regressed on {name}"),
        sentence: format!("{}, reported {}. {now}", counted_words(&said.counted), Moment::of(said.at).text),
        note: match (open, can_go_back) {
            (None, true) => "The form of the rollback suggests these numbers as its reason.".to_owned(),
            _ => format!("Reported in entry {}.", said.index),
        },
        href: open.map(|change| link::change(&change.package.change)).or_else(form),
        state: "blocked",
    })
}

/// Since when what serves does not answer, or how often it was started again lately.
fn trouble(scene: &Scene, engine: &EngineId) -> Option<HealthLine> {
    let seen = seen(scene, engine)?;
    let line = |state, text| HealthLine { state, name: "Process", text, href: Some(link::engine(engine)) };
    let times = match seen.restarts_in_last_minute {
        0 => None,
        1 => Some("Restarted once in the last minute".to_owned()),
        n => Some(format!("Restarted {n} times in the last minute")),
    };
    match (seen.down_since, times) {
        (Some(since), None) => Some(line("down", format!("Down since {}", Moment::of(since).text))),
        (Some(since), Some(times)) => Some(line("down", format!("Down since {}. {times}", Moment::of(since).text))),
        (None, Some(times)) => Some(line("restarted", times)),
        (None, None) => None,
    }
}

/// The same as an item of Rollback Readiness.
pub fn not_running(scene: &Scene, engine: &EngineId) -> Option<Item> {
    let line = trouble(scene, engine)?;
    let (seen, name) = (seen(scene, engine)?, scene.names().engine(engine));
    let (sentence, note) = if seen.restarts_in_last_minute > 0 {
        let sentence = format!("The storefront process of {name} died or hung, and Engine Runtime started it again.");
        (sentence, "What it comes to is reported once a minute, as a headline.")
    } else {
        // One that is refused at each start, or answers as another bundle, is not started again.
        let sentence = format!("The storefront process of {name} does not answer as what was started there.");
        (sentence, "Engine Runtime has not said why.")
    };
    let why = seen.trouble.as_ref().map(|why| format!("Engine Runtime says: {why}."));
    Some(Item {
        number: String::new(),
        title: line.text,
        sentence,
        note: why.unwrap_or_else(|| note.to_owned()),
        href: line.href,
        state: "blocked",
    })
}

/// Everything known, for an engine's page: never empty.
pub fn lines(scene: &Scene, engine: &EngineId) -> Vec<HealthLine> {
    let mut lines: Vec<_> = trouble(scene, engine).into_iter().collect();
    let known = known(scene, engine);
    if let Some(said) = known.and_then(|known| known.restarted) {
        let text = format!("{}: {}", Moment::of(said.at).text, restart_words(said.count, said.failed));
        lines.push(HealthLine { state: "restarted", name: "Last report", text, href: Some(link::control(said.index)) });
    }
    if let Some(said) = known.and_then(|known| known.regressed) {
        let text = format!("Regressed {}: {}", Moment::of(said.at).text, counted_words(&said.counted));
        lines.push(HealthLine { state: "regressed", name: "Visitors", text, href: Some(link::control(said.index)) });
    }
    if let Some(release) = seen(scene, engine).and_then(|seen| seen.release_health.as_ref()) {
        let state = if release.regressed { "regressed" } else { "well" };
        lines.push(HealthLine { state, name: "Visitors now", text: minute(release), href: None });
    }
    if lines.is_empty() {
        let text = "Nothing was reported of the release in service.".to_owned();
        lines.push(HealthLine { state: "well", name: "Visitors", text, href: None });
    }
    lines
}

/// The one that matters most, for a table.
pub fn short(scene: &Scene, engine: &EngineId) -> HealthLine {
    let regressed = || {
        let said = known(scene, engine)?.regressed?;
        let text = format!("Regressed {}", Moment::of(said.at).text);
        Some(HealthLine { state: "regressed", name: "Visitors", text, href: Some(link::control(said.index)) })
    };
    let well = || {
        let text = if seen(scene, engine).is_some() { "No trouble reported" } else { "Not observed" };
        HealthLine { state: "well", name: "Visitors", text: text.to_owned(), href: None }
    };
    trouble(scene, engine).or_else(regressed).unwrap_or_else(well)
}
