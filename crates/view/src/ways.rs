//! Where a change can go from where it stands, whoever says so: the ways on and the ways out.

use crate::Names;
use control::{Asked, Change, Document, Object, Refusal, State, VERBS, governs};
use model::{Instant, PersonId, SettingName, Status};
use serde::{Deserialize, Serialize};
use signed::Reconciled;

/// A verb that takes a change on, or out of where it is stuck, with what it must name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Way {
    /// As it stands on the command line.
    pub verb: String,
    /// Whose hold is released.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub of: Option<PersonId>,
    /// What the change is reconciled to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub outcome: Option<Reconciled>,
    /// Of `new`: it is opened as a new revision of the same change.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub revises: bool,
    /// Of `new`: it must say why.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub says_why: bool,
    /// Of `new`: what the change replaces is not in force any more, so a copy of it would be refused, and it is
    /// asked for again from what is in force.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub from_in_force: bool,
    /// The governed document that is asked for again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub name: Option<SettingName>,
}

/// An act of several people that one of them has asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AskedView {
    /// As it stands on the command line.
    pub verb: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub outcome: Option<Reconciled>,
    pub name: String,
    /// The leaf that records it.
    pub entry: u64,
    /// Until when others may say the same.
    #[schema(value_type = String)]
    pub until: Instant,
}

/// Whether a verb can be said of a change that stands here, by the ledger's own table of verbs. Of what is no
/// verb about a change, as to ask for another, the table says nothing.
pub fn is_said_in(status: Status, verb: &str) -> bool {
    let row = VERBS.iter().find(|row| row.object == Object::Change && row.name == verb);
    row.is_none_or(|row| row.statuses.contains(&status))
}

impl Way {
    fn new(verb: &str) -> Self {
        Self {
            verb: verb.to_owned(),
            of: None,
            outcome: None,
            revises: false,
            says_why: false,
            from_in_force: false,
            name: None,
        }
    }

    /// How the same is asked for again: by a copy, or from what is in force.
    pub fn again(state: &State, change: &Change, now: Instant) -> Self {
        let plan = change.plan.clone().map_or_else(|| control::plan(state, change, now).ok(), Some);
        let moved = plan.is_some_and(|plan| !plan.base.iter().all(|fact| fact.holds(state)));
        let from_in_force = moved && governs(change.kind).replaces().is_some();
        let says_why = change.required(state).is_some_and(|row| row.reason_required);
        let name = match &change.document {
            Some(Document::Setting(setting)) if from_in_force => Some(setting.name()),
            _ => None,
        };
        Self { says_why, from_in_force, name, ..Self::new("new") }
    }

    /// What can be said of a change now by somebody, the likeliest first. Who exactly may is for `explain`.
    pub fn all(state: &State, change: &Change, now: Instant) -> Vec<Self> {
        let status = change.status_at(state, now);
        let held = !change.holds.is_empty();
        let release = change.holds.keys().map(|of| Self { of: Some(*of), ..Self::new("release") });
        let mut ways: Vec<_> = release.collect();
        let words: &[&str] = match status {
            Status::Draft => draft(control::blocked(state, change, now).as_ref()),
            Status::AwaitingApproval | Status::Approved if has_moved(state, change, now) => &["new", "cancel"],
            Status::AwaitingApproval => &["approve", "reject", "cancel"],
            Status::Approved if held => &["cancel"],
            Status::Approved => &["run", "hold", "cancel"],
            Status::Executing if held && !change.unwinding && change.undoable() => &["abort"],
            Status::Executing if held => &[],
            Status::Executing => &["hold"],
            Status::Effective if is_revocable(state, change, now) => &["revoke"],
            Status::ReviewDue => after(state, change, now),
            Status::Indeterminate => &["observe"],
            Status::Rejected
            | Status::Expired
            | Status::Cancelled
            | Status::Superseded
            | Status::Invalidated
            | Status::Failed => &["new"],
            Status::Effective | Status::Closed => &[],
        };
        ways.extend(words.iter().map(|verb| match *verb {
            "new" => Self { revises: status.is_open(), ..Self::again(state, change, now) },
            verb => Self::new(verb),
        }));
        if status == Status::Indeterminate {
            let ends = [Reconciled::AsBase, Reconciled::AsPlanned];
            ways.extend(ends.map(|outcome| Self { outcome: Some(outcome), ..Self::new("reconcile") }));
        }
        ways.retain(|way| is_said_in(status, &way.verb));
        ways
    }
}

/// What can be said of a draft that this keeps from being sealed, if anything does.
fn draft(kept: Option<&Refusal>) -> &'static [&'static str] {
    match kept {
        None => &["seal", "cancel"],
        Some(Refusal::NotEscalated { .. }) => &["escalate", "cancel"],
        Some(Refusal::ReasonMissing {}) => &["new", "cancel"],
        Some(_) => &["observe", "seal", "cancel"],
    }
}

/// Whether it cannot be run as it was sealed, and only as a new revision.
fn has_moved(state: &State, change: &Change, now: Instant) -> bool {
    let kept = control::blocked(state, change, now);
    matches!(kept, Some(Refusal::BaseDrifted {} | Refusal::RequirementChanged {}))
}

/// What is left to say of a change that took effect and waits for its review.
fn after(state: &State, change: &Change, now: Instant) -> &'static [&'static str] {
    let mut unread = change.plan.iter().flat_map(|plan| plan.unchecked.iter());
    let unread = unread.any(|service| !change.read_late.contains(service));
    match (unread, is_revocable(state, change, now)) {
        (true, true) => &["observe", "review", "revoke"],
        (true, false) => &["observe", "review"],
        (false, true) => &["review", "revoke"],
        (false, false) => &["review"],
    }
}

fn is_revocable(state: &State, change: &Change, now: Instant) -> bool {
    let granted = state.grants.get(&change.package.change).is_some_and(|grant| grant.holds_at(now));
    granted || change.warrant.as_ref().is_some_and(|warrant| warrant.is_good(now))
}

impl AskedView {
    /// What was asked for and still waits for others to say the same.
    pub fn all(state: &State, names: &Names, change: &Change, now: Instant) -> Vec<Self> {
        let view = |verb: &str, outcome, asked: &Asked| Self {
            verb: verb.to_owned(),
            outcome,
            name: names.person(&asked.person),
            entry: asked.index,
            until: asked.until,
        };
        let status = change.status_at(state, now);
        let stands = |verb: &str, asked: &Asked| asked.stands(state, now) && is_said_in(status, verb);
        let abort = change.abort_asked.iter().filter(|asked| stands("abort", asked));
        let abort = abort.map(|asked| view("abort", None, asked));
        let reconcile = change.reconcile_asked.values().filter(|(_, asked)| stands("reconcile", asked));
        abort.chain(reconcile.map(|(outcome, asked)| view("reconcile", Some(*outcome), asked))).collect()
    }
}
