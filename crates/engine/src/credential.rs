//! The credential of one process: by it the process uses its engine's AI lease.

use model::Digest;
use std::fmt;

/// What is said where a process runs whose credential cannot be opened any more.
pub(crate) const LEASE_LOST: &str =
    "; what its process is known by is lost: it cannot use its AI lease until a deployment starts it again";

/// A secret of the process that was started with it; Platform Services knows its hash from the ledger. It stays the
/// same when the process is started again, is never shown, and lies sealed in the vault and nowhere else.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Credential(String);

impl Credential {
    /// A new one.
    pub(crate) fn random() -> Self {
        Self(client::random_token().0)
    }

    /// One that was kept.
    pub(crate) fn kept(secret: String) -> Self {
        Self(secret)
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
