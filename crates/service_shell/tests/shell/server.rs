//! A server with one route for each thing the shell does, and a caller that speaks raw HTTP/1.1.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use model::Instant;
use service_shell::{Auth, Bearer, Check, Declare as _, Draining, Entry, Problem, RouteLimits, Shell, ShellOptions};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use utoipa_axum::{router::OpenApiRouter, routes};

#[derive(serde::Deserialize, utoipa::ToSchema)]
struct Thing {
    size: u32,
}

#[utoipa::path(post, path = "/v1/things", request_body = Thing, responses((status = 200)))]
async fn things(Json(thing): Json<Thing>) -> String {
    thing.size.to_string()
}

async fn whoami(Bearer(digest): Bearer) -> String {
    digest.to_string()
}

async fn explode() -> StatusCode {
    let secret = "secret-in-a-panic";
    panic!("{secret}");
}

/// A running server and the ends a test pulls.
pub struct Server {
    pub at: SocketAddr,
    pub stop: oneshot::Sender<()>,
    pub done: JoinHandle<std::io::Result<()>>,
    pub entered: Arc<Notify>,
    pub release: Arc<Notify>,
    pub ready: Arc<AtomicBool>,
}

pub fn start() -> Server {
    let listener = service_shell::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let at = listener.local_addr().unwrap();
    let (entered, release, ready) = (Arc::new(Notify::new()), Arc::new(Notify::new()), Arc::new(AtomicBool::new(true)));
    let waiting = {
        let (entered, release) = (Arc::clone(&entered), Arc::clone(&release));
        move || async move {
            entered.notify_one();
            release.notified().await;
            "released"
        }
    };
    let stream = {
        let entered = Arc::clone(&entered);
        move |draining: Draining| async move {
            entered.notify_one();
            draining.wait().await;
            "drained"
        }
    };
    let routes = OpenApiRouter::default()
        .declared(Entry::Leaf, Auth::Signed, routes!(things))
        .route("/v1/wait", get(waiting.clone()))
        .route("/v1/poll", get(waiting))
        .route("/v1/stream", get(stream))
        .route("/v1/never", get(std::future::pending::<()>))
        .route("/v1/tiny", post(async |body: String| body))
        .route("/v1/whoami", get(whoami))
        .route("/v1/explode", get(explode))
        .route("/v1/html", get(async || (StatusCode::NOT_FOUND, [(header::CONTENT_TYPE, "text/html")], "<p>none</p>")))
        .route(
            "/v1/held",
            get(async || Problem::refused("change.held", "it is on hold", "release it").entry(7).into_response()),
        );
    let mut options = ShellOptions::new("governance", "1.2.3", at);
    options.in_flight_max = 1;
    let shell = Shell::new(options)
        .limits("/v1/tiny", RouteLimits::default().body_bytes(8))
        .limits("/v1/never", RouteLimits::default().timeout(Duration::from_millis(20)))
        .limits("/v1/poll", RouteLimits::long_poll());
    let counter = prometheus_client::metrics::counter::Counter::<u64>::default();
    counter.inc();
    shell.metrics().register(|registry| registry.register("leaves", "Leaves appended", counter));
    let ok = Arc::clone(&ready);
    let shell = shell.ready(move || {
        let ok = ok.load(Ordering::SeqCst);
        vec![Check { name: "ledger".into(), ok, why: "the disk is full".into(), since: Instant::EPOCH }]
    });
    let (stop, stopped) = oneshot::channel();
    let done = tokio::spawn(service_shell::serve(listener, shell.router(routes), async move { drop(stopped.await) }));
    Server { at, stop, done, entered, release, ready }
}

pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn error(&self) -> serde_json::Value {
        let body: serde_json::Value =
            serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("json: {}", self.body));
        assert!(body["error"]["message"].is_string() && body["error"]["next"].is_string(), "{body}");
        body["error"].clone()
    }
    pub fn code(&self) -> String {
        self.error()["code"].as_str().unwrap().to_owned()
    }
}

/// Sends `line` with `headers` (each ending in CRLF) and reads until the server closes.
pub async fn raw(at: SocketAddr, line: &str, headers: &str, body: &str) -> Answer {
    let mut stream = TcpStream::connect(at).await.unwrap();
    let request = format!("{line} HTTP/1.1\r\nconnection: close\r\n{headers}\r\n{body}");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
}

impl Server {
    pub async fn get(&self, path: &str) -> Answer {
        raw(self.at, &format!("GET {path}"), &format!("host: {}\r\n", self.at), "").await
    }
    pub async fn post(&self, path: &str, headers: &str, body: &str) -> Answer {
        let headers = format!("host: {}\r\ncontent-length: {}\r\n{headers}", self.at, body.len());
        raw(self.at, &format!("POST {path}"), &headers, body).await
    }
}
