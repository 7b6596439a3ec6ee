//! Buttons: what a person can do about a change, and why not.

use crate::scene::{Blocked, Scene};
use client::view::{BlockedView, Explained, explained};
use control::Change;
use model::{PersonId, Role, Service};

/// One button with its form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Verb, the last part of the form's address.
    pub verb: &'static str,
    /// What the button says.
    pub label: &'static str,
    /// What pressing it does.
    pub help: &'static str,
    /// `primary`, `plain` or `danger`.
    pub tone: &'static str,
    /// Whether it takes a reason, and whether it must.
    pub reason: Option<bool>,
    /// Why it refuses before anybody is asked: the data behind it is not current, or no key is here.
    pub blocked: Option<Blocked>,
    /// What the ledger would say now, by the same guards: the button still asks it.
    pub refusal: Option<BlockedView>,
}

/// A verb as it stands on the page.
struct Verb {
    word: &'static str,
    label: &'static str,
    help: &'static str,
    tone: &'static str,
    reason: Option<bool>,
}

const VERBS: [Verb; 8] = [
    Verb {
        word: "seal",
        label: "Seal",
        help: "Signs this package and plan as what is asked for. Who seals may not approve.",
        tone: "primary",
        reason: None,
    },
    Verb {
        word: "approve",
        label: "Approve",
        help: "Signs the digests below for your role's slot. Approval executes nothing.",
        tone: "primary",
        reason: None,
    },
    Verb {
        word: "run",
        label: "Run",
        help: "Orders the approved plan to be carried out. Everything is checked again.",
        tone: "primary",
        reason: None,
    },
    Verb {
        word: "reject",
        label: "Reject",
        help: "Ends this change without effect.",
        tone: "danger",
        reason: Some(true),
    },
    Verb {
        word: "hold",
        label: "Hold",
        help: "No further step may begin until it is released.",
        tone: "plain",
        reason: Some(false),
    },
    Verb {
        word: "release",
        label: "Release",
        help: "Lifts the hold. Who releases may not run this revision.",
        tone: "plain",
        reason: Some(false),
    },
    Verb {
        word: "withdraw",
        label: "Withdraw approval",
        help: "Takes your own approval back.",
        tone: "plain",
        reason: Some(false),
    },
    Verb {
        word: "cancel",
        label: "Cancel",
        help: "Ends a change that was not run.",
        tone: "danger",
        reason: Some(false),
    },
];

/// What an act rests on. Stopping something rests on Governance alone: an outage elsewhere must
/// not keep anybody from holding a change.
pub fn needs(verb: &str) -> &'static [Service] {
    match verb {
        "hold" | "withdraw" | "reject" | "cancel" => &[Service::Governance],
        _ => Service::ALL,
    }
}

fn is_status(refusal: &BlockedView) -> bool {
    matches!(refusal.code.as_str(), "change.status" | "change.not_held" | "withdraw.no_approval")
}

/// What is said to a verb: to the one person who is signed in; for the demo visitor, who may become any
/// of them, only what is said to everybody because of where the change stands.
fn refusal(mut refusals: impl Iterator<Item = Option<BlockedView>>, one: bool) -> Option<BlockedView> {
    let first = refusals.next().flatten();
    let to_all = first.as_ref().is_some_and(is_status) && refusals.all(|other| other.as_ref().is_some_and(is_status));
    first.filter(|_| one || to_all)
}

/// The buttons that mean something where the change stands, and those that do not.
pub fn all(scene: &Scene, change: &Change) -> (Vec<Action>, Vec<Action>) {
    let Some(viewer) = &scene.viewer else {
        return (vec![], vec![]);
    };
    let people = &scene.state.roster.people;
    let people = people.iter().map(|person| &person.id).filter(|id| viewer.person().is_none_or(|own| own == *id));
    let explained: Vec<_> = people.map(|person| explain(scene, change, person)).collect();
    let action = |verb: &Verb| {
        let said = |one: &Explained| one.verbs.iter().find(|view| view.verb == verb.word)?.refused.clone();
        let refusals = explained.iter().map(said);
        Action {
            verb: verb.word,
            label: verb.label,
            help: verb.help,
            tone: verb.tone,
            reason: verb.reason,
            blocked: scene.blocked(needs(verb.word)),
            refusal: refusal(refusals, viewer.person().is_some()),
        }
    };
    VERBS.iter().map(action).partition(|action| !action.refusal.as_ref().is_some_and(is_status))
}

/// Who could fill which open slot now.
pub fn who_can(scene: &Scene, change: &Change) -> Vec<(Role, Vec<String>)> {
    // The same for whoever asks.
    let anybody = scene.state.roster.people.first();
    anybody.map(|person| explain(scene, change, &person.id).who_can).unwrap_or_default()
}

/// What a person can do, by the same guards as the ledger's.
fn explain(scene: &Scene, change: &Change, person: &PersonId) -> Explained {
    explained(&scene.state, scene.names(), change, person, scene.now)
}
