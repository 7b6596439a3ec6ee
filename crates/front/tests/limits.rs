//! What a tenant's limit does to visitors, and what is counted of them, over real sockets.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

#[allow(dead_code, reason = "shared with another test")]
mod upstream;

use front::{Front, FrontClient, FrontError, Limit, Limits, Route, Routes, WallClock, write_routes};
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response, body::Bytes, body::Incoming};
use hyper_util::rt::TokioIo;
use model::{EngineId, Instant};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
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

fn now() -> Instant {
    Instant::from_millis(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis().try_into().unwrap())
}

fn limits(per_second: u32, burst: u32) -> Limits {
    let limit = Limit { from: None, until: None, per_second, burst };
    Limits { bucket: "tenant".parse().unwrap(), schedule: vec![limit] }
}

fn row(engine: u8, generation: u64, listen: SocketAddr, upstream: &Upstream, limits: Option<Limits>) -> Route {
    Route {
        engine: EngineId([engine; 16]),
        generation,
        listen,
        host: listen.to_string().parse().unwrap(),
        hosts: vec![],
        upstream: upstream.at,
        side: upstream.name.parse().unwrap(),
        bundle: model::Digest::ZERO,
        limits,
    }
}

async fn ask(listen: SocketAddr, path: &str, word: Option<&str>) -> Response<Incoming> {
    let stream = TcpStream::connect(listen).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let mut request = Request::get(path).header("host", listen.to_string());
    if let Some(word) = word {
        request = request.header("authorization", format!("Bearer {word}"));
    }
    sender.send_request(request.body(Full::<Bytes>::default()).unwrap()).await.unwrap()
}

async fn text(response: Response<Incoming>) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().into()).unwrap()
}

#[tokio::test]
async fn engines_of_one_tenant_share_its_limit_and_say_when_to_come_back() {
    let (dir, one, two) = (TempDir::new().unwrap(), free_address(), free_address());
    let (blue, green) = (Upstream::start("blue").await, Upstream::start("green").await);
    let mut closed = limits(0, 0);
    let table = |generation, limits: &Limits| Routes {
        generation,
        routes: vec![row(1, 1, one, &blue, Some(limits.clone())), row(2, 1, two, &green, Some(limits.clone()))],
    };
    closed.schedule[0].until = Some(now().plus_millis(100_000));
    write_routes(dir.path(), &table(1, &closed)).unwrap();
    let mut front = Front::open(dir.path()).await.unwrap();
    let client = FrontClient::new(dir.path());

    let closed = ask(one, "/", None).await;
    assert_eq!(closed.status(), 429);
    let retry: u64 = closed.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&retry), "{retry}");
    assert!(text(closed).await.contains("more requests at the moment than it may"));

    // Another limit is another table; the engine's own generation stays.
    write_routes(dir.path(), &table(2, &limits(1, 30))).unwrap();
    front.reload().await.unwrap();
    let (mut passed, mut refused) = (0, 0);
    let begun = std::time::Instant::now();
    for n in 0..80 {
        match ask(if n % 2 == 0 { one } else { two }, "/", None).await.status().as_u16() {
            200 => passed += 1,
            429 => refused += 1,
            other => panic!("{other}"),
        }
    }
    let share = 31 + begun.elapsed().as_secs();
    assert!((31..=share).contains(&passed) && refused == 80 - passed, "{passed} of 80 passed, {share} may");

    // The owner's probe passes, is not counted, and its word does not reach the engine.
    let word = client.status().await.unwrap().probe;
    let probe = ask(one, "/headers", Some(&word)).await;
    assert_eq!(probe.status(), 200);
    assert!(!text(probe).await.contains("authorization"));
    assert_eq!(ask(one, "/", Some("guessed")).await.status(), 429);

    let counts = client.health().await.unwrap().counts;
    let of = |engine| counts.iter().find(|counts| counts.engine == EngineId([engine; 16])).unwrap();
    assert_eq!(of(1).requests + of(2).requests, passed);
    assert_eq!(of(1).limited + of(2).limited, refused + 2);
    assert_eq!(of(1).errors + of(2).errors, 0);
    front.stop().await;
}

#[tokio::test]
async fn requests_are_counted_by_engine_and_generation() {
    let (dir, listen) = (TempDir::new().unwrap(), free_address());
    let (blue, green) = (Upstream::start("blue").await, Upstream::start("green").await);
    let client = FrontClient::new(dir.path());
    let table = |generation, upstream, limits| Routes {
        generation,
        routes: vec![row(1, generation, listen, upstream, limits)],
    };
    write_routes(dir.path(), &table(1, &blue, None)).unwrap();
    let mut front = Front::open(dir.path()).await.unwrap();
    for _ in 0..3 {
        assert_eq!(ask(listen, "/", None).await.status(), 200);
    }
    write_routes(dir.path(), &table(2, &green, None)).unwrap();
    front.reload().await.unwrap();
    let at = green.at;
    assert_eq!(ask(listen, "/", None).await.status(), 200);
    // Gone, its visitors get a 502: that is an error of this release.
    green.stop().await;
    assert!(TcpStream::connect(at).await.is_err());
    assert_eq!(ask(listen, "/", None).await.status(), 502);
    let counts = client.health().await.unwrap().counts;
    let seen: Vec<_> = counts.iter().map(|c| (c.generation, c.requests, c.errors, c.p99_ms().is_some())).collect();
    assert_eq!(seen, [(1, 3, 0, true), (2, 2, 1, true)]);
    front.stop().await;
}

