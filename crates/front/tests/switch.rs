//! What visitors and the owner rely on: nothing is lost in a switch, nothing goes back, nothing strange is served.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

mod upstream;

use front::{Front, FrontClient, FrontError, Route, Routes, read_routes, write_routes};
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response, StatusCode, body::Bytes, body::Incoming, client::conn::http1::SendRequest};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
use model::EngineId;
use std::{
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use upstream::Upstream;

const SOON: Duration = Duration::from_secs(10);

fn free_address() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn route(listen: SocketAddr, upstream: SocketAddr, side: &str) -> Route {
    Route {
        engine: EngineId([1; 16]),
        generation: 1,
        listen,
        host: listen.to_string().parse().unwrap(),
        hosts: vec![],
        upstream,
        side: side.parse().unwrap(),
        bundle: model::Digest::ZERO,
        limits: None,
    }
}

fn one(generation: u64, listen: SocketAddr, upstream: SocketAddr, side: &str) -> Routes {
    Routes { generation, routes: vec![route(listen, upstream, side)] }
}

async fn open(dir: &Path, routes: &Routes) -> (Front, FrontClient) {
    write_routes(dir, routes).unwrap();
    (Front::open(dir).await.unwrap(), FrontClient::new(dir))
}

/// One kept-alive connection.
async fn connect(to: SocketAddr) -> SendRequest<Full<Bytes>> {
    let stream = TcpStream::connect(to).await.unwrap();
    let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

fn request(method: &str, listen: SocketAddr, path: &str, body: &'static str) -> Request<Full<Bytes>> {
    Request::builder().method(method).uri(path).header("host", listen.to_string()).body(Full::from(body)).unwrap()
}

async fn text(response: Response<Incoming>) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().into()).unwrap()
}

