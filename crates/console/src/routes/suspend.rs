//! `/roster/suspend`: a key is suspended, by itself at once or by two other people.

use super::acts::{refuse, signed_in_desk};
use super::refused;
use super::sent::Sent;
use crate::app::App;
use crate::page::frame::Frame;
use crate::page::link;
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

/// Where a key is suspended.
pub(crate) const PATH: &str = "/roster/suspend";

#[derive(Template)]
#[template(path = "suspend.html")]
struct Page {
    frame: Frame,
    person: PersonId,
    name: String,
    key: Digest,
    /// Whether it is the key of who looks.
    own: bool,
    /// Why nothing can be said now.
    blocked: Option<Blocked>,
    command: String,
    reason: String,
    refused: Option<RefusalNotice>,
}

/// The page of one key.
fn page_of(person: &str, key: &str) -> String {
    link::query(PATH, &[("person", person), ("key", key)])
}

/// A person with an active key of theirs; none: there is nothing to suspend.
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
    let page = Page {
        frame: Frame::new(&app, &visit, &scene, "Suspend a key", "roster").at(&here),
        person,
        name: scene.names().person(&person),
        key,
        own: scene.viewer.as_ref().and_then(Viewer::person) == Some(&person),
        blocked: scene.blocked(&[Service::Governance]),
        command: format!(
            "countersign person suspend {person} --of-key {key} --reason WHY --key KEY --dir {}",
            app.data_dir()
        ),
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
