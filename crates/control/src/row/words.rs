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

const SESSION_OPENED: Default =
    words(false, Category::AccessControl, Info, "Credential issued to {people}", "Its hash and its end are recorded.");

#[allow(clippy::too_many_lines, reason = "a table: one line an event")]
pub(super) fn change(event: &ChangeEvent) -> Default {
    match event {
        ChangeEvent::Opened { .. } => entry(Info, "{kind} drafted{on}", "{people} opened the draft."),
        ChangeEvent::ObservationAsked {} => {
            entry(Info, "Observations asked for{on}", "{people} asked the services to observe again.")
        }
        ChangeEvent::Observed { .. } => entry(Info, "{service} observed the draft{on}", "Its observation is signed."),
        ChangeEvent::Escalated {} => {
            headline(Medium, "{kind} escalated{on}", "{people} escalated the draft; it may be sealed now.")
        }
        ChangeEvent::Attached { .. } => entry(Info, "Evidence attached{on}", "{people} attached evidence to {items}."),
        ChangeEvent::ChecklistComplete { .. } => {
            headline(High, "{kind} pre-reviewed{on}", "Reviewers attached {items}.")
        }
        ChangeEvent::Sealed { .. } => headline(Low, "{kind} sealed{on}", "{people} sealed it; it waits for approval."),
        ChangeEvent::ApprovalRecorded { .. } => {
            entry(Info, "Approval recorded{on}", "{people} filled the slot {slot}{for}.")
        }
        ChangeEvent::Approved { .. } => headline(Medium, "{kind} approved{on}", "{people} approved it."),
        ChangeEvent::ApprovalWithdrawn { .. } => {
            headline(Medium, "Approval withdrawn{on}", "{people} took the approval of {slot} back.")
        }
        ChangeEvent::ApprovalLapsed { .. } => headline(
            Medium,
            "Approval lapsed{on}",
            "{people} lost the role or key of the slot {slot}; it is open again.",
        ),
        ChangeEvent::Rejected { .. } => headline(Medium, "{kind} rejected{on}", "{people} rejected it as {slot}."),
        ChangeEvent::Held {} => headline(High, "Change held{on}", "{people} stopped every further step."),
        ChangeEvent::HoldReleased { .. } => {
            headline(Medium, "Hold released{on}", "{people} released the hold of {behalf}.")
        }
        ChangeEvent::Cancelled {} => headline(Low, "{kind} cancelled{on}", "{people} ended it before it was run."),
        ChangeEvent::Superseded { .. } => {
            headline(Low, "{kind} superseded{on}", "{people} sealed another one in its place.")
        }
        ChangeEvent::Expired {} => headline(Low, "{kind} expired{on}", "Its time ran out before it was run."),
        ChangeEvent::Scheduled { .. } => {
            headline(Medium, "{kind} scheduled{on}", "{people} ordered it to be run at {until}.")
        }
        ChangeEvent::Unscheduled { .. } => {
            headline(Medium, "{kind} not started{on}", "It is not scheduled any more: {code}.")
        }
        ChangeEvent::Run { alone: true, .. } => headline(
            Medium,
            "{kind} run by who had released it{on}",
            "{people} ordered it to be carried out after releasing a hold; nobody else of the role was left.",
        ),
        ChangeEvent::Run { .. } => {
            headline(Medium, "{kind} run{on}", "{people} ordered the approved plan to be carried out.")
        }
        ChangeEvent::Unwinding {} => headline(High, "{kind} is taken back{on}", "What was done is being undone."),
        ChangeEvent::AbortAsked { .. } => {
            headline(High, "Taking back asked for{on}", "{people} asked for it; a second person must say so too.")
        }
        ChangeEvent::Aborted {} => headline(High, "{kind} taken back by two people{on}", "{people} was the second."),
        ChangeEvent::Invalidated { .. } => headline(
            Medium,
            "{kind} invalidated{on}",
            "{service} found another base than planned ({code}); nothing was changed.",
        ),
        ChangeEvent::Failed {} => headline(High, "{kind} failed{on}", "All that was done is taken back."),
        ChangeEvent::Indeterminate {} => {
            headline(High, "{kind} needs a person{on}", "Nobody knows how a step ended; it keeps its locks.")
        }
        ChangeEvent::ReconcileAsked { .. } => headline(
            High,
            "End of {kind} said{on}",
            "{people} said how it ended; one holder of each slot must say the same.",
        ),
        ChangeEvent::Reconciled { .. } => {
            headline(High, "{kind} reconciled{on}", "One holder of each slot said how it ended.")
        }
        ChangeEvent::Effective {} => headline(Medium, "{kind} effective{on}", "It is in force."),
        ChangeEvent::ReviewDue { .. } => headline(Medium, "Review due{on}", "It must be reviewed by {until}."),
        ChangeEvent::ReadLate { .. } => {
            entry(Info, "{service} read afterwards{on}", "It had not been observed before the change was run.")
        }
        ChangeEvent::Reviewed {} => headline(Info, "{kind} reviewed{on}", "{people} reviewed what was done."),
        ChangeEvent::Closed {} => entry(Info, "{kind} closed{on}", "Nothing of it is left to do."),
        ChangeEvent::WarrantIssued { .. } => entry(Info, "Warrant issued{on}", "It is good once, before {until}."),
        ChangeEvent::WarrantUsed {} => {
            headline(Medium, "Warrant used{on}", "{people} said that it carries the change out now.")
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
        StepEvent::Refused { .. } => service(Medium, "{service} refused a step{on}", "Nothing changed by it: {code}."),
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
            "{service} did not answer after it had begun to act{on}",
            "A person must look.",
        ),
        StepEvent::LateOutcome { .. } => words(
            true,
            Category::Integrity,
            High,
            "{service} reported a step after its change had ended{on}",
            "The report is recorded; it changes nothing.",
        ),
    }
}

