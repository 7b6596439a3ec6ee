//! The Engine Runtime (8083): the engines of one node, and the front before them.
//!
//! [`Runtime`] starts, probes, switches, drains and stops them, and keeps what it did in one durable
//! record an engine; it knows no ledger. [`run`] is the service around it: a follower that says which of those
//! steps is due, and pages that say what is observed. Front and engines are processes of their own that outlive
//! the service: it adopts them by pid, start time and boot id, and leaves them running when it ends.

mod credential;
mod credentials;
mod deposits;
mod environment;
mod error;
mod executor;
mod file;
mod fold;
mod given;
mod health;
mod layout;
mod limits;
mod options;
mod output;
mod output_page;
mod pages;
mod record;
mod runtime;
mod scan;
mod secrets;
mod service;
mod setup;
mod stopped;
mod vault;
mod view;

pub use error::EngineError;
pub use executor::executor;
pub use fold::Wanted;
pub use limits::limits;
pub use options::{RunAs, RuntimeOptions, Timing};
pub use output::OutputView;
pub use record::Site;
pub use runtime::{Begun, Counters, Judgement, Regression, Restarted, Runtime, Seen, judge};
pub use secrets::SecretsView;
pub use service::{EngineOptions, run};
pub use setup::Setup;
pub use stopped::{Stopped, stop_all};
pub use vault::{Kept, SECRET_MAX, SECRETS_MAX, SecretView, TENANT_SECRETS_MAX, Vault, is_secret};
pub use view::{
    BoundView, EngineView, EnginesView, FrontView, HealthView, LimitView, Orphan, ReadBack, ReleaseView, RouteView,
    SideView,
};
