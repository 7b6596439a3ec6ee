//! The listening addresses: taken before a table is applied, given up after.

use crate::{
    FrontError, Routes,
    proxy::{Proxy, Visitor},
};
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
};

/// Visitors' connections of one listening address at one time; more wait in the kernel's queue.
const MAX_CONNECTIONS: usize = 1_024;
/// A request's head must be complete this long after it was due; also how long an idle connection is kept.
const HEAD_WITHIN: Duration = Duration::from_secs(30);
const MAX_HEADERS: usize = 100;
/// Largest head, request line included.
const MAX_HEAD_BYTES: usize = 64 << 10;
/// Requests in flight get this long at the end.
const STOP_WITHIN: Duration = Duration::from_secs(10);
/// After the system gave no connection (most often: no file left), so the loop does not spin.
const PAUSE: Duration = Duration::from_millis(50);

/// Every address this front listens on.
#[derive(Default)]
pub(crate) struct Listeners {
    /// The sender stops accepting and every connection; its receivers are all of them.
    running: BTreeMap<SocketAddr, watch::Sender<bool>>,
}

impl Listeners {
    /// Takes the addresses of a table that are not held yet; all or none.
    pub(crate) async fn prepare(&self, routes: &Routes) -> Result<Vec<(SocketAddr, TcpListener)>, FrontError> {
        let mut taken = Vec::new();
        for listen in routes.routes.iter().map(|route| route.listen).filter(|listen| !self.running.contains_key(listen))
        {
            let listener = TcpListener::bind(listen).await.map_err(|source| FrontError::Listen {
                generation: routes.generation,
                listen,
                source,
            })?;
            taken.push((listen, listener));
        }
        Ok(taken)
    }

    /// Serves what was prepared and gives up what the table no longer has.
    pub(crate) fn commit(&mut self, routes: &Routes, taken: Vec<(SocketAddr, TcpListener)>, proxy: &Arc<Proxy>) {
        for (listen, listener) in taken {
            let (stop, stopped) = watch::channel(false);
            tokio::spawn(accept(listener, listen, proxy.clone(), stopped));
            self.running.insert(listen, stop);
        }
        let wanted: BTreeSet<_> = routes.routes.iter().map(|route| route.listen).collect();
        // Dropping the sender is the same word as `true`; connections finish their request and close.
        self.running.retain(|listen, _| wanted.contains(listen));
    }

    /// Stops accepting and waits for what is in flight, at most 10 s.
    pub(crate) async fn stop(self) {
        for stop in self.running.values() {
            stop.send_replace(true);
        }
        let all_closed = async {
            for stop in self.running.values() {
                stop.closed().await;
            }
        };
        if tokio::time::timeout(STOP_WITHIN, all_closed).await.is_err() {
            tracing::warn!("stopped with requests still in flight after {} s", STOP_WITHIN.as_secs());
        }
    }
}

async fn accept(listener: TcpListener, listen: SocketAddr, proxy: Arc<Proxy>, mut stopped: watch::Receiver<bool>) {
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let next = async {
            // The semaphore lives as long as this loop and is never closed.
            let place = room.clone().acquire_owned().await.ok();
            (place, listener.accept().await)
        };
        let accepted = tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return,
            accepted = next => accepted,
        };
        match accepted {
            (place, Ok((stream, peer))) => {
                let (proxy, stopped) = (proxy.clone(), stopped.clone());
                tokio::spawn(async move {
                    serve(stream, Visitor { listen, peer }, proxy, stopped).await;
                    drop(place);
                });
            }
            (_, Err(error)) => {
                tracing::error!(%error, %listen, "no connection can be accepted at the moment");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, visitor: Visitor, proxy: Arc<Proxy>, mut stopped: watch::Receiver<bool>) {
    // Only latency is lost where it cannot be set.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let proxy = proxy.clone();
        async move { Ok::<_, Infallible>(proxy.answer(visitor, request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let stop = async { drop(stopped.wait_for(|stop| *stop).await) };
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        // A visitor who goes away is no event of ours.
        tracing::debug!(%error, peer = %visitor.peer, "a connection ended early");
    }
}
