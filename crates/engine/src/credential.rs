//! The credential of one process: by it the process uses its engine's AI lease.

use model::Digest;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A secret of the process that was started with it; Platform Services knows its hash from the ledger. It stays the
/// same when the process is started again, and is never shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Credential(String);

impl Credential {
    /// A new one.
    pub(crate) fn random() -> Self {
        Self(client::random_token().0)
    }

    /// What the ledger knows it by.
    pub(crate) fn digest(&self) -> Digest {
        Digest::of_bytes(self.0.as_bytes())
    }

    /// For the environment of its process, and nothing else.
    pub(crate) fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credential({})", self.digest().short())
    }
}
