//! What an engine printed, read for whoever looks: Engine Runtime decides whether they may.

use crate::app::App;
use crate::page::output::{LINES, Output, OutputSeen, SideOutput, lines};
use crate::scene::Scene;
use client::ClientError;
use model::{EngineId, Service, Side};

/// Longest wait for it, milliseconds: the page is there without.
const WITHIN_MS: u64 = 1_500;

/// The last lines of each side.
pub(super) async fn read(app: &App, scene: &Scene, engine: &EngineId) -> Output {
    let Some(viewer) = scene.viewer.as_ref().map(|viewer| viewer.who) else {
        return Output::none("not-permitted", "Not permitted: sign in to read what it printed.");
    };
    if !app.sources.answers(Service::Engine) {
        return Output::none("failed", "Engine Runtime is offline, and what engines print is kept there alone.");
    }
    let side = |side: Side| {
        let path = format!("/v1/engines/{engine}/logs?lines={LINES}&side={side}");
        let http = app.asking(Service::Engine, format!("GET {path}"), Some(&viewer));
        async move {
            let Some(http) = http else { return Ok(None) };
            let seen: OutputSeen = http.within(WITHIN_MS).get(&path).await?;
            Ok::<_, ClientError>(Some(SideOutput { side: side.word(), title: side.title(), lines: lines(seen) }))
        }
    };
    let (blue, green) = tokio::join!(side(Side::Blue), side(Side::Green));
    match (blue, green) {
        (Ok(Some(blue)), Ok(Some(green))) => Output { notice: None, sides: vec![blue, green] },
        (Ok(_), Ok(_)) => Output::none("failed", "This console has no key of its own to ask Engine Runtime with."),
        (Err(error), _) | (_, Err(error)) => {
            if let Some("engine.not_found") = error.code() {
                Output::none("not-permitted", "Not permitted: you may not read it.")
            } else {
                tracing::debug!(%error, "console: what an engine printed was not read");
                Output::none("failed", "Engine Runtime did not hand out what it printed; open the page again.")
            }
        }
    }
}
