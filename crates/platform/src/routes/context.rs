//! What the routes share.

use crate::manifests::LastManifest;
use crate::shelf::Shelf;
use follower::{Clock, Follower, LookAgain};

/// What the routes share.
#[derive(Clone)]
pub(crate) struct PlatformContext {
    pub(crate) follower: Follower,
    pub(crate) shelf: Shelf,
    pub(crate) clock: Clock,
    pub(crate) looks: LookAgain,
    pub(crate) manifests: LastManifest,
}