pub(super) fn engine(event: &EngineEvent) -> Default {
    match event {
        EngineEvent::Switched { .. } => {
            entry(Info, "Route switched for {engine}", "The front serves the next generation.")
        }
        EngineEvent::Certified { .. } => entry(Info, "Bundle certified for {engine}", "It can be rolled back to."),
        EngineEvent::Popped { .. } => words(
            false,
            Category::Rollback,
            Info,
            "Bundle withdrawn for {engine}",
            "It is no longer a target of rollbacks.",
        ),
        EngineEvent::Restarted { .. } => words(
            true,
            Category::Service,
            High,
            "Storefront process restarted for {engine}",
            "What serves died or hung on {node}, and was started again.",
        ),
        EngineEvent::Regressed { .. } => {
            words(true, Category::Service, High, "Release health regressed on {engine}", "{counted}.")
        }
    }
}

pub(super) fn grant(event: &GrantEvent) -> Default {
    match event {
        GrantEvent::Started { .. } => entry(Info, "Grant in force{on}", "It ends by itself at {until}."),
        GrantEvent::Revoked { .. } => headline(Medium, "Grant revoked{on}", "{people} ended it before its time."),
        GrantEvent::Ended { .. } => entry(Info, "Grant over{on}", "{node} has read back that it no longer holds."),
    }
}

pub(super) fn roster(event: &RosterEvent) -> Default {
    let row = |headline, severity, title, sentence| words(headline, Category::Roster, severity, title, sentence);
    match event {
        RosterEvent::Changed { joined, left, altered, .. } => {
            let nobody = joined.is_empty() && left.is_empty() && altered.is_empty();
            let sentence =
                if nobody { "Services, nodes, machines or log keys differ." } else { "It differs for {people}." };
            row(false, Info, "Roster in force", sentence)
        }
        RosterEvent::SuspensionAsked { .. } => row(
            true,
            High,
            "Suspension asked for",
            "A second person must say so before the key of {people} is suspended.",
        ),
        RosterEvent::KeySuspended { .. } => {
            row(true, High, "Key suspended", "A key of {people} signs nothing any more.")
        }
    }
}

pub(super) fn other(effect: &Effect) -> Default {
    match effect {
        Effect::LedgerFounded {} => {
            words(true, Category::Roster, Info, "Ledger founded", "The founders signed the first roster.")
        }
        Effect::TenantRegistered { .. } => {
            words(false, Category::AccessControl, Info, "Tenant registered: {tenant}", "A tenant is known.")
        }
        Effect::EngineRegistered { .. } => entry(Info, "Engine registered: {engine}", "Nothing serves there yet."),
        Effect::ArtifactPublished { .. } => {
            entry(Info, "Artifact published: {artifact}", "It may be named by packages.")
        }
        Effect::ArtifactRecalled { .. } => {
            headline(High, "Artifact recalled: {artifact}", "{people} recalled it: no plan may name it any more.")
        }
        Effect::SettingChanged { .. } => {
            words(false, Category::Settings, Info, "{setting}: another document is in force", "It was countersigned.")
        }
        Effect::RefusalsSummed { .. } => words(
            false,
            Category::Integrity,
            Low,
            "Repeated refusals counted",
            "The same refusal, again within a minute.",
        ),
        Effect::EventsHead { .. } => {
            words(false, Category::Integrity, Info, "Events log committed", "Its head is a leaf of this log.")
        }
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
