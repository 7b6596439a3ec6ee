//! What the ledger says of engines and artifacts.

use crate::Bundle;
use model::{ChangeId, Digest, Instant, NodeId, Side, TenantId, Token};
use serde::{Deserialize, Serialize};
use signed::{Act, Counted, Served};

/// A bundle that a deployment made effective.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certified {
    pub bundle: Bundle,
    pub change: ChangeId,
    /// In which leaf.
    pub index: u64,
}

/// What serves, and from which side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Serving {
    pub side: Side,
    pub bundle: Bundle,
}

impl Serving {
    /// The same as a service reports it.
    pub fn served(&self) -> Served {
        Served { side: self.side, artifact: self.bundle.artifact }
    }
}

/// That visitors' requests of a minute crossed a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Regressed {
    pub counted: Counted,
    /// When it was said.
    pub at: Instant,
    /// In which leaf.
    pub index: u64,
}

/// That what serves died or hung.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restarted {
    /// How often it was started again.
    pub count: u32,
    /// How often that failed.
    pub failed: u32,
    /// When it was said.
    pub at: Instant,
    /// In which leaf.
    pub index: u64,
}

/// An engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Engine {
    pub tenant: TenantId,
    pub node: NodeId,
    /// The front's port.
    pub port: u16,
    /// The ports of its sides, blue and green.
    pub side_ports: [u16; 2],
    /// Generation of its route, from 0 (nothing has served).
    pub generation: u64,
    /// What serves.
    pub serving: Option<Serving>,
    /// Certified bundles; the top one serves, or is served again by an undrain.
    pub stack: Vec<Certified>,
    /// Whether a change on it ended without anybody reading what serves.
    pub unverified: bool,
    /// The last word that the release in service regressed under its visitors.
    pub regressed: Option<Regressed>,
    /// The last word that the release in service died or hung.
    pub restarted: Option<Restarted>,
    /// Leaf that registered it.
    pub index: u64,
}

impl Engine {
    /// The bundle that serves.
    pub fn bundle(&self) -> Option<Bundle> {
        self.serving.map(|serving| serving.bundle)
    }

    /// Whether what serves is the last bundle that was certified. It is not between a running change's
    /// switch and its end, and after a change that people reconciled: that certifies nothing.
    pub(crate) fn serves_certified(&self) -> bool {
        self.stack.last().map(|top| top.bundle) == self.bundle()
    }

    /// What a rollback leads to: the certified bundle below what serves; where what serves is not
    /// certified, the last that is.
    pub fn fallback(&self) -> Option<&Certified> {
        let below = if self.serves_certified() { 2 } else { 1 };
        self.stack.len().checked_sub(below).and_then(|below| self.stack.get(below))
    }

    /// The side that the next release is prepared on.
    pub fn next_side(&self) -> Side {
        self.serving.map_or(Side::Blue, |serving| serving.side.other())
    }

    /// The port of a side.
    pub fn side_port(&self, side: Side) -> u16 {
        match side {
            Side::Blue => self.side_ports[0],
            Side::Green => self.side_ports[1],
        }
    }
}

/// A published artifact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    pub product: Token,
    pub version: Token,
    /// Memory it needs, MiB.
    pub memory_mib: u32,
    /// Leaf that published it.
    pub index: u64,
}

impl Artifact {
    pub(crate) fn of(act: &Act, index: u64) -> Option<(Digest, Self)> {
        match act {
            Act::PublishArtifact { artifact, product, version, memory_mib } => {
                let (product, version) = (product.clone(), version.clone());
                Some((*artifact, Self { product, version, memory_mib: *memory_mib, index }))
            }
            _ => None,
        }
    }
}
