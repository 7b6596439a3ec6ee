//! What a kind says about itself. Nothing outside a kind's own file asks which kind a change is of.

use super::{Answers, Detail, Field, FormError, Kind};
use crate::event::{EventName, Flagged};
use crate::{
    Blobs, Body, Change, Document, Effect, Inadmissible, Lock, Package, Plan, Refusal, State, Subject, Warranted,
};
use model::{Category, Instant, KindName, PersonId, Service, Severity};
use std::collections::BTreeSet;

/// How one event of a kind reads on the timeline, where the default does not fit.
///
/// Words in braces are filled in from the leaf: `{engine}`, `{tenant}`, `{node}`, `{kind}`,
/// `{people}`, `{service}`, `{slot}`, `{blocked}`, `{class}`, `{shape}`, `{asker}`.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    pub title: &'static str,
    pub sentence: &'static str,
    /// How much it matters.
    pub severity: Severity,
}

/// What a kind does to an engine's stack of certified bundles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnStack {
    /// What it makes serve is certified and goes on the stack.
    Certifies,
    /// It goes back to what lies below, and takes the top away.
    GoesBack,
}

/// What of that which rules the ledger a kind puts another one in the place of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replaces {
    Roster,
    /// A governed document.
    Setting,
}

/// What a kind is. Pure: every question is answered from its arguments alone.
pub trait Governs: Sync {
    /// Its name.
    fn name(&self) -> KindName;

    /// The row a new ledger is founded with.
    fn row(&self) -> Kind;

    /// What else must hold of a row of this kind.
    ///
    /// # Errors
    /// What does not.
    fn check_row(&self, _row: &Kind) -> Result<(), &'static str> {
        Ok(())
    }

    /// Whether it grants something for a time: then its row has an end, and else none.
    fn grants(&self) -> bool {
        false
    }

    /// Whether a release starts under it that its row may have soak.
    fn soaks(&self) -> bool {
        false
    }

    /// Whether it tries a bundle beside what serves, and leads nobody to it.
    fn rehearses(&self) -> bool {
        false
    }

    /// Whether the Privileged Workflow Catalog has an entry for it, where its row may have it listed.
    fn may_be_in_catalogue(&self) -> bool {
        false
    }

    /// Where its rows belong.
    fn category(&self) -> Category;

    /// Whom and what it concerns.
    ///
    /// # Errors
    /// When it names something this ledger does not know.
    fn subject(&self, state: &State, body: &Body) -> Result<Subject, Inadmissible>;

    /// What it keeps for itself while it is carried out.
    fn locks(&self, body: &Body) -> Vec<Lock>;

    /// Whether two of the kind, of one subject, are about the same: then one may take the other's place.
    fn is_about_the_same(&self, one: &Body, other: &Body) -> bool {
        self.locks(one) == self.locks(other)
    }

    /// The governing document it names.
    ///
    /// # Errors
    /// When the blob is missing or not of its shape.
    fn document(&self, _blobs: &dyn Blobs, _body: &Body) -> Result<Option<Document>, Inadmissible> {
        Ok(None)
    }

    /// Whether a draft with this package may be opened.
    ///
    /// # Errors
    /// The refusal that says why not.
    fn draft(&self, state: &State, package: &Package, document: Option<&Document>) -> Result<(), Refusal>;

    /// What approval requires of this change: the row, with its conditional slots and clocks.
    fn requirement(&self, _state: &State, _change: &Change, row: &Kind) -> Kind {
        row.clone()
    }

    /// The same before there is a change, as far as these answers to its form decide it: the row, where
    /// they do not.
    fn foresees(&self, row: &Kind, _answers: &Answers) -> Kind {
        row.clone()
    }

    /// The question of its form whose roles fill one more slot than the row has.
    fn names_slot(&self) -> Option<&'static str> {
        None
    }

    /// What of its requirement no answer decides alone, for whoever asks: whole sentences.
    fn conditions(&self) -> &'static [&'static str] {
        &[]
    }

    /// Every row that a change of the kind may be held to, whatever its body: there must be people for
    /// each of them.
    fn rows(&self, row: &Kind) -> Vec<Kind> {
        vec![row.clone()]
    }

    /// Executors whose observation the plan needs.
    fn observers(&self) -> &'static [Service] {
        &[]
    }

    /// Executors the plan can do without when they stay silent.
    fn may_be_unchecked(&self) -> &'static [Service] {
        &[]
    }

    /// The plan.
    ///
    /// # Errors
    /// The refusal that says why there is none.
    fn plan(&self, state: &State, change: &Change, now: Instant) -> Result<Plan, Refusal>;

    /// What must hold, besides the base of its plan, before it may be run.
    ///
    /// # Errors
    /// The refusal that says what does not.
    fn runnable(&self, _state: &State, _change: &Change, _now: Instant) -> Result<(), Refusal> {
        Ok(())
    }

    /// Whether all that it binds may still be put in place. Executors ask it after the run, too.
    ///
    /// # Errors
    /// What was recalled, does not fit any more, or is over.
    fn still_binds(&self, _state: &State, _change: &Change, _now: Instant) -> Result<(), Refusal> {
        Ok(())
    }

    /// People whom it gives something or takes something from: they decide nothing about it.
    fn concerned(&self, _state: &State, _change: &Change, _now: Instant) -> BTreeSet<PersonId> {
        BTreeSet::new()
    }

    /// What holds once it is effective, besides that it is.
    fn effective(&self, state: &State, change: &Change, now: Instant) -> Vec<Effect>;

    /// What holds where nobody saw its end and people say that it ended as planned. It never certifies.
    fn reconciled(&self, _state: &State, _change: &Change) -> Vec<Effect> {
        vec![]
    }

    /// What its warrant allows another system, where it issues one.
    fn warranted(&self, _body: &Body) -> Option<Warranted> {
        None
    }

    /// How its events read where the default does not fit.
    fn words(&self, _event: EventName) -> Option<Words> {
        None
    }

    /// What of it is flagged for reviewers when it is sealed.
    fn flagged(&self, _state: &State, _change: &Change) -> Option<Flagged> {
        None
    }

    /// What it does to an engine's stack.
    fn on_stack(&self) -> Option<OnStack> {
        None
    }

    /// What of that which rules the ledger it replaces.
    fn replaces(&self) -> Option<Replaces> {
        None
    }

    /// The open change that this one stands by for.
    fn stands_by_for<'a>(&self, _state: &'a State, _change: &Change, _now: Instant) -> Option<&'a Change> {
        None
    }

    /// What a reader is told of a change beside its plan.
    fn details<'a>(&self, _state: &State, _change: &'a Change) -> Vec<Detail<'a>> {
        vec![]
    }

    /// What a person is asked for, on a page or by flags.
    fn form(&self) -> &'static [Field];

    /// The body from a person's answers.
    ///
    /// # Errors
    /// Which answer is missing or cannot be.
    fn body(&self, state: &State, now: Instant, answers: &Answers) -> Result<Body, FormError>;
}
