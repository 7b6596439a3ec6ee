//! What an accepted command changes, and how a timeline says it.

use crate::Principal;
use model::{
    Category, ChangeId, Digest, EngineId, Instant, KindName, Nonce, PersonId, Role, Scope, Service, Severity, TenantId,
    Token,
};
use serde::{Deserialize, Serialize};
use warrant::StepRef;

/// One effect. The fold needs nothing but these and the command beside them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[allow(missing_docs, reason = "the fields are ids of what the variant's comment names")]
pub enum Effect {
    /// The ledger begins.
    LedgerFounded {},
    /// A tenant is known.
    TenantRegistered { tenant: TenantId },
    /// An engine is known; nothing serves.
    EngineRegistered { engine: EngineId },
    /// An artifact may be named by packages.
    ArtifactPublished { artifact: Digest },
    /// A bearer credential is good until it expires.
    SessionOpened { principal: Principal, scope: Scope },
    /// A draft's revision is open and is observed.
    DraftOpened { change: ChangeId, kind: KindName, revision: u32 },
    /// One executor has observed it.
    DraftObserved { change: ChangeId, service: Service },
    /// It waits for approval.
    PackageSealed { change: ChangeId, kind: KindName, revision: u32, approve_by: Instant },
    /// A slot is filled.
    ApprovalRecorded { change: ChangeId, slot: Role, person: PersonId },
    /// All slots are filled.
    ChangeApproved { change: ChangeId, kind: KindName, execute_by: Instant },
    /// It ends without effect.
    ChangeRejected { change: ChangeId, kind: KindName, slot: Role },
    /// A slot is open again.
    ApprovalWithdrawn { change: ChangeId, slot: Role, approve_by: Instant },
    /// No further step may begin.
    ChangeHeld { change: ChangeId },
    /// Steps may begin again.
    HoldReleased { change: ChangeId },
    /// It ends without effect.
    ChangeCancelled { change: ChangeId, kind: KindName },
    /// It ended without effect when its clock ran out.
    ChangeExpired { change: ChangeId, kind: KindName },
    /// Its steps are due, one after the other.
    ChangeRun { change: ChangeId, kind: KindName },
    /// An executor is about to act.
    StepIntended { step: StepRef, executor: Service, nonce: Nonce },
    /// The step's effect is there.
    StepDone { step: StepRef, executor: Service },
    /// Nothing changed; the step is due again.
    StepLate { step: StepRef, executor: Service },
    /// Nothing changed, and it will not.
    StepRefused { step: StepRef, executor: Service, code: Token },
    /// Nobody knows.
    StepUnknown { step: StepRef, executor: Service },
    /// The route of an engine moved to another generation.
    RouteSwitched {
        engine: EngineId,
        generation: u64,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        artifact: Option<Digest>,
    },
    /// What was done is being taken back.
    ChangeUnwinding { change: ChangeId, kind: KindName },
    /// A check found another base than planned; nothing was changed.
    ChangeInvalidated { change: ChangeId, kind: KindName, service: Service },
    /// All that was done is taken back.
    ChangeFailed { change: ChangeId, kind: KindName },
    /// Needs a person.
    ChangeIndeterminate { change: ChangeId, kind: KindName },
    /// It is so.
    ChangeEffective { change: ChangeId, kind: KindName },
    /// The engine's stack grows by what serves.
    BundleCertified { engine: EngineId, bundle: Digest },
    /// The engine's stack loses what served.
    BundlePopped { engine: EngineId, bundle: Digest },
    /// Repeats of a refusal, counted.
    RefusalsSummed { first: u64, count: u32 },
    /// The events log's head at this time.
    EventsHead { size: u64, root: Digest },
}

