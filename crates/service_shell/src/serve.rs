//! A service's router on its listener, and its orderly end.

use crate::Draining;
use axum::Router;
use hyper_util::service::TowerToHyperService;
use listener::Limits;
use std::io;
use std::net::TcpListener;
use tokio::sync::watch;

/// Connections at once.
const CONNECTIONS_MAX: usize = 2048;

/// Serves `router` until `shutdown` resolves; then accepts nothing more, lets requests in progress
/// end within 5 s, closes the rest and returns. Handlers see the beginning as [`Draining`].
/// HTTP/1.1 with kept connections, within the limits of [`listener`]. Fails only when the listener
/// cannot be used at all.
pub async fn serve(listener: TcpListener, router: Router, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let (drain, draining) = watch::channel(false);
    let router = router.layer(axum::Extension(Draining::new(draining)));
    let stop = async {
        shutdown.await;
        drain.send_replace(true);
    };
    let service = |_| TowerToHyperService::new(router.clone());
    listener::serve(listener, Limits::new(CONNECTIONS_MAX), stop, service).await;
    Ok(())
}
