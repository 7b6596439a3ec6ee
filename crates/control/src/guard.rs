//! Guards as rows: each can be switched off alone, so that a test can show what it is for.

mod approval;
mod hold;
mod open;
mod plan;
mod review;
mod run;
mod seal;
mod signing;
mod statement;
mod thing;
mod warrant;

pub use open::Opening;
pub(crate) use plan::binding_now;
pub use seal::OBSERVATION_MAX_MS;
pub(crate) use seal::{escalated, reason_given};
pub use signing::{Signing, StatementContext};
pub(crate) use thing::stands;

use crate::Refusal;
use signed::Verb;
use std::collections::BTreeSet;

/// What a guard asks: it refuses or lets pass.
pub enum Check {
    /// Any word, whatever it is about: a thing, too.
    Word(fn(&StatementContext) -> Result<(), Refusal>),
    /// A word about a change that there is.
    Change(fn(&Signing) -> Result<(), Refusal>),
    /// The word that opens a change, or a new revision of it.
    Open(fn(&Opening) -> Result<(), Refusal>),
}

/// One rule.
pub struct Guard {
    /// Its name, for tests and explanations.
    pub name: &'static str,
    /// The first rules number it belongs to.
    pub since: u32,
    /// The verbs it guards.
    pub verbs: &'static [Verb],
    pub check: Check,
}

/// Which guards are on. Outside tests: all of the rules in force.
#[derive(Debug, Clone, Default)]
pub struct Guards {
    off: BTreeSet<&'static str>,
}

impl Guards {
    /// All guards but this one: what would pass if it did not exist?
    pub fn without(name: &'static str) -> Self {
        Self { off: [name].into() }
    }

    /// Runs every guard of the statement's verb, in order.
    ///
    /// # Errors
    /// The first refusal.
    pub fn check(&self, signing: &Signing) -> Result<(), Refusal> {
        let said = signing.statement_context();
        self.on(&said).try_for_each(|guard| match guard.check {
            Check::Word(check) => check(&said),
            Check::Change(check) => check(signing),
            Check::Open(_) => Ok(()),
        })
    }

    /// The same of a word about a thing.
    pub(crate) fn check_thing(&self, said: &StatementContext) -> Result<(), Refusal> {
        self.on(said).try_for_each(|guard| match guard.check {
            Check::Word(check) => check(said),
            Check::Change(_) | Check::Open(_) => Ok(()),
        })
    }

    /// The same of a word that opens a change.
    pub(crate) fn check_opening(&self, opening: &Opening) -> Result<(), Refusal> {
        self.on(&opening.said).try_for_each(|guard| match guard.check {
            Check::Word(check) => check(&opening.said),
            Check::Open(check) => check(opening),
            Check::Change(_) => Ok(()),
        })
    }

    fn on(&self, said: &StatementContext) -> impl Iterator<Item = &'static Guard> {
        let (verb, rules) = (said.statement.act.verb(), said.state.rules);
        GUARDS
            .iter()
            .filter(move |guard| guard.since <= rules && guard.verbs.contains(&verb) && !self.off.contains(guard.name))
    }
}

use Verb::{
    Abort, Approve, Attach, Cancel, Escalate, Hold, Observe, Open, Publish, Recall, Reconcile, RegisterEngine,
    RegisterTenant, Reject, Release, Review, Revoke, Run, Seal, Suspend, Use, Withdraw,
};

const EVERY: &[Verb] = &[
    RegisterTenant,
    RegisterEngine,
    Publish,
    Recall,
    Suspend,
    Open,
    Observe,
    Escalate,
    Attach,
    Seal,
    Approve,
    Reject,
    Withdraw,
    Hold,
    Release,
    Cancel,
    Run,
    Revoke,
    Review,
    Abort,
    Reconcile,
    Use,
];
const THINGS: &[Verb] = &[RegisterTenant, RegisterEngine, Publish, Recall, Suspend];
const NEW_THINGS: &[Verb] = &[RegisterTenant, RegisterEngine, Publish, Recall];

const ALL: &[Verb] = &[
    Observe, Escalate, Attach, Seal, Approve, Reject, Withdraw, Hold, Release, Cancel, Run, Revoke, Review, Abort,
    Reconcile, Use,
];
const BOUND: &[Verb] = &[Seal, Approve, Reject, Run];
const SEEN: &[Verb] = &[Approve, Reject, Withdraw, Release, Run, Review, Abort, Reconcile, Use];

const fn guard(name: &'static str, verbs: &'static [Verb], check: fn(&Signing) -> Result<(), Refusal>) -> Guard {
    Guard { name, since: 0, verbs, check: Check::Change(check) }
}

const fn word(
    name: &'static str,
    verbs: &'static [Verb],
    check: fn(&StatementContext) -> Result<(), Refusal>,
) -> Guard {
    Guard { name, since: 0, verbs, check: Check::Word(check) }
}

