//! `--config FILE`: what an installation may set. Everything has a default.

use crate::document_file;
use crate::error::CliError;
use crate::given::content;
use crate::when;
use control::KeepRule;
use model::Token;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The file's shape (JSON).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// First port; the others are at fixed distances from it. Absent: as this directory was served last, at first 8080.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_port: Option<u16>,
    /// The name in the roster of the node that Node and Engine Runtime are; absent: the only one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<Token>,
    /// Memory the node has for engines, MiB.
    pub node_memory_mib: u32,
    /// How long a release or theme is kept that nothing needs: `30d`.
    pub keep_unneeded: String,
    /// How many of an engine's certified bundles are within reach of a rollback, the one that serves among them.
    pub keep_certified: u32,
    /// Most that is written to the log: `error`, `warn`, `info`, `debug`.
    pub log: String,
}

impl Default for Config {
    fn default() -> Self {
        let KeepRule { unneeded_ms, certified } = KeepRule::default();
        Self {
            base_port: None,
            node: None,
            node_memory_mib: 2_048,
            keep_unneeded: when::duration(unneeded_ms),
            keep_certified: certified,
            log: "info".to_owned(),
        }
    }
}

impl Config {
    /// Reads a file, or the defaults.
    pub fn read(path: Option<&Path>) -> Result<Self, CliError> {
        let Some(path) = path else { return Ok(Self::default()) };
        let config: Self = document_file::json(path, "a JSON object of the settings that it sets")?;
        config.keep().map_err(|why| content(path, why, "correct it and start again"))?;
        Ok(config)
    }

    /// What stores of releases keep.
    ///
    /// # Errors
    /// In words, when the file says no time, or too few bundles for a rollback.
    pub fn keep(&self) -> Result<KeepRule, String> {
        let unneeded_ms = when::duration_ms(&self.keep_unneeded);
        let unneeded_ms = unneeded_ms.map_err(|error| format!("keep_unneeded: {error}"))?;
        if self.keep_certified < KeepRule::CERTIFIED_MIN {
            return Err(format!(
                "keep_certified is {} at least: what serves, and what it goes back to",
                KeepRule::CERTIFIED_MIN
            ));
        }
        Ok(KeepRule { unneeded_ms, certified: self.keep_certified })
    }
}
