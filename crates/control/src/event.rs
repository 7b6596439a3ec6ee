//! What happens to a governed change, step by step of its life.

use model::{
    ChangeId, EngineId, Instant, KindName, LeaseClass, NodeId, Nonce, PersonId, Role, Service, TenantId, Token,
};
use serde::{Deserialize, Serialize};
use signed::{Outcome, Reconciled};

/// Which change an effect is about, with what its row names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// The change.
    pub change: ChangeId,
    /// Its kind.
    pub kind: KindName,
    /// The engine, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub engine: Option<EngineId>,
    /// The node of that engine.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub node: Option<NodeId>,
}

/// What of a change is flagged for reviewers: a class of AI leases, and which tenant asked for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flagged {
    pub class: LeaseClass,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub asked_by: Option<TenantId>,
}

/// Somebody who filled a slot, and as what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// Who.
    pub person: PersonId,
    /// Roles of the slot.
    pub roles: Vec<Role>,
}

/// What happened to a change. Each holds what its row says, so that a row never looks at the state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[allow(missing_docs, reason = "the fields are ids of what the variant's comment names")]
pub enum ChangeEvent {
    /// A draft's revision is open and is observed.
    Opened { revision: u32 },
    /// Fresh observations were asked for.
    ObservationAsked {},
    /// One executor has observed it.
    Observed { service: Service },
    /// A draft may be sealed from now on.
    Escalated {},
    /// Evidence was put to an item of the checklist.
    Attached { item: Token },
    /// Every item of the checklist has evidence.
    ChecklistComplete { items: Vec<Token> },
    /// It waits for approval. `blocked` names what keeps the open deployment it stands by for.
    Sealed {
        revision: u32,
        approve_by: Instant,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        blocked: Option<Token>,
    },
    /// It waits for approval, and lies outside what needs no further review.
    SealedFlagged { revision: u32, approve_by: Instant, flagged: Flagged },
    /// A slot is filled.
    ApprovalRecorded {
        slot: u32,
        party: Party,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        on_behalf_of: Option<PersonId>,
    },
    /// All slots are filled, by these people in the order of the slots.
    Approved { by: Vec<Party>, execute_by: Instant },
    /// A slot is open again, by its person's word.
    ApprovalWithdrawn { slot: u32, roles: Vec<Role> },
    /// A slot is open again: its person lost role or key.
    ApprovalLapsed { slot: u32, party: Party },
    /// It ends without effect.
    Rejected { roles: Vec<Role> },
    /// No further step may begin.
    Held {},
    /// One person's hold is lifted.
    HoldReleased { of: PersonId },
    /// It ends without effect.
    Cancelled {},
    /// It ends without effect: this change was sealed in its place.
    Superseded { by: ChangeId },
    /// It ended without effect when its clock ran out.
    Expired {},
    /// It will be run then.
    Scheduled { not_before: Instant },
    /// It will not be run by itself any more.
    Unscheduled { code: Token },
    /// Its steps are due, one after the other. `alone`: the runner had released a hold, and nobody
    /// else of the role was left.
    Run {
        by: PersonId,
        #[serde(skip_serializing_if = "std::ops::Not::not", default)]
        alone: bool,
    },
    /// What was done is being taken back.
    Unwinding {},
    /// One person asked for it to be taken back.
    AbortAsked { until: Instant },
    /// Two people took it back.
    Aborted {},
    /// A check found another base than planned; nothing was changed.
    Invalidated { service: Service, code: Token },
    /// All that was done is taken back.
    Failed {},
    /// Needs a person.
    Indeterminate {},
    /// One person said how it ended.
    ReconcileAsked { outcome: Reconciled, until: Instant },
    /// One holder of each slot said how it ended, and the observations agree.
    Reconciled { outcome: Reconciled, unverified: bool },
    /// It is so.
    Effective {},
    /// What was done is to be reviewed.
    ReviewDue { review_by: Instant },
    /// It was not reviewed in time, and may still be.
    ReviewOverdue { review_by: Instant },
    /// A service that was not observed before was read afterwards.
    ReadLate { service: Service },
    /// It was reviewed.
    Reviewed {},
    /// Nothing of it is left to do.
    Closed {},
    /// Another system may carry it out, once and before this instant.
    WarrantIssued { until: Instant },
    /// A machine identity carries it out.
    WarrantUsed {},
    /// A person ended its warrant before its time.
    WarrantRevoked {},
}

/// What happened to one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[allow(missing_docs, reason = "the fields are ids of what the variant's comment names")]
pub enum StepEvent {
    /// An executor is about to act.
    Intended { nonce: Nonce },
    /// The step's effect is there.
    Done {},
    /// Nothing changed; the step is due again.
    Late {},
    /// Nothing changed, and it will not.
    Refused { code: Token },
    /// Nobody knows.
    Unknown { code: Token },
    /// The executor did not answer for too long after its intent.
    Silent {},
    /// The outcome of an intent whose change had ended already.
    LateOutcome { outcome: Outcome },
}

macro_rules! names {
    ($($name:ident = $word:literal),+ $(,)?) => {
        /// The name of a change's event: what a kind's words are keyed by.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[allow(missing_docs, reason = "each is named as the event")]
        pub enum EventName { $($name,)+ }

        impl EventName {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// As it stands in leaves.
            pub fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }
        }

        impl ChangeEvent {
            /// Its name.
            pub fn name(&self) -> EventName {
                match self { $(Self::$name { .. } => EventName::$name,)+ }
            }
        }
    };
}

names! {
    Opened = "opened",
    ObservationAsked = "observation_asked",
    Observed = "observed",
    Escalated = "escalated",
    Attached = "attached",
    ChecklistComplete = "checklist_complete",
    Sealed = "sealed",
    SealedFlagged = "sealed_flagged",
    ApprovalRecorded = "approval_recorded",
    Approved = "approved",
    ApprovalWithdrawn = "approval_withdrawn",
    ApprovalLapsed = "approval_lapsed",
    Rejected = "rejected",
    Held = "held",
    HoldReleased = "hold_released",
    Cancelled = "cancelled",
    Superseded = "superseded",
    Expired = "expired",
    Scheduled = "scheduled",
    Unscheduled = "unscheduled",
    Run = "run",
    Unwinding = "unwinding",
    AbortAsked = "abort_asked",
    Aborted = "aborted",
    Invalidated = "invalidated",
    Failed = "failed",
    Indeterminate = "indeterminate",
    ReconcileAsked = "reconcile_asked",
    Reconciled = "reconciled",
    Effective = "effective",
    ReviewDue = "review_due",
    ReviewOverdue = "review_overdue",
    ReadLate = "read_late",
    Reviewed = "reviewed",
    Closed = "closed",
    WarrantIssued = "warrant_issued",
    WarrantUsed = "warrant_used",
    WarrantRevoked = "warrant_revoked",
}
