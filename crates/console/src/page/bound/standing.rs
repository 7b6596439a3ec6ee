//! Where the package stands that binds something, and what may be said of it there.

use crate::page::deployment;
use crate::scene::Scene;
use control::Change;
use model::Status;

/// Where a package stands, as far as what it binds is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// A draft, which enables nothing.
    Draft,
    /// Sealed, and not approved.
    Sealed,
    /// Approved, and not run.
    Approved,
    /// It is being carried out.
    Runs,
    /// Nobody knows how carrying it out ended.
    Unknown,
    /// What it puts in place serves.
    Serves,
    /// It was put in place, and another bundle serves.
    Served,
    /// It ended before it was sealed.
    NeverSealed(Status),
    /// It was sealed and ended, and this does not serve.
    Over(Status),
}

impl Standing {
    pub(super) fn of(scene: &Scene, change: &Change) -> Self {
        match change.status_at(&scene.state, scene.now) {
            Status::Draft => Self::Draft,
            Status::AwaitingApproval => Self::Sealed,
            Status::Approved => Self::Approved,
            Status::Executing => Self::Runs,
            Status::Indeterminate => Self::Unknown,
            Status::Effective | Status::ReviewDue | Status::Closed if deployment::serves(scene, change) => Self::Serves,
            Status::Effective | Status::ReviewDue => Self::Served,
            status if change.sealed.is_none() => Self::NeverSealed(status),
            status => Self::Over(status),
        }
    }

    /// Whether people have signed what it binds.
    pub(super) fn is_sealed(self) -> bool {
        !matches!(self, Self::Draft | Self::NeverSealed(_))
    }

    /// A title: what is done with it while the package stands, in the words of a sealed one.
    pub(super) fn title(self, what: &str, done: &str) -> String {
        match self {
            Self::Draft => format!("{what} named by the draft"),
            Self::NeverSealed(_) => format!("{what} was named by a draft"),
            Self::Sealed | Self::Approved | Self::Runs | Self::Unknown | Self::Serves => format!("{what} {done}"),
            Self::Served | Self::Over(_) => format!("{what} was {done}"),
        }
    }

    /// The one of these words that is true: it would, it will, it does, it did, it would have.
    pub(super) fn says(self, [would, will, does, did, never]: [&str; 5]) -> &str {
        match self {
            Self::Draft | Self::Sealed | Self::Unknown => would,
            Self::Approved | Self::Runs => will,
            Self::Serves => does,
            Self::Served => did,
            Self::NeverSealed(_) | Self::Over(_) => never,
        }
    }

    /// What this comes to, for the line below.
    pub(super) fn sentence(self) -> String {
        match self {
            Self::Draft => "A draft puts nothing in place.".to_owned(),
            Self::Sealed => "It is sealed and not approved.".to_owned(),
            Self::Approved => "It is approved and not run.".to_owned(),
            Self::Runs => "The package is being carried out.".to_owned(),
            Self::Unknown => "Nobody knows how carrying it out ended.".to_owned(),
            Self::Serves => String::new(),
            Self::Served => "It was put in place; another bundle serves now.".to_owned(),
            Self::NeverSealed(status) | Self::Over(status) => {
                format!("The package is over ({}), and this bundle does not serve.", status.word())
            }
        }
    }

    /// The state of an item; `good`: nothing is missing about the thing itself.
    pub(super) fn state(self, good: bool, recalled: bool) -> &'static str {
        match self {
            Self::Serves => "in-force",
            Self::Served | Self::NeverSealed(_) | Self::Over(_) => "over",
            _ if recalled => "blocked",
            Self::Sealed | Self::Approved if good => "ready",
            _ => "waiting",
        }
    }
}
