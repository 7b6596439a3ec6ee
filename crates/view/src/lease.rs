//! AI leases as decided: what each grants, whether it stands, what raises it, what is bound to it.

use control::{Cap, CapAt, Change, Envelope, Grant, State, TenantTerms, UsedUp, cap_at};
use model::{ChangeId, EngineId, Instant, Status, TenantId};
use std::cmp::Reverse;

/// One AI lease that the ledger grants, or that is over and not yet read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseView {
    /// The change that granted it.
    pub id: ChangeId,
    /// As it was granted.
    pub cap: Cap,
    pub from: Instant,
    /// Absent: until it is revoked.
    pub until: Option<Instant>,
    /// Whether it stands.
    pub stands: bool,
    /// The same in words.
    pub standing: String,
    /// The most of one period now.
    pub cycles: u64,
    /// The override that raises it.
    pub raised_by: Option<ChangeId>,
    /// What was used of it in the periods that are over and reported.
    pub used: Option<UsedUp>,
    /// Engines whose bundle names it.
    pub bound: Vec<EngineId>,
    /// What raises it, or did and is not yet read back.
    pub overrides: Vec<OverrideView>,
}

/// An override of an AI lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverrideView {
    pub change: ChangeId,
    /// The most of one period while it stands.
    pub cycles: u64,
    pub until: Option<Instant>,
    /// Whether it stands.
    pub stands: bool,
    /// All of it in words.
    pub text: String,
}

impl LeaseView {
    /// Every one, the newest first.
    pub fn all(state: &State, now: Instant) -> Vec<Self> {
        let mut all: Vec<_> = state.grants.keys().filter_map(|id| Self::of(state, id, now)).collect();
        all.sort_by_key(|lease| Reverse(lease.from));
        all
    }

    /// A tenant's newest, the newest first, and how many more it has. No lease that is not among them costs more than a
    /// look at its terms.
    pub fn of_tenant(state: &State, tenant: &TenantId, now: Instant, most: usize) -> (Vec<Self>, usize) {
        let is_own = |grant: &Grant| grant.terms.cap().is_some_and(|cap| cap.tenant == *tenant && cap.raises.is_none());
        let own = state.grants.iter().filter(|(_, grant)| is_own(grant));
        let mut own: Vec<_> = own.map(|(id, grant)| (Reverse(grant.from), id)).collect();
        own.sort_unstable();
        let more = own.len().saturating_sub(most);
        own.truncate(most);
        (own.into_iter().filter_map(|(_, id)| Self::of(state, id, now)).collect(), more)
    }

    /// One; none: it grants nothing, or is an override of one.
    pub fn of(state: &State, id: &ChangeId, now: Instant) -> Option<Self> {
        let grant = state.grants.get(id)?;
        let cap = grant.terms.cap().filter(|cap| cap.raises.is_none())?;
        let stands = cap_at(state, id, now);
        let bound = state.engines.iter();
        let bound = bound.filter(|(_, engine)| engine.bundle().is_some_and(|bundle| bundle.lease == Some(*id)));
        Some(Self {
            id: *id,
            cap: cap.clone(),
            from: grant.from,
            until: grant.until,
            stands: stands.is_some(),
            standing: standing(grant, stands, now),
            cycles: stands.map_or(cap.cycles, |stands| stands.cycles),
            raised_by: stands.and_then(|stands| stands.raised_by),
            used: grant.used,
            bound: bound.map(|(id, _)| *id).collect(),
            overrides: overrides(state, id, now),
        })
    }
}

/// What a change of a lease grants, whether or not it has come into force; none: it grants no lease, or raises one.
pub fn lease_asked(change: &Change) -> Option<&Cap> {
    change.package.body.grants().and_then(|(terms, _)| terms.cap()).filter(|cap| cap.raises.is_none())
}

/// Whether a change of this status has granted what it asked for, be that over or not.
pub fn was_granted(status: Status) -> bool {
    matches!(status, Status::Effective | Status::ReviewDue | Status::Closed)
}

/// How a lease that grants nothing stands, by the status of its change.
pub fn grants_nothing(status: Status) -> String {
    let title = status.title().to_lowercase();
    match status {
        status if was_granted(status) => "over: what it granted has ended".to_owned(),
        status if status.is_ended() => format!("never granted ({title})"),
        _ => format!("not granted ({title})"),
    }
}

