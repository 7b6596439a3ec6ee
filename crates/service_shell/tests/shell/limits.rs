//! Bodies, times and places are bounded, and each bound says so.

use crate::server::{raw, start};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

#[tokio::test]
async fn bodies_are_bounded_announced_or_not() {
    let server = start();
    assert_eq!(server.post("/v1/tiny", "", "12345678").await.body, "12345678");
    let announced = server.post("/v1/tiny", "", "123456789").await;
    assert_eq!((announced.status, announced.code().as_str()), (413, "body.too_large"));
    let headers = format!("host: {}\r\ntransfer-encoding: chunked\r\n", server.at);
    let chunked = raw(server.at, "POST /v1/tiny", &headers, "9\r\n123456789\r\n0\r\n\r\n").await;
    assert_eq!((chunked.status, chunked.code().as_str()), (413, "body.too_large"));
    let big = format!("host: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n", server.at, (1 << 20) + 1);
    assert_eq!(raw(server.at, "POST /v1/things", &big, "").await.code(), "body.too_large", "1 MiB by default");
}

/// More than the buffers between the two hold: who sends it goes on sending long after it was refused.
#[tokio::test]
async fn who_is_refused_before_all_was_sent_reads_the_refusal() {
    let server = start();
    for (line, length, code) in [
        ("POST /v1/tiny", "content-length: 33554432\r\n", "body.too_large"),
        ("POST /v1/things", "content-length: 33554432\r\n", "body.too_large"),
        ("GET /v1/whoami", "content-length: 33554432\r\n", "body.too_large"),
        ("GET /v1/held", "content-length: 1000000\r\n", "change.held"),
    ] {
        let headers = format!("host: {}\r\ncontent-type: application/json\r\n{length}", server.at);
        let bytes: usize = length.trim_start_matches("content-length: ").trim_end().parse().unwrap();
        let answer = raw(server.at, line, &headers, &"x".repeat(bytes)).await;
        assert_eq!(answer.code(), code, "{line}");
    }
}

/// Nobody keeps a connection by sending on what nobody wants.
#[tokio::test]
async fn what_nobody_wants_is_not_read_without_end() {
    let server = start();
    let begin = async |length: u64| {
        let mut stream = TcpStream::connect(server.at).await.unwrap();
        let head = format!("POST /v1/tiny HTTP/1.1\r\nhost: {}\r\ncontent-length: {length}\r\n\r\n", server.at);
        stream.write_all(head.as_bytes()).await.unwrap();
        stream
    };
    let within = Duration::from_secs(8);
    let mut endless = begin(1 << 40).await;
    let piece = vec![b'x'; 1 << 20];
    let sent = async {
        let mut pieces = 0;
        while endless.write_all(&piece).await.is_ok() {
            pieces += 1;
        }
        pieces
    };
    let pieces = tokio::time::timeout(within, sent).await.unwrap();
    assert!((32..128).contains(&pieces), "{pieces} MiB were read");
    let mut silent = begin(1 << 40).await;
    let mut answer = vec![];
    drop(tokio::time::timeout(within, silent.read_to_end(&mut answer)).await.expect("the connection is closed"));
    assert!(String::from_utf8_lossy(&answer).contains("body.too_large"));
}

#[tokio::test]
async fn a_slow_route_is_answered_unknown_and_not_left_open() {
    let server = start();
    let answer = server.get("/v1/never").await;
    assert_eq!((answer.status, answer.code().as_str()), (504, "request.timeout"));
}

#[tokio::test]
async fn those_who_wait_shut_out_nobody_who_does() {
    let server = start();
    let (at, host) = (server.at, format!("host: {}\r\n", server.at));
    let first = tokio::spawn(async move { raw(at, "GET /v1/poll", &host, "").await });
    server.entered.notified().await;
    assert_eq!(server.get("/v1/poll").await.code(), "busy", "waiting has places of its own, and they are counted");
    assert_eq!(server.get("/v1/held").await.code(), "change.held", "and doing has the others");
    server.release.notify_one();
    assert_eq!(first.await.unwrap().body, "released");
}

#[tokio::test]
async fn a_full_service_says_busy_and_still_answers_its_probes() {
    let server = start();
    let (at, host) = (server.at, format!("host: {}\r\n", server.at));
    let first = tokio::spawn(async move { raw(at, "GET /v1/wait", &host, "").await });
    server.entered.notified().await;
    let busy = server.get("/v1/held").await;
    assert_eq!((busy.status, busy.code().as_str()), (503, "busy"));
    assert!(busy.head.contains("retry-after: 1"), "{}", busy.head);
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(server.get(path).await.status, 200, "{path}");
    }
    server.release.notify_one();
    assert_eq!(first.await.unwrap().body, "released");
    assert_eq!(server.get("/v1/held").await.code(), "change.held");
}
