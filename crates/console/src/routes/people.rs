//! `/roster`.

use crate::app::App;
use crate::page::frame::Frame;
use crate::page::invitation::{self, OwnInvitation};
use crate::page::refused::RefusalNotice;
use crate::page::roster::{self, RosterPage};
use crate::respond;
use crate::scene::Viewer;
use crate::viewer::Visit;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "roster.html")]
struct Page {
    frame: Frame,
    roster: RosterPage,
    /// What came of who looks inviting somebody.
    invitations: Vec<OwnInvitation>,
    refused: Option<RefusalNotice>,
}

/// The page.
pub(crate) async fn page(State(app): State<Arc<App>>, visit: Visit) -> Response {
    let scene = app.scene(visit.viewer.clone());
    let roster = roster::of(&scene, &app.data_dir());
    let frame = Frame::new(&app, &visit, &scene, "Roster", "roster");
    // A page's own script reads it again: what is shown once is for a person.
    let refused = visit.is_seen.then(|| app.sessions.refused(&visit.id, "/roster")).flatten();
    let person = visit.viewer.as_ref().and_then(Viewer::person);
    let known = app.invitations.as_ref().zip(person).map(|(all, person)| all.of(person, scene.now)).unwrap_or_default();
    let invitations = known.iter().map(|known| invitation::own(&scene, known, &app.data_dir())).collect();
    let page = Page { frame, roster, invitations, refused };
    respond::page(StatusCode::OK, &visit.nonce, visit.cookie.as_deref(), &page)
}

/// Back from a form's address.
pub(crate) async fn back() -> Response {
    respond::see_other("/roster", None)
}
