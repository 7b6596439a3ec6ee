//! The page that leads in: asked for, or in the place of one that is not shown.

use crate::app::App;
use crate::page::frame::Frame;
use crate::page::refused::RefusalNotice;
use crate::respond;
use crate::scene::{Scene, UNKNOWN};
use crate::viewer::Visit;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

/// Longest page that is remembered to come back to, bytes: a session is kept for each who asks.
const NEXT_MAX: usize = 2_048;

/// Only an address of our own: a single slash, then anything but a second one.
pub(super) fn own(next: &str) -> &str {
    let bytes = next.as_bytes();
    let ours = bytes.first() == Some(&b'/') && !matches!(bytes.get(1), Some(b'/' | b'\\'));
    if ours && bytes.len() <= NEXT_MAX && bytes.iter().all(u8::is_ascii_graphic) { next } else { "/" }
}

/// Why the page is shown to who did not ask for it.
pub(super) struct Why {
    code: &'static str,
    text: &'static str,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct Page {
    frame: Frame,
    why: Option<Why>,
    dir: String,
    console: String,
    has_ledger: bool,
    /// Why the session of this browser was ended.
    refused: Option<RefusalNotice>,
}

/// The page, which leads to `next`: by the form of a persona, or by the one-time address that this
/// browser opens later.
pub(super) fn render(
    app: &App,
    visit: &Visit,
    scene: &Scene,
    status: StatusCode,
    next: &str,
    why: Option<Why>,
) -> Response {
    let next = own(next);
    app.sessions.come_back(&visit.id, next);
    let page = Page {
        frame: Frame { next: next.to_owned(), ..Frame::new(app, visit, scene, "Sign in", "sign-in") },
        why,
        dir: app.data_dir(),
        console: app.sign_ins.console().to_string(),
        has_ledger: app.sign_ins.ledger().is_some(),
        refused: visit.is_seen.then(|| app.sessions.refused(&visit.id, "/sign-in")).flatten(),
    };
    respond::page(status, &visit.nonce, visit.cookie.as_deref(), &page)
}

/// In place of a page that is not shown to who is not signed in, whether or not there is such a page.
pub(super) fn instead(app: &App, visit: &Visit, scene: &Scene) -> Response {
    let text = "What stands at this address is shown to who may read it. Sign in, and you come back to it.";
    let why = Why { code: UNKNOWN, text };
    render(app, visit, scene, StatusCode::FORBIDDEN, &visit.current_url, Some(why))
}

/// In place of the answer to a form whose session has ended.
pub(super) fn after_end(app: &App, visit: &Visit, scene: &Scene, next: &str) -> Response {
    let text = "The session of the page you came from has ended: its time was over, somebody signed out, or this \
                console was started again. Nothing was done. Sign in, and you come back to the page.";
    let why = Why { code: "session.ended", text };
    render(app, visit, scene, StatusCode::FORBIDDEN, next, Some(why))
}

#[cfg(test)]
mod tests {
    use super::own;

    #[test]
    fn one_comes_back_to_our_own_pages_only() {
        for next in ["/", "/changes/1?a=b#c"] {
            assert_eq!(own(next), next);
        }
        for next in ["", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nset-cookie: b", "x"] {
            assert_eq!(own(next), "/", "{next}");
        }
        let long = "/x".repeat(1_025);
        assert_eq!((own(&long), own(&long[2..])), ("/", &long[2..]));
    }
}
