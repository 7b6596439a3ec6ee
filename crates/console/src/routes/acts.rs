//! What a person does about a change, at that person's desk.

use super::refused;
use crate::app::App;
use crate::page::refused::{Refused, Written};
use crate::page::said::Word;
use crate::page::{action, link};
use crate::respond;
use crate::scene::{UNKNOWN, Viewer};
use crate::viewer::Visit;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use desk::{Desk, DraftOrder, Shown};
use model::{ChangeId, EngineId, KindName, Service, canon};
use serde::Deserialize;
use std::sync::Arc;
use warrant::Act;

/// Longest title or reason, characters.
const TEXT_MAX: usize = 1_000;

/// A form about a change or an engine.
#[derive(Deserialize)]
pub(crate) struct Said {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    artifact: String,
    revision: Option<String>,
    package: Option<String>,
    plan: Option<String>,
}

/// One line, without what canonical text may not hold: the sender's own side cleans up.
fn text(sent: &str) -> Result<Option<String>, Refused> {
    let words: String = sent.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().count() > TEXT_MAX {
        let message = format!("the text is longer than {TEXT_MAX} characters");
        return Err(Refused::new("text.too_long", message, "say it shorter"));
    }
    if let Err(error) = canon::to_vec(&words) {
        return Err(Refused::new("text.character", error.to_string(), "leave that character out"));
    }
    Ok(Some(words).filter(|words| !words.is_empty()))
}

/// The desk of who is signed in, when an act may rest on what the page shows.
async fn seat(app: &App, visit: &Visit, needs: &[Service]) -> Result<Desk, Refused> {
    let scene = app.scene(visit.viewer.clone());
    if let Some(blocked) = scene.blocked(needs) {
        return Err(Refused::new(blocked.code, blocked.why, "look at the sources; nothing was sent"));
    }
    let Some(person) = scene.viewer.as_ref().and_then(Viewer::person) else {
        return Err(Refused::new(UNKNOWN, "nobody is signed in", "sign in first"));
    };
    Ok(app.desks.seat(person).await?)
}

impl Said {
    /// What its page showed. A form that does not say so decides nothing about a change.
    fn shown(&self) -> Result<Shown, Refused> {
        let read = || {
            let plan = self.plan.as_deref()?;
            let plan = if plan.is_empty() { None } else { Some(plan.parse().ok()?) };
            let (revision, package) = (self.revision.as_deref()?, self.package.as_deref()?);
            Some(Shown { revision: revision.parse().ok()?, package: package.parse().ok()?, plan })
        };
        let message = "the form does not say which revision, package and plan its page showed";
        read().ok_or_else(|| Refused::new("form.malformed", message, "read the change's page again, then decide there"))
    }

    fn written(self, form: &str) -> Written {
        let fields = vec![("reason", self.reason), ("title", self.title), ("artifact", self.artifact)];
        Written { form: form.to_owned(), fields }
    }
}

/// Back to the page, which shows what was refused, and what was written.
fn refuse(app: &App, visit: &Visit, page: &str, refused: Refused, written: Written) -> Response {
    let refused = Refused { written, ..refused };
    app.sessions.refuse(&visit.id, page, refused);
    respond::see_other(page, visit.cookie.as_deref())
}

/// Back to the page of a change, which shows what was said once it has found it in the ledger.
fn told(app: &App, visit: &Visit, word: Word) -> Response {
    let page = link::change(&word.change);
    app.sessions.say(&visit.id, word);
    respond::see_other(&page, visit.cookie.as_deref())
}

/// Says one verb about a change.
#[utoipa::path(post, path = "/changes/{id}/{verb}", tag = "console",
    params(("id" = String, Path, description = "the change"), ("verb" = String, Path, description = "what is said")),
    responses((status = 303), (status = 403), (status = 404)))]
pub(crate) async fn say(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path((id, verb)): Path<(String, String)>,
    Form(form): Form<Said>,
) -> Response {
    if !visit.session.accepts(&form.csrf) {
        return refused::foreign(&app, &visit, &form.csrf);
    }
    let Ok(change) = id.parse::<ChangeId>() else { return refused::missing(&app, &visit, "change") };
    match about(&app, &visit, &change, &verb, &form).await {
        Ok(Some(word)) => told(&app, &visit, word),
        Ok(None) => refused::missing(&app, &visit, "act"),
        Err(refused) => refuse(&app, &visit, &link::change(&change), refused, form.written(&verb)),
    }
}

