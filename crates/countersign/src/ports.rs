//! Which port everything listens on: fixed distances from one base, so that one number moves all.

use crate::child::Child;
use model::Service;
use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, SocketAddr};

/// The default base, which gives the well-known ports (Governance 8080, …).
pub const BASE: u16 = 8080;
/// The highest base whose engine slots still have ports.
pub const BASE_MAX: u16 = 63_000;

/// Ports of one installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ports {
    base: u16,
}

impl Ports {
    /// From a base.
    pub fn new(base: u16) -> Option<Self> {
        (1..=BASE_MAX).contains(&base).then_some(Self { base })
    }

    /// The base.
    pub fn base(self) -> u16 {
        self.base
    }

    /// A service's address.
    pub fn service(self, service: Service) -> SocketAddr {
        loopback(self.base + (service.port() - BASE))
    }

    /// A service's URL.
    pub fn url(self, service: Service) -> String {
        format!("http://{}", self.service(service))
    }

    /// The console's address.
    pub fn console(self) -> SocketAddr {
        loopback(self.base + 8)
    }

    /// The console's URL: another host name than the engines', whose cookies it must not share.
    pub fn console_url(self) -> String {
        format!("http://localhost:{}", self.base + 8)
    }

    /// Where a child listens.
    pub fn child(self, child: Child) -> SocketAddr {
        match child {
            Child::Service(service) => self.service(service),
            Child::Console => self.console(),
        }
    }

    /// The front's port of the nth engine (from 0): 8101 with the default base.
    pub fn engine(self, n: u16) -> u16 {
        self.base + 21 + n
    }
}

fn loopback(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_base_gives_the_well_known_ports() {
        let ports = Ports::new(BASE).unwrap();
        for service in Service::ALL {
            assert_eq!(ports.service(*service).port(), service.port());
        }
        assert_eq!(ports.console().port(), 8088);
        assert_eq!(ports.engine(0), 8101);
        assert_eq!(Ports::new(0), None);
        assert_eq!(Ports::new(BASE_MAX + 1), None);
    }
}
