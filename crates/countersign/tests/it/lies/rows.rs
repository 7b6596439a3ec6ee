//! The lies. Each is a true story up to a point and what the liar publishes from there on: whatever
//! is not forged is decided and signed as it should be, in the state the forgery leads to.

use super::column::Column;
use super::forged::{
    approved_too_soon, hold_dropped, hold_overgrown, hold_refused, hold_replaced, observed_by_nobody, other_history,
    other_ledger, other_package, other_plan, run_forged, run_of_other_node, run_replayed, second_by_both, strange_key,
    strange_person, swapped,
};
use super::truth::{approved, approved_by_both, half_approved, held, indeterminate, observed, sealed, two_approved};
use model::ChangeId;
use testkit::Double;

/// A lie.
pub struct Row {
    /// What it is.
    pub name: &'static str,
    /// What the service knows before it.
    pub truth: fn(&Double, &Column) -> ChangeId,
    /// Publishes it, with the column's act due; answers the leaf that is to be named.
    pub lie: fn(&Double, ChangeId, &Column) -> u64,
    /// What the service says of it.
    pub says: &'static str,
}

const OTHER_VERDICT: &str = "another verdict or other effects";

pub const ROWS: &[Row] = &[
    Row { name: "an approval is missing", truth: half_approved, lie: run_forged, says: OTHER_VERDICT },
    Row { name: "both approvals by one person", truth: approved_by_both, lie: second_by_both, says: OTHER_VERDICT },
    Row { name: "by a key that is not rostered", truth: half_approved, lie: strange_key, says: "not on the roster" },
    Row {
        name: "by a person who is not rostered",
        truth: half_approved,
        lie: strange_person,
        says: "not on the roster",
    },
    Row { name: "under the signature of other words", truth: half_approved, lie: swapped, says: "signature" },
    Row { name: "made on another ledger", truth: half_approved, lie: other_ledger, says: "another ledger" },
    Row { name: "signed on a fork", truth: half_approved, lie: other_history, says: "a fork or a copy was signed" },
    Row { name: "over another package", truth: half_approved, lie: other_package, says: OTHER_VERDICT },
    Row { name: "over another plan", truth: half_approved, lie: other_plan, says: OTHER_VERDICT },
    Row { name: "a run replayed", truth: indeterminate, lie: run_replayed, says: "recorded already" },
    Row { name: "a run for another node", truth: two_approved, lie: run_of_other_node, says: OTHER_VERDICT },
    Row { name: "a hold recorded as refused", truth: approved, lie: hold_refused, says: OTHER_VERDICT },
    Row { name: "effects that do not follow", truth: sealed, lie: approved_too_soon, says: OTHER_VERDICT },
    Row { name: "an observation nobody made", truth: observed, lie: observed_by_nobody, says: "signature" },
    Row {
        name: "the last leaf dropped, a shorter tree",
        truth: held,
        lie: hold_dropped,
        says: "fork: the log now signs",
    },
    Row {
        name: "another leaf in its place, a forked tree",
        truth: held,
        lie: hold_replaced,
        says: "fork: the log signed two",
    },
    Row { name: "a longer tree that forgets it", truth: held, lie: hold_overgrown, says: "does not extend" },
];
