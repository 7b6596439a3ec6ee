//! `/live`: chips and counts as server-sent events, within a second of what they show.

use crate::app::App;
use crate::clock;
use crate::page::chip;
use crate::page::timeline::Query;
use crate::search::Fresh;
use crate::viewer::Visit;
use crate::{respond, search};
use askama::Template;
use axum::body::Body;
use axum::extract::{Query as Parameters, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use http_body_util::channel::{Channel, Sender};
use hyper::body::Bytes;
use serde::Serialize;
use service_shell::Draining;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

/// A sign of life when nothing happens, so that a dead connection is noticed.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Between two messages: what happens within it is one message.
const AT_MOST_EVERY: Duration = Duration::from_millis(150);
/// A stream ends after this and is opened again, so that a sign-out reaches it.
const LONGEST: Duration = Duration::from_secs(600);

#[derive(Template)]
#[template(path = "live.html")]
struct Chips {
    chips: Vec<chip::Chip>,
}

/// The stream of one browser.
pub(crate) async fn stream(
    State(app): State<Arc<App>>,
    draining: Draining,
    visit: Visit,
    Parameters(query): Parameters<Query>,
) -> Response {
    let (sender, channel) = Channel::<Bytes, Infallible>::new(4);
    let policy = respond::policy(&visit.nonce);
    tokio::spawn(async move {
        tokio::select! {
            () = draining.wait() => {}
            () = tokio::time::sleep(LONGEST) => {}
            () = feed(&app, &visit, &query, sender) => {}
        }
    });
    let mut response =
        ([(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store")], Body::new(channel))
            .into_response();
    let policy = HeaderValue::try_from(policy).expect("a policy is ASCII, and so is a hexadecimal nonce");
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

async fn feed(app: &App, visit: &Visit, query: &Query, mut sender: Sender<Bytes>) {
    let mut pulses = app.pulses();
    loop {
        let Some(message) = message(app, visit, query) else { return };
        if sender.send_data(message.into()).await.is_err() {
            return;
        }
        tokio::time::sleep(AT_MOST_EVERY).await;
        tokio::select! {
            changed = pulses.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(HEARTBEAT) => {}
        }
    }
}

/// What a page compares with its own.
#[derive(Serialize)]
struct Pulse {
    /// What it was computed from.
    seen: String,
    /// Who looks.
    who: String,
    /// The newest rows that pass its filters.
    fresh: Fresh,
}

/// Chips for who looks now, and a `pulse` for a page with these filters.
fn message(app: &App, visit: &Visit, query: &Query) -> Option<String> {
    let scene = app.scene(app.looking(app.sessions.get(&visit.id, clock::now()).as_ref()));
    let html = Chips { chips: chip::all(&scene) }.render().ok()?;
    let mut out = String::new();
    for line in html.lines() {
        let _ = writeln!(out, "data: {line}");
    }
    let pulse = Pulse { seen: scene.seen(), who: scene.who(), fresh: search::fresh(&scene, query) };
    let pulse = serde_json::to_string(&pulse).ok()?;
    let _ = write!(out, "\nevent: pulse\ndata: {pulse}\n\n");
    Some(out)
}
