//! The pages on 8088: the audit logs of the platform, real, live and honest about outages.
//!
//! The console is a client and a follower. It decides nothing: what is decided it reads in its own
//! verified fold of the ledger, what is observed it asks the services for, and what a person does
//! goes through that person's [`desk::Desk`] to Governance as a signed statement. It keeps the
//! last good answer of each source on disk, so that a page opens, dated, with nothing else alive.
//!
//! [`page`] holds the view models, pure functions of a [`scene::Scene`]; `templates/` the markup.

mod app;
mod assets;
mod clock;
mod credential;
mod desks;
mod error;
mod history;
mod invitations;
mod life;
mod live;
mod manifest_reader;
mod manifests;
mod multipart;
mod options;
mod own_name;
mod page;
mod probe;
mod readings;
mod refresh;
mod respond;
mod routes;
mod scene;
mod scratch;
mod search;
mod session;
mod sign_ins;
mod sizes;
mod snapshot;
mod sources;
mod themes;
mod viewer;
#[cfg(test)]
mod words;

pub use error::ConsoleError;
pub use life::run;
pub use options::ConsoleOptions;
