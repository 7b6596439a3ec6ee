//! *Verify bundle now*: every byte of what a rollback would restore is hashed again where it is kept. A look, and
//! nothing else: no leaf, no change.

use crate::app::App;
use crate::clock;
use crate::page::link;
use crate::page::readiness;
use crate::page::refused::RefusalNotice;
use crate::readings::Asked;
use crate::respond;
use crate::routes::acts::refuse;
use crate::routes::refused;
use crate::routes::sent::Sent;
use crate::scene::Scene;
use crate::viewer::Visit;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use client::ClientError;
use model::{Digest, EngineId, Instant, Service};
use std::sync::Arc;
use std::time::Duration;
use wire::VerifiedView;

/// Where it is asked for.
pub(crate) const PATH: &str = "/engines/{id}/verify";
/// Longest that the page waits for what is found: of what is large it says that it is being read.
const READ_SHOWN_WITHIN: Duration = Duration::from_secs(5);
/// Longest wait until what was found is on the page.
const SHOWN_WITHIN: Duration = Duration::from_secs(5);

/// Has it done.
#[utoipa::path(post, path = "/engines/{id}/verify", tag = "console",
    params(("id" = String, Path, description = "the engine")),
    responses((status = 303), (status = 403), (status = 404)))]
pub(crate) async fn say(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(id): Path<String>,
    Form(form): Form<Vec<(String, String)>>,
) -> Response {
    let form = Sent::of(form);
    if !visit.session.accepts(form.csrf()) {
        return refused::foreign(&app, &visit, form.csrf());
    }
    let scene = app.scene(visit.viewer.clone());
    let found = id.parse::<EngineId>().ok().and_then(|id| Some((id, readiness::of(&scene, &id)?)));
    let Some((id, shown)) = found else { return refused::missing(&app, &visit, "engine") };
    let here = link::engine(&id);
    match verified(&app, &scene, &shown.kept).await {
        Ok(()) => respond::see_other(&format!("{here}#readiness"), visit.cookie.as_deref()),
        Err(refused) => refuse(&app, &visit, &here, refused, form.written("verify")),
    }
}

/// Every copy at every keeper that answers; what they found is read again before the page is, where it comes soon.
async fn verified(app: &Arc<App>, scene: &Scene, kept: &[Digest]) -> Result<(), RefusalNotice> {
    if let Some(blocked) = scene.not_signed_in() {
        return Err(RefusalNotice::new(blocked.code, blocked.why, "sign in, then have it verified"));
    }
    let nothing = || RefusalNotice::new("rollback.nothing_below", "there is no bundle to verify", "deploy one first");
    if kept.is_empty() {
        return Err(nothing());
    }
    let keepers: Vec<_> =
        [Service::Platform, Service::Node].into_iter().filter(|keeper| app.sources.answers(*keeper)).collect();
    if keepers.is_empty() {
        let what = "neither Platform Services nor Node Runtime answers";
        return Err(RefusalNotice::new("verify.nobody", what, "start them, then have it verified"));
    }
    let begun = clock::now();
    let copies: Vec<_> = keepers.iter().flat_map(|keeper| kept.iter().map(|digest| (*keeper, *digest))).collect();
    // Being read already, which the page says.
    let Some(asked) = app.readings.begin(&copies, begun) else { return Ok(()) };
    let viewer = scene.viewer.as_ref().map(|viewer| viewer.who);
    let read = tokio::spawn(read(Arc::clone(app), viewer, asked));
    match tokio::time::timeout(READ_SHOWN_WITHIN, read).await {
        Ok(Ok(read)) => read?,
        Ok(Err(broken)) => return Err(failed(&broken)),
        Err(_) => return Ok(()),
    }
    shown(app, &keepers, begun).await;
    Ok(())
}

/// Has one after the other read to its end, whether or not anybody still waits; what fails is on the page until it is asked
/// for again. Answers the first that failed.
async fn read(app: Arc<App>, viewer: Option<control::Viewer>, asked: Asked) -> Result<(), RefusalNotice> {
    let mut read = Ok(());
    for copy in &asked.copies {
        match ask(&app, viewer.as_ref(), copy).await {
            Ok(()) => asked.came(copy),
            Err(refused) => {
                asked.failed(copy, clock::now(), format!("{}; {}", refused.message, refused.next));
                read = read.and(Err(refused));
            }
        }
    }
    drop(asked);
    app.wanted.notify_one();
    app.pulse();
    read
}

fn failed(why: &impl ToString) -> RefusalNotice {
    RefusalNotice::new("verify.failed", why.to_string(), "have it verified again")
}

async fn ask(
    app: &App,
    viewer: Option<&control::Viewer>,
    (keeper, digest): &(Service, Digest),
) -> Result<(), RefusalNotice> {
    let path = format!("/v1/artifacts/{digest}/verify");
    let http = viewer.and_then(|viewer| app.asking(*keeper, format!("POST {path}"), Some(viewer)));
    let keyless =
        || RefusalNotice::new("console.no_key", "this console has no key to ask with", "use the command line");
    let within = u64::try_from(artifact::READ_WITHIN.as_millis()).unwrap_or(u64::MAX);
    let http = http.ok_or_else(keyless)?.within(within);
    match http.post_nothing::<VerifiedView>(&path).await {
        Ok(_) => Ok(()),
        Err(ClientError::Problem(detail, _)) => Err(RefusalNotice::new(&detail.code, detail.message, detail.next)),
        Err(error) => Err(failed(&error)),
    }
}

/// Waits until what is kept here was read after the look; a page that comes earlier says so by its dates.
async fn shown(app: &App, keepers: &[Service], begun: Instant) {
    let mut pulses = app.pulses();
    let read = async {
        loop {
            let snapshot = app.kept.get();
            if keepers.iter().all(|keeper| snapshot.at(*keeper).is_some_and(|at| at > begun)) {
                return;
            }
            if pulses.changed().await.is_err() {
                return;
            }
        }
    };
    let _ = tokio::time::timeout(SHOWN_WITHIN, read).await;
}
