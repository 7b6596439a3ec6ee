//! The rows of kinds: who, how many, how long.

use model::{Digest, KindName, Role, Token, canon};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A place among the required approvals, filled by one holder of one of its roles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// Sorted; one of them is enough.
    pub roles: Vec<Role>,
}

/// Whether a package of a kind may or must have something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// It must not.
    None,
    /// It may.
    Optional,
    /// It must.
    Required,
}

/// An item that somebody attaches evidence to before the change may be approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Its name, as `billing-closeout`.
    pub item: Token,
    /// Who attaches to it.
    pub role: Role,
}

/// When a change is reviewed after it was carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewWhen {
    /// Each time.
    Always,
    /// When a service was not observed before.
    Unchecked,
}

/// The review of what was done under a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// Who may: holders of one of these, sorted, who neither asked for nor approved the change.
    pub roles: Vec<Role>,
    /// Within this time, milliseconds.
    pub within_ms: i64,
    /// Whether an overdue review keeps its author from asking for another of the kind.
    pub blocks_author: bool,
    pub when: ReviewWhen,
}

/// One kind: who, how many, how long, what it needs to see first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    pub name: KindName,
    /// Who may open and seal it: holders of one of these, sorted.
    pub author: Vec<Role>,
    /// The slots, each filled by another person, none of them an author.
    pub slots: Vec<Slot>,
    /// Who may run it, once approved.
    pub runner: Role,
    /// Whether the package must say why.
    pub reason_required: bool,
    /// Whether it names a window in which it may be run.
    pub window: Presence,
    /// From seal to the last approval, milliseconds.
    pub approve_within_ms: i64,
    /// From the first full approval to run, milliseconds.
    pub execute_within_ms: i64,
    /// From the first full approval, milliseconds in which it may not be run yet.
    pub cooling_ms: i64,
    /// Whether what it grants has an end.
    pub until: Presence,
    /// The longest time it may grant something for, milliseconds; absent where it has no end.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until_max_ms: Option<i64>,
    /// Who lifts the read-only state of a draft; absent: a draft is not read-only.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub escalation: Option<Vec<Role>>,
    /// What is attached before approval.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub checklist: Vec<Item>,
    /// The review afterwards; absent: none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub review: Option<Review>,
    /// How long a release must stay healthy before it is certified, milliseconds.
    pub soak_ms: i64,
    /// Whether the Privileged Workflow Catalog lists it.
    pub in_catalogue: bool,
}

/// The kinds in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindTable {
    /// One row a kind, in the order of their names.
    pub kinds: Vec<Kind>,
}

pub(crate) const HOUR_MS: i64 = 3_600_000;
/// The longest time any clock of a row may run, milliseconds (90 days).
const CLOCK_MAX_MS: i64 = 90 * 24 * HOUR_MS;
/// The longest time that anything may be granted for, milliseconds (400 days).
const UNTIL_MAX_MS: i64 = 400 * 24 * HOUR_MS;
/// The least time that people have to approve, and then to run, what rules the ledger, milliseconds: they
/// read and sign one after the other, and a table under which they are late is one that stays for ever.
const RULING_MIN_MS: i64 = HOUR_MS;
/// Most slots of a row, items of a checklist.
const ROW_MAX: usize = 16;

impl Slot {
    /// A slot for holders of one role.
    pub fn of(role: Role) -> Self {
        Self { roles: vec![role] }
    }

    /// A slot for holders of either role.
    pub fn either(one: Role, other: Role) -> Self {
        let mut roles = vec![one, other];
        roles.sort_unstable();
        Self { roles }
    }

    /// As a person reads it: `Finance Reviewer or Support Auditor`.
    pub fn title(&self) -> String {
        roles_title(&self.roles)
    }
}

/// Roles of which one is enough, as a person reads them.
pub fn roles_title(roles: &[Role]) -> String {
    roles.iter().map(|role| role.title()).collect::<Vec<_>>().join(" or ")
}

