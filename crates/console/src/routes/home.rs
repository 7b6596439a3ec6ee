//! `/`: Audit Logs.

use crate::app::App;
use crate::page::banner::{self, Banner};
use crate::page::bound::{self, Items};
use crate::page::catalogue::{self, Catalogue};
use crate::page::coverage::{self, Coverage};
use crate::page::deployment::{self, Deployment};
use crate::page::field::Choice;
use crate::page::frame::Frame;
use crate::page::readiness::ReadinessShown;
use crate::page::timeline::{self, Found, Query, Timeline};
use crate::page::trace::{self, Trace};
use crate::page::{guardrail, link, retirement, rollback};
use crate::scene::Scene;
use crate::viewer::Visit;
use crate::{respond, search};
use askama::Template;
use axum::extract::{Query as Parameters, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "audit.html")]
pub(crate) struct Page {
    pub(crate) frame: Frame,
    pub(crate) banner: Banner,
    pub(crate) timeline: Timeline,
    pub(crate) coverage: Coverage,
    pub(crate) engines: Vec<Choice>,
    pub(crate) deployment: Deployment,
    pub(crate) bound: Items,
    pub(crate) trace: Trace,
    pub(crate) rollback: Items,
    pub(crate) readiness: Option<ReadinessShown>,
    /// The page of the engine that the package panels are about.
    pub(crate) engine_href: Option<String>,
    pub(crate) retirement: Items,
    pub(crate) guardrails: Items,
    pub(crate) catalogue: Catalogue,
}

impl Page {
    /// Every section, in the page's order.
    pub(crate) fn of(frame: Frame, scene: &Scene, query: &Query, found: &Found) -> Self {
        let engine = deployment::engine(scene, &query.engine);
        let engine = engine.as_ref();
        let choice = |(id, name): (&model::EngineId, &String)| Choice {
            value: id.to_string(),
            text: name.clone(),
            chosen: Some(id) == engine,
        };
        Self {
            frame,
            banner: banner::of(scene),
            timeline: timeline::of(scene, query, found),
            coverage: coverage::of(scene),
            engines: scene.names().engines.iter().map(choice).collect(),
            deployment: deployment::of(scene, engine),
            bound: bound::of(scene, engine),
            trace: trace::of(scene, engine),
            rollback: rollback::of(scene, engine),
            readiness: rollback::checks(scene, engine),
            engine_href: engine.map(link::engine),
            retirement: retirement::of(scene, engine),
            guardrails: guardrail::of(scene),
            catalogue: catalogue::of(scene),
        }
    }
}

/// The page.
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    visit: Visit,
    RawQuery(asked): RawQuery,
    Parameters(query): Parameters<Query>,
) -> Response {
    // A form sends its empty fields too; an address that is kept or passed on holds only what is asked.
    if asked.is_some_and(|asked| asked.split('&').any(|pair| pair.ends_with('='))) {
        return respond::see_other(&query.with(&[]), visit.cookie.as_deref());
    }
    let scene = app.scene(visit.viewer.clone());
    let found = search::run(&app, &scene, &query).await;
    let mut frame = Frame::new(&app, &visit, &scene, "Audit Logs", "audit");
    // The timeline is not read again by itself, so nothing is searched for it either.
    frame.refresh_url = link::query("/", &[("engine", &query.engine)]);
    frame.live = query.live();
    let page = Page::of(frame, &scene, &query, &found);
    respond::page(StatusCode::OK, &visit.nonce, visit.cookie.as_deref(), &page)
}

/// A form's address that is about no page of its own.
pub(crate) async fn back() -> Response {
    respond::see_other("/", None)
}
