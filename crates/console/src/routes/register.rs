//! `/tenants/new` and `/engines/new`: a tenant, and an engine of one, are registered by one person's word.

pub(crate) mod engine;
pub(crate) mod tenant;

use super::acts::refuse;
use super::refused;
use super::sent::Sent;
use crate::app::App;
use crate::page::form::FormPage;
use crate::page::frame::Frame;
use crate::page::refused::RefusalNotice;
use crate::respond;
use crate::scene::Scene;
use crate::viewer::Visit;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

#[derive(Template)]
#[template(path = "form.html")]
struct Page {
    frame: Frame,
    form: FormPage,
    refused: Option<RefusalNotice>,
}

/// The page of a form, with what was refused and what was written.
fn show(app: &App, visit: &Visit, scene: &Scene, nav: &'static str, form: FormPage) -> Response {
    let here = form.action;
    // A page's own script reads it again: what is shown once is for a person.
    let refused = visit.is_seen.then(|| app.sessions.refused(&visit.id, here)).flatten();
    let form = form.again(refused.as_ref());
    let frame = Frame::new(app, visit, scene, &form.title, nav).at(here);
    respond::page(StatusCode::OK, &visit.nonce, visit.cookie.as_deref(), &Page { frame, form, refused })
}

/// Registers what a form of this session asks for, and leads to its page; or back to the form with the refusal.
async fn said(
    app: &App,
    visit: &Visit,
    (word, path): (&str, &str),
    form: Vec<(String, String)>,
    registered: impl AsyncFnOnce(&App, &Visit, &Sent) -> Result<String, RefusalNotice>,
) -> Response {
    let form = Sent::of(form);
    if !visit.session.accepts(form.csrf()) {
        return refused::foreign_from(app, visit, form.csrf(), path);
    }
    match registered(app, visit, &form).await {
        Ok(page) => respond::see_other(&page, visit.cookie.as_deref()),
        Err(refused) => refuse(app, visit, path, refused, form.written(word)),
    }
}

/// The name that a form gives; no other of those has it.
fn new_name(form: &Sent, what: &str, mut known: impl Iterator<Item = String>) -> Result<String, RefusalNotice> {
    let needed = || {
        let message = format!("a {what} has a name");
        RefusalNotice::new("form.missing", message, "write one, then send the form again").at("name")
    };
    let name = form.text("name").map_err(|refused| refused.at("name"))?.ok_or_else(needed)?;
    if known.any(|known| known.to_lowercase() == name.to_lowercase()) {
        let message = format!("a {what} is called `{name}` already");
        return Err(RefusalNotice::new("name.taken", message, "choose another name").at("name"));
    }
    Ok(name)
}
