//! `/sign-in/once/{secret}`: the address that `countersign login` prints.
//!
//! Looking at it spends nothing, so that a preview of a link does not, and signs nobody in, so that
//! nobody is made to act under another's name unseen: that takes the button. A second use is refused
//! and ends the session of the first, whichever of the two was the thief.

use crate::app::App;
use crate::page::frame::Frame;
use crate::page::moment::Moment;
use crate::page::refused::RefusalNotice;
use crate::routes::refused;
use crate::routes::way_in::own;
use crate::session;
use crate::sign_ins::{LinkError, Spent};
use crate::viewer::{Visit, cookie};
use crate::{clock, respond};
use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use model::{Digest, PersonId};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "sign_in_once.html")]
struct Page {
    frame: Frame,
    action: String,
    offer: Offer,
}

/// What the button does.
enum Offer {
    /// Signs this person in.
    SignIn { person: String, name: String, roles: String },
    /// Ends the session that somebody opened with this address.
    End(RefusalNotice),
}

/// The form.
#[derive(Deserialize)]
pub(crate) struct Confirmed {
    #[serde(default)]
    csrf: String,
}

fn parsed(secret: &str) -> Result<Digest, LinkError> {
    secret.parse().map_err(|_| LinkError::Unknown)
}

fn no(app: &App, visit: &Visit, status: StatusCode, code: &str, message: &str) -> Response {
    let next = if app.desks.is_demo() {
        "choose a persona in the bar above, or ask for a new address with `countersign demo open`"
    } else {
        "ask for a new address with `countersign login --key KEY`"
    };
    refused::page(app, visit, &app.scene(visit.viewer.clone()), status, RefusalNotice::new(code, message, next))
}

fn expired(app: &App, visit: &Visit) -> Response {
    no(app, visit, StatusCode::GONE, "sign_in.expired", "this address was not used in time")
}

fn unknown(app: &App, visit: &Visit) -> Response {
    no(app, visit, StatusCode::NOT_FOUND, "sign_in.unknown", "this console knows no such address")
}

fn spent(at: &Spent, then: &str) -> RefusalNotice {
    let message = format!("this address signed a browser in at {}{then}", Moment::of(at.at).clock);
    let next = "if the other browser was not yours, find out who could read the address; sign in again with \
                `countersign login --key KEY`";
    RefusalNotice::new("sign_in.spent", message, next)
}

fn offer(app: &App, person: &PersonId) -> Option<Offer> {
    let viewer = app.viewer(person)?;
    let roles = viewer.roles.iter().map(|role| role.title()).collect::<Vec<_>>().join(" + ");
    Some(Offer::SignIn { person: person.to_string(), name: viewer.name, roles })
}

/// Who would be signed in, and one button.
#[utoipa::path(get, path = "/sign-in/once/{secret}", tag = "console",
    params(("secret" = String, Path, description = "the secret of the address")),
    responses((status = 200), (status = 403), (status = 404), (status = 409), (status = 410)))]
pub(crate) async fn page(State(app): State<Arc<App>>, visit: Visit, Path(secret): Path<String>) -> Response {
    let found = parsed(&secret).and_then(|secret| app.sign_ins.look(&secret, clock::now()));
    let (status, offer) = match found {
        Ok(person) => match offer(&app, &person) {
            Some(offer) => (StatusCode::OK, offer),
            None => return nobody(&app, &visit),
        },
        Err(LinkError::Spent(first)) if is_own(&first, &visit) => return respond::see_other("/", None),
        Err(LinkError::Spent(first)) => (StatusCode::CONFLICT, Offer::End(spent(&first, ""))),
        Err(LinkError::Expired) => return expired(&app, &visit),
        Err(LinkError::Unknown) => return unknown(&app, &visit),
    };
    let scene = app.scene(visit.viewer.clone());
    let frame = Frame::new(&app, &visit, &scene, "Sign in", "sign-in");
    let page = Page { frame, action: format!("{}{secret}", client::ONCE_PATH), offer };
    respond::page(status, &visit.nonce, visit.cookie.as_deref(), &page)
}

/// A new session with a new id, once.
#[utoipa::path(post, path = "/sign-in/once/{secret}", tag = "console",
    params(("secret" = String, Path, description = "the secret of the address")),
    responses((status = 303), (status = 403), (status = 404), (status = 409), (status = 410)))]
pub(crate) async fn spend(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(secret): Path<String>,
    Form(form): Form<Confirmed>,
) -> Response {
    let now = clock::now();
    let Ok(secret) = parsed(&secret) else { return unknown(&app, &visit) };
    let found = app.sign_ins.look(&secret, now);
    if matches!(found, Err(LinkError::Spent(first)) if is_own(&first, &visit)) {
        return respond::see_other("/", None);
    }
    if !visit.session.accepts(&form.csrf) {
        return refused::foreign(&app, &visit, &form.csrf);
    }
    if found.is_ok_and(|person| app.viewer(&person).is_none()) {
        return nobody(&app, &visit);
    }
    let mut id = String::new();
    let opened = app.sign_ins.spend(&secret, now, |person| {
        (id, _) = app.sessions.open(Some(person), now);
        session::hash(&id)
    });
    match opened {
        Ok(()) => {
            app.sessions.close(&visit.id);
            let back = own(visit.session.back.as_deref().unwrap_or_default());
            respond::see_other(back, Some(&cookie(&app.cookie, &id)))
        }
        Err(LinkError::Spent(first)) => second(&app, &visit, &first),
        Err(LinkError::Expired) => expired(&app, &visit),
        Err(LinkError::Unknown) => unknown(&app, &visit),
    }
}

/// The browser that an address signed in has come back to it, by its "back" button or a second click:
/// there is nothing left to do, so nothing is asked of it.
fn is_own(first: &Spent, visit: &Visit) -> bool {
    first.session == session::hash(&visit.id)
}

/// Somebody uses an address that was used: nobody can tell which of the two is the thief, so neither
/// stays signed in by it, and both are told.
fn second(app: &App, visit: &Visit, first: &Spent) -> Response {
    let told = spent(first, ", and was then used a second time, so that session has ended");
    let ended = app.sessions.expel(&first.session, told, clock::now());
    let then = if ended { ": that session has been ended now" } else { ": that session is over" };
    let scene = app.scene(visit.viewer.clone());
    refused::page(app, visit, &scene, StatusCode::CONFLICT, spent(first, then))
}

fn nobody(app: &App, visit: &Visit) -> Response {
    let message = "who this address was for is not on the roster any more";
    no(app, visit, StatusCode::FORBIDDEN, "viewer.unknown", message)
}