/// Why a lease lies outside what its tenant may have without a finance review; none: it lies within.
pub fn outside_envelope(terms: &TenantTerms, cap: &Cap) -> Option<String> {
    if terms.covers(cap) {
        return None;
    }
    let class = cap.class.title();
    Some(match terms.envelope(&cap.tenant, cap.class) {
        None => format!("the tenant's envelope has no {class} lease"),
        Some(envelope) if envelope.period != cap.period || envelope.cycles < cap.cycles => {
            format!("the tenant's envelope has {} cycles a {} of {class}", envelope.cycles, envelope.period)
        }
        Some(_) => format!("the tenant's envelope has {class} at another price"),
    })
}

/// A lease that a tenant may have without a finance review, in a sentence.
pub fn envelope_text(envelope: &Envelope) -> String {
    let Envelope { class, cycles, period, price } = envelope;
    let price = price.as_ref().map_or_else(
        || "without a charge".to_owned(),
        |price| format!("at {} {} (minor units) a thousand cycles", price.per_thousand, price.currency),
    );
    format!("Up to {cycles} {} cycles a {period} {price}.", class.title())
}

fn standing(grant: &Grant, stands: Option<CapAt>, now: Instant) -> String {
    match (stands, grant.revoked) {
        (Some(CapAt { raised_by: Some(by), .. }), _) => format!("stands, raised by {}", by.short()),
        (Some(_), _) => "stands".to_owned(),
        (None, Some(entry)) => format!("revoked (entry {entry})"),
        (None, None) if grant.is_over(now) => "over".to_owned(),
        (None, None) => "not yet".to_owned(),
    }
}

fn overrides(state: &State, lease: &ChangeId, now: Instant) -> Vec<OverrideView> {
    let raises = state.grants.iter().filter_map(|(id, grant)| Some((*id, grant, grant.terms.cap()?)));
    let raises = raises.filter(|(_, _, cap)| cap.raises == Some(*lease));
    let view = |(change, grant, cap): (ChangeId, &Grant, &Cap)| {
        let stands = grant.holds_at(now);
        let until = grant.until.map(|until| format!(" until {until}")).unwrap_or_default();
        let over = if stands { "" } else { ", over" };
        let text = format!("{} cycles a {}{until}{over}", cap.cycles, cap.period);
        OverrideView { change, cycles: cap.cycles, until: grant.until, stands, text }
    };
    raises.map(view).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use control::Terms;
    use model::{LeaseClass, Period};
    use std::collections::BTreeSet;

    #[test]
    fn a_lease_that_grants_nothing_says_whether_it_ever_did() {
        for (status, says) in [
            (Status::Closed, "over: what it granted has ended"),
            (Status::Effective, "over: what it granted has ended"),
            (Status::Rejected, "never granted (rejected)"),
            (Status::AwaitingApproval, "not granted (awaiting approval)"),
        ] {
            assert_eq!(grants_nothing(status), says);
        }
    }

    fn granted(tenant: u8, from: i64, raises: Option<ChangeId>) -> Grant {
        let cap = Cap {
            tenant: TenantId([tenant; 16]),
            class: LeaseClass::Worker,
            cycles: 1_000,
            period: Period::Month,
            zone: "UTC".parse().unwrap(),
            purpose: "merchandising".parse().unwrap(),
            price: None,
            raises,
        };
        let (terms, from) = (Terms::Cap(cap), Instant::from_millis(from));
        Grant { terms, from, until: None, revoked: None, ended_by: BTreeSet::new(), used: None }
    }

    #[test]
    fn of_a_tenants_leases_the_newest_are_told_and_the_rest_counted() {
        let mut state = State::empty();
        let id = |number: u8| ChangeId([number; 16]);
        // The order of their ids is not that of their age.
        for number in 1..=9 {
            state.grants.insert(id(number), granted(number % 2, i64::from(number * 7 % 10), None));
        }
        state.grants.insert(id(20), granted(1, 30, Some(id(1))));
        let now = Instant::from_millis(100);
        let told = |tenant: u8, most| {
            let (leases, more) = LeaseView::of_tenant(&state, &TenantId([tenant; 16]), now, most);
            (leases.iter().map(|lease| lease.id.0[0]).collect::<Vec<_>>(), more)
        };
        assert_eq!(told(1, 9), (vec![7, 1, 5, 9, 3], 0), "an override is no lease of its own");
        assert_eq!(told(1, 2), (vec![7, 1], 3));
        assert_eq!(told(0, 4), (vec![4, 8, 2, 6], 0));
        assert_eq!(told(3, 4), (vec![], 0));
    }
}
