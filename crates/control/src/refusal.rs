//! Every way to be refused: a stable code, what was missing, and what would unblock it.

use crate::Row;
use model::{Category, ChangeId, Digest, Instant, PersonId, Role, Service, Severity, Status};
use serde::{Deserialize, Serialize};

/// A refusal as it stands in the leaf: codes and ids, no text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Refusal {
    /// The signer's key is not theirs now.
    KeyNotActive {},
    /// Signed too long ago.
    StatementExpired {
        /// When it ended.
        not_after: Instant,
    },
    /// Not-after further away than a statement may be.
    NotAfterTooFar {},
    /// The signer had not yet seen the sealed package.
    SeenTooEarly {
        /// Size a later checkpoint must exceed.
        needed: u64,
    },
    /// The role is missing.
    RoleMissing {
        /// Which.
        needed: Role,
    },
    /// The change does not stand where this is possible.
    StatusWrong {
        /// Where it stands.
        status: Status,
    },
    /// Another revision is current.
    RevisionStale {
        /// Which.
        current: u32,
    },
    /// Package, plan or requirement are not the sealed ones.
    DigestsDiffer {},
    /// This kind needs a reason.
    ReasonMissing {},
    /// An executor has not observed yet.
    ObservationMissing {
        /// Which.
        service: Service,
    },
    /// An observation is too old to plan on.
    ObservationStale {
        /// Which.
        service: Service,
    },
    /// No such artifact is published.
    ArtifactUnknown {},
    /// Platform Services does not hold the artifact.
    ArtifactNotHeld {},
    /// Blocked on placement.
    PlacementInsufficient {
        /// Needed, MiB.
        needed_mib: u32,
        /// Left, MiB.
        free_mib: u32,
    },
    /// The engine is not as recorded or planned.
    BaseDrifted {},
    /// There is no certified bundle below the serving one.
    NothingBelow {},
    /// The rollback's target serves already.
    AlreadyServing {},
    /// A rollback goes to the last certified bundle below the serving one.
    NotLastCertified {
        /// Its artifact.
        certified: Digest,
    },
    /// No distinct people could fill the slots.
    Unsatisfiable {
        /// A slot nobody could fill.
        slot: Role,
    },
    /// The kind has no such slot.
    SlotUnknown {
        /// Which.
        slot: Role,
    },
    /// Somebody fills it already.
    SlotFilled {
        /// Which.
        slot: Role,
        /// Who.
        by: PersonId,
    },
    /// Who asked for a change neither approves nor rejects it.
    AuthorMayNotApprove {},
    /// One person fills one slot.
    OnePersonOneSlot {
        /// The slot this person fills.
        filled: Role,
    },
    /// There is nothing to take back.
    NoApproval {},
    /// It is held.
    Held {
        /// By whom.
        by: PersonId,
    },
    /// It is not held.
    NotHeld {},
    /// Who released a hold does not run that revision.
    ReleaserMayNotRun {},
    /// An approver no longer holds the role or the key.
    ApproverNotEligible {
        /// The slot.
        slot: Role,
        /// The person.
        person: PersonId,
    },
    /// Not all slots are filled.
    SlotsOpen {
        /// Which are not.
        slots: Vec<Role>,
    },
    /// Outside its window.
    OutsideWindow {
        /// From.
        from: Instant,
        /// Until.
        until: Instant,
    },
    /// Another change is being carried out there.
    Locked {
        /// Which.
        by: ChangeId,
    },
    /// An id, port or digest that is taken.
    Taken {},
    /// The step is not this service's, or not due.
    StepNotDue {},
    /// The step has an intent without outcome.
    IntentOpen {},
    /// The outcome names no open intent.
    IntentUnknown {},
    /// The receipt's numbers do not fit.
    ReceiptWrong {},
}

