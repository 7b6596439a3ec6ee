//! What is used of an AI lease, as Platform Services said it last: a number stands with its age, or it is not known.

use super::age;
use super::moment::Moment;
use super::panel::Panel;
use crate::scene::Scene;
use crate::snapshot::Freshness;
use model::{Instant, Service};
use view::{LeaseUse, LeaseView, PeriodUse};

/// What is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UseLine {
    /// `known` or `unknown`.
    pub state: &'static str,
    /// In a sentence.
    pub text: String,
    /// Cycles used and set aside, of how many; none: not known.
    pub bar: Option<(u64, u64)>,
    /// When it was read.
    pub at: Option<Moment>,
}

/// The state of what is used: Platform Services' health, and when it last said this.
pub fn freshness(scene: &Scene) -> Freshness {
    let at = scene.snapshot.leases.as_ref().map(|dated| dated.at);
    Freshness::of(scene.health(Service::Platform), at, scene.now)
}

/// The same for the head of a panel.
pub fn panel(scene: &Scene) -> Panel {
    Panel::dated(scene, Service::Platform, freshness(scene))
}

fn unknown(text: impl Into<String>, at: Option<Instant>) -> UseLine {
    UseLine { state: "unknown", text: text.into(), bar: None, at: at.map(Moment::of) }
}

/// What is used of a lease.
pub fn of(scene: &Scene, lease: &LeaseView) -> UseLine {
    let Some(dated) = &scene.snapshot.leases else {
        return unknown("Not known: Platform Services has not said it yet.", None);
    };
    let Some(used) = dated.data.iter().find(|used| used.lease == lease.id) else {
        let why = if scene.snapshot.leases_disbelieved {
            "Not believed: Platform Services says what is used of a shorter lease journal than the ledger has recorded."
        } else if scene.snapshot.leases_left_off {
            "Not known: Platform Services names the newest leases at once and left off others, of which this is one."
        } else {
            "Not known: Platform Services did not name this lease when it was read."
        };
        return unknown(why, Some(dated.at));
    };
    let (at, old) = (dated.at, age(scene.now.millis_since(dated.at)));
    match freshness(scene) {
        Freshness::Live(_) | Freshness::Stale(_) if has_turned(used, at, scene.now) => {
            unknown("Not known yet: the period it was read in is over.", Some(at))
        }
        Freshness::Live(_) => known(used, at, lease, String::new()),
        Freshness::Stale(_) => known(used, at, lease, format!(" That was read {old} ago.")),
        _ => {
            let was = sentence(used, at, lease);
            unknown(
                format!("Not known: Platform Services gives no answer. When it last did, {old} ago: {was}"),
                Some(at),
            )
        }
    }
}

/// Whether what was read is of a period that has ended since.
fn has_turned(used: &LeaseUse, at: Instant, now: Instant) -> bool {
    used.at(at).is_some_and(|period| period.until <= now)
}

fn known(used: &LeaseUse, at: Instant, lease: &LeaseView, aged: String) -> UseLine {
    let taken = used.at(at).map_or(0, |period| period.posted.saturating_add(period.reserved));
    let text = format!("{}{aged}", sentence(used, at, lease));
    let bar = lease.stands.then_some((taken, lease.cycles));
    UseLine { state: "known", text, bar, at: Some(Moment::of(at)) }
}

fn sentence(used: &LeaseUse, at: Instant, lease: &LeaseView) -> String {
    if !lease.stands {
        return used.at(at).map_or_else(
            || "It allows nothing now. Nothing was used in this period.".to_owned(),
            |PeriodUse { until, posted, reserved, .. }| {
                let until = Moment::of(*until).text;
                format!("It allows nothing now. {posted} cycles used, {reserved} reserved in the period until {until}.")
            },
        );
    }
    let cycles = lease.cycles;
    let Some(PeriodUse { until, posted, reserved, reservations, .. }) = used.at(at) else {
        return format!("0 of {cycles} cycles used, none reserved, {cycles} left.");
    };
    let left = cycles.saturating_sub(posted.saturating_add(*reserved));
    let open = match reservations {
        0 => "none reserved".to_owned(),
        1 => format!("{reserved} reserved by 1 reservation"),
        many => format!("{reserved} reserved by {many} reservations"),
    };
    format!("{posted} of {cycles} cycles used, {open}, {left} left in the period until {}.", Moment::of(*until).text)
}
