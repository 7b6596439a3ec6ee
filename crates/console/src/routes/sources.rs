//! `/sources`: the evidence behind the chips.

use super::refused;
use crate::app::App;
use crate::page::coverage::{self, Coverage};
use crate::page::frame::Frame;
use crate::respond;
use crate::snapshot::Snapshot;
use crate::viewer::Visit;
use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use model::Service;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;

/// Longest wait for a retry's probes.
const RETRY_WITHIN: Duration = Duration::from_secs(3);

/// What a source said last, in a few figures.
pub(crate) struct SourceFacts {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) facts: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "sources.html")]
struct Page {
    frame: Frame,
    coverage: Coverage,
    said: Vec<SourceFacts>,
    ledger: Vec<(&'static str, String)>,
}

fn said(snapshot: &Snapshot) -> Vec<SourceFacts> {
    let mut all = vec![];
    let mut add = |service: Service, facts: Vec<(&'static str, String)>| {
        all.push(SourceFacts { id: service.word(), title: service.title(), facts });
    };
    if let Some(dated) = &snapshot.governance {
        let data = &dated.data;
        add(
            Service::Governance,
            vec![
                ("Control log", format!("{} entries", data.ledger.control_size)),
                ("Events log", format!("{} entries", data.ledger.events_size)),
                ("Genesis digest", data.ledger.genesis.to_string()),
                ("Rows kept", (data.headlines.rows.len() + data.all.rows.len()).to_string()),
            ],
        );
    }
    if let Some(dated) = &snapshot.platform {
        let held = dated.data.iter().filter(|held| held.held).count();
        add(Service::Platform, vec![("Artifacts", format!("{held} of {} held", dated.data.len()))]);
    }
    if let Some(dated) = &snapshot.node {
        let node = &dated.data;
        let memory = format!("{} of {} MiB free", node.memory_free_mib, node.memory_total_mib);
        let facts = vec![
            ("Node", node.name.to_string()),
            ("Memory", memory),
            ("Releases on disk", node.artifacts.len().to_string()),
        ];
        add(Service::Node, facts);
    }
    if let Some(dated) = &snapshot.engine {
        let engines = &dated.data.engines;
        let serving = engines.iter().filter(|engine| engine.serving.is_some()).count();
        add(Service::Engine, vec![("Engines", format!("{serving} of {} serve", engines.len()))]);
    }
    if let Some(dated) = &snapshot.integration {
        let facts = vec![
            ("Providers", dated.data.providers.len().to_string()),
            ("In its own words", dated.data.note.clone().unwrap_or_default()),
        ];
        add(Service::Integration, facts);
    }
    all
}

/// The page.
pub(crate) async fn page(State(app): State<Arc<App>>, visit: Visit) -> Response {
    let scene = app.scene(visit.viewer.clone());
    let ledger = match app.follower.as_ref().map(|follower| (follower.seen(), follower.readiness())) {
        None => vec![("This console's own replica", "There is no ledger to follow here.".to_owned())],
        Some((seen, checks)) => {
            let size = seen.map_or_else(
                || "nothing verified yet".to_owned(),
                |seen| format!("{} entries verified and decided again, root {}", seen.size, seen.root),
            );
            let mut facts = vec![("This console's own replica", size)];
            facts.extend(checks.into_iter().map(|check| (check_title(check.name), check.why)));
            facts
        }
    };
    let page = Page {
        frame: Frame::new(&app, &visit, &scene, "Sources", "sources"),
        coverage: coverage::of(&scene),
        said: said(&scene.snapshot),
        ledger,
    };
    respond::page(StatusCode::OK, &visit.nonce, visit.cookie.as_deref(), &page)
}

/// What a check of the console's own copy of the ledger is about.
fn check_title(name: &str) -> &'static str {
    match name {
        "ledger" => "Pulled and verified",
        "clock" => "Clock",
        "files" => "Files",
        "brake" => "Brake",
        _ => "Also checked",
    }
}

/// The form.
#[derive(Deserialize)]
pub(crate) struct Retry {
    #[serde(default)]
    csrf: String,
}

/// Every source is asked now.
#[utoipa::path(post, path = "/sources/retry", tag = "console", responses((status = 303), (status = 403)))]
pub(crate) async fn retry(State(app): State<Arc<App>>, visit: Visit, Form(form): Form<Retry>) -> Response {
    if !visit.session.accepts(&form.csrf) {
        return refused::foreign(&app, &visit, &form.csrf);
    }
    let mut probes = app.probes();
    app.retry.notify_one();
    // A source that answers late is shown as it is then; nobody waits longer for it here.
    let _ = tokio::time::timeout(RETRY_WITHIN, probes.changed()).await;
    respond::see_other("/#source-coverage", visit.cookie.as_deref())
}
