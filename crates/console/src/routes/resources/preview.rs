//! `/resources/{digest}/preview`: the sample shop in a theme, as a page that cannot act.
//!
//! What answers here sets no cookie, and carries the storefront's own policy: no script, no form, no way out of the frame,
//! and nothing from anywhere but style sheets, images and fonts of this address.

use crate::app::App;
use crate::page::link;
use crate::page::refused::RefusalNotice;
use crate::scene::Scene;
use crate::viewer::Visit;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::{Digest, Resource};
use std::sync::Arc;
use storefront::{PREVIEW_POLICY, Preview, preview, preview_style};

/// What stands in the frame where there is no theme to show.
#[derive(askama::Template)]
#[template(path = "preview_refused.html")]
struct Refused {
    refused: RefusalNotice,
    style: String,
}

/// An answer that stands in a frame of ours alone and cannot act there.
fn inert(status: StatusCode, kind: &'static str, body: impl Into<axum::body::Body>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(PREVIEW_POLICY)),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN")),
    ];
    (status, headers, body.into()).into_response()
}

/// The theme, if this viewer may see it.
fn seen(scene: &Scene, id: &str) -> Option<Digest> {
    let digest = id.parse().ok()?;
    scene.state.resource(Resource::Theme, &digest).map(|_| digest)
}

/// The page.
pub(crate) async fn page(State(app): State<Arc<App>>, visit: Visit, Path(id): Path<String>) -> Response {
    let Some(digest) = seen(&app.scene(visit.viewer.clone()), &id) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let (base, html) = (link::preview(&digest), "text/html; charset=utf-8");
    let (style, theme) = (format!("{base}/style.css"), format!("{base}/theme"));
    match app.theme(digest).await {
        Ok(files) => {
            let from = Preview { style: &style, theme: &theme, sheets: &files.summary.sheets };
            inert(StatusCode::OK, html, preview(from))
        }
        Err(refused) => match askama::Template::render(&Refused { refused, style }) {
            Ok(page) => inert(StatusCode::CONFLICT, html, page),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        },
    }
}

/// The shop's own style sheet, below the theme's.
pub(crate) async fn shop_style(Path(_): Path<String>) -> Response {
    inert(StatusCode::OK, "text/css; charset=utf-8", preview_style())
}

/// One file of the theme.
pub(crate) async fn file(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path((id, path)): Path<(String, String)>,
) -> Response {
    let Some(digest) = seen(&app.scene(visit.viewer.clone()), &id) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let files = app.theme(digest).await.ok();
    match files.and_then(|files| files.files.get(&path).cloned()) {
        Some(served) => inert(StatusCode::OK, served.content_type, served.bytes),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
