//! What a reader is told of a change beside the steps of its plan.

use crate::{Fragment, Setting};
use model::{Digest, SettingName, TenantId};
use signed::Roster;

/// One thing to tell. A page shows each in its own way and asks no kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Detail<'a> {
    /// Another roster takes the place of the one with this digest.
    Roster {
        /// The one that is replaced.
        base: Digest,
        /// The one that replaces it.
        next: &'a Roster,
    },
    /// Another governed document takes the place of the one with this digest.
    Setting {
        name: SettingName,
        /// The one that is replaced.
        base: Digest,
        /// The one that replaces it.
        next: &'a Setting,
    },
    /// Something, and what becomes of it.
    Becomes {
        name: String,
        /// What holds before.
        before: String,
        /// What holds after.
        after: String,
    },
    /// What it grants holds for this time from its run.
    HoldsFor {
        /// How long, milliseconds.
        for_ms: i64,
        tenant: TenantId,
    },
    /// What else is to be known.
    Note(Vec<Fragment>),
}

impl Detail<'_> {
    pub(super) fn becomes(name: impl Into<String>, before: impl Into<String>, after: impl Into<String>) -> Self {
        Self::Becomes { name: name.into(), before: before.into(), after: after.into() }
    }
}
