//! The words of rows, one line an event. A kind's file says what reads differently for it.

use crate::effect::{Effect, EngineEvent, GrantEvent, RosterEvent};
use crate::event::{ChangeEvent, StepEvent};
use model::Severity::{Critical, High, Info, Low, Medium};
use model::{Category, Severity};

/// A row before its names are filled in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Default {
    pub(super) headline: bool,
    pub(super) category: Category,
    pub(super) severity: Severity,
    pub(super) title: &'static str,
    pub(super) sentence: &'static str,
}

const fn words(
    headline: bool,
    category: Category,
    severity: Severity,
    title: &'static str,
    sentence: &'static str,
) -> Default {
    Default { headline, category, severity, title, sentence }
}

/// A change's own category stands in for this one.
const OWN: Category = Category::DeploymentPackage;

const fn headline(severity: Severity, title: &'static str, sentence: &'static str) -> Default {
    words(true, OWN, severity, title, sentence)
}

const fn entry(severity: Severity, title: &'static str, sentence: &'static str) -> Default {
    words(false, OWN, severity, title, sentence)
}

const SESSION_OPENED: Default = words(
    false,
    Category::AccessControl,
    Info,
    "Credential issued to {people}",
    "Its hash and when it expires are recorded.",
);

#[allow(clippy::too_many_lines, reason = "a table: one line an event")]
pub(super) fn change(event: &ChangeEvent) -> Default {
    match event {
        ChangeEvent::Opened { .. } => entry(Info, "{kind} drafted{on}", "{people} opened the draft."),
        ChangeEvent::ObservationAsked {} => {
            entry(Info, "Fresh observations requested{on}", "{people} asked the services to observe again.")
        }
        ChangeEvent::Observed { .. } => entry(Info, "{service} observed the draft{on}", "Its observation is signed."),
        ChangeEvent::Escalated {} => {
            headline(Medium, "{kind} escalated{on}", "{people} escalated the draft; it may be sealed now.")
        }
        ChangeEvent::Attached { .. } => entry(Info, "Evidence attached{on}", "{people} attached evidence for {items}."),
        ChangeEvent::ChecklistComplete { .. } => {
            headline(High, "{kind} pre-reviewed{on}", "Reviewers attached {items}.")
        }
        ChangeEvent::Sealed { .. } => headline(Low, "{kind} sealed{on}", "{people} sealed it; it waits for approval."),
        ChangeEvent::SealedFlagged { .. } => {
            headline(High, "{kind} flagged for review{on}", "{people} sealed it; it waits for approval.")
        }
        ChangeEvent::ApprovalRecorded { .. } => {
            entry(Info, "Approval recorded{on}", "{people} approved as {slot}{for}.")
        }
        ChangeEvent::Approved { .. } => headline(Medium, "{kind} approved{on}", "{people} approved it."),
        ChangeEvent::ApprovalWithdrawn { .. } => {
            headline(Medium, "Approval withdrawn{on}", "{people} took back the approval as {slot}.")
        }
        ChangeEvent::ApprovalLapsed { .. } => headline(
            Medium,
            "Approval lapsed{on}",
            "The approval as {slot} in the name of {people} no longer counts: a role, key or deputy's entry it rests on is gone. That slot is open again.",
        ),
        ChangeEvent::Rejected { .. } => headline(Medium, "{kind} rejected{on}", "{people} rejected it as {slot}."),
        ChangeEvent::Held {} => headline(High, "Change held{on}", "{people} stopped every further step."),
        ChangeEvent::HoldReleased { .. } => {
            headline(Medium, "Hold released{on}", "{people} released the hold of {behalf}.")
        }
        ChangeEvent::Cancelled {} => headline(Low, "{kind} cancelled{on}", "{people} ended it before it was run."),
        ChangeEvent::Superseded { .. } => {
            headline(Low, "{kind} superseded{on}", "{people} sealed another change in its place.")
        }
        ChangeEvent::Expired {} => headline(Low, "{kind} expired{on}", "Its time ran out before it was run."),
        ChangeEvent::Scheduled { .. } => {
            headline(Medium, "{kind} scheduled{on}", "{people} ordered it to be run at {until}.")
        }
        ChangeEvent::Unscheduled { .. } => {
            headline(Medium, "{kind} not started{on}", "It no longer starts by itself: {code}.")
        }
        ChangeEvent::Run { alone: true, .. } => headline(
            Medium,
            "{kind} run by the person who released its hold{on}",
            "{people} ordered it to be carried out after releasing a hold; nobody else of the role was left.",
        ),
        ChangeEvent::Run { .. } => {
            headline(Medium, "{kind} run{on}", "{people} ordered the approved plan to be carried out.")
        }
        ChangeEvent::Unwinding {} => {
            headline(High, "{kind} is being taken back{on}", "The steps that were done are being undone.")
        }
        ChangeEvent::AbortAsked { .. } => headline(
            High,
            "Taking back requested{on}",
            "{people} asked to undo what was done; a second person must say so too.",
        ),
        ChangeEvent::Aborted {} => {
            headline(High, "{kind} taken back by two people{on}", "{people} was the second to ask for it.")
        }
        ChangeEvent::Invalidated { .. } => headline(
            Medium,
            "{kind} invalidated{on}",
            "{service} did not find what the plan starts from ({code}); nothing was changed.",
        ),
        ChangeEvent::Failed {} => headline(High, "{kind} failed{on}", "Everything that was done has been undone."),
        ChangeEvent::Indeterminate {} => headline(
            High,
            "{kind} needs a person{on}",
            "How a step ended is not known. Nothing else may be run there until people reconcile it.",
        ),
        ChangeEvent::ReconcileAsked { .. } => headline(
            High,
            "Reconciliation requested{on}",
            "{people} said how the change ended; one holder of each approval slot must say the same.",
        ),
        ChangeEvent::Reconciled { .. } => {
            headline(High, "{kind} reconciled{on}", "One holder of each approval slot said how it ended.")
        }
        ChangeEvent::Effective {} => headline(Medium, "{kind} effective{on}", "It is in force."),
        ChangeEvent::ReviewDue { .. } => headline(Medium, "Review due{on}", "It must be reviewed by {until}."),
        ChangeEvent::ReviewOverdue { .. } => {
            headline(High, "Review overdue{on}", "Nobody reviewed it by {until}. It can still be reviewed.")
        }
        ChangeEvent::ReadLate { .. } => {
            entry(Info, "{service} read afterwards{on}", "It had not answered before the change was run.")
        }
        ChangeEvent::Reviewed {} => headline(Info, "{kind} reviewed{on}", "{people} reviewed what was done."),
        ChangeEvent::Closed {} => entry(Info, "{kind} closed{on}", "Nothing is left to do."),
        ChangeEvent::WarrantIssued { .. } => {
            entry(Info, "Warrant issued{on}", "Another system may carry the change out once, before {until}.")
        }
        ChangeEvent::WarrantUsed {} => {
            headline(Medium, "Warrant used{on}", "{people} reported that it carries the change out now.")
        }
        ChangeEvent::WarrantRevoked {} => {
            headline(Medium, "Warrant revoked{on}", "{people} ended it before it was used.")
        }
    }
}

