//! The warrant of a change that another system carries out.

use crate::Names;
use control::{Change, Standing, governs};
use model::{Digest, Instant, Token};
use serde::{Deserialize, Serialize};

/// A warrant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct WarrantView {
    /// Where it stands: `good`, `used`, `revoked` or `over`.
    pub standing: String,
    /// Good before then.
    #[schema(value_type = String)]
    pub until: Instant,
    /// Who carries it out.
    #[schema(value_type = String)]
    pub target: Token,
    /// SHA-256 of what is carried out.
    #[schema(value_type = String)]
    pub digest: Digest,
    /// The machine identity that used it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub used_at: Option<Instant>,
    /// The leaf that used or revoked it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
}

impl WarrantView {
    /// That of a change; none where it has none.
    pub(crate) fn of(names: &Names, change: &Change, now: Instant) -> Option<Self> {
        let warrant = change.warrant.as_ref()?;
        let warranted = governs(change.kind).warranted(&change.package.body)?;
        let standing = match warrant.standing(now) {
            Standing::Good => "good",
            Standing::Used => "used",
            Standing::Revoked => "revoked",
            Standing::Over => "over",
        };
        let used = warrant.used.as_ref();
        Some(Self {
            standing: standing.to_owned(),
            until: warrant.until,
            target: warranted.target,
            digest: warranted.digest,
            used_by: used.map(|used| names.person(&used.machine)),
            used_at: used.map(|used| used.at),
            entry: used.map(|used| used.index).or(warrant.revoked),
        })
    }
}
