//! The route table: written by its owner, served by the front.

use crate::{FrontError, Limits, file, limits};
use model::{Digest, EngineId, Token};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    path::Path,
};

/// Highest generation of a table: beyond it nothing could overtake a table that was damaged.
const MAX_GENERATION: u64 = 1 << 53;
/// Most routes of one front.
pub const MAX_ROUTES: usize = 1_000;
/// Its file.
pub const ROUTES: &str = "routes.json";

/// One table. A table never changes; another one has a higher generation.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Routes {
    /// Counts up with every change.
    pub generation: u64,
    /// One for each engine that serves.
    pub routes: Vec<Route>,
}

/// Where requests for one engine go.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    pub engine: EngineId,
    /// Generation of this engine's route, as its owner counts it: requests are counted by it.
    pub generation: u64,
    /// Where visitors connect, for example `127.0.0.1:8101`; one engine each.
    pub listen: SocketAddr,
    /// The Host that is served there, for example `127.0.0.1:8101`.
    pub host: Token,
    /// The names that are served there too, with the port or without, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<Token>,
    /// Where the engine listens.
    pub upstream: SocketAddr,
    /// Names that running engine process: one side has one upstream, over all engines. `drained` asks by it.
    pub side: Token,
    /// Digest of the bundle that serves: what people signed as one.
    pub bundle: Digest,
    /// How many requests of its tenant are let through; absent: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
}

impl Route {
    /// Whether a request for this Host is served by it.
    pub(crate) fn answers_to(&self, host: &str) -> bool {
        let port = self.listen.port().to_string();
        let name = host.rsplit_once(':').filter(|(_, given)| *given == port).map_or(host, |(name, _)| name);
        let own = host.eq_ignore_ascii_case(self.host.as_str());
        own || self.hosts.iter().any(|known| name.eq_ignore_ascii_case(known.as_str()))
    }

    /// Whether two rows lead the same way, whatever their limits.
    pub fn leads_like(&self, other: &Self) -> bool {
        let way = |route: &Self| Self { limits: None, ..route.clone() };
        way(self) == way(other)
    }
}

impl Routes {
    /// Whether two tables say the same, whatever the order of their routes.
    pub(crate) fn same(&self, other: &Self) -> bool {
        let sorted = |routes: &Self| {
            let mut all = routes.routes.clone();
            all.sort_by_key(|route| route.listen);
            all
        };
        self.generation == other.generation && sorted(self) == sorted(other)
    }

    /// The rules that need no other table.
    pub(crate) fn check(&self) -> Result<(), FrontError> {
        let refuse = |what| Err(FrontError::Refused { generation: self.generation, what });
        if self.generation > MAX_GENERATION {
            return refuse(format!("a generation is at most {MAX_GENERATION}"));
        }
        if self.routes.len() > MAX_ROUTES {
            return refuse(format!("{} routes, at most {MAX_ROUTES} are allowed", self.routes.len()));
        }
        let (mut listens, mut sides) = (BTreeSet::new(), BTreeMap::new());
        for route in &self.routes {
            if !listens.insert(route.listen) {
                return refuse(format!("{} is there twice", route.listen));
            }
            if route.listen.port() == 0 {
                return refuse("a listening port of 0 is no address to give to visitors".to_owned());
            }
            if *sides.entry(&route.side).or_insert(route.upstream) != route.upstream {
                return refuse(format!("the side `{}` has two upstreams", route.side));
            }
        }
        limits::check_all(self.generation, self.routes.iter().filter_map(|route| route.limits.as_ref()))
    }
}

/// Writes `dir/routes.json` durably. The front takes it at its next start or SIGHUP.
pub fn write_routes(dir: &Path, routes: &Routes) -> Result<(), FrontError> {
    routes.check()?;
    file::write(dir, ROUTES, routes)
}

/// Reads `dir/routes.json`; none when nothing was written yet.
pub fn read_routes(dir: &Path) -> Result<Option<Routes>, FrontError> {
    let routes: Option<Routes> = file::read(dir, ROUTES)?;
    routes.map_or(Ok(None), |routes| routes.check().map(|()| Some(routes)))
}
