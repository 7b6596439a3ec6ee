//! The header's chips: each exclusive, dated and linked to its evidence.

use super::age;
use super::moment::Moment;
use crate::scene::{Scene, UNKNOWN};
use crate::snapshot::Freshness;
use model::Service;

/// One chip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chip {
    /// Its element's id.
    pub id: &'static str,
    /// `data-state`: what it says, in a word.
    pub state: &'static str,
    /// What it says.
    pub text: String,
    /// The reason or the age, where there is one.
    pub detail: Option<String>,
    pub href: &'static str,
    /// The full instant, where it has one.
    pub iso: Option<String>,
}

/// The five services, which a privileged change rests on.
pub const ALL: &[Service] = Service::ALL;

/// When anything was last read from Governance.
pub fn updated(scene: &Scene) -> Option<Moment> {
    scene.freshness(Service::Governance).at().map(Moment::of)
}

/// All chips, in the page's order.
pub fn all(scene: &Scene) -> Vec<Chip> {
    let chip = |id, state, text: String, detail, href| Chip { id, state, text, detail, href, iso: None };
    let updated = updated(scene);
    vec![
        mutation(scene),
        chip("chip-page", "page", "Audit Logs".to_owned(), None, "/"),
        snapshot(scene),
        chip("chip-auto", "auto", "Auto 30s".to_owned(), None, "/"),
        Chip {
            id: "chip-updated",
            state: if updated.is_some() { "dated" } else { "awaiting" },
            text: format!(
                "Updated {}",
                updated.as_ref().map_or_else(|| "Awaiting first sync".to_owned(), |moment| moment.clock.clone())
            ),
            detail: None,
            href: "/#live-snapshot",
            iso: updated.map(|moment| moment.iso),
        },
        fallback(scene),
        sources(scene),
        chip(
            "chip-commercial",
            "not-in-this-build",
            "Commercial surfaces: not in this build".to_owned(),
            None,
            "/sources#integration",
        ),
    ]
}

fn mutation(scene: &Scene) -> Chip {
    let blocked = scene.blocked(ALL);
    let href = match &blocked {
        Some(blocked) if blocked.code.starts_with("data.") => "/sources",
        Some(blocked) if blocked.code == UNKNOWN => "/sign-in",
        _ => "/#role-banner",
    };
    let (state, text) =
        if blocked.is_some() { ("blocked", "Mutation blocked") } else { ("enabled", "Mutation enabled") };
    let detail = blocked.map(|blocked| blocked.why);
    Chip { id: "chip-mutation", state, text: text.to_owned(), detail, href, iso: None }
}

fn snapshot(scene: &Scene) -> Chip {
    let freshness = scene.freshness(Service::Governance);
    let old = freshness.at().map(|at| age(scene.now.millis_since(at)));
    let (text, detail) = match freshness {
        // The page's first words, whether or not anybody will ever answer.
        Freshness::Loading | Freshness::Unavailable => ("Loading Snapshot", None),
        Freshness::Live(_) => ("Live Local Snapshot", None),
        Freshness::Stale(_) => ("Stale Snapshot", old.map(|old| format!("{old} old"))),
        Freshness::Fallback(_) => ("Fallback Snapshot shown", old.map(|old| format!("{old} old"))),
    };
    let iso = freshness.at().map(|at| at.to_string());
    Chip { id: "chip-snapshot", state: freshness.word(), text: text.to_owned(), detail, href: "/#live-snapshot", iso }
}

/// The continuity chip: what the page would fall back to, or rests on now.
fn fallback(scene: &Scene) -> Chip {
    let down: Vec<_> =
        ALL.iter().filter(|service| matches!(scene.freshness(**service), Freshness::Fallback(_))).collect();
    let kept = ALL.iter().filter(|service| scene.freshness(**service).at().is_some()).count();
    let (state, detail) = match (down.is_empty(), kept) {
        (true, 0) => ("none", Some("none kept yet".to_owned())),
        (true, kept) => ("kept", Some(format!("{kept} kept, none needed"))),
        (false, _) => ("shown", Some(format!("shown for {}", titles(&down)))),
    };
    let text = "Fallback Snapshot".to_owned();
    Chip { id: "chip-fallback", state, text, detail, href: "/sources", iso: None }
}

fn titles(services: &[&Service]) -> String {
    services.iter().map(|service| service.title()).collect::<Vec<_>>().join(", ")
}

fn sources(scene: &Scene) -> Chip {
    let live = scene.live();
    let state = match live {
        0 => "none",
        live if live == ALL.len() => "all",
        _ => "some",
    };
    let text = format!("{live}/{} Live Sources", ALL.len());
    Chip { id: "chip-sources", state, text, detail: None, href: "/#source-coverage", iso: None }
}
