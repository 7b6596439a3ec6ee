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
use service_shell::{Auth, Declare as _, Entry};
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

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
        .declared(Entry::None, Auth::MaybeToken, routes!(tiles::tile))
        .declared(Entry::None, Auth::MaybeToken, routes!(blobs::blob))
        .routes(routes!(reading::ledger))
        .declared(Entry::None, Auth::Token, routes!(reading::names))
        .declared(Entry::None, Auth::Token, routes!(reading::people))
        .declared(Entry::None, Auth::Token, routes!(reading::kinds))
        .declared(Entry::None, Auth::Token, routes!(reading::engines))
        .declared(Entry::None, Auth::Token, routes!(reading::artifacts))
        .declared(Entry::None, Auth::Token, routes!(reading::changes))
        .declared(Entry::None, Auth::Token, routes!(reading::change))
        .declared(Entry::None, Auth::Token, routes!(signed::package))
        .declared(Entry::None, Auth::Token, routes!(signed::plan))
        .declared(Entry::None, Auth::Token, routes!(signed::requirement))
        .declared(Entry::None, Auth::Token, routes!(reading::explain))
        .declared(Entry::None, Auth::Token, routes!(timeline::page))
        .declared(Entry::None, Auth::Token, routes!(entries::entry))
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_route_that_changes_something_says_what_it_leaves_and_who_may_ask() {
        assert_eq!(service_shell::check_declared(super::declared().get_openapi()), Ok(()));
    }

    #[test]
    fn every_route_that_answers_401_says_how_to_sign_in() {
        let document = super::declared().get_openapi().to_json().unwrap();
        let document: serde_json::Value = serde_json::from_str(&document).unwrap();
        for (path, item) in document["paths"].as_object().unwrap() {
            let Some(get) = item["get"].as_object() else { continue };
            let asks = get["responses"]["401"].is_object();
            assert_eq!(get.contains_key("security"), asks, "{path}");
            // Entry bundles and blobs need a token on some ledgers only.
            let either = path.contains("/tile/") || path.starts_with("/v1/blobs/");
            let optional = get.get("security").and_then(|all| all.as_array()).is_some_and(|all| all.len() == 2);
            assert_eq!(optional, either, "{path}");
        }
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
