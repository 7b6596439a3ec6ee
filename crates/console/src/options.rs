//! What the console is started with, and its life.

use crate::app::App;
use crate::{ConsoleError, credential, live, probe, refresh, routes};
use api::{RouteLimits, Shell, ShellOptions};
use model::Service;
use std::future::Future;
use std::net::TcpListener;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use warrant::{ServiceKey, Trust};

/// Longest time a decision or a draft may take: executors observe within 30 s.
const ACTION: Duration = Duration::from_secs(45);

/// What the console is started with.
pub struct ConsoleOptions {
    /// Its own directory: replica and snapshots.
    pub dir: PathBuf,
    /// Where it listens, bound already (loopback).
    pub listener: TcpListener,
    /// Base URLs of the sources, as `http://127.0.0.1:8080`.
    pub sources: Vec<(Service, String)>,
    /// The ledger it trusts; absent: there is none yet, and the pages say so.
    pub trust: Option<Trust>,
    /// In a demonstration only: the data directory whose `demo.json` names the personas and their
    /// key files, which the visitor then acts with.
    pub personas: Option<PathBuf>,
    /// Its own key, which the ledger's roster lists; absent: it reads no texts, and its pages say so.
    pub key: Option<ServiceKey>,
    /// The product's version.
    pub version: String,
}

/// Serves the pages until `shutdown` resolves.
///
/// # Errors
/// When its directory, its replica or its listener cannot be used.
pub async fn run(options: ConsoleOptions, shutdown: impl Future<Output = ()>) -> Result<(), ConsoleError> {
    let dir = |source| ConsoleError::Dir { path: options.dir.clone(), source };
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&options.dir).map_err(dir)?;
    let listen = options.listener.local_addr().map_err(ConsoleError::Serve)?;
    let listener = options.listener.try_clone().map_err(ConsoleError::Serve)?;
    let version = options.version.clone();
    let app = Arc::new(App::open(options, listen)?);
    let tasks = [
        tokio::spawn(probe::run(Arc::clone(&app))),
        tokio::spawn(credential::run(Arc::clone(&app))),
        tokio::spawn(refresh::run(Arc::clone(&app))),
        tokio::spawn(refresh::watch_events(Arc::clone(&app))),
    ];
    let follow = app.follower.clone().map(|follower| tokio::spawn(follower.run(std::future::pending())));
    let shell = Shell::new(ShellOptions::new("console", version, listen));
    let long = RouteLimits::default().body_bytes(64 << 10).timeout(ACTION);
    let shell = routes::SLOW.iter().fold(shell, |shell, route| shell.limits(*route, long));
    let shell = shell.limits(live::PATH, RouteLimits::long_poll());
    let router = shell.router(routes::all(app));
    let served = api::serve(listener, router, shutdown).await;
    tasks.iter().chain(follow.iter()).for_each(tokio::task::JoinHandle::abort);
    served.map_err(ConsoleError::Serve)
}
