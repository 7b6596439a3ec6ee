//! What was pinned beforehand: the log's keys, and where the pin lies.

use crate::error::CliError;
use serde::Serialize;
use signed::Trust;
use std::path::Path;
use tlog::note::VerifierKey;

/// Where the pin lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Pin {
    /// Outside the directory that is verified.
    Apart,
    /// Inside: who could change the ledger could change the pin with it.
    BesideTheLedger,
}

impl Pin {
    /// Of a trust file and the directory that is verified.
    pub fn of(trust: &Path, home: &Path) -> Self {
        let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if real(trust).starts_with(real(home)) { Self::BesideTheLedger } else { Self::Apart }
    }
}

/// The keys of both logs: one key, each log's origin its name.
pub struct Pinned {
    /// Of the control log.
    pub control: VerifierKey,
    /// Of the events log.
    pub events: VerifierKey,
}

impl Pinned {
    /// As a trust file says.
    ///
    /// # Errors
    /// When its log key is none.
    pub fn of(trust: &Trust) -> Result<Self, CliError> {
        let none = |error: tlog::TlogError| CliError::Usage(format!("the trust's log key: {error}"));
        let key: VerifierKey = trust.log_key.parse().map_err(none)?;
        let named = |log: &str| VerifierKey::new(format!("{}/{log}", trust.origin), *key.public()).map_err(none);
        Ok(Self { control: named("control")?, events: named("events")? })
    }
}
