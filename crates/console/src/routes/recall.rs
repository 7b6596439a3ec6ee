//! `/releases/recall`: a release that no later plan may name.

use super::acts::{refuse, signed_in_desk};
use super::refused;
use super::sent::Sent;
use crate::app::App;
use crate::page::frame::Frame;
use crate::page::link;
use crate::page::refused::RefusalNotice;
use crate::page::release::{self, ReleaseRow};
use crate::respond;
use crate::scene::{Blocked, Scene};
use crate::viewer::Visit;
use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use model::{Digest, Service};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where a release is recalled.
pub(crate) const PATH: &str = link::RECALL;

#[derive(Template)]
#[template(path = "recall.html")]
struct Page {
    frame: Frame,
    artifact: Digest,
    release: ReleaseRow,
    /// Whose word it takes.
    who: String,
    /// Why nothing can be said now.
    blocked: Option<Blocked>,
    command: String,
    reason: String,
    refused: Option<RefusalNotice>,
}

/// A release that is not recalled yet; none: there is nothing to recall.
fn known(scene: &Scene, artifact: &str) -> Option<(Digest, ReleaseRow)> {
    let artifact = artifact.parse().ok()?;
    let release = release::of(scene, &artifact).filter(|release| release.recall.is_some())?;
    Some((artifact, release))
}

/// The form.
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    visit: Visit,
    Query(given): Query<BTreeMap<String, String>>,
) -> Response {
    let scene = app.scene(visit.viewer.clone());
    let Some((artifact, release)) = known(&scene, given.get("artifact").map_or("", String::as_str)) else {
        return refused::missing(&app, &visit, "release that can be recalled");
    };
    let here = link::recall(&artifact);
    // A page's own script reads it again: what is shown once is for a person.
    let refused = visit.is_seen.then(|| app.sessions.refused(&visit.id, &here)).flatten();
    let page = Page {
        frame: Frame::new(&app, &visit, &scene, "Recall a release", "engines").at(&here),
        artifact,
        release,
        who: release::recallers(),
        blocked: scene.blocked(&[Service::Governance]),
        command: format!("countersign artifact recall {artifact} --reason WHY --key KEY --dir {}", app.data_dir()),
        reason: refused.as_ref().map(|refused| refused.written.of("recall", "reason").to_owned()).unwrap_or_default(),
        refused,
    };
    respond::page(StatusCode::OK, &visit.nonce, visit.cookie.as_deref(), &page)
}

/// Says it.
#[utoipa::path(post, path = "/releases/recall", tag = "console",
    responses((status = 303), (status = 403), (status = 404)))]
pub(crate) async fn say(
    State(app): State<Arc<App>>,
    visit: Visit,
    Form(form): Form<Vec<(String, String)>>,
) -> Response {
    let form = Sent::of(form);
    let here = link::query(PATH, &[("artifact", form.get("artifact"))]);
    if !visit.session.accepts(form.csrf()) {
        return refused::foreign_from(&app, &visit, form.csrf(), &here);
    }
    let scene = app.scene(visit.viewer.clone());
    let Some((artifact, _)) = known(&scene, form.get("artifact")) else {
        return refused::missing(&app, &visit, "release that can be recalled");
    };
    match recalled(&app, &visit, artifact, &form).await {
        // The list shows what came of it.
        Ok(()) => respond::see_other("/engines", visit.cookie.as_deref()),
        Err(refused) => refuse(&app, &visit, &here, refused, form.written("recall")),
    }
}

async fn recalled(app: &App, visit: &Visit, artifact: Digest, form: &Sent) -> Result<(), RefusalNotice> {
    let reason = form.text("reason")?;
    let desk = signed_in_desk(app, visit, &[Service::Governance]).await?;
    desk.recall(artifact, reason.as_deref()).await?;
    Ok(())
}
