//! External: another system carries something out once it finds the change run.

use super::{Answers, Detail, Field, FormError, Governs, Input, Kind, Slot, Words};
use crate::event::EventName;
use crate::plan::Plan;
use crate::{
    Body, Change, ChangeEvent, Document, Effect, Fragment, Inadmissible, Lock, Package, Refusal, State, Subject,
    Warranted,
};
use model::{Category, Instant, KindName, Role, Severity};

pub(super) struct External;

impl Governs for External {
    fn name(&self) -> KindName {
        KindName::External
    }

    fn row(&self) -> Kind {
        // The second slot is what the package says; two of one role are two people.
        Kind::usual(self.name(), vec![Slot::of(Role::GovernanceOperator)])
    }

    /// A review stands between the run and the use of the warrant, and there is nothing to review yet.
    fn check_row(&self, row: &Kind) -> Result<(), &'static str> {
        let why = "an external change has a review, which would come before its warrant can be used";
        if row.review.is_none() { Ok(()) } else { Err(why) }
    }

    fn category(&self) -> Category {
        Category::Integration
    }

    fn subject(&self, _: &State, _: &Body) -> Result<Subject, Inadmissible> {
        Ok(Subject::default())
    }

    fn locks(&self, _: &Body) -> Vec<Lock> {
        vec![]
    }

    fn is_about_the_same(&self, one: &Body, other: &Body) -> bool {
        let target = |body: &Body| match body {
            Body::External { target, .. } => Some(target.clone()),
            _ => None,
        };
        target(one) == target(other)
    }

    fn draft(&self, _: &State, package: &Package, _: Option<&Document>) -> Result<(), Refusal> {
        let Body::External { slot, .. } = &package.body else { return Ok(()) };
        let sound = !slot.is_empty() && slot.is_sorted_by(|a, b| a < b);
        if sound { Ok(()) } else { Err(Refusal::SlotUnsound {}) }
    }

    fn requirement(&self, _: &State, change: &Change, row: &Kind) -> Kind {
        let Body::External { slot, .. } = &change.package.body else { return row.clone() };
        with_slot(row, slot)
    }

    fn foresees(&self, row: &Kind, answers: &Answers) -> Kind {
        answers.roles("slot").map_or_else(|_| row.clone(), |slot| with_slot(row, &slot))
    }

    fn names_slot(&self) -> Option<&'static str> {
        Some("slot")
    }

    fn plan(&self, _: &State, change: &Change, _: Instant) -> Result<Plan, Refusal> {
        Ok(Plan::of_ledger(change.ids(), vec![], vec![], None))
    }

    /// Its warrant: good for as long as the change might have waited for its run.
    fn effective(&self, _: &State, change: &Change, now: Instant) -> Vec<Effect> {
        let within_ms = change.requirement.as_ref().map_or(0, |row| row.execute_within_ms);
        vec![change.event(ChangeEvent::WarrantIssued { until: now.plus_millis(within_ms) })]
    }

    fn warranted(&self, body: &Body) -> Option<Warranted> {
        let Body::External { target, digest, .. } = body else { return None };
        Some(Warranted { target: target.clone(), digest: *digest })
    }

    fn words(&self, event: EventName) -> Option<Words> {
        let effective = Words {
            title: "External change may be carried out",
            sentence: "{people} ran it; its warrant can be checked from now on.",
            severity: Severity::Medium,
        };
        (event == EventName::Effective).then_some(effective)
    }

    fn details<'a>(&self, _: &State, change: &'a Change) -> Vec<Detail<'a>> {
        let Body::External { target, digest, .. } = &change.package.body else { return vec![] };
        let note = "Nothing is carried out here: the target checks its warrant, which is good once.";
        vec![
            Detail::becomes(target.to_string(), "not carried out", format!("may carry out sha256 {digest}")),
            Detail::Note(vec![Fragment::Text(note.to_owned())]),
        ]
    }

    fn form(&self) -> &'static [Field] {
        &[
            Field {
                name: "target",
                label: "Target",
                help: "Who carries it out, as ci.example/deploy.",
                required: true,
                input: Input::Token,
            },
            Field {
                name: "digest",
                label: "Digest",
                help: "SHA-256 of what is carried out.",
                required: true,
                input: Input::Digest,
            },
            Field {
                name: "slot",
                label: "Second approver",
                help: "Roles of which one fills the second slot.",
                required: true,
                input: Input::Roles,
            },
        ]
    }

    fn body(&self, _: &State, _: Instant, answers: &Answers) -> Result<Body, FormError> {
        let (target, digest) = (answers.token("target")?, answers.digest("digest")?);
        Ok(Body::External { target, digest, slot: answers.roles("slot")? })
    }
}

/// The row, and the slot that the package names.
fn with_slot(row: &Kind, slot: &[Role]) -> Kind {
    let mut row = row.clone();
    row.slots.push(Slot { roles: slot.to_vec() });
    row
}
