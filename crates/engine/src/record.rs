//! What this runtime knows of one engine: one file, replaced as a whole, so its parts never disagree.

use confine::{Enforced, Identity};
use model::{Digest, EngineId, Instant, Side, Token};
use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, SocketAddr};

/// Slots of an engine.
pub(crate) const SLOTS: usize = 2;

/// The place of a side among the two records of an engine.
pub(crate) fn slot(side: Side) -> u8 {
    match side {
        Side::Blue => 0,
        Side::Green => 1,
    }
}

/// The side of such a place.
pub(crate) fn side(slot: u8) -> Side {
    if slot == 0 { Side::Blue } else { Side::Green }
}

/// Which engine, and where visitors find it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Site {
    /// The engine.
    pub engine: EngineId,
    /// The front's port for it, on 127.0.0.1.
    pub port: u16,
}

/// What serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Serving {
    /// From which slot.
    pub slot: u8,
    /// Which artifact.
    pub artifact: Digest,
}

/// The record of one engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    pub(crate) engine: EngineId,
    /// The front's port.
    pub(crate) port: u16,
    /// Its own user and group; absent where engines run as the service does.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) user: Option<u32>,
    /// Generation of the route: 0 before the first deployment.
    pub(crate) generation: u64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) serving: Option<Serving>,
    /// A switch whose end is not recorded: the front may have applied it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) pending: Option<Pending>,
    pub(crate) slots: [Option<SlotRecord>; SLOTS],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pending {
    pub(crate) generation: u64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) serving: Option<Serving>,
}

/// What was started in a slot. Written before the process is, so a crash in between leaves a trace to find it by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SlotRecord {
    pub(crate) artifact: Digest,
    pub(crate) product: Token,
    pub(crate) version: Token,
    pub(crate) health: Token,
    pub(crate) port: u16,
    pub(crate) since: Instant,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) process: Option<Identity>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) enforced: Option<Enforced>,
}

impl SlotRecord {
    pub(crate) fn listen(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))
    }

    pub(crate) fn is_alive(&self) -> bool {
        self.process.as_ref().is_some_and(Identity::is_alive)
    }
}

impl Record {
    pub(crate) fn new(site: Site) -> Self {
        Self {
            engine: site.engine,
            port: site.port,
            user: None,
            generation: 0,
            serving: None,
            pending: None,
            slots: [None, None],
        }
    }

    pub(crate) fn slot(&self, slot: u8) -> Option<&SlotRecord> {
        self.slots.get(usize::from(slot))?.as_ref()
    }

    pub(crate) fn serving_slot(&self) -> Option<(Serving, Option<&SlotRecord>)> {
        self.serving.map(|serving| (serving, self.slot(serving.slot)))
    }

    /// Whether requests may be led to the slot, now or after a crash in the middle of a switch.
    pub(crate) fn leads_to(&self, slot: u8) -> bool {
        let pending = self.pending.and_then(|pending| pending.serving);
        [self.serving, pending].iter().flatten().any(|serving| serving.slot == slot)
    }

    /// The route to a slot that was started, in a generation; its limits are the front's owner's to add.
    pub(crate) fn route(&self, generation: u64, serving: Serving) -> Option<front::Route> {
        let slot = self.slot(serving.slot)?;
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        Some(front::Route {
            engine: self.engine,
            generation,
            listen,
            host: listen.to_string().parse().expect("an address is digits, dots and a colon"),
            upstream: slot.listen(),
            slot: slot_name(&self.engine, serving.slot),
            limits: None,
        })
    }

    /// The route that is recorded as being in force.
    pub(crate) fn own_route(&self) -> Option<front::Route> {
        self.serving.and_then(|serving| self.route(self.generation, serving))
    }
}

/// The front's name of one running engine process.
pub(crate) fn slot_name(engine: &EngineId, slot: u8) -> Token {
    format!("{engine}.{slot}").parse().expect("an id and a digit are a token")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_switch_in_the_middle_protects_both_slots() {
        let serving = |slot| Some(Serving { slot, artifact: Digest::ZERO });
        let mut record = Record::new(Site { engine: EngineId([1; 16]), port: 8101 });
        assert!(!record.leads_to(0) && !record.leads_to(1));
        record.serving = serving(0);
        assert!(record.leads_to(0) && !record.leads_to(1));
        record.pending = Some(Pending { generation: 2, serving: serving(1) });
        assert!(record.leads_to(0) && record.leads_to(1));
        assert_eq!(record.route(1, serving(1).unwrap()), None, "nothing was started there");
    }
}
