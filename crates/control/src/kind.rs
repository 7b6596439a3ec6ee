//! Kinds of governed change: each is one row of data, one body and one file.

mod bound;
mod deployment;
mod detail;
mod drain;
#[cfg(test)]
mod dummy;
mod engine_plan;
mod external;
mod foreseen;
mod form;
mod governs;
mod lease;
mod lease_override;
mod quota;
mod rehearsal;
mod rollback;
mod roster_change;
mod roster_form;
mod settings_change;
mod table;
mod undrain;

pub use bound::{part_ready, ready as fits, secrets as secrets_named};
pub use detail::Detail;
pub use engine_plan::UNCHECKED_AFTER_MS;
pub use foreseen::{Case, Foreseen, foreseen};
pub use form::{Answer, Answers, Field, FormError, Input, Way};
pub use governs::{Governs, OnStack, Replaces, Words};
pub(crate) use roster_change::gives;
pub(crate) use table::HOUR_MS;
pub use table::{Item, Kind, KindTable, Presence, Review, ReviewWhen, Slot, roles_title};

use crate::{Body, Cap, Change, State, Terms, Unsound};
use model::{Digest, KindName};
use signed::Possession;

/// A draft whose executor stays silent for this long may leave it unchecked, where its kind allows
/// that, milliseconds.
pub(crate) fn engine_silent_ms() -> i64 {
    engine_plan::UNCHECKED_AFTER_MS
}

/// What approval requires of a change now: its kind's row, with its conditional slots and clocks.
/// None when the kind is not in force.
pub fn requirement(state: &State, change: &Change) -> Option<Kind> {
    let row = state.kinds.kind(change.kind)?;
    Some(governs(change.kind).requirement(state, change, row))
}

/// Who governs a kind: the one place that knows them all.
pub fn governs(kind: KindName) -> &'static dyn Governs {
    #[cfg(test)]
    if let Some(dummy) = dummy::registered(kind) {
        return dummy;
    }
    match kind {
        KindName::Deployment => &deployment::Deployment,
        KindName::Rollback => &rollback::Rollback,
        KindName::Drain => &drain::Drain,
        KindName::Undrain => &undrain::Undrain,
        KindName::QuotaException => &quota::QuotaException,
        KindName::RosterChange => &roster_change::RosterChange,
        KindName::SettingsChange => &settings_change::SettingsChange,
        KindName::External => &external::External,
        KindName::LeaseGrant => &lease::LeaseGrant,
        KindName::LeaseOverride => &lease_override::LeaseOverride,
        KindName::Rehearsal => &rehearsal::Rehearsal,
    }
}

impl Body {
    /// The kind that governs it.
    pub fn kind(&self) -> KindName {
        match self {
            Self::Deployment { .. } => KindName::Deployment,
            Self::Rollback { .. } => KindName::Rollback,
            Self::Drain { .. } => KindName::Drain,
            Self::Undrain { .. } => KindName::Undrain,
            Self::Rehearsal { .. } => KindName::Rehearsal,
            Self::Grant { terms: Terms::Quota { .. }, .. } => KindName::QuotaException,
            Self::Grant { terms: Terms::Cap(Cap { raises: None, .. }), .. } => KindName::LeaseGrant,
            Self::Grant { terms: Terms::Cap(Cap { raises: Some(_), .. }), .. } => KindName::LeaseOverride,
            Self::RosterChange { .. } => KindName::RosterChange,
            Self::Settings { .. } => KindName::SettingsChange,
            Self::External { .. } => KindName::External,
        }
    }
}

/// What asks for another roster.
pub fn roster_body(base: Digest, next: Digest, possessions: Vec<Possession>) -> Body {
    Body::RosterChange { base, next, possessions }
}

/// The kind that grants an AI lease.
pub fn lease_kind() -> KindName {
    KindName::LeaseGrant
}

/// The kind that raises the cycles of an AI lease.
pub fn override_kind() -> KindName {
    KindName::LeaseOverride
}

/// The kind that raises a tenant's limits.
pub fn quota_kind() -> KindName {
    KindName::QuotaException
}

/// The kinds that do this to an engine's stack.
pub fn kinds_on_stack(what: OnStack) -> impl Iterator<Item = KindName> {
    KindName::ALL.iter().copied().filter(move |kind| governs(*kind).on_stack() == Some(what))
}

/// The kind that replaces this.
pub fn kind_replacing(what: Replaces) -> Option<KindName> {
    KindName::ALL.iter().copied().find(|kind| governs(*kind).replaces() == Some(what))
}

impl KindTable {
    /// The table a new ledger is founded with.
    pub fn standard() -> Self {
        Self { kinds: KindName::ALL.iter().map(|name| governs(*name).row()).collect() }
    }

    /// Whether it is sound: each row holds together and has only what its kind keeps to, no rule lets
    /// fewer people change the rules than the rules are for, and there is time to change them.
    ///
    /// # Errors
    /// What does not hold.
    pub fn check(&self) -> Result<(), Unsound> {
        let demand = |holds: bool, why: &'static str| if holds { Ok(()) } else { Err(Unsound::from(why)) };
        let each = |checked: fn(&Kind) -> Result<(), &'static str>| {
            self.kinds.iter().try_for_each(|row| checked(row).map_err(|why| Unsound::in_row(row.name, why)))
        };
        demand(self.kinds.is_sorted_by(|a, b| a.name < b.name), "the kinds are not sorted, or one is listed twice")?;
        each(Kind::check)?;
        let row = |name| self.kind(name).ok_or("the table has no row for roster changes or settings changes");
        let (roster, settings) = (row(KindName::RosterChange)?, row(KindName::SettingsChange)?);
        demand(
            roster.slots.len() >= 2 && settings.slots.len() >= 2,
            "roster and settings changes need two slots each",
        )?;
        demand(
            settings.cooling_ms >= roster.cooling_ms,
            "settings changes cool for a shorter time than roster changes",
        )?;
        for row in [roster, settings] {
            row.check_ruling().map_err(|why| Unsound::in_row(row.name, why))?;
        }
        each(kept_to)
    }
}

/// Whether the kind keeps to all that its row has: what people sign is no decoration.
fn kept_to(row: &Kind) -> Result<(), &'static str> {
    let demand = |holds: bool, why| if holds { Ok(()) } else { Err(why) };
    let (kind, ends) = (governs(row.name), row.until != Presence::None);
    demand(!ends || kind.grants(), "a kind that grants nothing has an end")?;
    demand(ends || !kind.grants(), "a kind that grants something has no end")?;
    demand(row.soak_ms == 0 || kind.soaks(), "a kind under which no release starts has a time to soak")?;
    demand(
        !row.in_catalogue || kind.may_be_in_catalogue(),
        "a kind is to be listed in the Privileged Workflow Catalog, which has no entry for it",
    )?;
    let unchecked = row.review.as_ref().is_some_and(|review| review.when == ReviewWhen::Unchecked);
    demand(
        !unchecked || !kind.may_be_unchecked().is_empty(),
        "a kind that leaves nothing unchecked is to be reviewed when it does",
    )?;
    kind.check_row(row)
}
