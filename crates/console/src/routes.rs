//! Every page and every form.

mod acts;
mod ask;
mod changes;
mod engines;
mod entries;
pub(crate) mod home;
mod invitations;
mod leases;
mod people;
mod recall;
pub(crate) mod refused;
mod register;
mod resources;
mod sent;
mod sign_in;
mod sources;
mod suspend;
mod tenants;
mod way_in;

use crate::app::App;
use crate::page::link;
use crate::{assets, live, own_name};
use axum::Router;
use axum::routing::get;
use service_shell::{Auth, Declare as _, Entry};
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Routes that wait for executors.
pub(crate) const SLOW: [&str; 9] = [
    "/changes/{id}/{verb}",
    ask::PATH,
    "/sign-in",
    invitations::OWN,
    suspend::PATH,
    recall::PATH,
    register::tenant::PATH,
    register::engine::PATH,
    engines::verify::PATH,
];

/// The route that takes a file.
pub(crate) const UPLOAD: &str = resources::publish::PATH;

fn pages() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(home::page))
        .route("/entries/{log}/{index}", get(entries::page))
        .route("/changes", get(changes::list))
        .route(ask::PATH, get(ask::page))
        .route("/changes/{id}", get(changes::page))
        .route("/engines", get(engines::list))
        .route(register::engine::PATH, get(register::engine::page))
        .route("/engines/{id}", get(engines::page))
        .route(register::tenant::PATH, get(register::tenant::page))
        .route(link::RESOURCES, get(resources::list))
        .route(UPLOAD, get(resources::publish::page))
        .route("/resources/{digest}", get(resources::page))
        .route("/resources/{digest}/preview", get(resources::preview::page))
        .route("/resources/{digest}/preview/style.css", get(resources::preview::shop_style))
        .route("/resources/{digest}/preview/theme/{*path}", get(resources::preview::file))
        .route(link::TENANTS, get(tenants::list))
        .route("/tenants/{id}", get(tenants::page))
        .route("/leases/{id}", get(leases::page))
        .route("/sources", get(sources::page))
        .route("/roster", get(people::page))
        .route(invitations::NEW, get(invitations::page))
        .route(suspend::PATH, get(suspend::page))
        .route(recall::PATH, get(recall::page))
        .route("/assets/{name}", get(assets::serve))
        // Who comes back to a form's address by hand gets the page it belongs to.
        .route("/changes/{id}/{verb}", get(changes::back))
        // Where changes of an engine were asked for once.
        .route("/engines/{id}/{kind}", get(ask::of_engine))
        .route(engines::verify::PATH, get(engines::back))
        .route(invitations::OWN, get(people::back))
        .route("/sign-out", get(home::back))
        .route("/sources/retry", get(home::back))
        .route(link::LIVE, get(live::stream))
        .fallback(refused::no_page)
}

/// What changes something: nothing here leaves a leaf by itself. A decision goes to Governance as
/// that person's own signed statement, and the leaf is Governance's.
fn forms() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .declared(Entry::None, Auth::Session, routes!(sign_in::page, sign_in::choose))
        .declared(Entry::None, Auth::None, routes!(sign_in::by_key::challenge))
        .declared(Entry::None, Auth::Signed, routes!(sign_in::by_key::answer))
        .declared(Entry::None, Auth::Session, routes!(sign_in::once::page, sign_in::once::spend))
        .declared(Entry::None, Auth::Session, routes!(sign_in::leave))
        .declared(Entry::None, Auth::Session, routes!(sources::retry))
        .declared(Entry::None, Auth::Session, routes!(acts::submit))
        .declared(Entry::None, Auth::Session, routes!(ask::send))
        .declared(Entry::None, Auth::Session, routes!(invitations::make))
        .declared(Entry::None, Auth::Session, routes!(invitations::answer::page, invitations::answer::send))
        .declared(Entry::None, Auth::Session, routes!(invitations::own::say))
        .declared(Entry::None, Auth::Session, routes!(suspend::say))
        .declared(Entry::None, Auth::Session, routes!(recall::say))
        .declared(Entry::None, Auth::Session, routes!(resources::publish::send))
        .declared(Entry::None, Auth::Session, routes!(register::tenant::say))
        .declared(Entry::None, Auth::Session, routes!(register::engine::say))
        .declared(Entry::None, Auth::Session, routes!(engines::verify::say))
}

/// All routes.
pub(crate) fn all(app: Arc<App>) -> OpenApiRouter {
    let lead = axum::middleware::from_fn_with_state(Arc::clone(&app), own_name::redirect_to_canonical_host);
    forms().merge(OpenApiRouter::from(pages())).layer(lead).with_state(app)
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_form_says_what_it_leaves_and_who_may_send_it() {
        let document = super::forms();
        assert_eq!(service_shell::check_declared(document.get_openapi()), Ok(()));
        let posts = document.get_openapi().paths.paths.values().filter(|item| item.post.is_some()).count();
        assert_eq!(posts, 17);
    }
}
