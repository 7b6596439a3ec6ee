//! `/leases/{id}`.

use super::refused;
use crate::app::App;
use crate::page::frame::Frame;
use crate::page::lease::{self, LeasePage};
use crate::page::link;
use crate::respond;
use crate::viewer::Visit;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use model::ChangeId;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "lease.html")]
struct Page {
    frame: Frame,
    lease: LeasePage,
    commands: Vec<String>,
}

/// The page.
pub(crate) async fn page(State(app): State<Arc<App>>, visit: Visit, Path(id): Path<String>) -> Response {
    let scene = app.scene(visit.viewer.clone());
    let found = id.parse::<ChangeId>().ok().and_then(|id| Some((id, lease::of(&scene, &id)?)));
    let Some((id, lease)) = found else { return refused::missing(&app, &visit, "lease") };
    let title = format!("{} for {}", lease.title, lease.tenant);
    let frame = Frame::new(&app, &visit, &scene, &title, "tenants").at(&link::lease(&id));
    let dir = app.data_dir();
    let commands = vec![
        format!("countersign lease show {id} --dir {dir}"),
        format!("countersign lease override --lease {id} --cycles CYCLES --for 7d --reason WHY --key KEY --dir {dir}"),
        format!("countersign change revoke {id} --reason WHY --key KEY --dir {dir}"),
    ];
    respond::page(StatusCode::OK, &visit.nonce, visit.cookie.as_deref(), &Page { frame, lease, commands })
}
