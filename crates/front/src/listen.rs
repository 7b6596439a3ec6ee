//! The listening addresses: taken before a table is applied, given up after.

use crate::{
    FrontError, Routes,
    proxy::{Proxy, Visitor},
};
use hyper::service::service_fn;
use listener::Limits;
use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};
use tokio::{net::TcpListener, sync::watch};

/// Visitors' connections of one listening address at one time.
const MAX_CONNECTIONS: usize = 1_024;
/// Requests in flight get this long at the end.
const STOP_WITHIN: Duration = Duration::from_secs(10);

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
            tracing::warn!("front: stopped with requests still in flight after {} s", STOP_WITHIN.as_secs());
        }
    }
}

async fn accept(listener: TcpListener, listen: SocketAddr, proxy: Arc<Proxy>, mut stopped: watch::Receiver<bool>) {
    let stop = async { drop(stopped.wait_for(|stop| *stop).await) };
    let limits = Limits::new(MAX_CONNECTIONS).stop_within(STOP_WITHIN);
    let visitor = |peer| {
        let (visitor, proxy) = (Visitor { listen, peer }, proxy.clone());
        service_fn(move |request| {
            let proxy = proxy.clone();
            async move { Ok::<_, Infallible>(proxy.answer(visitor, request).await) }
        })
    };
    listener::serve(listener, limits, stop, visitor).await;
}
