//! Lease expansion override: a lease has more cycles for a while. Its draft is read-only until somebody escalates it.

use super::lease::{cap, none, of_terms, possible, started, subject};
use super::{Answers, Detail, Field, FormError, Governs, Input, Kind, Presence, Slot, Words};
use crate::event::EventName;
use crate::plan::Plan;
use crate::{Body, Cap, Change, Document, Effect, Inadmissible, Lock, Package, Refusal, State, Subject, Terms, cap_at};
use model::{Category, ChangeId, Instant, KindName, Role, Severity, TenantId};

pub(super) struct LeaseOverride;

/// The longest override, milliseconds (31 days).
const LONGEST_MS: i64 = 31 * 24 * super::HOUR_MS;

impl Governs for LeaseOverride {
    fn name(&self) -> KindName {
        KindName::LeaseOverride
    }

    fn row(&self) -> Kind {
        let operator = Role::GovernanceOperator;
        Kind {
            until: Presence::Required,
            until_max_ms: Some(LONGEST_MS),
            escalation: Some(vec![operator]),
            in_catalogue: true,
            ..Kind::usual(self.name(), vec![Slot::of(operator)])
        }
    }

    fn check_row(&self, row: &Kind) -> Result<(), &'static str> {
        let kept = row.until == Presence::Required && row.escalation.is_some();
        if kept { Ok(()) } else { Err("a lease override must have an end, and be read-only until it is escalated") }
    }

    fn grants(&self) -> bool {
        true
    }

    fn may_be_in_catalogue(&self) -> bool {
        true
    }

    fn category(&self) -> Category {
        Category::AiLeasing
    }

    fn subject(&self, state: &State, body: &Body) -> Result<Subject, Inadmissible> {
        subject(state, body)
    }

    fn locks(&self, body: &Body) -> Vec<Lock> {
        cap(body).and_then(|cap| cap.raises).map(Lock::Lease).into_iter().collect()
    }

    fn draft(&self, _: &State, package: &Package, _: Option<&Document>) -> Result<(), Refusal> {
        possible(&package.body)
    }

    fn plan(&self, state: &State, change: &Change, now: Instant) -> Result<Plan, Refusal> {
        raises(state, change, now)?;
        of_terms(state, change)
    }

    fn runnable(&self, state: &State, change: &Change, now: Instant) -> Result<(), Refusal> {
        raises(state, change, now)
    }

    fn effective(&self, _: &State, change: &Change, now: Instant) -> Vec<Effect> {
        started(change, now)
    }

    fn words(&self, event: EventName) -> Option<Words> {
        let (title, sentence, severity) = match event {
            EventName::Sealed => (
                "Lease expansion override requested for {tenant}",
                "More cycles than the lease has wait for approval.",
                Severity::Medium,
            ),
            EventName::Approved => (
                "Lease expansion override approved for {tenant}",
                "{people} approved it; it holds once it is run.",
                Severity::Medium,
            ),
            EventName::Effective => {
                ("Lease expansion override in force for {tenant}", "It ends by itself at its time.", Severity::Medium)
            }
            EventName::Closed => {
                ("Lease expansion override over for {tenant}", "The lease has its own cycles again.", Severity::Info)
            }
            _ => return None,
        };
        Some(Words { title, sentence, severity })
    }

    fn details<'a>(&self, state: &State, change: &'a Change) -> Vec<Detail<'a>> {
        let Some(raised) = cap(&change.package.body) else { return vec![] };
        let lease = raised.raises.and_then(|lease| state.grants.get(&lease)?.terms.cap());
        // The lease may be gone by then, and what is said of the past stays as it is.
        let lease = lease.filter(|_| !change.is_history(state));
        let before =
            lease.map_or_else(|| "the lease's own".to_owned(), |cap| format!("{} a {}", cap.cycles, cap.period));
        let after = format!("{} a {}", raised.cycles, raised.period);
        let raised_by = Detail::becomes(format!("{} cycles", raised.class.title()), before, after);
        let for_ms = change.package.body.grants().and_then(|(_, for_ms)| for_ms);
        let holds = for_ms.map(|for_ms| Detail::HoldsFor { for_ms, tenant: raised.tenant });
        [raised_by].into_iter().chain(holds).collect()
    }

    fn form(&self) -> &'static [Field] {
        &[
            Field {
                name: "lease",
                label: "AI lease",
                help: "The lease whose cycles are raised, by the id of the change that granted it.",
                required: true,
                input: Input::Lease,
            },
            Field {
                name: "cycles",
                label: "Cycles",
                help: "The most of one period while it stands.",
                required: true,
                input: Input::Count,
            },
            Field {
                name: "for",
                label: "For how long",
                help: "From the moment it is run, as 8h or 7d.",
                required: true,
                input: Input::Duration,
            },
        ]
    }

    fn body(&self, state: &State, now: Instant, answers: &Answers) -> Result<Body, FormError> {
        let lease: ChangeId = answers.change("lease")?;
        let none = || FormError::Refused(not_raisable(state, lease, None, now));
        let standing = cap_at(state, &lease, now).ok_or_else(none)?;
        let cap = Cap { cycles: answers.count("cycles")?, raises: Some(lease), ..standing.cap.clone() };
        Ok(Body::Grant { terms: Terms::Cap(cap), for_ms: Some(answers.duration("for")?), asked_by: None })
    }
}

fn not_raisable(state: &State, lease: ChangeId, whose: Option<&TenantId>, now: Instant) -> Refusal {
    Refusal::LeaseNotStanding { lease, why: none(state, &lease, whose, now), raise: true }
}

/// It raises a lease that stands, of the same tenant, in nothing but its cycles, and no other override of it stands.
fn raises(state: &State, change: &Change, now: Instant) -> Result<(), Refusal> {
    let raised = cap(&change.package.body).ok_or(Refusal::LeaseUnsound {})?;
    let lease = raised.raises.ok_or(Refusal::LeaseUnsound {})?;
    let none = || not_raisable(state, lease, Some(&raised.tenant), now);
    let standing = cap_at(state, &lease, now).ok_or_else(none)?;
    if let Some(by) = standing.raised_by {
        return Err(Refusal::LeaseRaisedAlready { by });
    }
    let only_more = Cap { cycles: standing.cap.cycles, raises: None, ..raised.clone() } == *standing.cap;
    if only_more && raised.cycles > standing.cap.cycles { Ok(()) } else { Err(Refusal::LeaseNotRaised {}) }
}