pub(super) fn step(event: &StepEvent) -> Default {
    let service = |severity, title, sentence| words(false, Category::Service, severity, title, sentence);
    match event {
        StepEvent::Intended { .. } => service(Info, "{service} is about to act{on}", "Its intent is signed."),
        StepEvent::Done {} => service(Info, "{service} has acted{on}", "Its outcome is signed."),
        StepEvent::Late {} => {
            service(Low, "{service} did not begin in time{on}", "Nothing changed; the step is due again.")
        }
        StepEvent::Refused { .. } => {
            service(Medium, "{service} refused a step{on}", "The step changed nothing: {code}.")
        }
        StepEvent::Unknown { .. } => words(
            true,
            Category::Service,
            High,
            "{service} cannot tell what became of a step{on}",
            "A person must look: {code}.",
        ),
        StepEvent::Silent {} => words(
            true,
            Category::Service,
            High,
            "{service} has gone silent{on}",
            "A step is its to carry out, and nothing was heard of it for too long. A person must look.",
        ),
        StepEvent::LateOutcome { .. } => words(
            true,
            Category::Integrity,
            High,
            "{service} reported a step late{on}",
            "Its change had ended by then, or waited for people to say how it ended. The report changes nothing.",
        ),
    }
}

pub(super) fn engine(event: &EngineEvent) -> Default {
    match event {
        EngineEvent::Switched { .. } => {
            entry(Info, "Route switched for {engine}", "Visitors are served by the next generation.")
        }
        EngineEvent::Read { .. } => entry(
            Info,
            "{engine} read again",
            "What serves is known again, after a change on it had ended without anybody reading it.",
        ),
        EngineEvent::Certified { .. } => entry(Info, "Bundle certified for {engine}", "It can be rolled back to."),
        EngineEvent::Popped { .. } => words(
            false,
            Category::Rollback,
            Info,
            "Bundle withdrawn for {engine}",
            "It is no longer a target of rollbacks.",
        ),
        EngineEvent::Restarted { failed: 0, .. } => words(
            true,
            Category::Service,
            High,
            "Storefront process restarted for {engine}",
            "What serves died or hung on {node}; {restarts}.",
        ),
        EngineEvent::Restarted { .. } => words(
            true,
            Category::Service,
            Critical,
            "Storefront process cannot be restarted for {engine}",
            "What serves died or hung on {node}; {restarts}.",
        ),
        EngineEvent::Rehearsed { .. } => words(
            false,
            Category::Rollback,
            Info,
            "Bundle tried on {engine}",
            "It was started beside what serves, was healthy, and was stopped again.",
        ),
        EngineEvent::CredentialChanged { credential: Some(_), .. } => words(
            false,
            Category::AiLeasing,
            Info,
            "Credential given to a process of {engine}",
            "By it the process uses the AI lease that it is bound to, while it serves. Its hash is recorded.",
        ),
        EngineEvent::CredentialChanged { .. } => words(
            false,
            Category::AiLeasing,
            Info,
            "Credential of a process of {engine} over",
            "It uses no AI lease any more.",
        ),
        EngineEvent::Regressed { .. } => {
            words(true, Category::Service, High, "Release health regressed on {engine}", "{counted}.")
        }
    }
}

