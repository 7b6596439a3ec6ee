//! What is handed to an executor directly, and what stands there.

use crate::Submission;
use model::{ChangeId, Digest, Instant, Token};
use serde::{Deserialize, Serialize};

/// `POST /v1/brake` of an executor: what one would send to Governance, word for word.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrakeRequest {
    /// One signed hold, revoke or suspend; two people's to suspend the key of a third.
    pub statements: Vec<Submission>,
}

/// A brake, without names and texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrakeView {
    /// What it is found by: digest of what was signed.
    pub id: Digest,
    /// `hold`, `revoke` or `suspend`.
    pub verb: Token,
    /// The change, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<ChangeId>,
    /// The key, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Digest>,
    /// When it was handed, by the executor's clock.
    pub at: Instant,
    /// It lifts then, if the ledger does not have it.
    pub until: Instant,
    /// Why it stands no more, if so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifted: Option<Lifted>,
}

/// That a brake stands no more, though the ledger never took it over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lifted {
    /// Since when, by the executor's clock.
    pub at: Instant,
    pub why: String,
}

/// `GET /v1/brakes` of an executor.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrakesView {
    /// What stands, and what was lifted within the last day.
    pub brakes: Vec<BrakeView>,
}