async fn raw(to: SocketAddr, head: &str) -> String {
    let mut stream = TcpStream::connect(to).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

async fn get(listen: SocketAddr, path: &str) -> (StatusCode, String) {
    let response = connect(listen).await.send_request(request("GET", listen, path, "")).await.unwrap();
    (response.status(), text(response).await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_switches_under_load_lose_nothing() {
    let dir = TempDir::new().unwrap();
    let listen = free_address();
    let mut serving = Upstream::start("side-0").await;
    let (mut front, client) = open(dir.path(), &one(1, listen, serving.at, "side-0")).await;
    let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let hammers: Vec<_> = (0..6)
        .map(|n| {
            let (stop, answered) = (stop.clone(), answered.clone());
            tokio::spawn(async move {
                let visitor: Client<HttpConnector, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
                while !stop.load(Ordering::Relaxed) {
                    let (method, path, body) =
                        if n % 2 == 0 { ("GET", "/", "") } else { ("POST", "/echo", "some words") };
                    let sent = Request::builder()
                        .method(method)
                        .uri(format!("http://{listen}{path}"))
                        .body(Full::from(body))
                        .unwrap();
                    let response = visitor.request(sent).await.unwrap();
                    assert_eq!(response.status(), 200);
                    let said = text(response).await;
                    assert!(if n % 2 == 0 { said.starts_with("side-") } else { said == body }, "{said}");
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for generation in 2..=51 {
        let before = answered.load(Ordering::Relaxed);
        while answered.load(Ordering::Relaxed) < before + 6 {
            tokio::task::yield_now().await;
        }
        let side = format!("side-{generation}");
        let next = Upstream::start(&side).await;
        write_routes(dir.path(), &one(generation, listen, next.at, &side)).unwrap();
        assert_eq!(front.reload().await.unwrap(), generation);
        client.applied(generation, SOON).await.unwrap();
        client.drained(&serving.name.parse().unwrap(), SOON).await.unwrap();
        // The drained engine really ends; whoever still used it would fail.
        serving.stop().await;
        serving = next;
    }
    stop.store(true, Ordering::Relaxed);
    for hammer in hammers {
        hammer.await.unwrap();
    }
    assert!(answered.load(Ordering::Relaxed) >= 300);
    assert!(client.status().await.unwrap().in_flight.is_empty());
    front.stop().await;
}

#[tokio::test]
async fn a_kept_connection_moves_at_its_next_request() {
    let dir = TempDir::new().unwrap();
    let (blue, green, listen) = (Upstream::start("blue").await, Upstream::start("green").await, free_address());
    let (mut front, _) = open(dir.path(), &one(1, listen, blue.at, "blue")).await;
    let mut visitor = connect(listen).await;
    assert_eq!(text(visitor.send_request(request("GET", listen, "/", "")).await.unwrap()).await, "blue");
    write_routes(dir.path(), &one(2, listen, green.at, "green")).unwrap();
    front.reload().await.unwrap();
    assert_eq!(text(visitor.send_request(request("GET", listen, "/", "")).await.unwrap()).await, "green");
}

#[tokio::test]
async fn drained_means_that_the_last_byte_has_left_the_engine() {
    let dir = TempDir::new().unwrap();
    let (blue, green, listen) = (Upstream::start("blue").await, Upstream::start("green").await, free_address());
    let (mut front, client) = open(dir.path(), &one(1, listen, blue.at, "blue")).await;
    let mut response = connect(listen).await.send_request(request("GET", listen, "/slow", "")).await.unwrap();
    let first = response.body_mut().frame().await.unwrap().unwrap().into_data().unwrap();
    assert_eq!(first, "begin ", "a body is passed on while it is made");
    write_routes(dir.path(), &one(2, listen, green.at, "green")).unwrap();
    front.reload().await.unwrap();
    assert_eq!(get(listen, "/").await.1, "green");
    let side = "blue".parse().unwrap();
    assert!(
        matches!(client.drained(&side, Duration::from_millis(20)).await, Err(FrontError::NotYet(what)) if what.contains("1 requests"))
    );
    assert_eq!(client.status().await.unwrap().in_flight.get(&side), Some(&1));
    let waiting = tokio::spawn({
        let (client, side) = (client.clone(), side.clone());
        async move { client.drained(&side, SOON).await }
    });
    blue.gate.add_permits(1);
    assert_eq!(text(response).await, "end");
    waiting.await.unwrap().unwrap();
    client.drained(&"unknown".parse().unwrap(), Duration::ZERO).await.unwrap();
}

#[tokio::test]
async fn a_visitor_who_leaves_is_not_in_flight() {
    let dir = TempDir::new().unwrap();
    let (blue, listen) = (Upstream::start("blue").await, free_address());
    let (_front, client) = open(dir.path(), &one(1, listen, blue.at, "blue")).await;
    let mut stream = TcpStream::connect(listen).await.unwrap();
    stream.write_all(format!("GET /slow HTTP/1.1\r\nHost: {listen}\r\n\r\n").as_bytes()).await.unwrap();
    stream.read_u8().await.unwrap();
    drop(stream);
    client.drained(&"blue".parse().unwrap(), SOON).await.unwrap();
}

#[tokio::test]
async fn any_other_host_is_misdirected() {
    let dir = TempDir::new().unwrap();
    let (blue, listen) = (Upstream::start("blue").await, free_address());
    let (_front, _) = open(dir.path(), &one(1, listen, blue.at, "blue")).await;
    for head in [
        format!("GET / HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", listen.port()),
        "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n".to_owned(),
        "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".to_owned(),
        format!("GET / HTTP/1.1\r\nHost: {listen}\r\nHost: {listen}\r\n\r\n"),
        format!("GET http://evil.example/ HTTP/1.1\r\nHost: {listen}\r\n\r\n"),
        "GET / HTTP/1.0\r\n\r\n".to_owned(),
    ] {
        let answer = raw(listen, &head).await;
        assert!(answer.contains(" 421 ") && !answer.contains("blue"), "{head}{answer}");
    }
    let good =
        raw(listen, &format!("GET http://{listen}/ HTTP/1.1\r\nHost: {listen}\r\nConnection: close\r\n\r\n")).await;
    assert!(good.contains(" 200 ") && good.contains("blue"), "{good}");
    let tunnel =
        raw(listen, &format!("CONNECT {listen} HTTP/1.1\r\nHost: {listen}\r\nConnection: close\r\n\r\n")).await;
    assert!(tunnel.contains(" 400 "), "{tunnel}");
}

#[tokio::test]
async fn an_engine_sees_who_asked_and_nothing_of_the_hop() {
    let dir = TempDir::new().unwrap();
    let (blue, listen) = (Upstream::start("blue").await, free_address());
    let (_front, _) = open(dir.path(), &one(1, listen, blue.at, "blue")).await;
    let head = format!(
        "GET /headers HTTP/1.1\r\nHost: {listen}\r\nX-Forwarded-For: 6.6.6.6\r\nUpgrade: h2c\r\nX-Hop: 1\r\nConnection: close, x-hop\r\n\r\n"
    );
    let answer = raw(listen, &head).await;
    let (answer_head, seen) = answer.split_once("\r\n\r\n").unwrap();
    assert!(seen.contains(&format!("host: {listen}\n")) && seen.contains("x-forwarded-for: 127.0.0.1\n"), "{seen}");
    assert!(
        seen.contains(&format!("x-forwarded-host: {listen}\n")) && seen.contains("x-forwarded-proto: http\n"),
        "{seen}"
    );
    assert!(!seen.contains("6.6.6.6") && !seen.contains("upgrade") && !seen.contains("x-hop"), "{seen}");
    assert!(!answer_head.contains("x-private"), "{answer_head}");
}

#[tokio::test]
async fn too_much_is_refused() {
    let dir = TempDir::new().unwrap();
    let (blue, listen) = (Upstream::start("blue").await, free_address());
    let (_front, _) = open(dir.path(), &one(1, listen, blue.at, "blue")).await;
    let large = raw(
        listen,
        &format!("POST /echo HTTP/1.1\r\nHost: {listen}\r\nContent-Length: 70000000\r\nConnection: close\r\n\r\n"),
    )
    .await;
    assert!(large.contains(" 413 "), "{large}");
    let fields = "X-A: 1\r\n".repeat(101);
    let many = raw(listen, &format!("GET / HTTP/1.1\r\nHost: {listen}\r\n{fields}\r\n")).await;
    assert!(many.contains(" 431 "), "{many}");
}

#[tokio::test]
async fn an_engine_that_is_down_is_a_page_and_only_harmless_requests_are_sent_again() {
    let dir = TempDir::new().unwrap();
    let (blue, listen) = (Upstream::start("blue").await, free_address());
    let (mut front, _) = open(dir.path(), &one(1, listen, free_address(), "dead")).await;
    let (status, page) = get(listen, "/").await;
    assert_eq!(status, 502);
    assert!(page.contains("does not answer"), "{page}");
    write_routes(dir.path(), &one(2, listen, blue.at, "blue")).unwrap();
    front.reload().await.unwrap();
    // The upstream drops the connection of every second request to this path, the first one included.
    assert_eq!(get(listen, "/flaky").await, (StatusCode::OK, "blue".to_owned()));
    let post = connect(listen).await.send_request(request("POST", listen, "/flaky", "pay")).await.unwrap();
    assert_eq!(post.status(), 502);
    assert_eq!(blue.flaky.load(Ordering::SeqCst), 3, "the payment was sent once");
}

#[tokio::test]
async fn a_generation_is_never_taken_back() {
    let dir = TempDir::new().unwrap();
    let (blue, green, listen) = (Upstream::start("blue").await, Upstream::start("green").await, free_address());
    let (mut front, client) = open(dir.path(), &one(7, listen, blue.at, "blue")).await;
    assert!(matches!(Front::open(dir.path()).await, Err(FrontError::Busy(_))));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut two = one(9, listen, green.at, "green");
    two.routes.push(route(taken.local_addr().unwrap(), green.at, "green"));
    for (routes, expected) in [
        (one(6, listen, green.at, "green"), "generation 7 is applied already"),
        (one(7, listen, green.at, "green"), "under the same number"),
        (two, "cannot listen on"),
    ] {
        write_routes(dir.path(), &routes).unwrap();
        assert!(front.reload().await.unwrap_err().to_string().contains(expected), "{expected}");
        let status = client.status().await.unwrap();
        assert_eq!((status.generation, status.routes[0].upstream), (7, blue.at));
        assert!(status.refused.unwrap().contains(expected));
        assert_eq!(get(listen, "/").await.1, "blue");
    }
    assert!(
        matches!(client.applied(9, SOON).await, Err(FrontError::Refused { generation: 9, .. })),
        "a refusal is told at once"
    );
    assert!(matches!(
        client.applied(10, Duration::from_millis(10)).await,
        Err(FrontError::Refused { .. } | FrontError::NotYet(_))
    ));
    std::fs::write(dir.path().join("routes.json"), "{").unwrap();
    assert!(matches!(front.reload().await, Err(FrontError::Content { .. })));
    front.stop().await;

    for leftover in
        [Some("{".to_owned()), Some(serde_json::to_string(&one(3, listen, green.at, "green")).unwrap()), None]
    {
        match leftover {
            Some(text) => std::fs::write(dir.path().join("routes.json"), text).unwrap(),
            None => std::fs::remove_file(dir.path().join("routes.json")).unwrap(),
        }
        let front = Front::open(dir.path()).await.unwrap();
        assert_eq!(get(listen, "/").await.1, "blue", "a new front serves what was applied");
        assert_eq!(client.status().await.unwrap().generation, 7);
        front.stop().await;
    }
}

#[tokio::test]
async fn a_table_with_two_meanings_is_not_written() {
    let dir = TempDir::new().unwrap();
    let (listen, up) = (free_address(), free_address());
    let twice = Routes { generation: 1, routes: vec![route(listen, up, "a"), route(listen, up, "a")] };
    assert!(write_routes(dir.path(), &twice).unwrap_err().to_string().contains("twice"));
    let sides = Routes { generation: 1, routes: vec![route(listen, up, "a"), route(free_address(), listen, "a")] };
    assert!(write_routes(dir.path(), &sides).unwrap_err().to_string().contains("two upstreams"));
    assert!(write_routes(dir.path(), &one(1, "127.0.0.1:0".parse().unwrap(), up, "a")).is_err());
    assert_eq!(read_routes(dir.path()).unwrap(), None);
    write_routes(dir.path(), &one(1, listen, up, "a")).unwrap();
    assert_eq!(read_routes(dir.path()).unwrap(), Some(one(1, listen, up, "a")));
}

#[tokio::test]
async fn an_address_comes_and_goes_with_its_route() {
    let dir = TempDir::new().unwrap();
    let (blue, first, second) = (Upstream::start("blue").await, free_address(), free_address());
    let (mut front, _) = open(dir.path(), &one(1, first, blue.at, "blue")).await;
    let mut kept = connect(first).await;
    assert_eq!(kept.send_request(request("GET", first, "/", "")).await.unwrap().status(), 200);
    write_routes(dir.path(), &one(2, second, blue.at, "blue")).unwrap();
    front.reload().await.unwrap();
    assert_eq!(get(second, "/").await.1, "blue");
    // The address is given up by its own task: once it can be taken, nobody listens there.
    while std::net::TcpListener::bind(first).is_err() {
        tokio::task::yield_now().await;
    }
    assert!(kept.send_request(request("GET", first, "/", "")).await.is_err());
}

#[tokio::test]
async fn a_stop_finishes_what_is_in_flight() {
    let dir = TempDir::new().unwrap();
    let (blue, listen) = (Upstream::start("blue").await, free_address());
    let (front, client) = open(dir.path(), &one(1, listen, blue.at, "blue")).await;
    let response = connect(listen).await.send_request(request("GET", listen, "/slow", "")).await.unwrap();
    let stopping = tokio::spawn(front.stop());
    while TcpStream::connect(listen).await.is_ok() {
        tokio::task::yield_now().await;
    }
    blue.gate.add_permits(1);
    assert_eq!(text(response).await, "begin end");
    stopping.await.unwrap();
    assert!(client.identity().unwrap().is_none());
    assert!(matches!(client.status().await, Err(FrontError::Unreachable { .. })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_sent_requests_of_one_client_do_not_block_the_shop() {
    // Both ends of each connection are files of this process.
    let files = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let most = rustix::process::Rlimit { current: files.maximum, ..files };
    rustix::process::setrlimit(rustix::process::Resource::Nofile, most).unwrap();
    let dir = TempDir::new().unwrap();
    let listen = free_address();
    let serving = Upstream::start("side-0").await;
    let (front, _client) = open(dir.path(), &one(1, listen, serving.at, "side-0")).await;
    let mut half_sent = vec![];
    for _ in 0..1_100 {
        let mut stream = TcpStream::connect(listen).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost:").await.unwrap();
        half_sent.push(stream);
    }
    let answer = tokio::time::timeout(Duration::from_secs(5), get(listen, "/")).await.expect("the shop answers");
    assert_eq!(answer.0, 200);
    drop(half_sent);
    front.stop().await;
}
