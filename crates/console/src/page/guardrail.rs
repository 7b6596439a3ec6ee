//! Lifecycle Guardrails: the rules, each with what it last decided.

use super::bound::{Item, Items, absent, numbered};
use super::link;
use super::moment::Moment;
use super::panel::Panel;
use crate::scene::Scene;
use client::view::EntryRow;
use model::{Category, Service};

/// A rule with the newest row that shows it at work.
fn rule(scene: &Scene, title: &str, sentence: &str, note: &str, shows: impl Fn(&EntryRow) -> bool) -> Item {
    let rows = scene.snapshot.governance.as_ref().map(|dated| &dated.data.all.rows);
    // Decided entries only: what other systems send may say anything.
    let last = rows.and_then(|rows| rows.iter().find(|row| row.log == "control" && shows(row)));
    let note = match (last, rows) {
        (Some(row), _) => {
            format!("{note} Last decided: {} ({}, {}).", row.title, row.actor, Moment::of(row.at).text)
        }
        (None, Some(_)) => format!("{note} It has decided nothing yet."),
        (None, None) => note.to_owned(),
    };
    Item {
        number: String::new(),
        title: title.to_owned(),
        sentence: sentence.to_owned(),
        note,
        href: last.map(|row| link::entry(&row.log, row.index)),
        state: "in-force",
    }
}

/// The section: its rules are words of the page, shown to everyone.
pub fn of(scene: &Scene) -> Items {
    let approval = |row: &EntryRow| {
        row.category == Category::DeploymentPackage
            && (row.title.starts_with("Deployment package approved")
                || row.refused.as_deref().is_some_and(|code| code.starts_with("approve.")))
    };
    let rollback = |row: &EntryRow| {
        row.refused.as_deref().is_some_and(|code| code.starts_with("rollback."))
            || (row.category == Category::Rollback && row.headline)
    };
    let items = vec![
        rule(
            scene,
            "Deployment package approvals must name the approvers",
            "Every governed deployment package should retain the approving operator roles, the approval window, and \
             the target Production Node assignment.",
            "This keeps package provenance visible when the engine is reviewed later.",
            approval,
        ),
        rule(
            scene,
            "Rollback stays package-based",
            "Rollback is not a loose runtime action. It should point back to the last certified artifact, lease, API \
             package, and theme bundle that the Governance Node approved.",
            "Operators should be able to verify the exact bundle before they execute the reversal.",
            rollback,
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
