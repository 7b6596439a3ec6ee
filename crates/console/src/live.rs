//! `/live`: chips and counts as server-sent events, within a second of what they show.

use crate::app::App;
use crate::clock;
use crate::page::chip;
use crate::respond;
use crate::viewer::Visit;
use api::Draining;
use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use http_body_util::channel::{Channel, Sender};
use hyper::body::Bytes;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

/// The route.
pub(crate) const PATH: &str = "/live";
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
pub(crate) async fn stream(State(app): State<Arc<App>>, draining: Draining, visit: Visit) -> Response {
    let (sender, channel) = Channel::<Bytes, Infallible>::new(4);
    let policy = respond::policy(&visit.nonce);
    tokio::spawn(async move {
        tokio::select! {
            () = draining.wait() => {}
            () = tokio::time::sleep(LONGEST) => {}
            () = feed(&app, &visit, sender) => {}
        }
    });
    let mut response =
        ([(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store")], Body::new(channel))
            .into_response();
    let policy = HeaderValue::try_from(policy).expect("a policy is ASCII, and so is a hexadecimal nonce");
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

async fn feed(app: &App, visit: &Visit, mut sender: Sender<Bytes>) {
    let mut pulses = app.pulses();
    loop {
        let Some(message) = message(app, visit) else { return };
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

/// Chips for who looks now, and a `pulse` with what a page compares with its own.
fn message(app: &App, visit: &Visit) -> Option<String> {
    let scene = app.scene(app.looking(app.sessions.get(&visit.id, clock::now()).as_ref()));
    let html = Chips { chips: chip::all(&scene) }.render().ok()?;
    let mut out = String::new();
    for line in html.lines() {
        let _ = writeln!(out, "data: {line}");
    }
    let data = scene.snapshot.governance.as_ref().map(|dated| &dated.data);
    let headlines = data.map_or(0, |data| data.headlines_total);
    let (seen, who) = (scene.seen(), scene.who());
    let _ =
        write!(out, "\nevent: pulse\ndata: {{\"headlines\":{headlines},\"seen\":\"{seen}\",\"who\":\"{who}\"}}\n\n");
    Some(out)
}
