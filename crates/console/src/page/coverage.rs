//! Source Coverage: the five services as probed.

use super::age;
use super::moment::Moment;
use super::panel::Panel;
use crate::scene::Scene;
use crate::sources::{Health, PROBES_KEPT, Source};

/// Width of one bar of the sparkline with its gap, and its height, in SVG units.
const BAR: u32 = 6;
const HEIGHT: u32 = 24;
/// A bar of full height stands for this latency, milliseconds.
const FULL_MS: u32 = 500;

/// One bar of a sparkline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// Left edge.
    pub x: u32,
    /// Top edge.
    pub y: u32,
    pub height: u32,
    /// Whether it was answered.
    pub ok: bool,
}

/// One source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRow {
    /// The service's word, its anchor.
    pub id: &'static str,
    pub title: &'static str,
    /// `awaiting`, `live`, `slow`, `offline`.
    pub health: &'static str,
    pub since: Option<Moment>,
    pub sentence: String,
    /// The network's own words, when it does not answer.
    pub error: Option<String>,
    /// Its base URL.
    pub url: String,
    /// `12 ms` or `Latency unknown`.
    pub latency: String,
    /// The last 20 probes as bars.
    pub bars: Vec<Bar>,
    /// The same in words.
    pub bars_text: String,
    /// When it last answered.
    pub last_good: Option<Moment>,
    pub panel: Panel,
}

/// All sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// `offline`, `live`, `partial`, `awaiting`: all of them in a word.
    pub summary: &'static str,
    pub rows: Vec<SourceRow>,
    /// Width of a sparkline.
    pub width: u32,
    pub height: u32,
}

fn sentence(source: &Source, scene: &Scene) -> String {
    match (source.health, source.last_good) {
        (Health::Live | Health::Slow, _) if !source.not_ready.is_empty() => {
            format!("Answers, but is not ready: {}.", failing(source, scene).join("; "))
        }
        (Health::Live, _) => "Answers and is ready.".to_owned(),
        (Health::Slow, _) => "Answers slowly and is ready.".to_owned(),
        (Health::Awaiting | Health::Offline, None) => "Awaiting local service response.".to_owned(),
        (Health::Awaiting | Health::Offline, Some(at)) => {
            format!("Awaiting local service response. It last answered {} ago.", age(scene.now.millis_since(at)))
        }
    }
}

/// The checks that do not hold. Why may name what a viewer of a part does not see: they get the checks' names.
fn failing(source: &Source, scene: &Scene) -> Vec<String> {
    let all = source.not_ready.iter();
    let shown = all.map(|check| match check.split_once(": ") {
        Some((name, _)) if scene.is_narrowed() => name,
        _ => check,
    });
    shown.map(str::to_owned).collect()
}

fn bars(source: &Source) -> Vec<Bar> {
    let empty = PROBES_KEPT - source.probes.len();
    let bar = |(n, latency): (usize, &Option<u32>)| {
        let height = latency.map_or(HEIGHT, |ms| (ms.min(FULL_MS) * HEIGHT).div_ceil(FULL_MS).max(2));
        let x = u32::try_from(empty + n).unwrap_or(0) * BAR;
        Bar { x, y: HEIGHT - height, height, ok: latency.is_some() }
    };
    source.probes.iter().enumerate().map(bar).collect()
}

fn bars_text(source: &Source) -> String {
    let answered: Vec<u32> = source.probes.iter().filter_map(|latency| *latency).collect();
    let most = answered.iter().max().map(|ms| format!(", slowest {ms} ms")).unwrap_or_default();
    format!("{} of the last {} probes answered{most}", answered.len(), source.probes.len())
}

fn row(source: &Source, scene: &Scene) -> SourceRow {
    SourceRow {
        id: source.service.word(),
        title: source.service.title(),
        health: source.health.word(),
        since: source.since.map(Moment::of),
        sentence: sentence(source, scene),
        error: source.error.clone(),
        url: source.url.clone(),
        latency: source.latency_ms.map_or_else(|| "Latency unknown".to_owned(), |ms| format!("Latency {ms} ms")),
        bars: bars(source),
        bars_text: bars_text(source),
        last_good: source.last_good.map(Moment::of),
        panel: Panel::of(scene, source.service),
    }
}

/// The section.
pub fn of(scene: &Scene) -> Coverage {
    let all = scene.sources.len();
    let summary = match scene.live() {
        live if live == all => "live",
        0 if scene.sources.iter().all(|source| source.health == Health::Awaiting) => "awaiting",
        0 => "offline",
        _ => "partial",
    };
    let width = u32::try_from(PROBES_KEPT).unwrap_or(0) * BAR;
    Coverage { summary, rows: scene.sources.iter().map(|source| row(source, scene)).collect(), width, height: HEIGHT }
}
