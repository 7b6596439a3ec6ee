//! A tiny engine for the tests: says its name, echoes, waits, drops connections.

use http_body_util::{BodyExt, Either, Full};
use hyper::{
    Request, Response,
    body::{Body, Bytes, Frame, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use std::{
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, mpsc, watch},
};

/// One running engine.
pub struct Upstream {
    pub name: String,
    pub at: SocketAddr,
    /// Each permit lets one `/slow` end.
    pub gate: Arc<Semaphore>,
    /// Requests to `/flaky`; those with an even number before them are dropped.
    pub flaky: Arc<AtomicU64>,
    stop: watch::Sender<bool>,
}

type Answer = Response<Either<Full<Bytes>, Channel>>;

/// A body fed from a channel.
pub struct Channel(mpsc::Receiver<Bytes>);

impl Body for Channel {
    type Data = Bytes;
    type Error = std::convert::Infallible;
    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.0.poll_recv(cx).map(|item| item.map(|bytes| Ok(Frame::data(bytes))))
    }
}

impl Upstream {
    pub async fn start(name: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (stop, stopped) = watch::channel(false);
        let (gate, flaky) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicU64::new(0)));
        let upstream = Self {
            name: name.to_owned(),
            at: listener.local_addr().unwrap(),
            gate: gate.clone(),
            flaky: flaky.clone(),
            stop,
        };
        let name = name.to_owned();
        tokio::spawn(accept(listener, name, gate, flaky, stopped));
        upstream
    }

    /// Ends like an engine does: no new connection, requests in flight finish, idle connections close.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        self.stop.closed().await;
    }
}

async fn accept(
    listener: TcpListener,
    name: String,
    gate: Arc<Semaphore>,
    flaky: Arc<AtomicU64>,
    mut stopped: watch::Receiver<bool>,
) {
    loop {
        let stream = tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return,
            accepted = listener.accept() => accepted.unwrap().0,
        };
        let (name, gate, flaky, mut stopped) = (name.clone(), gate.clone(), flaky.clone(), stopped.clone());
        tokio::spawn(async move {
            let service = service_fn(move |request| answer(name.clone(), gate.clone(), flaky.clone(), request));
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            tokio::pin!(connection);
            let stop = async { drop(stopped.wait_for(|stop| *stop).await) };
            tokio::select! {
                _ = connection.as_mut() => return,
                () = stop => connection.as_mut().graceful_shutdown(),
            }
            let _ = connection.await;
        });
    }
}

async fn answer(
    name: String,
    gate: Arc<Semaphore>,
    flaky: Arc<AtomicU64>,
    request: Request<Incoming>,
) -> Result<Answer, &'static str> {
    let full = |text: String| Ok(Response::new(Either::Left(Full::from(text))));
    match request.uri().path() {
        "/headers" => {
            let lines: Vec<_> =
                request.headers().iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
            let seen = lines.join("\n") + "\n";
            let mut response = full(seen)?;
            response.headers_mut().insert("connection", "x-private".parse().unwrap());
            response.headers_mut().insert("x-private", "1".parse().unwrap());
            Ok(response)
        }
        "/echo" => full(
            String::from_utf8(request.into_body().collect().await.map_err(|_| "the body broke")?.to_bytes().into())
                .unwrap(),
        ),
        "/slow" => {
            let (send, receive) = mpsc::channel(1);
            tokio::spawn(async move {
                if send.send(Bytes::from("begin ")).await.is_ok() {
                    tokio::select! {
                        permit = gate.acquire() => { permit.unwrap().forget(); let _ = send.send(Bytes::from("end")).await; }
                        () = send.closed() => {}
                    }
                }
            });
            Ok(Response::new(Either::Right(Channel(receive))))
        }
        "/flaky" if flaky.fetch_add(1, Ordering::SeqCst).is_multiple_of(2) => Err("dropped on purpose"),
        _ => full(name),
    }
}
