//! Configs and retention policies as somebody writes them: TOML by hand, or the JSON in which the ledger has them.
//!
//! The command line reads a file and the console's form a text: both ask here, so that one text is one document wherever
//! it is published. What is wrong is said with its line, and what was meant for a secret is never said again.

mod config;
mod error;
mod json;
mod plain;
mod retention;
mod toml_text;

pub use config::config;
pub use error::DocumentError;
pub use json::json;
pub use retention::retention;
pub use toml_text::{MAX_BYTES, TomlText};
