//! Bodies, times and places are bounded, and each bound says so.

use crate::server::{raw, start};

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
