//! Lease grant: a tenant may use so many AI cycles a period.

use super::{Answers, Detail, Field, FormError, Governs, Input, Kind, Presence, Slot, Words};
use crate::event::{About, EventName, Flagged};
use crate::grant::CYCLES_MAX;
use crate::plan::{Fact, Plan};
use crate::refusal::refuse_if;
use crate::{
    Body, Cap, Change, Document, Effect, GrantEvent, Inadmissible, Lock, NoLease, Package, Price, Refusal, State,
    Subject, Terms,
};
use model::{Category, ChangeId, Instant, KindName, Role, Service, SettingName, Severity, Status, TenantId};
use signed::Observation;

pub(super) struct LeaseGrant;

/// The longest lease with an end, milliseconds (366 days).
const LONGEST_MS: i64 = 366 * 24 * super::HOUR_MS;

impl Governs for LeaseGrant {
    fn name(&self) -> KindName {
        KindName::LeaseGrant
    }

    fn row(&self) -> Kind {
        let slots = vec![Slot::of(Role::GovernanceOperator)];
        Kind { until: Presence::Optional, until_max_ms: Some(LONGEST_MS), ..Kind::usual(self.name(), slots) }
    }

    fn grants(&self) -> bool {
        true
    }

    fn category(&self) -> Category {
        Category::AiLeasing
    }

    fn subject(&self, state: &State, body: &Body) -> Result<Subject, Inadmissible> {
        subject(state, body)
    }

    /// Two leases of one tenant do not touch each other.
    fn locks(&self, _: &Body) -> Vec<Lock> {
        vec![]
    }

    fn is_about_the_same(&self, one: &Body, other: &Body) -> bool {
        let of = |body: &Body| cap(body).map(|cap| (cap.tenant, cap.class));
        of(one) == of(other)
    }

    fn draft(&self, _: &State, package: &Package, _: Option<&Document>) -> Result<(), Refusal> {
        possible(&package.body)
    }

    /// What lies outside the tenant's envelope is a matter of finance, too.
    fn requirement(&self, state: &State, change: &Change, row: &Kind) -> Kind {
        match cap(&change.package.body) {
            Some(cap) if !state.terms.covers(cap) => with_finance(row),
            _ => row.clone(),
        }
    }

    fn conditions(&self) -> &'static [&'static str] {
        &["A lease outside the tenant's default envelope is flagged, and a Finance Reviewer fills a slot of it, too."]
    }

    fn rows(&self, row: &Kind) -> Vec<Kind> {
        vec![row.clone(), with_finance(row)]
    }

    /// The core holds no time-zone database: who will count in the zone says, signed, that it knows it.
    fn observers(&self) -> &'static [Service] {
        &[Service::Platform]
    }

    fn plan(&self, state: &State, change: &Change, _: Instant) -> Result<Plan, Refusal> {
        zone_known(change)?;
        of_terms(state, change)
    }

    fn flagged(&self, state: &State, change: &Change) -> Option<Flagged> {
        let Body::Grant { terms: Terms::Cap(cap), asked_by, .. } = &change.package.body else { return None };
        (!state.terms.covers(cap)).then_some(Flagged { class: cap.class, asked_by: *asked_by })
    }

    fn effective(&self, _: &State, change: &Change, now: Instant) -> Vec<Effect> {
        started(change, now)
    }

    fn words(&self, event: EventName) -> Option<Words> {
        let (title, sentence, severity) = match event {
            EventName::Sealed => {
                ("AI lease requested for {tenant}", "It lies within the default envelope.", Severity::Low)
            }
            EventName::SealedFlagged => (
                "{class} lease flagged for finance review",
                "{asker} requested a {shape} lease class outside the default commercial envelope.",
                Severity::High,
            ),
            EventName::Approved => {
                ("AI lease approved for {tenant}", "{people} approved it; it holds once it is run.", Severity::Medium)
            }
            EventName::Effective => (
                "AI lease in force for {tenant}",
                "Its engines that are bound to it may use its cycles.",
                Severity::Medium,
            ),
            EventName::Closed => ("AI lease over for {tenant}", "It grants no cycles any more.", Severity::Info),
            _ => return None,
        };
        Some(Words { title, sentence, severity })
    }

    fn details<'a>(&self, state: &State, change: &'a Change) -> Vec<Detail<'a>> {
        let Some(cap) = cap(&change.package.body) else { return vec![] };
        let envelope = state.terms.envelope(&cap.tenant, cap.class);
        let now = || {
            envelope.map_or_else(
                || "not in the envelope".to_owned(),
                |envelope| format!("{} a {} in the envelope", envelope.cycles, envelope.period),
            )
        };
        // The envelope of today says nothing of what was decided under another.
        let allowed = if change.is_history(state) { "the tenant's envelope of then".to_owned() } else { now() };
        let asked = format!("{} a {} ({}), for {}", cap.cycles, cap.period, cap.zone, cap.purpose);
        let mut details = vec![Detail::becomes(format!("{} cycles", cap.class.title()), allowed, asked)];
        details.extend(cap.price.as_ref().map(|price| {
            let cost = format!("{} {} (minor units) a thousand cycles", price.per_thousand, price.currency);
            Detail::becomes("Price", "none", cost)
        }));
        let for_ms = change.package.body.grants().and_then(|(_, for_ms)| for_ms);
        details.extend(for_ms.map(|for_ms| Detail::HoldsFor { for_ms, tenant: cap.tenant }));
        details
    }

    fn form(&self) -> &'static [Field] {
        const fn field(name: &'static str, label: &'static str, help: &'static str, input: Input) -> Field {
            Field { name, label, help, required: true, input }
        }
        const FIELDS: &[Field] = &[
            field("tenant", "Tenant", "Whose engines may use it.", Input::Tenant),
            field("class", "Class", "worker, analyst or hybrid.", Input::LeaseClass),
            field("cycles", "Cycles", "The most of one period.", Input::Count),
            field("period", "Period", "day or month: over which cycles are counted.", Input::Period),
            field("zone", "Time zone", "In which periods turn, as America/New_York.", Input::Zone),
            field("purpose", "Purpose", "What it is for, in a word, as merchandising.", Input::Token),
            Field {
                required: false,
                ..field(
                    "for",
                    "For how long",
                    "From the moment it is run, as 30d; left out, until it is revoked.",
                    Input::Duration,
                )
            },
            Field {
                required: false,
                ..field("asked-by", "Asked for by", "The tenant, where it asked for it.", Input::Tenant)
            },
        ];
        FIELDS
    }

    /// The price is the one of the tenant's envelope.
    fn body(&self, state: &State, _: Instant, answers: &Answers) -> Result<Body, FormError> {
        let (tenant, class) = (answers.tenant("tenant")?, answers.lease_class("class")?);
        let price = state.terms.envelope(&tenant, class).and_then(|envelope| envelope.price.clone());
        let cap = Cap {
            tenant,
            class,
            cycles: answers.count("cycles")?,
            period: answers.period("period")?,
            zone: answers.token("zone")?,
            purpose: answers.token("purpose")?,
            price,
            raises: None,
        };
        let (for_ms, asked_by) = (answers.duration_if("for")?, answers.tenant_if("asked-by")?);
        Ok(Body::Grant { terms: Terms::Cap(cap), for_ms, asked_by })
    }
}

