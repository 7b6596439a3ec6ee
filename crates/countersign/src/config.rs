//! `--config FILE`: what an installation may set. Everything has a default.

use crate::error::{CliError, file};
use model::Token;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The file's shape (JSON).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// First port; the others are at fixed distances from it.
    pub base_port: u16,
    /// The name in the roster of the node that Node and Engine Runtime are; absent: the only one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<Token>,
    /// Memory the node has for engines, MiB.
    pub node_memory_mib: u32,
    /// Most that is written to the log: `error`, `warn`, `info`, `debug`.
    pub log: String,
}

impl Default for Config {
    fn default() -> Self {
        Self { base_port: crate::ports::BASE, node: None, node_memory_mib: 2_048, log: "info".to_owned() }
    }
}

impl Config {
    /// Reads a file, or the defaults.
    pub fn read(path: Option<&Path>) -> Result<Self, CliError> {
        let Some(path) = path else { return Ok(Self::default()) };
        let text = std::fs::read(path).map_err(file(path))?;
        let why = |error: serde_json::Error| CliError::Content { path: path.to_owned(), why: error.to_string() };
        serde_json::from_slice(&text).map_err(why)
    }
}