pub(super) fn grant(event: &GrantEvent) -> Default {
    match event {
        GrantEvent::Started { until: Some(_), .. } => {
            entry(Info, "{kind} in force{on}", "It ends by itself at {until}.")
        }
        GrantEvent::Revoked { .. } => headline(Medium, "{kind} revoked{on}", "{people} ended it before its time."),
        GrantEvent::Started { until: None, .. } => entry(Info, "{kind} in force{on}", "It holds until it is revoked."),
        GrantEvent::Ended { node: Some(_), .. } => {
            entry(Info, "{kind} over{on}", "{service} on {node} has read back that it no longer holds.")
        }
        GrantEvent::Ended { .. } => entry(Info, "{kind} over{on}", "{service} has read back that it no longer holds."),
        GrantEvent::Used { .. } => words(
            false,
            Category::Billing,
            Info,
            "Lease usage reported{on}",
            "{cycles} cycles were used in the period that ended at {until}.",
        ),
    }
}

pub(super) fn roster(event: &RosterEvent) -> Default {
    let row = |headline, severity, title, sentence| words(headline, Category::Roster, severity, title, sentence);
    match event {
        RosterEvent::Changed { joined, left, altered, .. } => {
            let nobody = joined.is_empty() && left.is_empty() && altered.is_empty();
            let sentence = if nobody {
                "Services, nodes, machines or log keys differ."
            } else {
                "The entries of {people} differ."
            };
            row(false, Info, "Roster in force", sentence)
        }
        RosterEvent::SuspensionAsked { .. } => row(
            true,
            High,
            "Suspension of a key requested",
            "A second person must say so too before the key of {people} is suspended.",
        ),
        RosterEvent::KeySuspended { .. } => {
            row(true, High, "Key suspended", "A key of {people} signs nothing any more.")
        }
    }
}

/// Another log's head, in this one.
fn committed(title: &'static str, sentence: &'static str) -> Default {
    words(false, Category::Integrity, Info, title, sentence)
}

pub(super) fn other(effect: &Effect) -> Default {
    match effect {
        Effect::LedgerFounded {} => {
            words(true, Category::Roster, Info, "Ledger founded", "The founders signed the first roster.")
        }
        Effect::TenantRegistered { .. } => words(
            false,
            Category::AccessControl,
            Info,
            "Tenant registered: {tenant}",
            "Engines can be registered for it now.",
        ),
        Effect::EngineRegistered { .. } => entry(Info, "Engine registered: {engine}", "Nothing serves there yet."),
        Effect::ResourcePublished { .. } => entry(Info, "{sort} published: {resource}", "Packages may name it now."),
        Effect::ResourceCertified { .. } => entry(
            Info,
            "{sort} certified: {resource}",
            "Platform Services holds it, every byte as its digest says, and it is what it was published as.",
        ),
        Effect::ResourceRefused { .. } => headline(
            Medium,
            "{sort} not certified: {resource}",
            "Platform Services found that it is not what it was published as ({code}). No package with it can be sealed.",
        ),
        Effect::ResourceRecalled { .. } => {
            headline(High, "{sort} recalled: {resource}", "{people} recalled it: no plan may name it any more.")
        }
        Effect::SettingChanged { .. } => {
            words(false, Category::Settings, Info, "{setting}: a new document is in force", "It was countersigned.")
        }
        Effect::RefusalsSummed { .. } => words(
            false,
            Category::Integrity,
            Low,
            "Repeated refusals counted",
            "The same refusal, again within a minute.",
        ),
        Effect::EventsHead { .. } => committed("Events log committed", "How far it has grown is recorded in this log."),
        Effect::JournalHead { .. } => committed(
            "Journal of AI leases committed",
            "How far it has grown is recorded in this log: it is not believed any more once it has less.",
        ),
        Effect::ClockSkewed { .. } => words(
            true,
            Category::Integrity,
            Medium,
            "The clock of {service} differs",
            "Its report was recorded; it begins nothing until its clock is set.",
        ),
        Effect::ServiceDistrusted { .. } => words(
            true,
            Category::Integrity,
            Critical,
            "{service} signed something it does not know",
            "Somebody else may hold its key; it begins no step until the key is replaced.",
        ),
        Effect::SessionOpened { .. } => SESSION_OPENED,
        // These have their own tables.
        Effect::Change { event, .. } => change(event),
        Effect::Step { event, .. } => step(event),
        Effect::Engine { event, .. } => engine(event),
        Effect::Grant { event, .. } => grant(event),
        Effect::Roster { event } => roster(event),
    }
}
