//! An AI lease: what it grants, whether it stands, what is used of it, and what it was approved as.

use super::deployment::Fact;
use super::lease_use::{self, UseLine};
use super::link;
use super::moment::Moment;
use super::panel::Panel;
use crate::history::TOTALS_MAX;
use crate::scene::Scene;
use control::{Cap, Change, lease_kind, override_kind};
use model::{ChangeId, Service, Status, TenantId};
use view::{ChangeView, LeaseView, grants_nothing, lease_asked, outside_envelope, was_granted};

/// A lease in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseRow {
    pub id: String,
    pub href: String,
    /// `Worker, 5000 cycles a month`.
    pub name: String,
    pub purpose: String,
    /// The time zone in which its periods turn.
    pub zone: String,
    /// `stands`, `over` or `waiting`.
    pub state: &'static str,
    /// The same in words.
    pub standing: String,
    /// The override that raises it, and until when.
    pub raised: Option<(String, String)>,
    pub until: Option<Moment>,
    pub used: UseLine,
    /// The engines that are bound to it: page and name.
    pub bound: Vec<(String, String)>,
}

/// A total of a period that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotalRow {
    pub from: Moment,
    pub until: Moment,
    pub used: u64,
    /// The entry whose receipt says so.
    pub href: String,
    pub entry: u64,
}

/// The page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeasePage {
    pub id: String,
    pub title: String,
    pub tenant: String,
    pub tenant_href: String,
    /// State of what is decided.
    pub decided: Panel,
    /// State of what is used.
    pub observed: Panel,
    /// The lease as granted; none: it is asked for, or gone.
    pub row: Option<LeaseRow>,
    /// How it stands, in words.
    pub standing: String,
    pub facts: Vec<Fact>,
    /// Whether it lies outside the envelope, as the terms are now, in a sentence.
    pub flagged: bool,
    pub envelope: String,
    /// Who approves it, slot by slot.
    pub slots: Vec<Fact>,
    pub overrides: Vec<Fact>,
    pub totals: Vec<TotalRow>,
    /// Whether more totals may be in the ledger than are listed.
    pub has_older: bool,
    /// Where more cycles are asked for.
    pub raise: Option<String>,
    /// Where it is ended.
    pub revoke: Option<String>,
    pub change: String,
}

fn name(cap: &Cap, cycles: u64) -> String {
    format!("{}, {cycles} cycles a {}", cap.class.title(), cap.period)
}

/// The row of a lease.
pub fn row(scene: &Scene, lease: &LeaseView) -> LeaseRow {
    let names = scene.names();
    let raised = lease.raised_by.map(|by| {
        let until = lease.overrides.iter().find(|one| one.change == by).and_then(|one| one.until);
        let until = until.map(|until| format!(" until {}", Moment::of(until).text)).unwrap_or_default();
        (link::change(&by), format!("Raised from {} to {} cycles{until}", lease.cap.cycles, lease.cycles))
    });
    let standing = match (lease.stands, lease.raised_by) {
        (true, Some(_)) => "Stands, raised by an override".to_owned(),
        (true, None) => "Stands".to_owned(),
        (false, _) => format!("Does not stand: {}", lease.standing),
    };
    LeaseRow {
        id: lease.id.to_string(),
        href: link::lease(&lease.id),
        name: name(&lease.cap, lease.cycles),
        purpose: lease.cap.purpose.to_string(),
        zone: lease.cap.zone.to_string(),
        state: if lease.stands { "stands" } else { "over" },
        standing,
        raised,
        until: lease.until.map(Moment::of),
        used: lease_use::of(scene, lease),
        bound: lease.bound.iter().map(|id| (link::engine(id), names.engine(id))).collect(),
    }
}

/// A tenant's leases: those that are granted, at most so many, and those that are asked for, as many again; and how many
/// more there are.
pub fn rows_of(scene: &Scene, tenant: &TenantId, most: usize) -> (Vec<LeaseRow>, usize) {
    let (granted, older) = LeaseView::of_tenant(&scene.state, tenant, scene.now, most);
    let mut rows: Vec<_> = granted.iter().map(|lease| row(scene, lease)).collect();
    let (asked, more) = asked_for(scene, tenant, most);
    rows.extend(asked);
    (rows, older + more)
}

/// Leases that somebody asks for and that are not in force, and how many more there are.
fn asked_for(scene: &Scene, tenant: &TenantId, most: usize) -> (Vec<LeaseRow>, usize) {
    let open = scene.state.changes.values().filter(|change| change.run.is_none() && change.kind == lease_kind());
    let open = open.filter(|change| lease_asked(change).is_some_and(|cap| cap.tenant == *tenant));
    let open: Vec<_> = open.filter(|change| !change.has_ended(&scene.state, scene.now)).collect();
    let row = |change: &&Change| {
        let cap = lease_asked(change)?;
        let id = change.package.change;
        let view = ChangeView::of(&scene.state, scene.names(), change, scene.now);
        let waits: Vec<_> =
            view.slots.iter().filter(|slot| slot.name.is_none()).map(|slot| slot.title.clone()).collect();
        let awaits =
            if view.status == Status::AwaitingApproval { format!(" ({})", waits.join(" + ")) } else { String::new() };
        Some(LeaseRow {
            id: id.to_string(),
            href: link::lease(&id),
            name: name(cap, cap.cycles),
            purpose: cap.purpose.to_string(),
            zone: cap.zone.to_string(),
            state: "waiting",
            standing: format!("Not granted: {}{awaits}", view.status.title().to_lowercase()),
            raised: None,
            until: None,
            used: UseLine { state: "unknown", text: "Nothing: it is not granted.".to_owned(), bar: None, at: None },
            bound: vec![],
        })
    };
    (open.iter().take(most).filter_map(row).collect(), open.len().saturating_sub(most))
}