const fn opening(name: &'static str, check: fn(&Opening) -> Result<(), Refusal>) -> Guard {
    Guard { name, since: 0, verbs: &[Open], check: Check::Open(check) }
}

/// Every guard on a signed word. Order is order of explanation.
pub static GUARDS: &[Guard] = &[
    word("key_active", EVERY, statement::key_active),
    word("statement_alive", EVERY, statement::statement_alive),
    word("person_speaks", EVERY, statement::person_speaks),
    word("thing_role_held", THINGS, thing::role_held),
    word("not_recalled", &[Publish], thing::not_recalled),
    word("not_there_yet", NEW_THINGS, thing::not_there_yet),
    word("published_alike", &[Publish], thing::published_alike),
    word("edition_free", &[Publish], thing::edition_free),
    word("key_known", &[Suspend], thing::key_known),
    word("second_suspender", &[Suspend], thing::second_suspender),
    word("suspends_not_last", &[Suspend], thing::suspends_not_last),
    opening("revises_unconcerned", open::revises_unconcerned),
    opening("asker_role_held", open::asker_role_held),
    opening("window_fits", open::window_fits),
    opening("until_fits", open::until_fits),
    opening("machine_revises_own", open::machine_revises_own),
    opening("revisable", open::revisable),
    opening("draft_fits", open::draft_fits),
    guard("machine_speaks", &[Use], warrant::machine_speaks),
    guard("revision_current", ALL, statement::revision_current),
    guard("status_allows", ALL, statement::status_allows),
    guard("machine_observes_own", &[Observe], statement::machine_observes_own),
    guard("seen_covers", SEEN, statement::seen_covers),
    guard("deputy_now", &[Approve], approval::deputy_now),
    guard("slot_exists", &[Approve, Reject], approval::slot_exists),
    guard("item_exists", &[Attach], seal::item_exists),
    guard("role_held", ALL, statement::role_held),
    guard("role_held_since_seal", &[Approve], approval::role_held_since_seal),
    guard("not_concerned", &[Approve, Reject, Hold, Cancel], approval::not_concerned),
    guard("author_excluded", &[Approve, Reject], approval::author_excluded),
    guard("distinct_person", &[Approve], approval::distinct_person),
    guard("slot_open", &[Approve], approval::slot_open),
    guard("slots_fillable", &[Approve], approval::slots_fillable),
    guard("own_approval", &[Withdraw], approval::own_approval),
    guard("not_held", &[Run], hold::not_held),
    guard("not_held_by_signer", &[Hold], hold::not_held_by_signer),
    guard("is_held", &[Release], hold::is_held),
    guard("releaser_excluded", &[Run], hold::releaser_excluded),
    guard("escalation_due", &[Escalate], seal::escalation_due),
    guard("escalated", &[Seal], seal::escalated_before),
    guard("review_not_overdue", &[Seal], review::review_not_overdue),
    guard("reason_given", &[Seal], seal::says_why),
    guard("observed_freshly", &[Seal], seal::observed_freshly),
    guard("plan_possible", &[Seal], plan::plan_possible),
    guard("satisfiable", &[Seal], seal::satisfiable),
    guard("supersedes_fits", &[Seal], seal::supersedes_fits),
    guard("checklist_complete", &[Approve, Run], approval::checklist_complete),
    guard("digests_match", BOUND, plan::digests_match),
    guard("within_quota", &[Approve, Run], plan::within_quota),
    guard("requirement_current", &[Run], run::requirement_current),
    guard("inside_window", &[Run], run::inside_window),
    guard("run_soon", &[Run], run::run_soon),
    guard("cooled", &[Run], run::cooled),
    guard("schedulable", &[Run], run::schedulable),
    guard("lock_free", &[Run], run::lock_free),
    guard("base_current", &[Run], run::base_current),
    guard("approvers_unconcerned", &[Run], approval::approvers_unconcerned),
    guard("grant_stands", &[Revoke], run::grant_stands),
    guard("reviewer_distinct", &[Review], review::reviewer_distinct),
    guard("read_late", &[Review], review::read_late),
    guard("abort_held", &[Abort], hold::abort_held),
    guard("abort_undoable", &[Abort], hold::abort_undoable),
    guard("second_person", &[Abort, Reconcile], hold::second_person),
    guard("abort_not_both_authors", &[Abort], hold::abort_not_both_authors),
    guard("observations_agree", &[Reconcile], review::observations_agree),
    guard("warrant_issued", &[Use], warrant::warrant_issued),
    guard("warrant_unused", &[Use], warrant::warrant_unused),
    guard("warrant_good", &[Use], warrant::warrant_good),
    #[cfg(feature = "rules-1")]
    Guard { since: 1, ..guard("hold_says_why", &[Hold], hold::hold_says_why) },
];
