//! Connections: kept while serving, ended in order.

use crate::server::{raw, start};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

#[tokio::test]
async fn one_connection_serves_many_requests() {
    let server = start();
    let mut stream = TcpStream::connect(server.at).await.unwrap();
    for _ in 0..3 {
        let request = format!("GET /healthz HTTP/1.1\r\nhost: {}\r\n\r\n", server.at);
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut seen = Vec::new();
        while !seen.ends_with(b"}") {
            assert_ne!(stream.read_buf(&mut seen).await.unwrap(), 0, "the connection is kept");
        }
    }
}

#[tokio::test]
async fn a_shutdown_lets_requests_end_and_accepts_no_more() {
    let server = start();
    let (at, host) = (server.at, format!("host: {}\r\n", server.at));
    let last = tokio::spawn(async move { raw(at, "GET /v1/wait", &host, "").await });
    server.entered.notified().await;
    server.stop.send(()).unwrap();
    // Refused connections show that the listener is closed while the request is still open.
    while TcpStream::connect(at).await.is_ok() {
        tokio::task::yield_now().await;
    }
    server.release.notify_one();
    assert_eq!(last.await.unwrap().body, "released");
    server.done.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_shutdown_ends_polls_streams_and_idle_connections_at_once() {
    for (path, status, body) in [("/v1/poll", 503, "draining"), ("/v1/stream", 200, "drained")] {
        let server = start();
        let idle = TcpStream::connect(server.at).await.unwrap();
        let (at, host) = (server.at, format!("host: {}\r\n", server.at));
        let poll = tokio::spawn(async move { raw(at, &format!("GET {path}"), &host, "").await });
        server.entered.notified().await;
        let begun = std::time::Instant::now();
        server.stop.send(()).unwrap();
        let answer = poll.await.unwrap();
        assert_eq!(answer.status, status);
        assert!(answer.body.contains(body), "{}", answer.body);
        server.done.await.unwrap().unwrap();
        assert!(begun.elapsed() < Duration::from_secs(4), "the grace is for those that need it");
        drop(idle);
    }
}