impl Refusal {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::KeyNotActive {} => "key.not_active",
            Self::StatementExpired { .. } => "statement.expired",
            Self::NotAfterTooFar {} => "statement.not_after_too_far",
            Self::SeenTooEarly { .. } => "statement.seen_too_early",
            Self::RoleMissing { .. } => "role.missing",
            Self::StatusWrong { .. } => "change.status",
            Self::RevisionStale { .. } => "change.revision_stale",
            Self::DigestsDiffer {} => "change.digests_differ",
            Self::ReasonMissing {} => "change.reason_missing",
            Self::ObservationMissing { .. } => "observation.missing",
            Self::ObservationStale { .. } => "observation.stale",
            Self::ArtifactUnknown {} => "artifact.unknown",
            Self::ArtifactNotHeld {} => "artifact.not_held",
            Self::PlacementInsufficient { .. } => "placement.insufficient",
            Self::BaseDrifted {} => "base.drifted",
            Self::NothingBelow {} => "rollback.nothing_below",
            Self::AlreadyServing {} => "rollback.already_serving",
            Self::NotLastCertified { .. } => "rollback.not_last_certified",
            Self::Unsatisfiable { .. } => "slot.unsatisfiable",
            Self::SlotUnknown { .. } => "slot.unknown",
            Self::SlotFilled { .. } => "slot.filled",
            Self::AuthorMayNotApprove {} => "approve.author",
            Self::OnePersonOneSlot { .. } => "approve.same_person",
            Self::NoApproval {} => "withdraw.no_approval",
            Self::Held { .. } => "change.held",
            Self::NotHeld {} => "change.not_held",
            Self::ReleaserMayNotRun {} => "run.releaser",
            Self::ApproverNotEligible { .. } => "run.approver_not_eligible",
            Self::SlotsOpen { .. } => "run.slots_open",
            Self::OutsideWindow { .. } => "run.outside_window",
            Self::Locked { .. } => "run.locked",
            Self::Taken {} => "register.taken",
            Self::StepNotDue {} => "step.not_due",
            Self::IntentOpen {} => "step.intent_open",
            Self::IntentUnknown {} => "step.intent_unknown",
            Self::ReceiptWrong {} => "receipt.wrong",
        }
    }

    /// Its row: refusals count among all entries; a try to get around another person weighs more.
    pub fn row(&self) -> Row {
        let severity = match self {
            Self::AuthorMayNotApprove {}
            | Self::OnePersonOneSlot { .. }
            | Self::ReleaserMayNotRun {}
            | Self::KeyNotActive {}
            | Self::ApproverNotEligible { .. } => Severity::Medium,
            _ => Severity::Low,
        };
        Row {
            headline: false,
            category: Category::Integrity,
            severity,
            title: "Refused: {verb} for {engine}",
            sentence: "{refusal}",
        }
    }

    /// What was missing and what would unblock it; `name` says who a person is.
    #[allow(clippy::too_many_lines, reason = "a table: one row a refusal")]
    pub fn message(&self, name: &dyn Fn(&PersonId) -> String) -> (String, String) {
        let say = |what: &str, next: &str| (what.to_owned(), next.to_owned());
        match self {
            Self::KeyNotActive {} => {
                say("the key is not an active key of this person", "sign with a key the roster lists")
            }
            Self::StatementExpired { not_after } => {
                (format!("the statement ended at {not_after}"), "sign it again".to_owned())
            }
            Self::NotAfterTooFar {} => {
                say("a statement may end at most 24 hours after signing", "sign it again with a nearer end")
            }
            Self::SeenTooEarly { needed } => (
                format!("the signer's checkpoint does not cover the sealed package (entry {needed})"),
                "let your client verify the newest checkpoint and sign again".to_owned(),
            ),
            Self::RoleMissing { needed } => {
                (format!("this needs the role {}", needed.title()), format!("ask a {}", needed.title()))
            }
            Self::StatusWrong { status } => {
                let next = match status {
                    open if open.is_open() => "`countersign change show CHANGE` prints what is possible now",
                    Status::Indeterminate => "`countersign audit ls --all --change CHANGE` says which step it stands at",
                    _ => "it has ended; ask for another: `countersign change new …`",
                };
                (format!("the change is {}", status.title().to_lowercase()), next.to_owned())
            }
            Self::RevisionStale { current } => {
                (format!("revision {current} is current"), format!("review revision {current} and sign that"))
            }
            Self::DigestsDiffer {} => say(
                "package, plan or requirement differ from the current ones",
                "review the current revision and sign that",
            ),
            Self::ReasonMissing {} => say(
                "this kind of change needs a reason",
                "open it again with one: `countersign change new --change CHANGE --reason WHY …`",
            ),
            Self::ObservationMissing { service } => (
                format!("{} has not observed this draft yet", service.title()),
                format!("wait a moment; `countersign status` says whether {} answers", service.title()),
            ),
            Self::ObservationStale { service } => (
                format!("the observation of {} is older than 10 minutes", service.title()),
                "open it again, `countersign change new --change CHANGE …`, and it is observed anew".to_owned(),
            ),
            Self::ArtifactUnknown {} => {
                say(
                    "no artifact of this digest is published",
                    "publish it first: `countersign publish TAR --name NAME --key KEY`",
                )
            }
            Self::ArtifactNotHeld {} => {
                say(
                    "Platform Services does not hold this artifact",
                    "upload it again: `countersign publish TAR --name NAME --key KEY`",
                )
            }
            Self::PlacementInsufficient { needed_mib, free_mib } => (
                format!("blocked on node placement: {needed_mib} MiB are needed, {free_mib} MiB are left"),
                "make room on this node, or choose a smaller release; then open the draft again".to_owned(),
            ),
            Self::BaseDrifted {} => say(
                "the engine is not as the plan expects it",
                "open it again as a new revision, `countersign change new --change CHANGE …`, and it is planned anew",
            ),
            Self::NothingBelow {} => {
                say("there is no certified bundle below the serving one", "deploy a release instead")
            }
            Self::AlreadyServing {} => {
                say("the target of this rollback serves already", "run it once a deployment has changed what serves")
            }
            Self::NotLastCertified { certified } => (
                "a rollback goes to the last certified bundle below the serving one".to_owned(),
                format!("open it for the artifact {}", certified.short()),
            ),
            Self::Unsatisfiable { slot } => (
                format!("no distinct person other than the author could fill the slot {}", slot.title()),
                "cancel it, and let somebody open it who is not needed for its slots; the roster in \
                 `countersign audit show 0` says who holds which role, and this build cannot change it"
                    .to_owned(),
            ),
            Self::SlotUnknown { slot } => (
                format!("this kind has no slot {}", slot.title()),
                "`countersign change show CHANGE` lists its slots".to_owned(),
            ),
            Self::SlotFilled { slot, by } => (
                format!("{} fills the slot {} already", name(by), slot.title()),
                "another slot may still be open".to_owned(),
            ),
            Self::AuthorMayNotApprove {} => say(
                "who asked for or sealed a change may not decide on it",
                "another person must; its author can cancel it",
            ),
            Self::OnePersonOneSlot { filled } => (
                format!("this person fills the slot {} already; one person fills one slot", filled.title()),
                "a second person must fill the other slot".to_owned(),
            ),
            Self::NoApproval {} => {
                say("this person has approved nothing here", "only one's own approval can be withdrawn")
            }
            Self::Held { by } => (format!("{} holds this change", name(by)), "release the hold first".to_owned()),
            Self::NotHeld {} => say("nobody holds this change", "there is nothing to release"),
            Self::ReleaserMayNotRun {} => {
                say("who released a hold may not run that revision", "another operator must run it")
            }
            Self::ApproverNotEligible { slot, person } => (
                format!("{} no longer holds the role or key of the slot {}", name(person), slot.title()),
                "open it again as a new revision, `countersign change new --change CHANGE …`, and let it be approved anew"
                    .to_owned(),
            ),
            Self::SlotsOpen { slots } => {
                let titles: Vec<_> = slots.iter().map(|slot| slot.title()).collect();
                (format!("not approved yet: {}", titles.join(" and ")), "these slots must be filled first".to_owned())
            }
            Self::OutsideWindow { from, until } => {
                (format!("its window is {from} to {until}"), "run it within its window".to_owned())
            }
            Self::Locked { by } => (
                format!("change {} is being carried out on this engine", by.short()),
                "wait until it has ended".to_owned(),
            ),
            Self::Taken {} => say("an id, port or digest of this is registered already", "choose another one"),
            Self::StepNotDue {} => say("this step is not due for this service", "pull the ledger and ask what is due"),
            Self::IntentOpen {} => say("this step has an intent without an outcome", "report its outcome first"),
            Self::IntentUnknown {} => say("no open intent has this number", "pull the ledger and ask what is open"),
            Self::ReceiptWrong {} => say("the receipt's numbers do not fit the step", "pull the ledger and sign again"),
        }
    }
}