fn facts(scene: &Scene, cap: &Cap, lease: Option<&LeaseView>, view: Option<&ChangeView>) -> Vec<Fact> {
    let verb = match (lease, view.map(|view| view.status)) {
        (Some(lease), _) if lease.stands => "Grants",
        (Some(_), _) => "Granted",
        (None, Some(status)) if was_granted(status) => "Granted",
        (None, _) => "Asks for",
    };
    let mut facts = vec![
        Fact::new("Class", cap.class.title().to_owned(), None),
        Fact::new(verb, format!("{} cycles a {}", cap.cycles, cap.period), None),
        Fact::new("Period", format!("A calendar {} in {}", cap.period, cap.zone), None),
        Fact::new("Purpose", cap.purpose.to_string(), None),
    ];
    facts.extend(cap.price.as_ref().map(|price| {
        let text = format!("{} {} (minor units) a thousand cycles", price.per_thousand, price.currency);
        Fact::new("Price", text, None)
    }));
    if let Some(lease) = lease {
        facts.push(Fact::at("From", lease.from));
        facts.push(
            lease
                .until
                .map_or_else(|| Fact::new("Until", "It is revoked".to_owned(), None), |until| Fact::at("Until", until)),
        );
        let bound: Vec<_> = lease.bound.iter().map(|id| scene.names().engine(id)).collect();
        let bound = if bound.is_empty() { "No engine".to_owned() } else { bound.join(", ") };
        let href = lease.bound.first().filter(|_| lease.bound.len() == 1).map(link::engine);
        facts.push(Fact::new("Bound to", bound, href));
    }
    if let Some(view) = view {
        let label = if lease.is_some() || was_granted(view.status) { "Granted by" } else { "Its change" };
        facts.push(Fact::new(label, view.status.title().to_owned(), Some(link::change(&view.id))));
    }
    facts
}

/// A slot: who filled it, or that nobody has.
fn slots(view: &ChangeView) -> Vec<Fact> {
    let fact = |slot: &view::SlotState| Fact {
        name: slot.title.clone().into(),
        text: slot.name.clone().unwrap_or_else(|| "Nobody yet".to_owned()),
        href: slot.entry.map(link::control),
        iso: None,
    };
    view.slots.iter().map(fact).collect()
}

fn envelope(scene: &Scene, cap: &Cap) -> (bool, String) {
    match outside_envelope(&scene.state.terms, cap) {
        None => (false, "It lies within the tenant's envelope as it is now.".to_owned()),
        Some(why) => {
            let text = format!(
                "It lies outside the tenant's envelope as it is now: {why}. Asked for today, it is flagged when it is sealed, \
                 and a Finance Reviewer fills a slot of it too."
            );
            (true, text)
        }
    }
}

fn totals(scene: &Scene, id: &ChangeId) -> Vec<TotalRow> {
    let row = |total: crate::history::Total| TotalRow {
        from: Moment::of(total.from),
        until: Moment::of(total.until),
        used: total.used,
        href: link::control(total.index),
        entry: total.index,
    };
    scene.totals(id).into_iter().map(row).collect()
}

/// The page of the lease that a change granted or asks for; none: there is no such lease that this viewer may see.
pub fn of(scene: &Scene, id: &ChangeId) -> Option<LeasePage> {
    let lease = LeaseView::of(&scene.state, id, scene.now);
    let change = scene.change(id).ok();
    let cap = lease.as_ref().map(|lease| &lease.cap).or_else(|| lease_asked(change.as_deref()?))?.clone();
    let view = change.as_deref().map(|change| ChangeView::of(&scene.state, scene.names(), change, scene.now));
    let stands = lease.as_ref().is_some_and(|lease| lease.stands);
    let (flagged, envelope) = envelope(scene, &cap);
    let row = lease.as_ref().map(|lease| row(scene, lease));
    let standing = match (&row, &view) {
        (Some(row), _) => row.standing.clone(),
        (None, Some(view)) => format!("Does not stand: {}", grants_nothing(view.status)),
        (None, None) => "Does not stand".to_owned(),
    };
    let totals = totals(scene, id);
    let text = id.to_string();
    let overrides = lease.iter().flat_map(|lease| &lease.overrides).map(|one| Fact {
        name: format!("Change {}", one.change.short()).into(),
        text: one.text.clone(),
        href: Some(link::change(&one.change)),
        iso: None,
    });
    Some(LeasePage {
        title: format!("{} lease", cap.class.title()),
        tenant: scene.names().tenant(&cap.tenant),
        tenant_href: link::tenant(&cap.tenant),
        decided: Panel::of(scene, Service::Governance),
        observed: lease_use::panel(scene),
        facts: facts(scene, &cap, lease.as_ref(), view.as_ref()),
        flagged,
        envelope,
        slots: view.as_ref().map(slots).unwrap_or_default(),
        overrides: overrides.collect(),
        has_older: totals.len() == TOTALS_MAX,
        totals,
        raise: stands.then(|| link::ask(override_kind(), &[("lease", &text)])),
        revoke: stands.then(|| format!("{}#act-revoke", link::change(id))),
        change: link::change(id),
        row,
        standing,
        id: text,
    })
}
