//! What a listener's peers can and cannot do to each other.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::service::service_fn;
use hyper::{Request, Response, body::Incoming};
use listener::Limits;
use std::convert::Infallible;
use std::future::pending;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;

const SOON: Duration = Duration::from_secs(10);
const ASK: &[u8] = b"GET / HTTP/1.1\r\nhost: shop\r\n\r\n";
/// More than the kernel keeps for a peer that reads nothing.
const LARGE: usize = 32 << 20;

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    match request.uri().path() {
        "/wait" => pending().await,
        "/large" => Ok(Response::new(Full::from(vec![b'x'; LARGE]))),
        _ => Ok(Response::new(Full::from("here"))),
    }
}

async fn start(limits: Limits) -> SocketAddr {
    start_counting(limits, watch::channel(0).0).await
}

async fn start_counting(limits: Limits, begun: watch::Sender<u32>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let service = move |_| {
        let begun = begun.clone();
        service_fn(move |request| {
            begun.send_modify(|begun| *begun += 1);
            answer(request)
        })
    };
    tokio::spawn(listener::serve(listener, limits, pending(), service));
    at
}

async fn send(at: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(at).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream
}

/// What comes until the end, or until an answer has come.
async fn heard(stream: &mut TcpStream) -> String {
    let mut bytes = vec![0; 4096];
    let length = tokio::time::timeout(SOON, stream.read(&mut bytes)).await.expect("it answers or closes").unwrap_or(0);
    String::from_utf8_lossy(&bytes[..length]).into_owned()
}

#[tokio::test]
async fn a_head_that_drips_is_cut_off_at_its_deadline() {
    let at = start(Limits { head_within: Duration::from_millis(200), ..Limits::new(8) }).await;
    let mut kept = send(at, ASK).await;
    assert!(heard(&mut kept).await.ends_with("here"));
    for mut stream in [send(at, b"G").await, kept] {
        let (mut reader, mut writer) = stream.split();
        let drip = async {
            // Each byte in good time, the head never.
            while writer.write_all(b"G").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let mut end = Vec::new();
        let closed = async { drop(reader.read_to_end(&mut end).await) };
        tokio::time::timeout(SOON, async {
            tokio::select! { () = drip => {}, () = closed => {} }
        })
        .await
        .expect("it is closed");
    }
}

#[tokio::test]
async fn a_kept_connection_may_be_silent_for_longer_than_a_head() {
    let head_within = Duration::from_millis(50);
    let at = start(Limits { head_within, ..Limits::new(8) }).await;
    let mut kept = send(at, ASK).await;
    assert!(heard(&mut kept).await.ends_with("here"));
    tokio::time::sleep(head_within * 4).await;
    kept.write_all(ASK).await.unwrap();
    assert!(heard(&mut kept).await.ends_with("here"));
}

#[tokio::test]
async fn who_does_not_take_an_answer_is_closed() {
    let at = start(Limits { stalled_within: Duration::from_millis(200), ..Limits::new(1) }).await;
    let stalled = send(at, b"GET /large HTTP/1.1\r\nhost: shop\r\n\r\n").await;
    // The only place is given back when the stalled connection ends.
    assert!(heard(&mut send(at, ASK).await).await.ends_with("here"));
    drop(stalled);
}

#[tokio::test]
async fn a_peer_with_its_whole_share_in_requests_leaves_places_to_others() {
    let (begun, count) = watch::channel(0);
    let at = start_counting(Limits::new(4), begun).await;
    let mut waiting = vec![];
    for _ in 0..3 {
        waiting.push(send(at, b"GET /wait HTTP/1.1\r\nhost: shop\r\n\r\n").await);
    }
    count.clone().wait_for(|begun| *begun == 3).await.unwrap();
    assert!(heard(&mut send(at, ASK).await).await.starts_with("HTTP/1.1 503 "));
    let other = TcpSocket::new_v4().unwrap();
    other.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut other = other.connect(at).await.unwrap();
    other.write_all(ASK).await.unwrap();
    assert!(heard(&mut other).await.ends_with("here"));
}
