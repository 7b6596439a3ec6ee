//! Every route of this service, with what it leaves in the ledger and who may ask.

mod blobs;
mod checkpoints;
mod commands;
mod entries;
mod events;
mod reading;
mod sessions;
mod shapes;
mod signed;
mod tiles;
mod timeline;

use crate::service::Service;
use api::{Auth, Declare as _, Entry};
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Most rows of one page.
pub(crate) const LIMIT_MAX: u32 = 200;

/// All routes.
pub(crate) fn all(service: Arc<Service>) -> OpenApiRouter {
    declared().with_state(service)
}

fn declared() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new()
        .declared(Entry::Leaf, Auth::Signed, routes!(commands::submit))
        .declared(Entry::Leaf, Auth::Signed, routes!(sessions::open))
        .declared(Entry::Summed, Auth::Token, routes!(events::send))
        .routes(routes!(checkpoints::long_poll))
        .routes(routes!(checkpoints::newest))
        .routes(routes!(tiles::tile))
        .routes(routes!(blobs::blob))
        .routes(routes!(reading::ledger))
        .routes(routes!(reading::names))
        .routes(routes!(reading::people))
        .routes(routes!(reading::kinds))
        .routes(routes!(reading::engines))
        .routes(routes!(reading::artifacts))
        .routes(routes!(reading::changes))
        .routes(routes!(reading::change))
        .routes(routes!(signed::package))
        .routes(routes!(signed::plan))
        .routes(routes!(signed::requirement))
        .routes(routes!(reading::explain))
        .routes(routes!(timeline::page))
        .routes(routes!(entries::entry))
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_route_that_changes_something_says_what_it_leaves_and_who_may_ask() {
        assert_eq!(api::check_declared(super::declared().get_openapi()), Ok(()));
    }

    #[test]
    fn the_limit_on_searches_is_named_where_callers_look() {
        let document = super::declared().get_openapi().to_json().unwrap();
        let document: serde_json::Value = serde_json::from_str(&document).unwrap();
        let get = &document["paths"]["/v1/entries"]["get"];
        let said = [get["summary"].as_str(), get["responses"]["429"]["description"].as_str()];
        assert!(said.iter().all(|said| said.is_some_and(|said| said.contains("search.busy"))), "{said:?}");
    }
}
