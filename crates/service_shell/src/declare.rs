//! What each route says of itself in the OpenAPI document: does it leave a leaf, and who may ask.
//!
//! Invariant 8 (every decided command leaves one leaf or is summed in one) is proved by a test
//! that walks the document, so a mutation that forgets to declare must be found by name.

use serde::{Deserialize, Serialize};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, OpenApi, extensions::Extensions, path::Operation};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

const ENTRY: &str = "x-countersign-entry";
const AUTH: &str = "x-countersign-auth";
/// The name of the bearer token among the document's security schemes.
const BEARER: &str = "bearer";

/// What a request to the route leaves in the ledger (`x-countersign-entry`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Entry {
    /// One leaf per decided command.
    Leaf,
    /// A leaf that sums several.
    Summed,
    /// Nothing.
    None,
}

/// What a request to the route must show (`x-countersign-auth`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Auth {
    /// Nothing: anyone may ask.
    None,
    /// A signed-in session.
    Session,
    /// A person's signed statement.
    Signed,
    /// A receipt signed by a node's or service's key.
    Receipt,
    /// A bearer token.
    Token,
    /// A bearer token, on some installations only.
    MaybeToken,
}

/// Registers routes together with what they must declare.
pub trait Declare<S> {
    /// As [`OpenApiRouter::routes`], with both declarations on every operation among `routes`:
    /// `router.declared(Entry::Leaf, Auth::Signed, routes!(seal))`.
    fn declared(self, entry: Entry, auth: Auth, routes: UtoipaMethodRouter<S>) -> Self;
}

impl<S: Clone + Send + Sync + 'static> Declare<S> for OpenApiRouter<S> {
    fn declared(self, entry: Entry, auth: Auth, (schemas, mut paths, methods): UtoipaMethodRouter<S>) -> Self {
        for item in paths.paths.values_mut() {
            let operations = [
                &mut item.get,
                &mut item.put,
                &mut item.post,
                &mut item.delete,
                &mut item.options,
                &mut item.head,
                &mut item.patch,
                &mut item.trace,
            ];
            for operation in operations.into_iter().flatten() {
                let extensions = operation.extensions.get_or_insert_with(Extensions::default);
                extensions.insert(ENTRY.to_owned(), word(entry));
                extensions.insert(AUTH.to_owned(), word(auth));
                let bearer = SecurityRequirement::new(BEARER, Vec::<String>::new());
                match auth {
                    Auth::Session | Auth::Token => operation.security = Some(vec![bearer]),
                    // Either of the two, as OpenAPI reads a list.
                    Auth::MaybeToken => operation.security = Some(vec![bearer, SecurityRequirement::default()]),
                    Auth::None | Auth::Signed | Auth::Receipt => {}
                }
            }
        }
        self.routes((schemas, paths, methods))
    }
}

/// Adds the bearer token to the document's security schemes, where an operation asks for it.
pub(crate) fn describe_bearer(document: &mut OpenApi) {
    let asks = |operation: &Option<Operation>| operation.as_ref().is_some_and(|known| known.security.is_some());
    let any = |item: &utoipa::openapi::PathItem| {
        [&item.get, &item.put, &item.post, &item.delete, &item.patch].into_iter().any(asks)
    };
    if document.paths.paths.values().any(any) {
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        let components = document.components.get_or_insert_with(Components::default);
        components.security_schemes.insert(BEARER.to_owned(), scheme);
    }
}

fn word(value: impl Serialize) -> serde_json::Value {
    serde_json::to_value(value).expect("a unit variant is always a JSON string")
}

/// Operations that change something and do not say what they leave and who may ask.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("register these with `declared(entry, auth, …)`: {}", .0.join(", "))]
pub struct Undeclared(pub Vec<String>);

/// Checks that every mutating operation of `document` declares both; names each that does not,
/// as `POST /v1/changes`.
pub fn check_declared(document: &OpenApi) -> Result<(), Undeclared> {
    let mut missing = Vec::new();
    for (path, item) in &document.paths.paths {
        let mutations = [("POST", &item.post), ("PUT", &item.put), ("PATCH", &item.patch), ("DELETE", &item.delete)];
        for (method, operation) in mutations {
            if operation.as_ref().is_some_and(|operation| !is_declared(operation)) {
                missing.push(format!("{method} {path}"));
            }
        }
    }
    if missing.is_empty() { Ok(()) } else { Err(Undeclared(missing)) }
}

fn is_declared(operation: &Operation) -> bool {
    let value = |key| operation.extensions.as_ref().and_then(|extensions| extensions.get(key)).cloned();
    let entry = value(ENTRY).is_some_and(|word| serde_json::from_value::<Entry>(word).is_ok());
    entry && value(AUTH).is_some_and(|word| serde_json::from_value::<Auth>(word).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use utoipa_axum::routes;

    #[utoipa::path(post, path = "/v1/seal", responses((status = 200)))]
    async fn seal() {}
    #[utoipa::path(put, path = "/v1/forgot", responses((status = 200)))]
    async fn forgot() {}
    #[utoipa::path(delete, path = "/v1/typo", responses((status = 200)),
        extensions(("x-countersign-entry" = json!("leaves")), ("x-countersign-auth" = json!("signed"))))]
    async fn typo() {}
    #[utoipa::path(get, path = "/v1/read", responses((status = 200)))]
    async fn read() {}

    #[test]
    fn a_mutation_that_says_nothing_or_nonsense_is_named() {
        let router: OpenApiRouter = OpenApiRouter::new()
            .declared(Entry::Leaf, Auth::Signed, routes!(seal))
            .routes(routes!(forgot))
            .routes(routes!(typo))
            .routes(routes!(read));
        let found = check_declared(router.get_openapi());
        assert_eq!(found, Err(Undeclared(vec!["PUT /v1/forgot".into(), "DELETE /v1/typo".into()])));
        assert!(found.unwrap_err().to_string().contains("PUT /v1/forgot, DELETE /v1/typo"));
    }

    #[test]
    fn the_document_carries_the_words() {
        let router: OpenApiRouter = OpenApiRouter::new().declared(Entry::Summed, Auth::Receipt, routes!(seal));
        assert_eq!(check_declared(router.get_openapi()), Ok(()));
        let document = serde_json::to_value(router.get_openapi()).unwrap();
        let post = &document["paths"]["/v1/seal"]["post"];
        assert_eq!((&post[ENTRY], &post[AUTH]), (&"summed".into(), &"receipt".into()));
    }

    #[test]
    fn what_asks_for_a_token_says_so_in_the_standard_words_too() {
        let router: OpenApiRouter = OpenApiRouter::new().declared(Entry::Leaf, Auth::Signed, routes!(seal)).declared(
            Entry::None,
            Auth::Token,
            routes!(read),
        );
        let mut document = router.get_openapi().clone();
        describe_bearer(&mut document);
        let document = serde_json::to_value(document).unwrap();
        assert_eq!(document["paths"]["/v1/read"]["get"]["security"], serde_json::json!([{ BEARER: [] }]));
        assert!(document["paths"]["/v1/seal"]["post"]["security"].is_null());
        assert_eq!(document["components"]["securitySchemes"][BEARER]["scheme"], "bearer");
    }
}
