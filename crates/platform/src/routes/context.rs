//! What the routes share.

use crate::shelf::Shelf;
use follower::{Clock, Follower};

/// What the routes share.
#[derive(Clone)]
pub(crate) struct PlatformContext {
    pub(crate) follower: Follower,
    pub(crate) shelf: Shelf,
    pub(crate) clock: Clock,
}
