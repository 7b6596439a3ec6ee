//! `/changes/new`: the form that asks for a change, of any kind.

use super::acts::{opened, refuse, signed_in_desk, told};
use super::refused;
use super::sent::{Carried, Sent};
use crate::app::App;
use crate::page::answered::Answered;
use crate::page::ask::{self, AskPage, KindLink};
use crate::page::frame::Frame;
use crate::page::recorded::Word;
use crate::page::refused::RefusalNotice;
use crate::page::{kinds, link, quota};
use crate::respond;
use crate::viewer::Visit;
use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use control::{Answers, governs};
use desk::{DraftOrder, RosterOrder};
use model::{ChangeId, KindName};
use std::sync::Arc;

/// Where a change is asked for.
pub(crate) const PATH: &str = "/changes/new";

#[derive(Template)]
#[template(path = "ask_kinds.html")]
struct Kinds {
    frame: Frame,
    kinds: Vec<KindLink>,
}

#[derive(Template)]
#[template(path = "ask.html")]
struct Page {
    frame: Frame,
    ask: AskPage,
    refused: Option<RefusalNotice>,
}

/// The form of the kind that the address names, with the answers it gives; else the kinds.
pub(crate) async fn page(
    State(app): State<Arc<App>>,
    visit: Visit,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Response {
    let mut given: Answered = Sent::of(pairs).into_fields();
    let scene = app.scene(visit.viewer.clone());
    let Some(word) = given.remove("kind") else {
        let frame = Frame::new(&app, &visit, &scene, "Ask for a change", "changes").at(PATH);
        let kinds = ask::list(&scene);
        return respond::page(StatusCode::OK, &visit.nonce, visit.cookie.as_deref(), &Kinds { frame, kinds });
    };
    let Some(kind) = word.parse::<KindName>().ok().filter(|kind| scene.state.kinds.kind(*kind).is_some()) else {
        return refused::missing(&app, &visit, "kind of change");
    };
    let here = link::ask(kind, &[]);
    // A page's own script reads it again: what is shown once is for a person.
    let refused = visit.is_seen.then(|| app.sessions.refused(&visit.id, &here)).flatten();
    if let Some(refused) = &refused {
        given.extend(refused.written.fields.iter().cloned());
    }
    let quota = given.get("tenant").and_then(|tenant| quota::of_tenant(&scene, tenant));
    let refused = refused.map(|refused| refused.leads("quota.not_raised", quota));
    let Some(ask) = ask::of(&scene, kind, &given, &app.data_dir()) else {
        return refused::missing(&app, &visit, "kind of change");
    };
    let pairs: Vec<_> = given.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let title = format!("Ask for: {}", kind.title());
    let frame = Frame::new(&app, &visit, &scene, &title, "changes").at(&link::ask(kind, &pairs));
    respond::page(StatusCode::OK, &visit.nonce, visit.cookie.as_deref(), &Page { frame, ask, refused })
}

/// Asks for a change.
#[utoipa::path(post, path = "/changes/new", tag = "console",
    responses((status = 303), (status = 403), (status = 404)))]
pub(crate) async fn send(
    State(app): State<Arc<App>>,
    visit: Visit,
    Form(form): Form<Vec<(String, String)>>,
) -> Response {
    let form = Sent::of(form);
    let kind = form.get("kind").parse::<KindName>().ok();
    if !visit.session.accepts(form.csrf()) {
        let here = kind.map_or_else(|| PATH.to_owned(), |kind| link::ask(kind, &[]));
        return refused::foreign_from(&app, &visit, form.csrf(), &here);
    }
    let Some(kind) = kind else { return refused::missing(&app, &visit, "kind of change") };
    match asked(&app, &visit, kind, &form).await {
        Ok(word) => told(&app, &visit, word),
        Err(refused) => refuse(&app, &visit, &link::ask(kind, &[]), refused, form.written(kind.word())),
    }
}

async fn asked(app: &App, visit: &Visit, kind: KindName, form: &Sent) -> Result<Word, RefusalNotice> {
    let (title, reason) = (form.text("title")?, form.text("reason")?);
    let required = app.state().kinds.kind(kind).is_some_and(|row| row.reason_required);
    if required && reason.is_none() {
        return Err(desk::reason_missing(kind).into());
    }
    let (window, supersedes) = (form.window()?, form.supersedes()?);
    let (answers, document) = (form.answers(kind)?, form.document(kind)?);
    if let Some(carried) = &document {
        carries(app, &answers, carried)?;
    }
    let desk = signed_in_desk(app, visit, &kinds::needs(kind)).await?;
    let order = DraftOrder { title, reason, window, supersedes, ..DraftOrder::new(kind, answers) };
    let change: ChangeId = match document {
        None => desk.open_draft(&order).await?,
        Some(Carried::Setting(setting)) => desk.open_setting(&order, setting).await?,
        Some(Carried::Roster(next)) => {
            let base = app.state().roster.clone();
            desk.open_roster(&order, RosterOrder { next, ..RosterOrder::of(&base) }).await?
        }
    };
    opened(app, &desk, change).await
}

/// What the words name and what the field holds are one thing: people decide by the words. A document that
/// changes nothing is asked for by nobody.
fn carries(app: &App, answers: &Answers, carried: &Carried) -> Result<(), RefusalNotice> {
    let state = app.state();
    let unchanged = match carried {
        Carried::Setting(setting) => {
            let named = answers.setting_if("name").ok().flatten();
            if let Some(named) = named.filter(|named| *named != setting.name()) {
                let message = format!("{} was chosen, and the document is {}", named.title(), setting.name().title());
                let next = "choose the document again: its field then holds the one in force, to be changed there";
                return Err(RefusalNotice::new("form.other_document", message, next));
            }
            *setting == ask::in_force(&state, setting.name())
        }
        Carried::Roster(next) => *next == state.roster,
    };
    if unchanged {
        let message = "the document is the one that is in force: nothing would change";
        return Err(RefusalNotice::new("form.unchanged", message, "change it in its field, then ask again"));
    }
    Ok(())
}

/// From the address where an engine's change of a kind was asked for, to the form.
pub(crate) async fn of_engine(Path((id, kind)): Path<(String, String)>) -> Response {
    let known =
        kind.parse::<KindName>().ok().filter(|kind| governs(*kind).form().iter().any(|field| field.name == "engine"));
    let page = known.map_or_else(|| "/changes/new".to_owned(), |kind| link::ask(kind, &[("engine", &id)]));
    respond::see_other(&page, None)
}