/// How an effect stands on the timeline. Words in braces are filled in by who knows the names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Shown by default, or among all entries only.
    pub headline: bool,
    /// Category.
    pub category: Category,
    /// Severity.
    pub severity: Severity,
    /// Title; `{engine}`, `{tenant}`, `{kind}`, `{service}`, `{artifact}`, `{verb}` may stand in it.
    pub title: &'static str,
    /// Sentence; `{people}`, `{node}`, `{slot}`, `{refusal}` may stand in it too.
    pub sentence: &'static str,
}

fn category(kind: KindName) -> Category {
    match kind {
        KindName::Deployment => Category::DeploymentPackage,
        KindName::Rollback => Category::Rollback,
    }
}

impl Effect {
    /// Its row.
    #[allow(clippy::too_many_lines, reason = "a table: one line an effect")]
    pub fn row(&self) -> Row {
        use Severity::{High, Info, Low, Medium};
        let row = |headline, category, severity, title, sentence| Row { headline, category, severity, title, sentence };
        let service = |severity, title, sentence| row(false, Category::Service, severity, title, sentence);
        match self {
            Self::LedgerFounded {} => {
                row(true, Category::Roster, Info, "Ledger founded", "The founders signed the first roster.")
            }
            Self::TenantRegistered { .. } => {
                row(false, Category::AccessControl, Info, "Tenant registered: {tenant}", "A tenant is known.")
            }
            Self::EngineRegistered { .. } => row(
                false,
                Category::DeploymentPackage,
                Info,
                "Engine registered: {engine}",
                "Nothing serves there yet.",
            ),
            Self::ArtifactPublished { .. } => row(
                false,
                Category::DeploymentPackage,
                Info,
                "Artifact published: {artifact}",
                "It may be named by packages.",
            ),
            Self::SessionOpened { .. } => row(
                false,
                Category::AccessControl,
                Info,
                "Credential issued to {people}",
                "Its hash and its end are recorded.",
            ),
            Self::DraftOpened { kind, .. } => {
                row(false, category(*kind), Info, "{kind} drafted for {engine}", "The executors observe it.")
            }
            Self::DraftObserved { .. } => {
                service(Info, "{service} observed the draft for {engine}", "Its observation is signed.")
            }
            Self::PackageSealed { kind: KindName::Rollback, .. } => row(
                true,
                Category::Rollback,
                Medium,
                "Rollback package staged for {engine}",
                "The last certified SaaS storefront bundle remains available{blocked}.",
            ),
            Self::PackageSealed { kind, .. } => row(
                true,
                category(*kind),
                Low,
                "{kind} sealed for {engine}",
                "{people} sealed it; it waits for approval.",
            ),
            Self::ApprovalRecorded { .. } => {
                service(Info, "Approval recorded for {engine}", "{people} filled the slot {slot}.")
            }
            Self::ChangeApproved { kind, .. } => row(
                true,
                category(*kind),
                Medium,
                "{kind} approved for {engine}",
                "{people} approved the storefront package for {node}.",
            ),
            Self::ChangeRejected { kind, .. } => {
                row(true, category(*kind), Medium, "{kind} rejected for {engine}", "{people} rejected it.")
            }
            Self::ApprovalWithdrawn { .. } => row(
                true,
                Category::AccessControl,
                Medium,
                "Approval withdrawn for {engine}",
                "{people} took an approval back.",
            ),
            Self::ChangeHeld { .. } => row(
                true,
                Category::AccessControl,
                High,
                "Change held for {engine}",
                "{people} stopped every further step.",
            ),
            Self::HoldReleased { .. } => {
                row(true, Category::AccessControl, Medium, "Hold released for {engine}", "{people} let it go on.")
            }
            Self::ChangeCancelled { kind, .. } => {
                row(true, category(*kind), Low, "{kind} cancelled for {engine}", "{people} ended it before it was run.")
            }
            Self::ChangeExpired { kind, .. } => {
                row(true, category(*kind), Low, "{kind} expired for {engine}", "Its time ran out before it was run.")
            }
            Self::ChangeRun { kind, .. } => row(
                true,
                category(*kind),
                Medium,
                "{kind} run for {engine}",
                "{people} ordered the approved plan to be carried out on {node}.",
            ),
            Self::StepIntended { .. } => {
                service(Info, "{service} is about to act for {engine}", "Its intent is signed.")
            }
            Self::StepDone { .. } => service(Info, "{service} has acted for {engine}", "Its outcome is signed."),
            Self::StepLate { .. } => {
                service(Low, "{service} did not begin in time for {engine}", "Nothing changed; the step is due again.")
            }
            Self::StepRefused { .. } => {
                service(Medium, "{service} refused a step for {engine}", "Nothing changed by it.")
            }
            Self::StepUnknown { .. } => row(
                true,
                Category::Service,
                High,
                "{service} cannot tell what became of a step for {engine}",
                "A person must look.",
            ),
            Self::RouteSwitched { .. } => row(
                false,
                Category::DeploymentPackage,
                Info,
                "Route switched for {engine}",
                "The front serves the next generation.",
            ),
            Self::ChangeUnwinding { kind, .. } => {
                row(true, category(*kind), High, "{kind} is taken back for {engine}", "A step was refused.")
            }
            Self::ChangeInvalidated { kind, .. } => row(
                true,
                category(*kind),
                Medium,
                "{kind} invalidated for {engine}",
                "{service} found another base than planned; nothing was changed.",
            ),
            Self::ChangeFailed { kind, .. } => {
                row(true, category(*kind), High, "{kind} failed for {engine}", "All that was done is taken back.")
            }
            Self::ChangeIndeterminate { kind, .. } => row(
                true,
                category(*kind),
                High,
                "{kind} needs a person for {engine}",
                "It is stuck and keeps its locks.",
            ),
            Self::ChangeEffective { kind: KindName::Rollback, .. } => row(
                true,
                Category::Rollback,
                Medium,
                "Rollback effective for {engine}",
                "The last certified bundle serves again.",
            ),
            Self::ChangeEffective { kind, .. } => {
                row(true, category(*kind), Medium, "{kind} effective for {engine}", "The new release serves on {node}.")
            }
            Self::BundleCertified { .. } => row(
                false,
                Category::DeploymentPackage,
                Info,
                "Bundle certified for {engine}",
                "It can be rolled back to.",
            ),
            Self::BundlePopped { .. } => row(
                false,
                Category::Rollback,
                Info,
                "Bundle withdrawn for {engine}",
                "It is no longer a target of rollbacks.",
            ),
            Self::RefusalsSummed { .. } => row(
                false,
                Category::Integrity,
                Low,
                "Repeated refusals counted",
                "The same refusal, again within a minute.",
            ),
            Self::EventsHead { .. } => {
                row(false, Category::Integrity, Info, "Events log committed", "Its head is a leaf of this log.")
            }
        }
    }

    /// The change it belongs to.
    pub fn change(&self) -> Option<ChangeId> {
        match self {
            Self::DraftOpened { change, .. }
            | Self::DraftObserved { change, .. }
            | Self::PackageSealed { change, .. }
            | Self::ApprovalRecorded { change, .. }
            | Self::ChangeApproved { change, .. }
            | Self::ChangeRejected { change, .. }
            | Self::ApprovalWithdrawn { change, .. }
            | Self::ChangeHeld { change }
            | Self::HoldReleased { change }
            | Self::ChangeCancelled { change, .. }
            | Self::ChangeExpired { change, .. }
            | Self::ChangeRun { change, .. }
            | Self::ChangeUnwinding { change, .. }
            | Self::ChangeInvalidated { change, .. }
            | Self::ChangeFailed { change, .. }
            | Self::ChangeIndeterminate { change, .. }
            | Self::ChangeEffective { change, .. } => Some(*change),
            Self::StepIntended { step, .. }
            | Self::StepDone { step, .. }
            | Self::StepLate { step, .. }
            | Self::StepRefused { step, .. }
            | Self::StepUnknown { step, .. } => Some(step.change),
            _ => None,
        }
    }
}
