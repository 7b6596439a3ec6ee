//! Governance (8080): the ledger and its one writer, the pure core's `decide`, people, reading.
//!
//! A request is checked for shape, size and authority, its texts are sealed, and only then does it
//! stand before the writer, who decides by [`control`] and answers once the leaf is on disk. The
//! decided state is a fold over the leaves and nothing else; this process may be replaced by any
//! other that holds the same files and keys.

mod access;
mod answer;
mod clock;
mod cursor;
mod error;
mod event;
mod event_machine;
mod found;
mod governing;
mod intake;
mod join_all;
mod keys;
mod layout;
mod log_keys;
mod log_name;
mod machine;
mod metrics;
mod openings;
mod problems;
mod reader;
mod record_names;
mod refusal_dedup;
mod routes;
mod run;
#[cfg(test)]
mod scene;
mod search;
mod service;
mod timeline;

pub use error::GovernanceError;
pub use event::{EVENT_PREFIX, EVENT_TEXT, EventEntry, event_id};
pub use found::{Founding, found};
pub use keys::Keys;
pub use run::{GovernanceOptions, run};
