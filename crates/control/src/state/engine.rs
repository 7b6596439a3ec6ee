//! What the ledger says of engines.

use model::{Bundle, ChangeId, Digest, Instant, NodeId, Side, TenantId, Token};
use serde::{Deserialize, Serialize};
use signed::{Counted, EngineProfile, Served};

/// From the port of an engine's front to those of its sides, blue and green, as every engine is registered here.
const SIDES_ABOVE: [u16; 2] = [1_000, 2_000];
/// Most host names of an engine.
pub const HOSTS_MAX: usize = 16;

/// The ports of the sides of an engine whose front has this port; none where they would be no ports.
pub fn side_ports(port: u16) -> Option<[u16; 2]> {
    let [blue, green] = SIDES_ABOVE;
    Some([port.checked_add(blue)?, port.checked_add(green)?])
}

/// A bundle that a deployment made effective.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certified {
    pub bundle: Bundle,
    pub change: ChangeId,
    /// In which leaf.
    pub index: u64,
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

/// That a bundle was started beside what served, was healthy, and was stopped again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rehearsed {
    /// Digest of the bundle.
    pub bundle: Digest,
    /// The change that tried it.
    pub change: ChangeId,
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
    /// What may be deployed on it.
    pub profile: EngineProfile,
    /// The host names it may answer under, sorted.
    pub hosts: Vec<Token>,
    /// Generation of its route, from 0 (nothing has served).
    pub generation: u64,
    /// What serves.
    pub serving: Option<Served>,
    /// Certified bundles; the top one serves, or is served again by an undrain.
    pub stack: Vec<Certified>,
    /// Whether a change on it ended without anybody reading what serves.
    pub unverified: bool,
    /// The last word that the release in service regressed under its visitors.
    pub regressed: Option<Regressed>,
    /// The last word that the release in service died or hung.
    pub restarted: Option<Restarted>,
    /// The last bundle that was tried on it.
    pub rehearsed: Option<Rehearsed>,
    /// The hashes of the credentials its processes were started with, blue and green.
    pub credentials: [Option<Digest>; 2],
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

    /// What a rollback of it could restore: what it leads to now, and what it would lead to once something else serves.
    pub fn restorable(&self) -> impl Iterator<Item = Bundle> + use<> {
        let (top, below) = (self.stack.last(), self.fallback());
        let below = below.filter(|below| top.is_none_or(|top| top.bundle != below.bundle));
        [top, below].into_iter().flatten().map(|certified| certified.bundle).collect::<Vec<_>>().into_iter()
    }

    /// The port of a side.
    pub fn side_port(&self, side: Side) -> u16 {
        match side {
            Side::Blue => self.side_ports[0],
            Side::Green => self.side_ports[1],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::side_ports;

    #[test]
    fn an_engine_has_a_port_only_where_its_sides_have_theirs() {
        assert_eq!(side_ports(8_101), Some([9_101, 10_101]));
        assert_eq!(side_ports(63_535), Some([64_535, 65_535]));
        assert_eq!(side_ports(63_536), None);
    }
}
