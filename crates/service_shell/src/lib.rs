//! The HTTP shell that the five services and the console share.
//!
//! A service brings its `/v1/…` routes; the shell adds the four routes every process has, refuses
//! what no service should ever see (foreign hosts, foreign origins, oversized bodies), counts and
//! logs without writing down a secret, and answers every error in one form, [`ProblemBody`].

mod bearer;
mod bind;
mod declare;
mod describe;
mod drain;
mod gate;
mod headers;
mod holder;
mod limits;
mod metrics;
mod observe;
mod panics;
mod probes;
mod problem;
mod read_on;
mod rephrase;
mod serve;
mod shell;

pub use bearer::Bearer;
pub use bind::{BindError, bind};
pub use declare::{Auth, Declare, Entry, Undeclared, check_declared};
pub use drain::Draining;
pub use holder::{Holder, holder};
pub use limits::RouteLimits;
pub use metrics::Metrics;
pub use observe::RequestId;
pub use probes::{Check, Health, Readiness};
pub use problem::{Problem, ProblemBody, ProblemCode, ProblemDetail};
pub use serve::serve;
pub use shell::{Shell, ShellOptions};