#[tokio::test]
async fn a_body_that_breaks_off_is_no_error_of_the_release() {
    let (dir, listen) = (TempDir::new().unwrap(), free_address());
    let blue = Upstream::start("blue").await;
    let routes = Routes { generation: 1, routes: vec![row(1, 1, listen, &blue, None)] };
    write_routes(dir.path(), &routes).unwrap();
    let front = Front::open(dir.path()).await.unwrap();
    let mut stream = TcpStream::connect(listen).await.unwrap();
    let head =
        format!("POST /echo HTTP/1.1\r\nHost: {listen}\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nno size");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert_eq!(ask(listen, "/", None).await.status(), 200);
    let counts = FrontClient::new(dir.path()).health().await.unwrap().counts;
    assert_eq!((counts[0].requests, counts[0].errors), (1, 0));
    front.stop().await;
}

#[tokio::test]
async fn two_schedules_of_one_bucket_are_refused() {
    let (dir, one, two) = (TempDir::new().unwrap(), free_address(), free_address());
    let blue = Upstream::start("blue").await;
    let routes = vec![row(1, 1, one, &blue, Some(limits(1, 1))), row(2, 1, two, &blue, Some(limits(2, 1)))];
    let refused = write_routes(dir.path(), &Routes { generation: 1, routes }).unwrap_err();
    assert!(matches!(refused, FrontError::Refused { .. }), "{refused}");
}

#[tokio::test]
async fn an_exception_ends_at_its_instant() {
    let (dir, listen) = (TempDir::new().unwrap(), free_address());
    let blue = Upstream::start("blue").await;
    let until = now().plus_millis(1_500);
    let schedule = vec![
        Limit { from: None, until: Some(until), per_second: 1_000_000, burst: 1_000 },
        Limit { from: Some(until), until: None, per_second: 0, burst: 0 },
    ];
    let limits = Limits { bucket: "tenant".parse().unwrap(), schedule };
    let routes = Routes { generation: 1, routes: vec![row(1, 1, listen, &blue, Some(limits))] };
    write_routes(dir.path(), &routes).unwrap();
    let front = Front::open(dir.path()).await.unwrap();
    let deadline = std::time::Instant::now() + SOON;
    loop {
        let (sent, status) = (now(), ask(listen, "/", None).await.status());
        let answered = now();
        // Sent after the end: refused. Answered before it: passed. Between the two, either is right.
        assert!(status == 429 || sent < until, "passed after the end");
        assert!(status == 200 || answered >= until, "refused before the end");
        if sent >= until {
            break;
        }
        assert!(std::time::Instant::now() < deadline);
    }
    front.stop().await;
}

/// A clock that is moved by hand.
#[derive(Clone)]
struct Hand(Arc<AtomicI64>);

impl Hand {
    fn set(&self, at: Instant) {
        self.0.store(at.as_millis(), Ordering::SeqCst);
    }

    fn clock(&self) -> WallClock {
        let at = self.0.clone();
        Arc::new(move || Instant::from_millis(at.load(Ordering::SeqCst)))
    }
}

#[tokio::test]
async fn an_exception_that_was_over_stays_over_when_the_front_is_started_again_with_its_clock_set_back() {
    let (dir, listen) = (TempDir::new().unwrap(), free_address());
    let blue = Upstream::start("blue").await;
    let (begin, until) = (now(), now().plus_millis(600_000));
    let hand = Hand(Arc::default());
    hand.set(begin);
    let schedule = vec![
        Limit { from: None, until: Some(until), per_second: 1_000_000, burst: 1_000 },
        Limit { from: Some(until), until: None, per_second: 0, burst: 0 },
    ];
    let limits = Limits { bucket: "tenant".parse().unwrap(), schedule };
    write_routes(dir.path(), &Routes { generation: 1, routes: vec![row(1, 1, listen, &blue, Some(limits))] }).unwrap();
    let front = Front::open_at(dir.path(), hand.clock()).await.unwrap();
    assert_eq!(ask(listen, "/", None).await.status(), 200);
    // Nobody asks while it ends.
    hand.set(until);
    front.stop().await;
    hand.set(begin);
    let front = Front::open_at(dir.path(), hand.clock()).await.unwrap();
    assert_eq!(ask(listen, "/", None).await.status(), 429);
    assert_eq!(FrontClient::new(dir.path()).status().await.unwrap().damaged, None);
    front.stop().await;
    // Without its mark it goes by the clock, and says so.
    let mark = dir.path().join("clock.json");
    for damage in [Some("{\"latest_ms\":17"), None] {
        match damage {
            Some(text) => std::fs::write(&mark, text).unwrap(),
            None => std::fs::remove_file(&mark).unwrap(),
        }
        let front = Front::open_at(dir.path(), hand.clock()).await.unwrap();
        assert_eq!(ask(listen, "/", None).await.status(), 200);
        let told = FrontClient::new(dir.path()).status().await.unwrap().damaged.unwrap();
        assert!(told.contains("clock.json"), "{told}");
        front.stop().await;
    }
}

#[tokio::test]
async fn what_the_clock_of_a_front_has_shown_is_written_down_while_nobody_asks() {
    let (dir, hand) = (TempDir::new().unwrap(), Hand(Arc::default()));
    hand.set(now());
    let front = Front::open_at(dir.path(), hand.clock()).await.unwrap();
    let later = now().plus_millis(600_000);
    hand.set(later);
    let deadline = std::time::Instant::now() + SOON;
    let written = || std::fs::read_to_string(dir.path().join("clock.json")).unwrap();
    while !written().contains(&later.as_millis().to_string()) {
        assert!(std::time::Instant::now() < deadline, "{}", written());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    front.stop().await;
}
