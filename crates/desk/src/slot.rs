//! Which slot an approval is for.

use crate::DeskError;
use control::{Change, Slot, State};
use model::{PersonId, Role};
use std::str::FromStr;

/// A slot as a person names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotChoice {
    /// By its position in the requirement, from 0.
    Position(u32),
    /// The first one that this role may fill.
    Role(Role),
}

/// A word that names no slot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither a role nor the position of a slot, as `change show` prints it")]
pub struct SlotChoiceError(String);

impl FromStr for SlotChoice {
    type Err = SlotChoiceError;

    fn from_str(text: &str) -> Result<Self, SlotChoiceError> {
        let role = text.parse().map(Self::Role);
        role.or_else(|_| text.parse().map(Self::Position)).map_err(|_| SlotChoiceError(text.to_owned()))
    }
}

impl From<Role> for SlotChoice {
    fn from(role: Role) -> Self {
        Self::Role(role)
    }
}

/// The slot that `holder` would fill: the one named, else the first open one of a role they hold.
/// Where there is none, another one: the ledger itself says why not, and nothing is decided here.
pub(crate) fn chosen(
    state: &State,
    change: &Change,
    choice: Option<SlotChoice>,
    holder: &PersonId,
) -> Result<u32, DeskError> {
    let slots = change.required(state).map(|row| row.slots).unwrap_or_default();
    let open = change.open_slots(state);
    let held = state.roster.person(holder).map(|person| person.roles.clone()).unwrap_or_default();
    let roles = match choice {
        Some(SlotChoice::Position(position)) => return Ok(position),
        Some(SlotChoice::Role(role)) => vec![role],
        None => held,
    };
    let fits = |slot: &Slot| slot.roles.iter().any(|role| roles.contains(role));
    let of_roles: Vec<u32> = (0..).zip(&slots).filter(|(_, slot)| fits(slot)).map(|(position, _)| position).collect();
    let first_open = of_roles.iter().find(|position| open.contains(position));
    match (first_open.or(of_roles.first()), choice) {
        (Some(position), _) => Ok(*position),
        (None, Some(SlotChoice::Role(role))) => {
            let titles: Vec<_> = slots.iter().map(Slot::title).collect();
            let role = role.title();
            Err(DeskError::Unknown(format!("no slot of this change is a {role}'s; it has: {}", titles.join(", "))))
        }
        (None, _) if slots.is_empty() => Err(DeskError::Unknown("this kind of change has no slots".to_owned())),
        (None, _) => Ok(open.first().copied().unwrap_or(0)),
    }
}
