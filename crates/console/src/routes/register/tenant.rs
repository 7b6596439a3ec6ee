//! `/tenants/new`.

use super::super::acts::signed_in_desk;
use super::super::sent::Sent;
use super::{new_name, said, show};
use crate::app::App;
use crate::page::field::{FieldRow, Widget};
use crate::page::form::FormPage;
use crate::page::refused::RefusalNotice;
use crate::page::{link, who_may};
use crate::scene::Scene;
use crate::viewer::Visit;
use axum::Form;
use axum::extract::State;
use axum::response::Response;
use model::Service;
use signed::Verb;
use std::sync::Arc;

/// Where a tenant is registered.
pub(crate) const PATH: &str = link::NEW_TENANT;

const WORD: &str = "register-tenant";

fn form(scene: &Scene, dir: &str) -> FormPage {
    let who = who_may::say(Verb::RegisterTenant);
    FormPage {
        word: WORD,
        title: "Register a tenant".to_owned(),
        lead: format!("Whose engines run here. One word of a {who} is enough, and changes nothing that serves."),
        action: PATH,
        is_upload: false,
        hidden: vec![],
        fields: vec![FieldRow::new("name", "Name", Widget::Text).help("As people read it.").required(true)],
        button: "Register the tenant",
        note: "The name is sealed under the tenant's own key; the ledger names the tenant by an id.",
        blocked: scene.blocked(&[Service::Governance]),
        commands: vec![format!("countersign tenant new NAME --key KEY --dir {dir}")],
    }
}

/// The form.
pub(crate) async fn page(State(app): State<Arc<App>>, visit: Visit) -> Response {
    let scene = app.scene(visit.viewer.clone());
    show(&app, &visit, &scene, "tenants", form(&scene, &app.data_dir()))
}

/// Registers one.
#[utoipa::path(post, path = "/tenants/new", tag = "console", responses((status = 303), (status = 403)))]
pub(crate) async fn say(
    State(app): State<Arc<App>>,
    visit: Visit,
    Form(form): Form<Vec<(String, String)>>,
) -> Response {
    said(&app, &visit, (WORD, PATH), form, registered).await
}

/// Where it is shown.
async fn registered(app: &App, visit: &Visit, form: &Sent) -> Result<String, RefusalNotice> {
    let scene = app.scene(visit.viewer.clone());
    let known = scene.state.tenants.keys().map(|id| scene.names().tenant(id));
    let name = new_name(form, "tenant", known)?;
    let desk = signed_in_desk(app, visit, &[Service::Governance]).await?;
    desk.register_tenant(&name).await?;
    Ok(link::TENANTS.to_owned())
}
