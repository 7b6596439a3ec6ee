//! What is true before the lie, decided and signed as it should be; and the words it is made of.

use super::column::Column;
use super::stage::{ARTIFACT, OTHER_ENGINE};
use control::Command;
use model::ChangeId;
use signed::{Act, Report};
use testkit::{Double, World};

/// The first approval's slot.
pub const OPERATOR: u32 = 0;
/// The second approval's slot.
pub const FINANCE: u32 = 1;

pub fn observed(double: &Double, _: &Column) -> ChangeId {
    let change = double.draft(*ARTIFACT);
    double.observe(change);
    change
}

pub fn sealed(double: &Double, column: &Column) -> ChangeId {
    let change = observed(double, column);
    double.sign_and_submit(World::AUTHOR, Act::Seal { binding: double.binding(change) });
    change
}

pub fn half_approved(double: &Double, column: &Column) -> ChangeId {
    let change = sealed(double, column);
    double.sign_and_submit(World::OPERATOR, approve(double, change, OPERATOR));
    change
}

pub fn approved_by_both(double: &Double, column: &Column) -> ChangeId {
    let change = sealed(double, column);
    double.sign_and_submit(World::BOTH, approve(double, change, OPERATOR));
    change
}

pub fn approved(double: &Double, column: &Column) -> ChangeId {
    let change = half_approved(double, column);
    double.sign_and_submit(World::FINANCE, approve(double, change, FINANCE));
    change
}

pub fn two_approved(double: &Double, column: &Column) -> ChangeId {
    approved_on_other_node(double);
    approved(double, column)
}

/// Run once, and nobody knows what became of its first step.
pub fn indeterminate(double: &Double, column: &Column) -> ChangeId {
    let change = approved(double, column);
    double.sign_and_submit(World::AUTHOR, run(double, change));
    double.lose(change, "lost");
    change
}

/// Run, the column's act due, and held before it began.
pub fn held(double: &Double, column: &Column) -> ChangeId {
    let change = due(double, column);
    double.sign_and_submit(World::AUDITOR, hold(double, change));
    change
}

/// Run, and the column's act due.
pub fn due(double: &Double, column: &Column) -> ChangeId {
    let change = approved(double, column);
    double.sign_and_submit(World::AUTHOR, run(double, change));
    advance(double, change, column);
    change
}

fn approved_on_other_node(double: &Double) -> ChangeId {
    let change = double.draft_on(OTHER_ENGINE, World::OTHER_NODE, *ARTIFACT, None);
    double.observe(change);
    double.sign_and_submit(World::AUTHOR, Act::Seal { binding: double.binding(change) });
    double.sign_and_submit(World::OPERATOR, approve(double, change, OPERATOR));
    double.sign_and_submit(World::FINANCE, approve(double, change, FINANCE));
    change
}

/// As [`due`], on the other node.
pub fn due_on_other_node(double: &Double, column: &Column) -> ChangeId {
    let change = approved_on_other_node(double);
    double.sign_and_submit(World::AUTHOR, run(double, change));
    advance(double, change, column);
    change
}

/// Whether a receipt is about a step of this change.
pub fn is_about(command: &Command, change: ChangeId) -> bool {
    let Command::Receipt { receipt, .. } = command else { return false };
    match &receipt.report {
        Report::Intent { step, .. } | Report::Outcome { step, .. } => step.change == change,
        _ => false,
    }
}

pub fn approve(double: &Double, change: ChangeId, slot: u32) -> Act {
    Act::Approve { binding: double.binding(change), slot, on_behalf_of: None }
}

pub fn run(double: &Double, change: ChangeId) -> Act {
    Act::Run { binding: double.binding(change), not_before: None }
}

pub fn hold(double: &Double, change: ChangeId) -> Act {
    Act::Hold { change, revision: double.state().changes[&change].revision }
}

/// Lets the others do what comes before the column's act.
pub fn advance(double: &Double, change: ChangeId, column: &Column) {
    assert!(double.advance_until(change, column.act), "the column's act is not in the plan");
}
