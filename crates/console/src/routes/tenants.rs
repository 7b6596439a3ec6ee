//! `/tenants` and `/tenants/{id}`.

use super::refused;
use crate::app::App;
use crate::page::frame::Frame;
use crate::page::link;
use crate::page::tenant::{self, Listed, TenantPage};
use crate::respond;
use crate::viewer::Visit;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use model::TenantId;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "tenants.html")]
struct List {
    frame: Frame,
    listed: Listed,
    /// How they are read by command line.
    commands: Vec<String>,
}

#[derive(Template)]
#[template(path = "tenant.html")]
struct Page {
    frame: Frame,
    tenant: TenantPage,
    commands: Vec<String>,
}

/// The list.
pub(crate) async fn list(State(app): State<Arc<App>>, visit: Visit) -> Response {
    let scene = app.scene(visit.viewer.clone());
    let frame = Frame::new(&app, &visit, &scene, "Tenants", "tenants");
    let dir = app.data_dir();
    let commands = ["tenant ls", "quota ls", "lease ls"].map(|words| format!("countersign {words} --dir {dir}")).into();
    let list = List { frame, listed: tenant::list(&scene), commands };
    respond::page(StatusCode::OK, &visit.nonce, visit.cookie.as_deref(), &list)
}

/// The page.
pub(crate) async fn page(State(app): State<Arc<App>>, visit: Visit, Path(id): Path<String>) -> Response {
    let scene = app.scene(visit.viewer.clone());
    let found = id.parse::<TenantId>().ok().and_then(|id| Some((id, tenant::of(&scene, &id)?)));
    let Some((id, tenant)) = found else { return refused::missing(&app, &visit, "tenant") };
    let frame = Frame::new(&app, &visit, &scene, &tenant.row.name, "tenants").at(&link::tenant(&id));
    let dir = app.data_dir();
    let commands = vec![
        format!("countersign quota ls --dir {dir}"),
        format!(
            "countersign change new --kind quota-exception --tenant {id} --memory-mib MIB --for 8h --key KEY --dir {dir}"
        ),
        format!(
            "countersign lease grant --tenant {id} --class CLASS --cycles CYCLES --period month --zone ZONE --purpose PURPOSE --key KEY --dir {dir}"
        ),
    ];
    respond::page(StatusCode::OK, &visit.nonce, visit.cookie.as_deref(), &Page { frame, tenant, commands })
}
