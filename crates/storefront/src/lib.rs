//! The sample engine: a small shop as one process, for the artifact *POD Storefront Core*.
//!
//! It is a real engine and not a mock of one: pages from a sealed release directory, carts that survive
//! restarts and release changes in a data directory of its own, a theme when it is given one, a health path that tells the
//! truth, and an orderly stop. It needs no scripts and no network beyond its one listening address.

mod bound;
mod cart;
mod error;
mod html;
mod pages;
mod preview;
mod release;
mod releases;
mod routes;
mod shop;
mod theme_dir;
mod themes;
mod worn;

pub use bound::{ARTIFACT, Bound, BoundTheme, HOSTS, THEME, THEME_DIR};
pub use cart::{Cart, CartStore};
pub use error::StorefrontError;
pub use preview::{PREVIEW_POLICY, PREVIEW_SANDBOX, Preview, preview, preview_style};
pub use release::{Item, Release};
pub use releases::{ReleaseFile, releases};
pub use shop::Shop;
pub use theme_dir::{ServedFile, ThemeFiles, check_theme};
pub use themes::{ShippedTheme, themes};

use hyper_util::service::TowerToHyperService;
use listener::Limits;
use std::{future::Future, net::SocketAddr, path::PathBuf, time::Duration};
use tokio::net::TcpListener;

/// Connections at once, within the open files that Engine Runtime gives an engine.
const CONNECTIONS_MAX: usize = 768;

/// How long requests in flight may still take after the stop signal.
pub const STOP_WITHIN: Duration = Duration::from_secs(5);

/// Where one storefront runs.
#[derive(Clone, Debug)]
pub struct StorefrontOptions {
    /// The unpacked artifact; read once at start, never written.
    pub release_dir: PathBuf,
    /// The tenant's own directory: `carts/` is written, an optional `shop.json` is read (see [`Shop`]).
    pub data_dir: PathBuf,
    /// Where to listen, plain HTTP on loopback.
    pub listen: SocketAddr,
    /// Generation of the engine, repeated by `/healthz` so that a probe can tell whom it asked.
    pub generation: Option<u64>,
}

/// A storefront that has read its release and holds its port.
pub struct Storefront {
    listener: TcpListener,
    state: routes::AppState,
}

impl Storefront {
    /// Reads release and theme, opens the carts and takes the port.
    pub async fn bind(options: &StorefrontOptions, bound: &Bound) -> Result<Self, StorefrontError> {
        let release = Release::load(&options.release_dir)?;
        let shop = Shop::load(&options.data_dir)?;
        let theme = bound.theme.as_ref().map(worn::Worn::load).transpose()?;
        let carts = CartStore::open(&options.data_dir.join("carts"))?;
        let listener = TcpListener::bind(options.listen)
            .await
            .map_err(|source| StorefrontError::Listen { listen: options.listen, source })?;
        let (artifact, generation) = (bound.artifact, options.generation);
        let (notice, hosts) = (bound.notice.clone(), bound.hosts.clone());
        let inner = routes::Inner { release, shop, theme, notice, hosts, carts, artifact, generation };
        let state = routes::AppState::new(inner);
        Ok(Self { listener, state })
    }

    /// The address it really listens on (the port is chosen by the system when 0 was asked for).
    pub fn local_addr(&self) -> Result<SocketAddr, StorefrontError> {
        self.listener.local_addr().map_err(StorefrontError::Serve)
    }

    /// Serves until `stop` is ready; then takes no new connection and gives those in flight [`STOP_WITHIN`].
    pub async fn serve(self, stop: impl Future<Output = ()>) {
        let router = routes::router(self.state);
        // One peer alone, the front, may have every connection.
        let limits = Limits { per_peer: CONNECTIONS_MAX, ..Limits::new(CONNECTIONS_MAX) }.stop_within(STOP_WITHIN);
        let service = |_| TowerToHyperService::new(router.clone());
        listener::serve(self.listener, limits, stop, service).await;
    }
}

/// Binds and serves until `stop` is ready.
pub async fn run(
    options: StorefrontOptions,
    bound: Bound,
    stop: impl Future<Output = ()>,
) -> Result<(), StorefrontError> {
    Storefront::bind(&options, &bound).await?.serve(stop).await;
    Ok(())
}

/// The whole process, bound to what its environment names: serves until SIGTERM or SIGINT.
pub fn main(options: StorefrontOptions) -> Result<(), StorefrontError> {
    use tokio::signal::unix::{SignalKind, signal};
    let bound = Bound::from_env()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(StorefrontError::Serve)?;
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate()).map_err(StorefrontError::Serve)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(StorefrontError::Serve)?;
        run(options, bound, async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        })
        .await
    })
}
