//! `/invitations/{secret}`: who was invited sees into what, and sends the proof that they hold a key.
//!
//! Nobody is signed in by it and nothing is recorded: the proof is kept for the inviter.

use super::super::acts::refuse;
use super::super::refused;
use super::super::sent::Sent;
use crate::app::App;
use crate::invitations::pasted::{self, Fault};
use crate::invitations::{Answer, Invitation, Invitations, Marks, Unusable};
use crate::page::frame::Frame;
use crate::page::invitation::{self, InvitationPage};
use crate::page::moment::Moment;
use crate::page::refused::{RefusalNotice, Written};
use crate::viewer::Visit;
use crate::{clock, respond, session};
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use signed::KeyProof;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "invitation.html")]
struct Page {
    frame: Frame,
    action: String,
    invitation: InvitationPage,
    refused: Option<RefusalNotice>,
}

const ANOTHER: &str = "ask who invited you for another link";

/// What is said about a link that cannot be answered.
fn unusable(why: Unusable) -> (StatusCode, RefusalNotice) {
    let no = |status, code: &str, message: &str| (status, RefusalNotice::new(code, message, ANOTHER));
    match why {
        Unusable::Unknown => no(
            StatusCode::NOT_FOUND,
            "invitation.unknown",
            "this console knows no such invitation: it was withdrawn, is long over, or the console was started again",
        ),
        Unusable::OtherLedger => {
            no(StatusCode::CONFLICT, "invitation.other_ledger", "this link is into another ledger than this console's")
        }
        Unusable::OtherConsole => {
            no(StatusCode::CONFLICT, "invitation.other_console", "this link was made by another console than this one")
        }
        Unusable::Expired => no(StatusCode::GONE, "invitation.expired", "this link was not answered in time"),
        Unusable::Used(at) => {
            let at = Moment::of(at).text;
            let next = "if that was not you, tell who invited you at once: the proof they have is of another's key";
            let message = format!("this link was answered on {at}");
            (StatusCode::CONFLICT, RefusalNotice::new("invitation.used", message, next))
        }
    }
}

/// Nothing comes of an invitation whose inviter has left, or into which somebody has come or gone.
fn gone() -> (StatusCode, RefusalNotice) {
    let message = "who invited, or whose key this should be, is not on the roster any more";
    (StatusCode::FORBIDDEN, RefusalNotice::new("invitation.inviter_gone", message, ANOTHER))
}

fn no(app: &App, visit: &Visit, (status, refused): (StatusCode, RefusalNotice)) -> Response {
    refused::page(app, visit, &app.scene(visit.viewer.clone()), status, refused)
}

/// The invitation of a link, as its inviter may see it.
fn found<'a>(
    app: &'a App,
    secret: &str,
    marks: &Marks,
) -> Result<(&'a Invitations, Invitation), (StatusCode, RefusalNotice)> {
    let invitations = app.invitations.as_ref().ok_or_else(|| unusable(Unusable::Unknown))?;
    let known = invitations.look(secret, marks, clock::now()).map_err(unusable)?;
    let holds = matches!(known.into, crate::invitations::InvitedTo::Roster { .. })
        || app.state().roster.person(&known.person).is_some();
    if holds && app.viewer(&known.inviter).is_some() { Ok((invitations, known)) } else { Err(gone()) }
}

/// Who invites into what, and the form.
#[utoipa::path(get, path = "/invitations/{invitation}", tag = "console",
    params(("invitation" = String, Path, description = "the secret of the link")),
    responses((status = 200), (status = 403), (status = 404), (status = 409), (status = 410)))]
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(secret): Path<String>,
    Query(marks): Query<Marks>,
) -> Response {
    let (invitations, known) = match found(&app, &secret, &marks) {
        Ok(found) => found,
        Err(refused) => return no(&app, &visit, refused),
    };
    if let Some(answer) = known.answer.as_ref().filter(|answer| answer.session != session::hash(&visit.id)) {
        return no(&app, &visit, unusable(Unusable::Used(answer.at)));
    }
    let path = format!("{}{secret}", crate::invitations::PATH);
    let refused = visit.is_seen.then(|| app.sessions.refused(&visit.id, &path)).flatten();
    let invited = app.scene(app.viewer(&known.inviter));
    let invitation = invitation::of(&invited, &known, &invitations.ledger(), invitations.origin());
    let scene = app.scene(visit.viewer.clone());
    let frame = Frame::new(&app, &visit, &scene, "Invitation", "");
    let page = Page { frame, action: path, invitation, refused };
    respond::page(StatusCode::OK, &visit.nonce, visit.cookie.as_deref(), &page)
}

/// The proof, checked: the link is spent by it, once.
#[utoipa::path(post, path = "/invitations/{invitation}", tag = "console",
    params(("invitation" = String, Path, description = "the secret of the link")),
    responses((status = 303), (status = 403), (status = 404), (status = 409), (status = 410)))]
pub(crate) async fn send(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(secret): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Response {
    let form = Sent::of(form);
    if !visit.session.accepts(form.csrf()) {
        return refused::foreign(&app, &visit, form.csrf());
    }
    let (invitations, known) = match found(&app, &secret, &Marks::default()) {
        Ok(found) => found,
        Err(refused) => return no(&app, &visit, refused),
    };
    let path = format!("{}{secret}", crate::invitations::PATH);
    let proof = match proven(&app, invitations, &known, form.get("proof")) {
        Ok(proof) => proof,
        Err(refused) => return refuse(&app, &visit, &path, refused, Written::default()),
    };
    let answer = Answer { proof, at: clock::now(), session: session::hash(&visit.id) };
    match invitations.answer(&known.id, answer) {
        Ok(()) => respond::see_other(&path, visit.cookie.as_deref()),
        Err(why) => no(&app, &visit, unusable(why)),
    }
}

/// The proof in what was pasted, of a key that the roster may list.
fn proven(app: &App, invitations: &Invitations, known: &Invitation, text: &str) -> Result<KeyProof, RefusalNotice> {
    let proof = pasted::read(text, invitations.ledger(), known.person).map_err(|fault| match fault {
        Fault::Unreadable => RefusalNotice::new(
            "invitation.no_proof",
            "there is no public key with a signature in this text",
            "run one of the two commands, then paste all that it printed",
        ),
        Fault::Key(error) => RefusalNotice::new(
            "invitation.key_unsound",
            format!("this key cannot be listed: {error}"),
            "make another one with `ssh-keygen -t ed25519`, then prove that one",
        ),
        Fault::OtherLedger => RefusalNotice::new(
            "invitation.other_ledger",
            "this proof is for another ledger",
            "run one of the two commands as this page shows them, then paste all that it printed",
        ),
        Fault::OtherChallenge => RefusalNotice::new(
            "invitation.other_challenge",
            "this is no signature by that key over what this invitation asks for",
            "run one of the two commands as this page shows them, then paste all that it printed",
        ),
    })?;
    let state = app.state();
    let key = proof.possession.key;
    if state.roster.key_ids().any(|listed| listed == key) || state.since.retired(&key).is_some() {
        let message = format!("the key {} is listed, or was: it never comes back under any name", key.short());
        let next = "make another one with `ssh-keygen -t ed25519`, then prove that one";
        return Err(RefusalNotice::new("invitation.key_listed", message, next));
    }
    Ok(proof)
}
