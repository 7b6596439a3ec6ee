//! What a panel says of its data, and what stands there instead when there is none to show.

use super::age;
use super::moment::Moment;
use crate::scene::Scene;
use crate::snapshot::Freshness;
use model::Service;

/// The data state of a panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panel {
    /// `loading`, `live`, `stale`, `fallback`, `unavailable`.
    pub state: &'static str,
    /// The same in words, dated.
    pub text: String,
    /// From when the data is.
    pub at: Option<Moment>,
    /// Whose data it is.
    pub source: &'static str,
}

/// Why a panel shows nothing. Four kinds, four texts: `empty`, `not-searched`, `not-permitted`, `failed`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub kind: &'static str,
    /// What it says.
    pub text: String,
}

/// How far from live a state is.
fn distance(freshness: Freshness) -> u8 {
    match freshness {
        Freshness::Live(_) => 0,
        Freshness::Stale(_) => 1,
        Freshness::Fallback(_) => 2,
        Freshness::Loading => 3,
        Freshness::Unavailable => 4,
    }
}

impl Panel {
    /// Of a panel that rests on several sources: it is as good as the worst of them.
    pub fn resting_on(scene: &Scene, services: &[Service]) -> Self {
        let worst = services.iter().rev().max_by_key(|service| distance(scene.freshness(**service)));
        Self::of(scene, worst.copied().unwrap_or(Service::Governance))
    }

    /// Of a source's data.
    pub fn of(scene: &Scene, service: Service) -> Self {
        Self::dated(scene, service, scene.freshness(service))
    }

    /// Of a part of a source's data that has a date of its own.
    pub fn dated(scene: &Scene, service: Service, freshness: Freshness) -> Self {
        let at = freshness.at();
        let old = at.map(|at| age(scene.now.millis_since(at))).unwrap_or_default();
        let moment = at.map(Moment::of);
        let clock = moment.as_ref().map(|moment| moment.clock.clone()).unwrap_or_default();
        let text = match freshness {
            Freshness::Loading => "Loading".to_owned(),
            Freshness::Live(_) => format!("Live · {clock}"),
            Freshness::Stale(_) => format!("Stale · {old}"),
            Freshness::Fallback(_) => format!("Fallback snapshot · from {clock}, {old} old"),
            Freshness::Unavailable => "Unavailable".to_owned(),
        };
        Self { state: freshness.word(), text, at: moment, source: service.title() }
    }
}

impl Notice {
    /// What a section's label says in place of its figure.
    pub fn label(&self) -> String {
        match self.kind {
            "not-permitted" => "Sign in to read",
            "empty" => "None",
            _ => "Awaiting first sync",
        }
        .to_owned()
    }

    /// Of one kind.
    pub fn new(kind: &'static str, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }

    /// What stands in the way of showing a source's data to this viewer, if anything does.
    pub fn of(scene: &Scene, service: Service) -> Option<Self> {
        let title = service.title();
        match scene.freshness(service) {
            Freshness::Loading => Some(Self::new("not-searched", "Awaiting the first live snapshot.")),
            Freshness::Unavailable => Some(Self::new(
                "failed",
                format!("{title} is offline and no snapshot of it is kept. Awaiting local service response."),
            )),
            _ if scene.viewer.is_none() => {
                Some(Self::new("not-permitted", "Not permitted: sign in to read this section."))
            }
            _ => None,
        }
    }
}
