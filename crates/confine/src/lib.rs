//! What an engine may touch, and who it is while it runs.
//!
//! [`spawn`] starts a *host* (this very executable with its hidden `confine` subcommand), which calls
//! [`enter`]: it puts the limits on itself and then becomes the target by `exec`, so the target runs
//! under the pid that was started, with nothing in between. What this machine could really enforce
//! comes back as [`Enforced`]; a limit it cannot enforce is named by [`Enforced::missing`].
//! [`Identity`] names a process so that it can be adopted later and never be mistaken for another.

mod enforced;
mod enter;
mod error;
mod identity;
mod limits;
mod session;
mod spawn;

pub use enforced::{Enforced, Landlock, Memory};
pub use enter::enter;
pub use error::ConfineError;
pub use identity::{Ended, Identity};
pub use limits::{Limits, Network};
pub use spawn::{Host, Started, Target, spawn};