impl Kind {
    /// A row with the clocks and roles that are usual; each kind's file says what differs.
    pub(crate) fn usual(name: KindName, slots: Vec<Slot>) -> Self {
        Self {
            name,
            author: vec![Role::GovernanceOperator],
            slots,
            runner: Role::GovernanceOperator,
            reason_required: false,
            window: Presence::Optional,
            approve_within_ms: 72 * HOUR_MS,
            execute_within_ms: 72 * HOUR_MS,
            cooling_ms: 0,
            until: Presence::None,
            until_max_ms: None,
            escalation: None,
            checklist: vec![],
            review: None,
            soak_ms: 0,
            in_catalogue: false,
        }
    }

    /// Its digest as a requirement, which approvals bind to.
    ///
    /// # Errors
    /// When it has no canonical form.
    pub fn digest(&self) -> Result<Digest, canon::CanonError> {
        canon::digest("requirement", self)
    }

    /// Whether it holds together by itself.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        let demand = |holds: bool, why| if holds { Ok(()) } else { Err(why) };
        let roles = |roles: &[Role]| !roles.is_empty() && roles.is_sorted_by(|a, b| a < b);
        let clock = |ms: i64, least: i64| (least..=CLOCK_MAX_MS).contains(&ms);
        demand(roles(&self.author), "a kind has no author, or its authors are not sorted")?;
        demand(!self.slots.is_empty() && self.slots.len() <= ROW_MAX, "a kind has no slot, or too many")?;
        demand(self.slots.iter().all(|slot| roles(&slot.roles)), "a slot has no role, or its roles are not sorted")?;
        demand(clock(self.approve_within_ms, 1) && clock(self.execute_within_ms, 1), "a clock is not possible")?;
        demand(clock(self.cooling_ms, 0) && clock(self.soak_ms, 0), "a clock is not possible")?;
        demand(self.execute_within_ms > self.cooling_ms, "a kind expires before it has cooled")?;
        let until = match (self.until, self.until_max_ms) {
            (Presence::None, None) => true,
            (Presence::None, Some(_)) | (_, None) => false,
            (_, Some(max)) => (1..=UNTIL_MAX_MS).contains(&max),
        };
        demand(until, "a kind with an end says how long at most, one without says nothing")?;
        demand(self.escalation.as_ref().is_none_or(|escalation| roles(escalation)), "an escalation has no role")?;
        let items: BTreeSet<_> = self.checklist.iter().map(|item| &item.item).collect();
        let distinct = items.len() == self.checklist.len() && items.len() <= ROW_MAX;
        demand(distinct, "a checklist names an item twice, or too many")?;
        let review = self.review.as_ref().is_none_or(|review| roles(&review.roles) && clock(review.within_ms, 1));
        demand(review, "a review has no role, or no time")
    }

    /// Whether people can be in time for it, and are not kept from it: asked of the kinds without which
    /// no table, this one included, could be replaced.
    pub(super) fn check_ruling(&self) -> Result<(), &'static str> {
        let demand = |holds: bool, why| if holds { Ok(()) } else { Err(why) };
        demand(
            self.approve_within_ms >= RULING_MIN_MS,
            "roster and settings changes leave less than an hour to approve them",
        )?;
        demand(
            self.execute_within_ms - self.cooling_ms >= RULING_MIN_MS,
            "roster and settings changes leave less than an hour to run them once they have cooled",
        )?;
        // Whoever could review may have approved: then the author would be kept from it for ever.
        demand(
            self.review.as_ref().is_none_or(|review| !review.blocks_author),
            "an overdue review would keep people from asking for roster or settings changes",
        )
    }
}

impl KindTable {
    /// The row of a kind.
    pub fn kind(&self, name: KindName) -> Option<&Kind> {
        self.kinds.iter().find(|kind| kind.name == name)
    }
}
