//! `/resources` and `/resources/{digest}`: what is published.

pub(crate) mod preview;
pub(crate) mod publish;
mod received;

use super::refused;
use crate::app::App;
use crate::manifest_reader::NOT_HELD;
use crate::page::frame::Frame;
use crate::page::held::Keeping;
use crate::page::link;
use crate::page::panel::{Notice, Panel};
use crate::page::refused::RefusalNotice;
use crate::page::resource::detail::{self, ResourcePage};
use crate::page::resource::manifest::ManifestShown;
use crate::page::resource::theme::ThemeShown;
use crate::page::resource::{self, Sort};
use crate::respond;
use crate::viewer::Visit;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use model::{Digest, Resource, Service};
use std::sync::Arc;
use storefront::PREVIEW_SANDBOX;

#[derive(Template)]
#[template(path = "resources.html")]
struct List {
    frame: Frame,
    panel: Panel,
    notice: Option<Notice>,
    sorts: Vec<Sort>,
    commands: Vec<String>,
}

#[derive(Template)]
#[template(path = "resource.html")]
struct Page {
    frame: Frame,
    panel: Panel,
    resource: ResourcePage,
    /// What a theme holds, or why that is not known here.
    theme: Option<Result<ThemeShown, RefusalNotice>>,
    /// What a release says of itself, or why that is not known here.
    manifest: Option<Result<ManifestShown, RefusalNotice>>,
    /// Where a theme is shown on a shop.
    preview: Option<String>,
    sandbox: &'static str,
    /// The command that lists every file of a release.
    files_command: [String; 1],
    commands: Vec<String>,
}

/// The list.
pub(crate) async fn list(State(app): State<Arc<App>>, visit: Visit) -> Response {
    let scene = app.scene(visit.viewer.clone());
    let dir = app.data_dir();
    let ls = |sort: &Resource| format!("countersign {} ls --dir {dir}", sort.word());
    let list = List {
        frame: Frame::new(&app, &visit, &scene, "Resources", "resources"),
        panel: Panel::of(&scene, Service::Governance),
        notice: Notice::of(&scene, Service::Governance),
        sorts: resource::list(&scene),
        commands: Resource::ALL.iter().map(ls).collect(),
    };
    respond::page(StatusCode::OK, &visit.nonce, visit.cookie.as_deref(), &list)
}

/// One of them.
pub(crate) async fn page(State(app): State<Arc<App>>, visit: Visit, Path(id): Path<String>) -> Response {
    let scene = app.scene(visit.viewer.clone());
    let found = id.parse::<Digest>().ok().and_then(|digest| Some((digest, detail::of(&scene, &digest)?)));
    let Some((digest, mut resource)) = found else { return refused::missing(&app, &visit, "resource") };
    let theme = match resource.what {
        Resource::Theme => Some(app.theme(digest).await.map(|theme| ThemeShown::of(&theme))),
        _ => None,
    };
    let certified = scene.state.resources.get(&digest).is_some_and(|known| known.profile().is_some());
    let manifest = match resource.what {
        Resource::Artifact => Some(app.manifest(&digest).await.map(|seen| ManifestShown::of(&seen, certified))),
        _ => None,
    };
    let asked = match &manifest {
        None => None,
        Some(Ok(_)) => Some(app.keeping(&digest).await),
        Some(Err(refused)) if refused.code == NOT_HELD => Some(Keeping::Gone),
        Some(Err(_)) => Some(Keeping::Unknown),
    };
    resource.history.extend(detail::held(&scene, &digest, asked));
    let preview = theme.as_ref().is_some_and(Result::is_ok).then(|| link::preview(&digest));
    let files_command = [format!("countersign artifact inspect {digest} --json --dir {}", app.data_dir())];
    let commands = commands(resource.what, &digest, &app.data_dir());
    let frame = Frame::new(&app, &visit, &scene, &resource.row.name, "resources").at(&link::resource(&digest));
    let panel = Panel::of(&scene, Service::Governance);
    let page =
        Page { frame, panel, resource, theme, manifest, preview, sandbox: PREVIEW_SANDBOX, files_command, commands };
    respond::framing(&visit.nonce, visit.cookie.as_deref(), &page)
}

/// How it is read and recalled by command line.
fn commands(resource: Resource, digest: &Digest, dir: &str) -> Vec<String> {
    let word = resource.word();
    let read = match resource {
        Resource::Artifact => format!("countersign artifact inspect {digest} --dir {dir}"),
        Resource::Theme => format!("countersign theme ls --dir {dir}"),
        Resource::Config | Resource::Retention => format!("countersign {word} show {digest} --dir {dir}"),
    };
    vec![read, format!("countersign artifact recall {digest} --reason WHY --key KEY --dir {dir}")]
}