/// The lease that is granted, or raised.
pub(super) fn cap(body: &Body) -> Option<&Cap> {
    match body {
        Body::Grant { terms: Terms::Cap(cap), .. } => Some(cap),
        _ => None,
    }
}

/// Why the AI lease with this id is not in force. With `whose` given, a lease of any other tenant counts as unknown.
pub(super) fn none(state: &State, lease: &ChangeId, whose: Option<&TenantId>, now: Instant) -> NoLease {
    let theirs = |subject: &Subject| whose.is_none_or(|tenant| subject.tenants.contains(tenant));
    let is_lease = state.kind_of(lease) == Some(KindName::LeaseGrant) && state.subject(lease).is_some_and(theirs);
    let status = match (state.changes.get(lease), state.closed.get(lease)) {
        (Some(change), _) => Some(change.status_at(state, now)),
        (None, closed) => closed.map(|closed| closed.status),
    };
    match status.filter(|_| is_lease) {
        Some(status) if status.is_open() => NoLease::NotYet,
        Some(Status::Effective | Status::ReviewDue | Status::Closed) => NoLease::Over,
        _ => NoLease::Unknown,
    }
}

pub(super) fn subject(state: &State, body: &Body) -> Result<Subject, Inadmissible> {
    let tenant = cap(body).ok_or(Inadmissible::OtherPackage)?.tenant;
    if !state.tenants.contains_key(&tenant) {
        return Err(Inadmissible::UnknownObject);
    }
    Ok(Subject { tenants: vec![tenant], engine: None, node: None })
}

/// Whether the terms of a lease can be.
pub(super) fn possible(body: &Body) -> Result<(), Refusal> {
    let cap = cap(body).ok_or(Refusal::LeaseUnsound {})?;
    refuse_if(body.is_asked_by_other(), Refusal::AskedByOther {})?;
    let sound = (1..=CYCLES_MAX).contains(&cap.cycles) && cap.price.as_ref().is_none_or(Price::is_sound);
    refuse_if(!sound, Refusal::LeaseUnsound {})
}

/// Whether Platform Services can count in the lease's time zone.
fn zone_known(change: &Change) -> Result<(), Refusal> {
    let cap = cap(&change.package.body).ok_or(Refusal::LeaseUnsound {})?;
    match change.observed.get(&Service::Platform).map(|observed| &observed.observation) {
        Some(Observation::Platform { zone: Some(zone), .. }) if *zone == cap.zone => Ok(()),
        Some(_) => Err(Refusal::LeaseZoneUnknown { zone: cap.zone.clone() }),
        None => Err(Refusal::ObservationMissing { service: Service::Platform }),
    }
}

/// It rests on the terms of tenants: whether it lies within an envelope may change with them.
pub(super) fn of_terms(state: &State, change: &Change) -> Result<Plan, Refusal> {
    let Body::Grant { for_ms, .. } = &change.package.body else { return Err(Refusal::BaseDrifted {}) };
    let digest = state.settings.get(&SettingName::TenantTerms).copied().ok_or(Refusal::BaseDrifted {})?;
    let base = vec![Fact::Setting { name: SettingName::TenantTerms, digest }];
    Ok(Plan::of_ledger(change.ids(), base.clone(), base, *for_ms))
}

pub(super) fn started(change: &Change, now: Instant) -> Vec<Effect> {
    let until = change.plan.as_ref().and_then(|plan| plan.for_ms).map(|for_ms| now.plus_millis(for_ms));
    let event = GrantEvent::Started { about: About::of(change), until };
    vec![Effect::Grant { grant: change.package.change, event }]
}

fn with_finance(row: &Kind) -> Kind {
    let mut row = row.clone();
    row.slots.push(Slot::of(Role::FinanceReviewer));
    row
}
