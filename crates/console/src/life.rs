//! The console's life, from its start to its orderly end.

use crate::app::App;
use crate::page::link;
use crate::{ConsoleError, ConsoleOptions, clock, credential, probe, refresh, routes};
use model::Instant;
use service_shell::{Check, RouteLimits, Shell, ShellOptions};
use std::future::Future;
use std::os::unix::fs::DirBuilderExt as _;
use std::sync::Arc;
use std::time::Duration;
use tower_http::compression::CompressionLayer;

/// Longest time a decision or a draft may take: executors observe within 30 s.
const ACTION: Duration = Duration::from_secs(45);

/// Longest time a publication may take: its file comes in, goes on to Platform Services, and is certified there.
const UPLOAD: Duration = Duration::from_secs(20 * 60);

/// Room for the largest archive, and for the texts beside it.
fn upload_limits() -> RouteLimits {
    let body = usize::try_from(artifact::MAX_ARCHIVE + (1 << 20)).unwrap_or(usize::MAX);
    RouteLimits::default().body_bytes(body).timeout(UPLOAD)
}

/// Answers are compressed where the browser takes it: all but images, answers that already are, and
/// event streams, whose messages would wait for more of them. What a page holds of its session is
/// masked again in each answer, so a compressed length says nothing about it.
fn compressed(router: axum::Router) -> axum::Router {
    router.layer(CompressionLayer::new())
}

/// Serves the pages until `shutdown` resolves.
///
/// # Errors
/// When its directory, its replica or its listener cannot be used.
pub async fn run(options: ConsoleOptions, shutdown: impl Future<Output = ()>) -> Result<(), ConsoleError> {
    let dir = |source| ConsoleError::Dir { path: options.dir.clone(), source };
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&options.dir).map_err(dir)?;
    let listen = options.listener.local_addr().map_err(ConsoleError::Serve)?;
    let listener = options.listener.try_clone().map_err(ConsoleError::Serve)?;
    let version = options.version.clone();
    let app = Arc::new(App::open(options, listen)?);
    let tasks = [
        tokio::spawn(probe::run(Arc::clone(&app))),
        tokio::spawn(credential::run(Arc::clone(&app))),
        tokio::spawn(refresh::run(Arc::clone(&app))),
        tokio::spawn(refresh::watch_events(Arc::clone(&app))),
    ];
    let follow = app.follower.clone().map(|follower| tokio::spawn(follower.run(std::future::pending())));
    let (asked, started) = (Arc::clone(&app), clock::now());
    let shell = Shell::new(ShellOptions::new("console", version, listen)).ready(move || checks(&asked, started));
    let long = RouteLimits::default().body_bytes(64 << 10).timeout(ACTION);
    let shell = routes::SLOW.iter().fold(shell, |shell, route| shell.limits(*route, long));
    let shell = shell.limits(routes::UPLOAD, upload_limits());
    let shell = shell.limits(link::LIVE, RouteLimits::long_poll());
    let router = compressed(shell.router(routes::all(app)));
    let served = service_shell::serve(listener, router, shutdown).await;
    tasks.iter().chain(follow.iter()).for_each(tokio::task::JoinHandle::abort);
    served.map_err(ConsoleError::Serve)
}

/// Ready once every source was asked, whatever it said (pages are honest about the rest), and once it
/// has signed in with its key, if it has one: without, it reads no texts.
fn checks(app: &App, since: Instant) -> Vec<Check> {
    let key = app.credential.as_ref().map(|credential| {
        let held = credential.token().is_some();
        Check::new(
            "credential",
            held,
            if held { "signed in at governance" } else { "not signed in at governance" },
            since,
        )
    });
    std::iter::once(sources(app, since)).chain(key).collect()
}

fn sources(app: &App, since: Instant) -> Check {
    let awaiting = app.sources.awaiting();
    let why = if awaiting.is_empty() {
        "every source was asked".to_owned()
    } else {
        format!("not asked yet: {}", awaiting.join(", "))
    };
    Check::new("sources", awaiting.is_empty(), why, since)
}

#[cfg(test)]
mod tests {
    use super::compressed;
    use axum::http::{HeaderMap, Request, header};
    use axum::{Router, body::Body, routing::get};
    use tower::ServiceExt as _;

    /// The head and the length of the answer to a browser that takes gzip, or to one that does not.
    async fn answer(path: &str, takes_gzip: bool) -> (HeaderMap, usize) {
        let text = "audit ".repeat(1_000);
        let typed = |kind: &'static str| {
            let text = text.clone();
            get(move || async move { ([(header::CONTENT_TYPE, kind)], text) })
        };
        let packed = get(|| async { ([(header::CONTENT_ENCODING, "br")], "packed by hand, and longer than 32 bytes") });
        let router = Router::new()
            .route("/page", typed("text/html; charset=utf-8"))
            .route("/live", typed("text/event-stream"))
            .route("/packed", packed);
        let mut request = Request::get(path);
        if takes_gzip {
            request = request.header(header::ACCEPT_ENCODING, "gzip, deflate, br");
        }
        let response = compressed(router).oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let (head, body) = response.into_parts();
        (head.headers, axum::body::to_bytes(body, 1 << 20).await.unwrap().len())
    }

    #[tokio::test]
    async fn a_page_is_compressed_for_who_takes_it() {
        let (headers, length) = answer("/page", true).await;
        assert_eq!(headers[header::CONTENT_ENCODING], "gzip");
        assert_eq!(headers[header::VARY], "accept-encoding", "no cache between gives it to another browser");
        assert!(length < 600, "{length}");
        let (headers, length) = answer("/page", false).await;
        assert!(!headers.contains_key(header::CONTENT_ENCODING));
        assert_eq!(length, 6_000);
    }

    #[tokio::test]
    async fn an_event_stream_is_never_compressed_and_nothing_twice() {
        let (headers, length) = answer("/live", true).await;
        assert!(!headers.contains_key(header::CONTENT_ENCODING));
        assert_eq!(length, 6_000);
        assert_eq!(answer("/packed", true).await.0[header::CONTENT_ENCODING], "br");
    }
}