/// None: there is no such verb.
async fn about(app: &App, visit: &Visit, id: &ChangeId, verb: &str, form: &Said) -> Result<Option<Word>, Refused> {
    let reason = text(&form.reason)?;
    let reason = reason.as_deref();
    if !matches!(verb, "seal" | "approve" | "reject" | "run" | "hold" | "release" | "withdraw" | "cancel" | "observe") {
        return Ok(None);
    }
    let shown = &form.shown()?;
    let desk = seat(app, visit, action::needs(verb)).await?;
    let entry = match verb {
        "seal" => desk.seal(id, Some(shown)).await?,
        "approve" => desk.approve(id, None, Some(shown)).await?,
        "run" => desk.run(id, Some(shown)).await?,
        "reject" => {
            let missing =
                || Refused::new("reject.reason_missing", "a rejection says why", "write a reason, then reject");
            desk.reject(id, None, reason.ok_or_else(missing)?, Some(shown)).await?
        }
        "hold" => desk.say_about(id, |change, revision| Act::Hold { change, revision }, reason, Some(shown)).await?,
        "release" => {
            desk.say_about(id, |change, revision| Act::Release { change, revision }, reason, Some(shown)).await?
        }
        "withdraw" => {
            desk.say_about(id, |change, revision| Act::Withdraw { change, revision }, reason, Some(shown)).await?
        }
        "cancel" => {
            desk.say_about(id, |change, revision| Act::Cancel { change, revision }, reason, Some(shown)).await?
        }
        _ => return observe(app, &desk, id, shown).await.map(Some),
    };
    Ok(Some(Word { person: desk.person(), change: *id, verb: verb.to_owned(), entry }))
}

/// Opens the same draft again, so that the executors observe it anew.
async fn observe(app: &App, desk: &Desk, id: &ChangeId, shown: &Shown) -> Result<Word, Refused> {
    let state = app.state();
    let unknown = || Refused::new("change.not_found", "there is no such change", "go back to the list of changes");
    let change = state.changes.get(id).ok_or_else(unknown)?;
    shown.is_package(change.revision, &change.package_digest)?;
    let names = desk.names().await?;
    let order = DraftOrder {
        kind: change.kind,
        engine: change.package.engine,
        artifact: Some(change.package.bundle.artifact),
        title: names.titles.get(id).cloned(),
        reason: names.reasons.get(id).cloned(),
        change: Some(*id),
    };
    opened(app, desk, &order).await
}

/// Opens a draft; its leaf is looked up in the own fold.
async fn opened(app: &App, desk: &Desk, order: &DraftOrder) -> Result<Word, Refused> {
    let change = desk.draft(order).await?;
    let entry = app.state().changes.get(&change).map_or(0, |change| change.opened);
    Ok(Word { person: desk.person(), change, verb: "draft".to_owned(), entry })
}

async fn draft(app: &App, visit: &Visit, id: &str, kind: KindName, form: Said) -> Response {
    if !visit.session.accepts(&form.csrf) {
        return refused::foreign(app, visit, &form.csrf);
    }
    let Ok(engine) = id.parse::<EngineId>() else { return refused::missing(app, visit, "engine") };
    match asked(app, visit, engine, kind, &form).await {
        Ok(word) => told(app, visit, word),
        Err(refused) => refuse(app, visit, &link::engine(&engine), refused, form.written(kind.word())),
    }
}

async fn asked(app: &App, visit: &Visit, engine: EngineId, kind: KindName, form: &Said) -> Result<Word, Refused> {
    let (reason, title) = (text(&form.reason)?, text(&form.title)?);
    let artifact = if kind == KindName::Deployment {
        let none = |_| Refused::new("artifact.unknown", "no release was chosen", "choose a release from the list");
        Some(form.artifact.parse().map_err(none)?)
    } else {
        None
    };
    if kind == KindName::Rollback && reason.is_none() {
        let message = "rollback requires governance reason capture before execution";
        return Err(Refused::new("change.reason_missing", message, "say why, then ask again"));
    }
    let desk = seat(app, visit, Service::ALL).await?;
    opened(app, &desk, &DraftOrder { kind, engine, artifact, title, reason, change: None }).await
}

/// Asks for a rollback to the last certified bundle.
#[utoipa::path(post, path = "/engines/{id}/rollback", tag = "console",
    params(("id" = String, Path, description = "the engine")),
    responses((status = 303), (status = 403), (status = 404)))]
pub(crate) async fn rollback(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(id): Path<String>,
    Form(form): Form<Said>,
) -> Response {
    draft(&app, &visit, &id, KindName::Rollback, form).await
}

/// Asks for a deployment.
#[utoipa::path(post, path = "/engines/{id}/deployment", tag = "console",
    params(("id" = String, Path, description = "the engine")),
    responses((status = 303), (status = 403), (status = 404)))]
pub(crate) async fn deployment(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(id): Path<String>,
    Form(form): Form<Said>,
) -> Response {
    draft(&app, &visit, &id, KindName::Deployment, form).await
}

#[cfg(test)]
mod tests {
    use super::{TEXT_MAX, text};

    #[test]
    fn a_text_is_one_clean_line() {
        assert_eq!(text(" Checkout\r\nerrors\u{7} now ").unwrap().as_deref(), Some("Checkout errors now"));
        assert_eq!(text(" \n ").unwrap(), None);
        assert_eq!(text(&"x".repeat(TEXT_MAX + 1)).unwrap_err().code, "text.too_long");
        assert_eq!(text("turned \u{202e} round").unwrap_err().code, "text.character");
    }
}
