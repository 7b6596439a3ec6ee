//! The accept loop and its orderly end.

use crate::Draining;
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::io;
use std::net::TcpListener;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

/// Connections at once; the next one waits in the kernel's queue.
const CONNECTIONS_MAX: usize = 2048;
/// Longest wait for a request's head, and of a kept connection for its next request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// What requests in progress get after the shutdown began.
const GRACE: Duration = Duration::from_secs(5);
/// Pause after an accept that failed for want of descriptors, so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves `router` until `shutdown` resolves; then accepts nothing more, lets requests in progress
/// end within 5 s, closes the rest and returns. Handlers see the beginning as [`Draining`].
/// HTTP/1.1 with kept connections. Fails only when the listener cannot be used at all.
pub async fn serve(listener: TcpListener, router: Router, shutdown: impl Future<Output = ()>) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let (drain, draining) = watch::channel(false);
    let draining = Draining::new(draining);
    let router = router.layer(axum::Extension(draining.clone()));
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let accept = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            biased;
            () = &mut shutdown => break,
            Some(_) = connections.join_next() => continue,
            accepted = accept => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                let (router, draining) = (router.clone(), draining.clone());
                connections.spawn(async move {
                    let _place = place;
                    connection(stream, router, draining).await;
                });
            }
            Err(cause) => {
                tracing::warn!(%cause, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    drain.send_replace(true);
    let ended = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, ended).await.is_err() {
        tracing::warn!(connections = connections.len(), "closed with requests in progress");
    }
    connections.shutdown().await;
    Ok(())
}

async fn connection(stream: TcpStream, router: Router, draining: Draining) {
    // Small answers must not wait for an acknowledgement; without the option they are only slower.
    if let Err(cause) = stream.set_nodelay(true) {
        tracing::debug!(%cause, "no TCP_NODELAY");
    }
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut served = pin!(served);
    let outcome = tokio::select! {
        outcome = served.as_mut() => outcome,
        () = draining.wait() => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(cause) = outcome {
        // Callers that hang up are normal; the cause names the connection's state, not its bytes.
        tracing::debug!(%cause, "a connection ended early");
    }
}
