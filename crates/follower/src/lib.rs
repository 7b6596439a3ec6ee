//! Pull, verify, decide again, fold, keep an own replica: the same in every service.
//!
//! A [`Follower`] believes nothing but the log key and the genesis pinned in `trust.json`: each leaf
//! is checked and decided again ([`control::Replayer`]), the tree's root is compared with what the
//! log signed, and only then is the new state durable and visible. What a service *does* comes out
//! of that state alone: [`executor`] asks it which steps are due, and acts on nothing else.

mod ahead;
mod binary;
mod blobs;
mod brake;
mod checkpoint;
mod clock;
mod console_ask;
mod copied;
mod core;
mod current;
mod dir_lock;
mod disk;
mod error;
pub mod executor;
mod follower;
mod head;
mod health;
mod kept;
mod leaf_observer;
mod look_again;
mod options;
mod own_key;
mod own_node;
mod pace;
mod peaks;
mod person_of;
mod proven;
mod prune;
mod pull;
mod reader;
mod replica;
mod service_tasks;
mod snapshot;

pub use ahead::{batches, look_ahead};
pub use brake::{BRAKE, BrakeError, Brakes, brake_limits, brake_routes};
pub use clock::{Clock, system_clock};
pub use copied::Copied;
pub use current::NotCurrent;
pub use error::FollowerError;
pub use follower::Follower;
pub use health::{FollowerHealth, ReadyCheck};
pub use kept::{KeptHead, is_replica, kept_heads, replica_leaves};
pub use leaf_observer::LeafObserver;
pub use look_again::LookAgain;
pub use options::ServiceOptions;
pub use own_key::OwnKey;
pub use own_node::OwnNode;
pub use pace::Pace;
pub use proven::Proven;
pub use prune::{ReleaseStore, StoreView, Stored, prune, store_routes};
pub use reader::Asking;
pub use service_tasks::ServiceTasks;
