//! `/roster/suspend`: a key is suspended, by itself at once or by two other people.

use super::acts::{refuse, signed_in_desk};
use super::refused;
use super::sent::Sent;
use crate::app::App;
use crate::page::frame::Frame;
use crate::page::link;
use crate::page::moment::Moment;
use crate::page::refused::RefusalNotice;
use crate::respond;
use crate::scene::{Blocked, Scene, Viewer};
use crate::viewer::Visit;
use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use model::{Digest, PersonId, Service};
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "suspend.html")]
struct Page {
    frame: Frame,
    person: PersonId,
    name: String,
    key: Digest,
    takes: Takes,
    /// Who has asked for it, while that stands, and until when.
    asked: Option<(String, Moment)>,
    /// Why nothing can be said now.
    blocked: Option<Blocked>,
    command: String,
    reason: String,
    refused: Option<RefusalNotice>,
}

/// Where a key is suspended.
pub(crate) const PATH: &str = link::SUSPEND;

/// What it takes, of who looks.
struct Takes {
    /// Whether this console signs for them with the key itself: their one word is enough.
    itself: bool,
    /// Whether it is theirs, and this console signs for them with another one.
    other: bool,
    /// Whether it is a machine identity's, which never says this of itself.
    machine: bool,
}

impl Takes {
    fn of(app: &App, scene: &Scene, holder: &PersonId, key: &Digest) -> Self {
        let viewer = scene.viewer.as_ref().and_then(Viewer::person);
        let signs_with = viewer.filter(|viewer| *viewer == holder).and_then(|viewer| app.desks.key(viewer));
        let itself = signs_with.as_ref() == Some(key);
        let machine = scene.state.roster.machine(holder).is_some();
        Self { itself, other: signs_with.is_some() && !itself, machine }
    }
}

/// The page of one key.
fn page_of(person: &str, key: &str) -> String {
    link::query(link::SUSPEND, &[("person", person), ("key", key)])
}

/// The first of two people's words, while it stands.
fn asked(scene: &Scene, key: &Digest) -> Option<(String, Moment)> {
    let asked = scene.state.suspensions.get(key).filter(|asked| asked.stands(&scene.state, scene.now))?;
    Some((scene.names().person(&asked.person), Moment::of(asked.until)))
}

fn name(scene: &Scene, holder: &PersonId) -> String {
    let machine = scene.state.roster.machine(holder).map(|machine| machine.name.to_string());
    machine.unwrap_or_else(|| scene.names().person(holder))
}

/// The same by command line.
fn command(takes: &Takes, holder: &PersonId, key: &Digest, dir: &str) -> String {
    let what = if takes.machine {
        format!("machine suspend {holder}")
    } else {
        format!("person suspend {holder} --of-key {key}")
    };
    format!("countersign {what} --reason WHY --key KEY --dir {dir}")
}

/// A person or a machine identity with an active key of theirs; none: there is nothing to suspend.
fn known(scene: &Scene, person: &str, key: &str) -> Option<(PersonId, Digest)> {
    let (person, key) = (person.parse().ok()?, key.parse().ok()?);
    let listed = scene.state.roster.key(&person, &key).is_some();
    (listed && scene.state.since.key_is_active(&key)).then_some((person, key))
}

/// The form.
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    visit: Visit,
    Query(given): Query<BTreeMap<String, String>>,
) -> Response {
    let scene = app.scene(visit.viewer.clone());
    let value = |name: &str| given.get(name).map_or("", String::as_str);
    let Some((person, key)) = known(&scene, value("person"), value("key")) else {
        return refused::missing(&app, &visit, "active key");
    };
    let here = page_of(&person.to_string(), &key.to_string());
    // A page's own script reads it again: what is shown once is for a person.
    let refused = visit.is_seen.then(|| app.sessions.refused(&visit.id, &here)).flatten();
    let takes = Takes::of(&app, &scene, &person, &key);
    let page = Page {
        frame: Frame::new(&app, &visit, &scene, "Suspend a key", "roster").at(&here),
        person,
        name: name(&scene, &person),
        key,
        asked: asked(&scene, &key),
        blocked: scene.blocked(&[Service::Governance]),
        command: command(&takes, &person, &key, &app.data_dir()),
        takes,
        reason: refused.as_ref().map(|refused| refused.written.of("suspend", "reason").to_owned()).unwrap_or_default(),
        refused,
    };
    respond::page(StatusCode::OK, &visit.nonce, visit.cookie.as_deref(), &page)
}

/// Says it.
#[utoipa::path(post, path = "/roster/suspend", tag = "console",
    responses((status = 303), (status = 403), (status = 404)))]
pub(crate) async fn say(
    State(app): State<Arc<App>>,
    visit: Visit,
    Form(form): Form<Vec<(String, String)>>,
) -> Response {
    let form = Sent::of(form);
    let here = page_of(form.get("person"), form.get("key"));
    if !visit.session.accepts(form.csrf()) {
        return refused::foreign_from(&app, &visit, form.csrf(), &here);
    }
    let scene = app.scene(visit.viewer.clone());
    let Some((person, key)) = known(&scene, form.get("person"), form.get("key")) else {
        return refused::missing(&app, &visit, "active key");
    };
    match suspended(&app, &visit, person, key, &form).await {
        // The roster shows what came of it: suspended, or asked for by one.
        Ok(()) => respond::see_other("/roster", visit.cookie.as_deref()),
        Err(refused) => refuse(&app, &visit, &here, refused, form.written("suspend")),
    }
}

async fn suspended(app: &App, visit: &Visit, person: PersonId, key: Digest, form: &Sent) -> Result<(), RefusalNotice> {
    let reason = form.text("reason")?;
    let desk = signed_in_desk(app, visit, &[Service::Governance]).await?;
    desk.suspend(person, key, reason.as_deref()).await?;
    Ok(())
}
