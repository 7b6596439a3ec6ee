//! Limits of a tenant's quota, where more is needed than they allow.

use serde::{Deserialize, Serialize};

/// A limit of a tenant's quota that would be exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OverLimit {
    /// What is limited.
    pub limit: QuotaLimit,
    pub needed: u32,
    /// Allowed now.
    pub allowed: u32,
}

/// What of a tenant's quota is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuotaLimit {
    MemoryMib,
    Engines,
    StorageMib,
}

impl QuotaLimit {
    /// The question of a quota exception's form that raises it.
    pub fn field(self) -> &'static str {
        match self {
            Self::MemoryMib => "memory-mib",
            Self::Engines => "engines",
            Self::StorageMib => "storage-mib",
        }
    }

    /// As a person reads it.
    pub fn title(self) -> &'static str {
        match self {
            Self::MemoryMib => "MiB of memory",
            Self::Engines => "engines",
            Self::StorageMib => "MiB of declared storage",
        }
    }
}
