//! The verbs a person signs, one row each: about what, when, by whom, on what they rest.

use model::{Role, Status};
use signed::Verb;

/// What a verb is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Object {
    /// A tenant, an engine, something published, a key.
    Thing,
    /// A governed change.
    Change,
}

/// Whose word it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// Holders of one of these roles, sorted.
    Roles(&'static [Role]),
    /// Who may open the kind.
    Author,
    /// Holders of the slot's roles, or their deputies.
    Slot,
    /// Holders of the frozen requirement's runner role.
    Runner,
    /// Who may escalate the kind.
    Escalation,
    /// Who may attach to the item.
    Item,
    /// Who may review the kind.
    Reviewer,
    /// An author of the change, or a Governance Operator.
    AuthorOrOperator,
    /// Anybody who holds a role.
    AnyRole,
    /// A machine identity, and no person.
    Machine,
}

/// Which leaf the signer's checkpoint must cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Covers {
    /// Any checkpoint of this ledger will do.
    Nothing,
    /// The leaf that sealed the package, and the signer's own last word on it.
    Seal,
    /// The hold that is released.
    Hold,
    /// The approval that filled the last slot, and the last release.
    Approval,
    /// The last leaf of the change that somebody signed.
    Record,
    /// The leaf that stopped it.
    Stop,
}

/// One verb.
#[derive(Debug, Clone, Copy)]
pub struct VerbRow {
    pub verb: Verb,
    /// As it stands on the command line and in routes.
    pub name: &'static str,
    /// What it is about.
    pub object: Object,
    /// Where a change must stand.
    pub statuses: &'static [Status],
    /// Whose word it may be.
    pub speaker: Speaker,
    /// What the signer must have seen.
    pub covers: Covers,
    /// Whether a machine identity may say it.
    pub machine: bool,
}

use Covers::{Approval, Hold, Nothing, Record, Seal, Stop};
use Status as S;

const WAITING: &[S] = &[S::AwaitingApproval, S::Approved];
const NOT_RUN: &[S] = &[S::Draft, S::AwaitingApproval, S::Approved];
const HOLDABLE: &[S] = &[S::AwaitingApproval, S::Approved, S::Executing];

const fn thing(verb: Verb, name: &'static str, speaker: Speaker) -> VerbRow {
    VerbRow { verb, name, object: Object::Thing, statuses: &[], speaker, covers: Nothing, machine: false }
}

const fn change(
    verb: Verb,
    name: &'static str,
    statuses: &'static [Status],
    speaker: Speaker,
    covers: Covers,
) -> VerbRow {
    VerbRow { verb, name, object: Object::Change, statuses, speaker, covers, machine: false }
}

const fn by_machines(row: VerbRow) -> VerbRow {
    VerbRow { machine: true, ..row }
}

const OPERATOR: Speaker = Speaker::Roles(&[Role::GovernanceOperator]);
const OPERATOR_OR_AUDITOR: Speaker = Speaker::Roles(&[Role::GovernanceOperator, Role::SupportAuditor]);

/// Every verb.
pub static VERBS: &[VerbRow] = &[
    thing(Verb::RegisterTenant, "register-tenant", OPERATOR),
    thing(Verb::RegisterEngine, "register-engine", OPERATOR),
    thing(Verb::Publish, "publish", OPERATOR),
    thing(Verb::Recall, "recall", OPERATOR_OR_AUDITOR),
    thing(Verb::Suspend, "suspend", Speaker::AnyRole),
    by_machines(change(Verb::Open, "open", &[], Speaker::Author, Nothing)),
    by_machines(change(
        Verb::Observe,
        "observe",
        &[S::Draft, S::ReviewDue, S::Indeterminate],
        Speaker::AnyRole,
        Nothing,
    )),
    change(Verb::Escalate, "escalate", &[S::Draft], Speaker::Escalation, Nothing),
    // An item's role is a person's: whoever attaches to it vouches for it.
    change(Verb::Attach, "attach", &[S::Draft, S::AwaitingApproval, S::Approved], Speaker::Item, Nothing),
    change(Verb::Seal, "seal", &[S::Draft], Speaker::Author, Nothing),
    change(Verb::Approve, "approve", &[S::AwaitingApproval], Speaker::Slot, Seal),
    change(Verb::Reject, "reject", WAITING, Speaker::Slot, Seal),
    change(Verb::Withdraw, "withdraw", WAITING, Speaker::AnyRole, Seal),
    change(Verb::Hold, "hold", HOLDABLE, Speaker::AnyRole, Nothing),
    change(Verb::Release, "release", HOLDABLE, Speaker::AnyRole, Hold),
    change(Verb::Cancel, "cancel", NOT_RUN, Speaker::AuthorOrOperator, Nothing),
    change(Verb::Run, "run", &[S::Approved], Speaker::Runner, Approval),
    change(Verb::Revoke, "revoke", &[S::Effective, S::ReviewDue], Speaker::AnyRole, Nothing),
    change(Verb::Review, "review", &[S::ReviewDue], Speaker::Reviewer, Record),
    change(Verb::Abort, "abort", &[S::Executing], Speaker::AnyRole, Stop),
    change(Verb::Reconcile, "reconcile", &[S::Indeterminate], Speaker::AnyRole, Stop),
    by_machines(change(Verb::Use, "use", &[S::Effective], Speaker::Machine, Record)),
];

/// The row of a verb.
pub fn verb_row(verb: Verb) -> &'static VerbRow {
    // INVARIANT: a test walks the acts and finds each in the table.
    VERBS.iter().find(|row| row.verb == verb).unwrap_or(&VERBS[0])
}
