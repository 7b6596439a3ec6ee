//! What this runtime knows of one engine: one file, replaced as a whole, so its parts never disagree.

use crate::Setup;
use artifact::Health;
use confine::{Enforced, Identity};
use model::{Bundle, Digest, EngineId, Instant, Side, TenantId, Token};
use serde::{Deserialize, Serialize};
use signed::Served;
use std::net::{Ipv4Addr, SocketAddr};

/// Where a side is kept among the two of an engine.
pub(crate) fn place(side: Side) -> usize {
    match side {
        Side::Blue => 0,
        Side::Green => 1,
    }
}

/// Which engine, whose it is, and where visitors find it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Site {
    pub engine: EngineId,
    /// Its tenant, whose secrets alone its processes are given.
    pub tenant: TenantId,
    /// The front's port for it, on 127.0.0.1.
    pub port: u16,
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
    pub(crate) serving: Option<Served>,
    /// A switch whose end is not recorded: the front may have applied it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) pending: Option<Pending>,
    pub(crate) sides: [Option<SideRecord>; 2],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pending {
    pub(crate) generation: u64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) serving: Option<Served>,
}

/// What was started on a side. Written before the process is, so a crash in between leaves a trace to find it by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SideRecord {
    pub(crate) bundle: Bundle,
    pub(crate) setup: Setup,
    pub(crate) product: Token,
    pub(crate) version: Token,
    pub(crate) health: Health,
    pub(crate) port: u16,
    pub(crate) since: Instant,
    /// Whether what a step had started here ended, and the watch started it again.
    #[serde(default)]
    pub(crate) restarted: bool,
    /// What the ledger knows its credential by, which the vault keeps; none where that is lost.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) credential: Option<Digest>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) process: Option<Identity>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) enforced: Option<Enforced>,
}

impl SideRecord {
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
            sides: [None, None],
        }
    }

    pub(crate) fn side(&self, side: Side) -> Option<&SideRecord> {
        self.sides[place(side)].as_ref()
    }

    /// Puts what was started on a side into the record, or takes it out.
    pub(crate) fn put(&mut self, side: Side, started: Option<SideRecord>) {
        self.sides[place(side)] = started;
    }

    /// Every side on which something was started.
    pub(crate) fn started(&self) -> impl Iterator<Item = (Side, &SideRecord)> {
        [Side::Blue, Side::Green].into_iter().filter_map(|side| Some((side, self.side(side)?)))
    }

    pub(crate) fn serving_side(&self) -> Option<(Served, Option<&SideRecord>)> {
        self.serving.map(|serving| (serving, self.side(serving.side)))
    }

    /// Whether what serves may use an AI lease and nobody knows by which credential any more.
    pub(crate) fn has_lost_its_lease(&self) -> bool {
        let serving = self.serving_side().and_then(|(_, side)| side);
        serving.is_some_and(|side| side.bundle.lease.is_some() && side.credential.is_none())
    }

    /// Whether requests may be led to the side, now or after a crash in the middle of a switch.
    pub(crate) fn leads_to(&self, side: Side) -> bool {
        let pending = self.pending.and_then(|pending| pending.serving);
        [self.serving, pending].iter().flatten().any(|serving| serving.side == side)
    }

    /// The route to a side that was started, in a generation; its limits are the front's owner's to add.
    pub(crate) fn route(&self, generation: u64, serving: Served) -> Option<front::Route> {
        let side = self.side(serving.side)?;
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        Some(front::Route {
            engine: self.engine,
            generation,
            listen,
            host: listen.to_string().parse().expect("an address is digits, dots and a colon"),
            hosts: side.setup.config.as_ref().map(|config| config.hosts.clone()).unwrap_or_default(),
            upstream: side.listen(),
            side: side_name(&self.engine, serving.side),
            bundle: serving.bundle.digest(),
            limits: None,
        })
    }

    /// A process stays where only what it is bound to differs: it is the serving bundle's from now on.
    pub(crate) fn bind(&mut self) {
        let Some(serving) = self.serving else { return };
        if let Some(side) = &mut self.sides[place(serving.side)] {
            side.bundle = serving.bundle;
        }
    }

    /// The route that is recorded as being in force.
    pub(crate) fn own_route(&self) -> Option<front::Route> {
        self.serving.and_then(|serving| self.route(self.generation, serving))
    }
}

/// The control group of one running engine process: no other on this machine has its port.
pub(crate) fn group_name(engine: &EngineId, side: Side, port: u16) -> String {
    format!("{engine}.{side}.{port}")
}

/// The front's name of one running engine process.
pub(crate) fn side_name(engine: &EngineId, side: Side) -> Token {
    format!("{engine}.{side}").parse().expect("an id and a digit are a token")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_switch_in_the_middle_protects_both_sides() {
        let serving = |side| Some(Served { side, bundle: Bundle::of(Digest::ZERO) });
        let mut record = Record::new(Site { engine: EngineId([1; 16]), tenant: TenantId([1; 16]), port: 8101 });
        assert!(!record.leads_to(Side::Blue) && !record.leads_to(Side::Green));
        record.serving = serving(Side::Blue);
        assert!(record.leads_to(Side::Blue) && !record.leads_to(Side::Green));
        record.pending = Some(Pending { generation: 2, serving: serving(Side::Green) });
        assert!(record.leads_to(Side::Blue) && record.leads_to(Side::Green));
        assert_eq!(record.route(1, serving(Side::Green).unwrap()), None, "nothing was started there");
    }
}
