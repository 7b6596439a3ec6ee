//! What was pinned beforehand: the log's keys, and where the pin lies.

use crate::error::CliError;
use model::Token;
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

/// The keys by which the heads of both logs are read: one key signs both, each log's origin its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogKeys {
    origin: Token,
    /// Of the control log.
    pub control: Vec<VerifierKey>,
    /// Of the events log.
    pub events: Vec<VerifierKey>,
}

impl LogKeys {
    /// As a trust file pins them.
    ///
    /// # Errors
    /// When one of its log keys is none.
    pub fn pinned(trust: &Trust) -> Result<Self, CliError> {
        let mut keys = Self { origin: trust.origin.clone(), control: vec![], events: vec![] };
        for key in &trust.log_keys {
            let none = |error: tlog::TlogError| CliError::Usage(format!("the trust's log key: {error}"));
            keys.add(key.parse().map_err(none)?).map_err(none)?;
        }
        Ok(keys)
    }

    /// Takes over what a ledger lists; whether there was anything new.
    pub fn learn(&mut self, listed: &[VerifierKey]) -> bool {
        let before = self.control.len();
        for key in listed {
            // A listed key is one of this log: its name can be one of the other log's too.
            drop(self.add(key.clone()));
        }
        self.control.len() > before
    }

    fn add(&mut self, key: VerifierKey) -> Result<(), tlog::TlogError> {
        let events = VerifierKey::new(self.name("events"), *key.public())?;
        let control = VerifierKey::new(self.name("control"), *key.public())?;
        if !self.control.contains(&control) {
            self.control.push(control);
            self.events.push(events);
        }
        Ok(())
    }

    /// The origin of one of the logs.
    pub fn name(&self, log: &str) -> String {
        format!("{}/{log}", self.origin)
    }
}
