//! Lifecycle Guardrails: the rules, each with what it last decided.

use super::bound::{Item, Items, absent, numbered};
use super::link;
use super::moment::Moment;
use super::panel::Panel;
use crate::history::Rule;
use crate::scene::{LastDecided, Scene};
use model::Service;

/// A rule with what it last decided, by every entry of the ledger.
fn rule(scene: &Scene, rule: Rule, title: &str, sentence: &str, note: &str) -> Item {
    let mut item = Item {
        number: String::new(),
        title: title.to_owned(),
        sentence: sentence.to_owned(),
        note: note.to_owned(),
        href: None,
        state: "in-force",
    };
    // Without a snapshot, and for who is not signed in, the rule alone is shown.
    if scene.snapshot.governance.is_none() {
        return item;
    }
    let said = match scene.last_decided(rule) {
        LastDecided::Row(row) => {
            item.href = Some(link::entry(&row.log, row.index));
            format!("Last decided: {} ({}, {}).", row.title, row.actor, Moment::of(row.at).text)
        }
        LastDecided::Never if scene.is_narrowed() => "It has decided nothing yet that you may read.".to_owned(),
        LastDecided::Never => "It has decided nothing yet.".to_owned(),
        LastDecided::Unknown => {
            "What it last decided is not known: this console has not read the whole ledger yet.".to_owned()
        }
    };
    item.note = format!("{note} {said}");
    item
}

/// The section: its rules are words of the page, shown to everyone.
pub fn of(scene: &Scene) -> Items {
    let items = vec![
        rule(
            scene,
            Rule::Approvers,
            "Deployment package approvals must name the approvers",
            "Every governed deployment package should retain the approving operator roles, the approval window, and \
             the target Production Node assignment.",
            "This keeps package provenance visible when the engine is reviewed later.",
        ),
        rule(
            scene,
            Rule::Rollbacks,
            "Rollback stays package-based",
            "Rollback is not a loose runtime action. It should point back to the last certified artifact, lease, API \
             package, and theme bundle that the Governance Node approved.",
            "Operators should be able to verify the exact bundle before they execute the reversal.",
        ),
        Item {
            note: "This prevents silent teardown of governed resources. Not in this build: nothing here retires."
                .to_owned(),
            ..absent(
                "Retirement preserves audit continuity",
                "Retirement packages should revoke AI leases, API bindings, client control access, and placement \
                 reservations while preserving the engine audit history.",
            )
        },
    ];
    let label = format!("{} Notes", items.len());
    Items { panel: Panel::of(scene, Service::Governance), label, notice: None, list: numbered(items) }
}
