//! What each refusal says: what was missing, and what would unblock it.

use super::Refusal;
use crate::kind::roles_title;
use model::{ChangeId, PersonId, Status};

fn say(what: &str, next: &str) -> (String, String) {
    (what.to_owned(), next.to_owned())
}

/// Another change keeps what this one needs: where it stands, and the way out.
fn locked(by: ChangeId, status: Status, held_by: Option<String>) -> (String, String) {
    let by = by.short();
    match (status, held_by) {
        (Status::Indeterminate, _) => (
            format!("change {by} ended without anybody knowing how, and keeps what this one needs"),
            format!("one holder of each of its slots says how it ended: `countersign change reconcile {by}`"),
        ),
        (_, Some(holder)) => (
            format!("change {by} is being carried out and is held by {holder}"),
            format!(
                "{holder} or an auditor releases the hold (`countersign change release {by}`), or two people take it back (`countersign change abort {by}`)"
            ),
        ),
        _ => (format!("change {by} is being carried out here"), format!("follow it: `countersign change show {by}`")),
    }
}

impl Refusal {
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
                let roles = roles_title(needed);
                (format!("this needs the role {roles}"), format!("ask a {roles}"))
            }
            Self::RoleTooNew { sealed } => (
                format!("the role was given after the package was sealed (entry {sealed})"),
                "somebody who held the role before must approve, or it is sealed anew".to_owned(),
            ),
            Self::NotDeputy { of } => (
                format!("the roster does not name this person as a deputy of {} now", name(of)),
                "sign for yourself, or ask for a roster change".to_owned(),
            ),
            Self::MachineMayNot {} => {
                say("a machine identity opens drafts and attaches evidence, nothing else", "ask a person")
            }
            Self::StatusWrong { status } => (
                format!("the change is {}", status.title().to_lowercase()),
                "see `countersign change show` for what is possible now".to_owned(),
            ),
            Self::RevisionStale { current } => {
                (format!("revision {current} is current"), format!("review revision {current} and sign that"))
            }
            Self::DigestsDiffer {} => say(
                "package, plan or requirement differ from the current ones",
                "review the current revision and sign that",
            ),
            Self::ReasonMissing {} => say("this kind of change needs a reason", "open the draft again with `--reason`"),
            Self::ObservationMissing { service } => (
                format!("{} has not observed this draft yet", service.title()),
                format!("wait a moment; if it stays so, see whether {} is live", service.title()),
            ),
            Self::ObservationStale { service } => (
                format!("the observation of {} is older than 10 minutes", service.title()),
                "open the draft again with the same contents, and it is observed anew".to_owned(),
            ),
            Self::ArtifactUnknown {} => {
                say("no artifact of this digest is published", "publish it first: `countersign publish`")
            }
            Self::ArtifactNotHeld {} => {
                say("Platform Services does not hold this artifact", "upload it again: `countersign publish`")
            }
            Self::PlacementInsufficient { needed_mib, free_mib } => (
                format!("blocked on node placement: {needed_mib} MiB are needed, {free_mib} MiB are left"),
                "make room on this node, or choose a smaller release; then open the draft again".to_owned(),
            ),
            Self::BaseDrifted {} => say(
                "the engine is not as the plan expects it",
                "open it again as a new revision, and it is planned anew",
            ),
            Self::NothingBelow {} => {
                say("there is no certified bundle below the serving one", "deploy a release instead")
            }
            Self::AlreadyServing {} => {
                say("the target of this rollback serves already", "run it once a deployment has changed what serves")
            }
            Self::NotLastCertified { certified } => (
                "only the last certified bundle can serve again".to_owned(),
                format!("open it for the artifact {}", certified.short()),
            ),
            Self::Unsatisfiable { slot } => (
                format!("no distinct person other than the author could fill the slot {}", roles_title(slot)),
                "ask for a roster change that gives another person that role: `countersign person add`".to_owned(),
            ),
            Self::SlotUnknown { slot } => {
                (format!("this change has no slot {slot}"), "see `countersign change show` for its slots".to_owned())
            }
            Self::SlotFilled { slot, by } => (
                format!("{} fills the slot {} already", name(by), roles_title(slot)),
                "another slot may still be open".to_owned(),
            ),
            Self::AuthorMayNotApprove {} => say(
                "who asked for or sealed a change may not decide on it",
                "another person must; its author can cancel it",
            ),
            Self::OnePersonOneSlot { filled } => (
                format!("this person fills the slot {} already; one person fills one slot", roles_title(filled)),
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
                format!("{} no longer holds the role or key of the slot {}", name(person), roles_title(slot)),
                "the slot must be filled again".to_owned(),
            ),
            Self::SlotsOpen { slots } => {
                let titles: Vec<_> = slots.iter().map(|slot| roles_title(slot)).collect();
                (format!("not approved yet: {}", titles.join(" and ")), "these slots must be filled first".to_owned())
            }
            Self::OutsideWindow { from, until } => {
                (format!("its window is {from} to {until}"), "run it within its window".to_owned())
            }
            Self::Locked { by, status, held_by } => locked(*by, *status, held_by.as_ref().map(name)),
            Self::Taken {} => say("an id, port or digest of this is registered already", "choose another one"),
            Self::StepNotDue {} => say("this step is not due for this service", "pull the ledger and ask what is due"),
            Self::IntentOpen {} => say("this step has an intent without an outcome", "report its outcome first"),
            Self::IntentUnknown {} => say("no open intent has this number", "pull the ledger and ask what is open"),
            _ => self.message_of_newer(name),
        }
    }

    #[allow(clippy::too_many_lines, reason = "a table: one row a refusal")]
    fn message_of_newer(&self, name: &dyn Fn(&PersonId) -> String) -> (String, String) {
        let again = "pull the ledger and sign again";
        match self {
            Self::ReceiptForeign {} => say("the receipt is of another service or node than the step", again),
            Self::ReceiptKey {} => say("the receipt names another key than follows from the step", again),
            Self::ReceiptActBy { most_ms } => {
                (format!("the intent's end is past, or more than {} s ahead", most_ms / 1_000), again.to_owned())
            }
            Self::ReceiptObserved { expected } => (
                format!("what was observed is not {}, which the plan names", expected.short()),
                "read it again; if it stays so, refuse the step".to_owned(),
            ),
            Self::ReceiptCode {} => say("a refused or unknown outcome must say why", again),
            Self::ReceiptClock { at } => (
                format!("the receipt was signed at {at}, more than 2 minutes from the ledger's clock"),
                "set the clock of that machine".to_owned(),
            ),
            Self::ReceiptTooEarly { needed } => {
                (format!("the service has not verified entry {needed}, which this is about"), again.to_owned())
            }
            Self::ServiceDistrusted {} => say(
                "this service's key signed an intent that the service does not know",
                "replace its key by a roster change: `countersign node key`",
            ),
            Self::ArtifactRecalled {} => {
                say("the artifact was recalled", "name another one, or lift the recall by a settings change")
            }
            Self::ProvenOnUnknown {} => {
                say("the engine that shall prove the release is unknown, or the same one", "name another engine")
            }
            Self::NotProven { on } => (
                format!("not proven on engine {}: the release is not effective and certified there", on.short()),
                "deploy it there first".to_owned(),
            ),
            Self::NothingServes {} => say("nothing serves on this engine", "undrain it, or deploy a release"),
            Self::NotDrained {} => say("this engine is not drained", "there is nothing to undrain"),
            Self::NothingCertified {} => say("nothing was ever certified on this engine", "deploy a release instead"),
            Self::QuotaNotRaised {} => say(
                "each limit that is asked for must be above one that the tenant's terms have",
                "see the tenant's terms, and ask for more than they allow",
            ),
            Self::QuotaExceeded { limit, needed, allowed } => (
                format!("above the tenant's quota: {needed} {} are needed, {allowed} are allowed now", limit.title()),
                "ask for a quota exception: `countersign change new --kind quota-exception`".to_owned(),
            ),
            Self::SlotUnsound {} => say("the second slot names no role, or not in order", "name one role or more"),
            Self::DocumentUnsound {} => say(
                "the document that should be in force does not hold together",
                "write it again from the one in force",
            ),
            Self::RulesMustRise {} => say("the number of the rules only rises", "name a higher number"),
            Self::KindUnreachable { kinds } => {
                let titles: Vec<_> = kinds.iter().map(|kind| kind.title()).collect();
                (
                    format!("afterwards nobody could open, approve and run: {}", titles.join(", ")),
                    "keep enough people for each kind".to_owned(),
                )
            }
            Self::KeyReturns { key } => (
                format!("the key {} was listed before; it never returns", key.short()),
                "make a new one: `countersign key new`".to_owned(),
            ),
            Self::PossessionMissing {} => say(
                "a new key comes without proof that its holder has it",
                "its holder signs the challenge: `countersign key prove`",
            ),
            Self::WindowWrong {} => {
                say("this kind of change has no window, or needs one", "open it again without, or with, a window")
            }
            Self::UntilWrong { most_ms: None } => {
                say("this kind of change grants nothing for a time", "leave the time out")
            }
            Self::UntilWrong { most_ms: Some(most) } => (
                format!("it must say for how long, at most {} hours", most / 3_600_000),
                "open it again with such a time".to_owned(),
            ),
            Self::SupersedesWrong {} => say(
                "the change it should replace is not an open one of the same kind about the same, or has been run",
                "name such a change, or none",
            ),
            Self::NotEscalated { by } => (
                format!("the draft is read-only until a {} escalates it", roles_title(by)),
                "ask for its escalation: `countersign change escalate`".to_owned(),
            ),
            Self::NothingToEscalate {} => say("this draft is not read-only", "seal it"),
            Self::ItemUnknown {} => {
                say("the checklist has no such item", "see `countersign change show` for its items")
            }
            Self::ChecklistOpen { items } => {
                let items: Vec<_> = items.iter().map(ToString::to_string).collect();
                (
                    format!("the checklist is not complete: {}", items.join(", ")),
                    "attach evidence: `countersign change attach`".to_owned(),
                )
            }
            Self::Concerned {} => say(
                "whom a roster change gives something to, or takes something from, decides nothing about it",
                "another person must; they may ask for another roster change",
            ),
            Self::Cooling { until } => {
                (format!("it cools until {until}"), "run it afterwards, or schedule it with `--not-before`".to_owned())
            }
            Self::RequirementChanged {} => say(
                "another requirement would hold now than the one it was approved under",
                "open it again as a new revision, seal it, and have it approved again",
            ),
            Self::NotScheduled {} => say("there are no steps to carry out later", "run it without `--not-before`"),
            Self::NothingGranted {} => say("this change grants nothing now", "there is nothing to revoke"),
            Self::ReviewerNotDistinct {} => {
                say("who asked for or approved a change does not review it", "another person must")
            }
            Self::ReadingMissing { service } => (
                format!("{} has not been read since the change was carried out", service.title()),
                format!("wait until {} is live again", service.title()),
            ),
            Self::ReviewOverdue { change } => (
                format!("the review of change {} is overdue", change.short()),
                format!("have it reviewed first: `countersign change review {}`", change.short()),
            ),
            Self::AbortNotHeld {} => {
                say("only a held change is taken back", "hold it first: `countersign change hold`")
            }
            Self::NotUndoable {} => say("a step that was done cannot be undone", "release the hold and let it end"),
            Self::SecondPerson {} => say("the second word must be another person's", "ask another person"),
            Self::BothAuthors {} => say("both have asked for this change", "one of the two must be somebody else"),
            Self::NotReconciled { service } => (
                format!("{} was not read since, or says otherwise", service.title()),
                "ask for observations (`countersign change observe`) and say what they show".to_owned(),
            ),
            Self::SuspendsLast {} => say(
                "afterwards nobody could ask for a roster change that adds a person",
                "the key's own holder can suspend it at once",
            ),
            Self::KeyUnknown {} => {
                say("that is not an active key of that person", "see the roster: `countersign person ls`")
            }
            _ => {
                let _ = name;
                (self.code().to_owned(), again.to_owned())
            }
        }
    }
}
