//! `/invitations/…`: somebody is asked for a proof that they hold a key ([`answer`]), and the proof
//! becomes a draft at the inviter's own desk ([`own`]).

pub(crate) mod answer;
pub(crate) mod own;

use super::acts::refuse;
use super::refused;
use super::sent::Sent;
use crate::app::App;
use crate::invitations::{Full, Invitations, InvitedTo, LIFE_MS, Made, OF_ONE_MAX};
use crate::page::frame::Frame;
use crate::page::invitation::{self, InviteForm};
use crate::page::link;
use crate::page::moment::Moment;
use crate::page::refused::RefusalNotice;
use crate::scene::{UNKNOWN, Viewer};
use crate::viewer::Visit;
use crate::{clock, respond};
use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use client::random_bytes;
use model::{PersonId, Role, TenantId};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where somebody is invited.
pub(crate) const NEW: &str = "/invitations/new";
/// What an inviter's own forms are called.
pub(crate) const OWN: &str = "/invitations/{invitation}/{verb}";

#[derive(Template)]
#[template(path = "invite.html")]
struct Page {
    frame: Frame,
    form: InviteForm,
    hours: i64,
    countersigners: String,
    refused: Option<RefusalNotice>,
}

#[derive(Template)]
#[template(path = "invite_link.html")]
struct Link {
    frame: Frame,
    made: Made,
    name: String,
    until: Moment,
}

/// Where another key of a person is asked for, or somebody is invited.
fn new_path(person: Option<&PersonId>) -> String {
    let person = person.map(ToString::to_string).unwrap_or_default();
    link::query(NEW, &[("person", &person)])
}

/// The form.
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    visit: Visit,
    Query(mut given): Query<BTreeMap<String, String>>,
) -> Response {
    let scene = app.scene(visit.viewer.clone());
    let person = given.remove("person").filter(|person| !person.is_empty());
    let known = person.as_ref().map(|person| person.parse().ok().filter(|id| scene.state.roster.person(id).is_some()));
    let Ok(person) = known.map_or(Ok(None), |known| known.map(Some).ok_or(())) else {
        return refused::missing(&app, &visit, "person");
    };
    let here = new_path(person.as_ref());
    // A page's own script reads it again: what is shown once is for a person.
    let refused = visit.is_seen.then(|| app.sessions.refused(&visit.id, &here)).flatten();
    if let Some(refused) = &refused {
        given.extend(refused.written.fields.iter().cloned());
    }
    let form = invitation::form(&scene, person.as_ref(), &given);
    let title = if person.is_some() { "Ask for another key" } else { "Invite a person" };
    let frame = Frame::new(&app, &visit, &scene, title, "roster").at(&here);
    let countersigners = invitation::countersigners(&scene);
    let page = Page { frame, form, hours: LIFE_MS / 3_600_000, countersigners, refused };
    respond::page(StatusCode::OK, &visit.nonce, visit.cookie.as_deref(), &page)
}

/// Makes a link. It is in this answer and nowhere else, so that no later page shows it to anybody.
#[utoipa::path(post, path = "/invitations/new", tag = "console",
    responses((status = 200), (status = 303), (status = 403)))]
pub(crate) async fn make(
    State(app): State<Arc<App>>,
    visit: Visit,
    Form(form): Form<Vec<(String, String)>>,
) -> Response {
    let form = Sent::of(form);
    let person = form.get("person").parse::<PersonId>().ok();
    let here = new_path(person.as_ref());
    if !visit.session.accepts(form.csrf()) {
        return refused::foreign_from(&app, &visit, form.csrf(), &here);
    }
    match made(&app, &visit, &form) {
        Ok((made, name)) => {
            let scene = app.scene(visit.viewer.clone());
            let frame = Frame::new(&app, &visit, &scene, "Invitation", "roster").at("/roster");
            let until = Moment::of(made.expires);
            let page = Link { frame, made, name, until };
            respond::page(StatusCode::OK, &visit.nonce, visit.cookie.as_deref(), &page)
        }
        Err(refused) => refuse(&app, &visit, &here, refused, form.written("invite")),
    }
}

fn wrong(field: &str, why: &str) -> RefusalNotice {
    RefusalNotice::new("form.malformed", format!("`{field}`: {why}"), "correct it, then send the form again")
}

/// What an invitation into the roster says.
fn roster(app: &App, form: &Sent) -> Result<InvitedTo, RefusalNotice> {
    let name = form.text("name")?.ok_or_else(|| wrong("name", "nobody is named"))?;
    let roles: Vec<Role> = list(form, "roles")?;
    if roles.is_empty() {
        return Err(wrong("roles", "nobody joins without a role; tick one"));
    }
    let tenants: Vec<TenantId> = list(form, "tenants")?;
    if tenants.iter().any(|tenant| !app.state().tenants.contains_key(tenant)) {
        return Err(wrong("tenants", "there is no such tenant"));
    }
    Ok(InvitedTo::Roster { name, roles, tenants: Some(tenants).filter(|tenants| !tenants.is_empty()) })
}

fn list<T: std::str::FromStr + Ord>(form: &Sent, field: &str) -> Result<Vec<T>, RefusalNotice> {
    let all = form.get(field).split(',').filter(|one| !one.is_empty());
    let all = all.map(|one| one.parse().map_err(|_| wrong(field, "this is none; choose from the list")));
    let mut all = all.collect::<Result<Vec<T>, _>>()?;
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

/// Who is signed in, and the invitations of this console.
pub(super) fn inviter<'a>(app: &'a App, visit: &Visit) -> Result<(PersonId, &'a Invitations), RefusalNotice> {
    let person = visit.viewer.as_ref().and_then(Viewer::person).copied();
    let person = person.ok_or_else(|| RefusalNotice::new(UNKNOWN, "nobody is signed in", "sign in first"))?;
    let none =
        || RefusalNotice::new("invitation.no_ledger", "there is no ledger here", "found one: `countersign init`");
    Ok((person, app.invitations.as_ref().ok_or_else(none)?))
}

fn made(app: &App, visit: &Visit, form: &Sent) -> Result<(Made, String), RefusalNotice> {
    let (inviter, invitations) = inviter(app, visit)?;
    let (person, into) = match form.read::<PersonId>("person", "this is nobody; choose somebody from the roster")? {
        None => (PersonId(random_bytes()), roster(app, form)?),
        Some(person) if app.state().roster.person(&person).is_some() => (person, InvitedTo::Key),
        Some(_) => return Err(wrong("person", "nobody of that id is on the roster")),
    };
    let name = match &into {
        InvitedTo::Roster { name, .. } => name.clone(),
        InvitedTo::Key => app.scene(visit.viewer.clone()).names().person(&person),
    };
    let full = |full| match full {
        Full::OfOne => RefusalNotice::new(
            "invitation.too_many",
            format!("{OF_ONE_MAX} of your invitations wait for an answer"),
            "withdraw one on the page Roster, or wait until one has ended",
        ),
        Full::OfAll => RefusalNotice::new(
            "invitation.full",
            "this console keeps no more invitations",
            "wait until some have ended, or use `countersign person invite …`",
        ),
    };
    Ok((invitations.make(inviter, person, into, clock::now()).map_err(full)?, name))
}
