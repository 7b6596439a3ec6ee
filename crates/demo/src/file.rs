//! `demo.json`: what scripts need to know of a running demonstration. Its shape is a contract.

use model::{PersonId, Role};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// URLs of the services.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ServiceUrls {
    pub governance: String,
    /// Platform Services.
    pub platform: String,
    /// Node Runtime.
    pub node: String,
    /// Engine Runtime.
    pub engine: String,
    /// Integration Control.
    pub integration: String,
}

/// An engine.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EngineEntry {
    pub name: String,
    /// Its tenant's name.
    pub tenant: String,
    /// Where the shop is.
    pub url: String,
}

/// The control log.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LogEntry {
    /// Its origin line.
    pub origin: String,
    /// Its verifier key.
    pub vkey: String,
    /// Prefix of its tlog-tiles layout.
    pub url: String,
}

/// A persona.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PersonaEntry {
    pub name: String,
    /// Pseudonym on the ledger.
    pub person: PersonId,
    pub roles: Vec<Role>,
    /// Private key file.
    pub key_file: PathBuf,
}

/// Bearer tokens.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Tokens {
    pub read: String,
    /// Sends events.
    pub ingest: String,
}

/// The file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DemoFile {
    /// Where the pages are (from the release that has them).
    pub console: String,
    pub services: ServiceUrls,
    pub engines: Vec<EngineEntry>,
    /// The control log.
    pub log: LogEntry,
    /// Path of `trust.json`.
    pub trust: PathBuf,
    pub personas: Vec<PersonaEntry>,
    pub tokens: Tokens,
}
