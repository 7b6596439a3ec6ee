//! Accepting, serving, and ending.

use crate::Limits;
use crate::places::{Place, Places};
use crate::request::CountedService;
use crate::stream::Watched;
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::error::Error;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Most headers of a request.
const HEADERS_MAX: usize = 100;
/// Largest head, request line included, in bytes.
const HEAD_MAX_BYTES: usize = 64 << 10;
/// Pause after an accept that failed with nobody to close for it, so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// What a peer is told that has its whole share in requests.
const BUSY: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// Serves HTTP/1.1 with kept connections until `stop` resolves; then accepts nothing more, lets requests in
/// progress end within the limit, closes the rest and returns. `service` makes what answers one peer.
pub async fn serve<S, B>(
    listener: TcpListener,
    limits: Limits,
    stop: impl Future<Output = ()>,
    service: impl Fn(SocketAddr) -> S,
) where
    S: Service<Request<Incoming>, Response = Response<B>> + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    B: Body + Unpin + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let places = Places::new(limits);
    let (end, ending) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        let accept = async {
            places.room().await;
            listener.accept().await
        };
        let accepted = tokio::select! {
            biased;
            () = &mut stop => break,
            Some(_) = connections.join_next() => continue,
            accepted = accept => accepted,
        };
        match accepted {
            Ok((stream, peer)) => match places.admit(peer.ip()) {
                Some(place) => {
                    let service = service(peer);
                    connections.spawn(connection(stream, limits, place, service, ending.clone()));
                }
                None => refuse(&stream, peer),
            },
            Err(cause) => {
                let shed = places.shed();
                tracing::warn!(%cause, shed, "listener: a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    end.send_replace(true);
    let ended = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(limits.stop_within, ended).await.is_err() {
        tracing::warn!(connections = connections.len(), "listener: closed with requests in progress");
    }
    connections.shutdown().await;
}

fn refuse(stream: &TcpStream, peer: SocketAddr) {
    // Whether the peer still hears it is its own affair.
    let told = stream.try_write(BUSY).is_ok();
    tracing::debug!(%peer, told, "listener: a peer has as many requests in progress as its share");
}

async fn connection<S, B>(
    stream: TcpStream,
    limits: Limits,
    place: Arc<Place>,
    service: S,
    mut ending: watch::Receiver<bool>,
) where
    S: Service<Request<Incoming>, Response = Response<B>>,
    S::Future: Send + 'static,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    B: Body + Unpin + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    // Small answers must not wait for an acknowledgement; without the option they are only slower.
    if let Err(cause) = stream.set_nodelay(true) {
        tracing::debug!(%cause, "listener: no TCP_NODELAY");
    }
    let stream = Watched::new(stream, limits, Arc::clone(&place));
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.idle_within)
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEAD_MAX_BYTES)
        .serve_connection(TokioIo::new(stream), CountedService { service, place: Arc::clone(&place) });
    let mut served = pin!(served);
    // A dropped sender is the same word.
    let ended = async { drop(ending.wait_for(|ending| *ending).await) };
    let outcome = tokio::select! {
        outcome = served.as_mut() => outcome,
        () = place.taken() => return,
        () = ended => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(cause) = outcome {
        // Callers that hang up are normal; the cause names the connection's state, not its bytes.
        tracing::debug!(%cause, "listener: a connection ended early");
    }
}
