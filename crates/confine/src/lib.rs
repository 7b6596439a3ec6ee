//! What an engine may touch, and who it is while it runs.
//!
//! [`spawn`] starts a *host* (this very executable with its hidden `confine` subcommand), which calls
//! [`enter`]: it puts the limits on itself and then becomes the target by `exec`, so the target runs
//! under the pid that was started, with nothing in between. What is to be started, with its environment, reaches the
//! host by a pipe. A second one, the writer of the log, holds the other end of the target's output. What this machine
//! could really enforce comes back as [`Enforced`]; a limit it cannot enforce is named by [`Enforced::missing`].
//! [`Identity`] names a process so that it can be adopted later and never be mistaken for another.

mod enforced;
mod environment;
mod error;
mod group;
mod host;
mod identity;
mod limits;
mod log;
mod mask;
mod readable;
mod restrict;
mod session;
mod spawn;

pub use enforced::{Enforced, Landlock, Memory};
pub use environment::Environment;
pub use error::ConfineError;
pub use group::{forget_group, killed_for_memory};
pub use host::{enter, no_core_files};
pub use identity::{Ended, Identity};
pub use limits::{Limits, Network};
pub use log::{Log, MAX_LOG_BYTES, is_kept, older};
pub use mask::{MASKED_FROM, Masked};
pub use session::session;
pub use spawn::{Host, Started, Target, spawn};
