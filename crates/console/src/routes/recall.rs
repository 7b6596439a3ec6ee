//! `/resources/recall`: something published that no later plan may name.

use super::acts::{refuse, signed_in_desk};
use super::refused;
use super::sent::Sent;
use crate::app::App;
use crate::page::frame::Frame;
use crate::page::refused::RefusalNotice;
use crate::page::resource::{self, ResourceRow};
use crate::page::{link, who_may};
use crate::respond;
use crate::scene::{Blocked, Scene};
use crate::viewer::Visit;
use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use model::{Digest, Service};
use signed::Verb;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where something published is recalled.
pub(crate) const PATH: &str = link::RECALL;

#[derive(Template)]
#[template(path = "recall.html")]
struct Page {
    frame: Frame,
    resource: ResourceRow,
    /// Whose word it takes.
    who: String,
    /// Why nothing can be said now.
    blocked: Option<Blocked>,
    command: String,
    reason: String,
    refused: Option<RefusalNotice>,
}

/// What is published, whether or not it is recalled already; none: there is nothing to recall.
fn known(scene: &Scene, digest: &str) -> Option<(Digest, ResourceRow)> {
    let digest = digest.parse().ok()?;
    Some((digest, resource::of(scene, &digest)?))
}

/// The page of what is recalled already, which says since when.
fn recalled_already(visit: &Visit, digest: &Digest, resource: &ResourceRow) -> Option<Response> {
    let there = || respond::see_other(&link::resource(digest), visit.cookie.as_deref());
    resource.recall.is_none().then(there)
}

/// The form.
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    visit: Visit,
    Query(given): Query<BTreeMap<String, String>>,
) -> Response {
    let scene = app.scene(visit.viewer.clone());
    let Some((digest, resource)) = known(&scene, given.get("digest").map_or("", String::as_str)) else {
        return refused::missing(&app, &visit, "published thing that can be recalled");
    };
    if let Some(there) = recalled_already(&visit, &digest, &resource) {
        return there;
    }
    let here = link::recall(&digest);
    // A page's own script reads it again: what is shown once is for a person.
    let refused = visit.is_seen.then(|| app.sessions.refused(&visit.id, &here)).flatten();
    let page = Page {
        frame: Frame::new(&app, &visit, &scene, "Recall", "resources").at(&here),
        resource,
        who: who_may::say(Verb::Recall),
        blocked: scene.blocked(&[Service::Governance]),
        command: format!("countersign artifact recall {digest} --reason WHY --key KEY --dir {}", app.data_dir()),
        reason: refused.as_ref().map(|refused| refused.written.of("recall", "reason").to_owned()).unwrap_or_default(),
        refused,
    };
    respond::page(StatusCode::OK, &visit.nonce, visit.cookie.as_deref(), &page)
}

/// Says it.
#[utoipa::path(post, path = "/resources/recall", tag = "console",
    responses((status = 303), (status = 403), (status = 404)))]
pub(crate) async fn say(
    State(app): State<Arc<App>>,
    visit: Visit,
    Form(form): Form<Vec<(String, String)>>,
) -> Response {
    let form = Sent::of(form);
    let here = link::query(PATH, &[("digest", form.get("digest"))]);
    if !visit.session.accepts(form.csrf()) {
        return refused::foreign_from(&app, &visit, form.csrf(), &here);
    }
    let scene = app.scene(visit.viewer.clone());
    let Some((digest, resource)) = known(&scene, form.get("digest")) else {
        return refused::missing(&app, &visit, "published thing that can be recalled");
    };
    if let Some(there) = recalled_already(&visit, &digest, &resource) {
        return there;
    }
    match recalled(&app, &visit, digest, &form).await {
        // The page of what was recalled says that it is.
        Ok(()) => respond::see_other(&link::resource(&digest), visit.cookie.as_deref()),
        Err(refused) => refuse(&app, &visit, &here, refused, form.written("recall")),
    }
}

async fn recalled(app: &App, visit: &Visit, digest: Digest, form: &Sent) -> Result<(), RefusalNotice> {
    let reason = form.text("reason")?;
    let desk = signed_in_desk(app, visit, &[Service::Governance]).await?;
    desk.recall(digest, reason.as_deref()).await?;
    Ok(())
}
