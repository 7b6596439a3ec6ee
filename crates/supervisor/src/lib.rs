//! Starts the services as processes, keeps them running, and ends them in order.
//!
//! The supervisor owns services and console: each child holds the read end of a pipe
//! as its stdin and exits when the pipe closes, so no child outlives a supervisor that was killed.
//! It decides nothing else: a service is exactly what `serve --only X` would be in the foreground.

mod backoff;
mod child_log;
mod control;
mod error;
mod exit;
mod keeper;
mod lock;
mod log;
mod options;
mod parent;
mod probe;
mod run;
mod signal;
mod status;

pub use child_log::{LOG_FILE, LogLines};
pub use control::{Request, Response, request};
pub use error::SupervisorError;
pub use exit::{EX_CONFIG, LastExit};
pub use lock::{Lock, check_free, lock};
pub use log::LOG_MAX_BYTES;
pub use options::{ServiceSpec, SupervisorOptions, Timing};
pub use parent::{SUPERVISED, parent_gone};
pub use run::Supervisor;
pub use signal::stop_signal;
pub use status::{ServiceStatus, State};
