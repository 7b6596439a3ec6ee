//! The routes of the vault. A secret goes in and never comes out again: what is answered is its keyed digest. It is
//! inert until a config that people countersigned names that.

use crate::deposits::Deposits;
use crate::{EngineError, Kept, Runtime, SECRET_MAX, SecretView};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use control::{ReadScope, State as Decided};
use follower::{Clock, Follower, OwnNode};
use model::{PersonId, TenantId, Token};
use serde::{Deserialize, Serialize};
use service_shell::{Auth, Bearer, Declare as _, Entry, Problem, ProblemBody, RouteLimits};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The route with its own limits.
pub(crate) const SECRETS: &str = "/v1/secrets";
/// The longest secret with every character written as `\u00XX`, and the words around it, bytes.
const BODY_BYTES: usize = 6 * SECRET_MAX + 1_024;

/// What the routes share.
#[derive(Clone)]
pub(crate) struct SecretsContext {
    pub(crate) runtime: Runtime,
    pub(crate) follower: Follower,
    pub(crate) node: OwnNode,
    pub(crate) clock: Clock,
    pub(crate) deposits: Deposits,
}

/// For whom a secret is deposited.
#[derive(Deserialize)]
struct Deposit {
    /// The tenant whose engines alone are given it; absent: the only one there is.
    tenant: Option<String>,
}

/// A secret as JSON. It has no `Debug`, so that nothing can write it down.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct SecretBody {
    /// One line of printable ASCII, 1 to 16,384 characters.
    #[schema(write_only)]
    secret: String,
}

/// `GET /v1/secrets`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SecretsView {
    /// The node whose vault it is; absent where the service does not know which node it acts for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schema(value_type = Option<String>)]
    pub node: Option<Token>,
    /// What may be known of each, in the order of their digests.
    pub secrets: Vec<SecretView>,
    /// Files of the vault that cannot be opened, by their names.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub damaged: Vec<String>,
}

pub(crate) fn routes(context: SecretsContext) -> OpenApiRouter {
    OpenApiRouter::new()
        .declared(Entry::None, Auth::Token, routes!(put))
        .declared(Entry::None, Auth::Token, routes!(list))
        .with_state(context)
}

pub(crate) fn limits() -> RouteLimits {
    RouteLimits::default().body_bytes(BODY_BYTES)
}

/// Keeps a secret for a tenant's engines on this node, sealed at rest. The answer names it by a digest that is keyed with
/// the vault's own key: a config of that tenant names it so. The same again changes nothing. Only who may publish a config
/// deposits; 60 a minute each, 1,000 of a tenant and 10,000 of a node are kept.
#[utoipa::path(post, path = "/v1/secrets", tag = "secrets",
    params(("tenant" = Option<String>, Query, description = "whose engines alone are given it; the only tenant where absent")),
    request_body(content((String = "text/plain"), (SecretBody = "application/json")),
        description = "the secret itself, or an object with it"),
    responses((status = 200, body = SecretView), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody), (status = 409, body = ProblemBody), (status = 413, body = ProblemBody),
        (status = 415, body = ProblemBody), (status = 429, body = ProblemBody, description = "`secrets.too_often`"),
        (status = 500, body = ProblemBody)))]
async fn put(
    State(context): State<SecretsContext>,
    bearer: Bearer,
    Query(deposit): Query<Deposit>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<SecretView>, Problem> {
    let now = (context.clock)();
    let person = context.follower.publisher_of(bearer, now)?;
    let tenant = whose(&context.follower.state(), &person, deposit.tenant.as_deref())?;
    context.deposits.step(person, tokio::time::Instant::now())?;
    let secret = read(&headers, &body)?;
    let vault = context.runtime.vault().clone();
    let kept = tokio::task::spawn_blocking(move || vault.put(tenant, &secret, now)).await;
    kept.map_err(|error| broken(&error))?.map(Json).map_err(|error| refusal(&error))
}

/// What may be known of the secrets that are kept for the engines of this node, of the tenants whose matters the reader may
/// read.
#[utoipa::path(get, path = "/v1/secrets", tag = "secrets",
    responses((status = 200, body = SecretsView), (status = 401, body = ProblemBody), (status = 403, body = ProblemBody),
        (status = 500, body = ProblemBody)))]
async fn list(State(context): State<SecretsContext>, bearer: Bearer) -> Result<Json<SecretsView>, Problem> {
    let person = context.follower.person_of(bearer, (context.clock)())?;
    let scope = ReadScope::of(&context.follower.state(), &person);
    let node = context.node.entry(&context.follower.state().roster).map(|node| node.name.clone());
    let vault = context.runtime.vault().clone();
    let all = tokio::task::spawn_blocking(move || vault.all()).await;
    let Kept { mut secrets, damaged } = all.map_err(|error| broken(&error))?.map_err(|error| refusal(&error))?;
    secrets.retain(|kept| scope.covers(&[kept.tenant]));
    // Whose a damaged one is cannot be told.
    let damaged = if scope == ReadScope::Everything { damaged } else { vec![] };
    Ok(Json(SecretsView { node, secrets, damaged }))
}

/// The tenant that is meant, of those whose matters the person may read.
fn whose(state: &Decided, person: &PersonId, tenant: Option<&str>) -> Result<TenantId, Problem> {
    let scope = ReadScope::of(state, person);
    let next = "name a tenant of this ledger whose matters are yours: `?tenant=` and its id";
    let only = || state.tenants.keys().next().filter(|_| state.tenants.len() == 1).copied();
    let missing = || Problem::malformed("tenant.missing", "it is not said for which tenant the secret is", next);
    let meant = match tenant {
        Some(text) => text.parse().ok(),
        None => Some(only().ok_or_else(missing)?),
    };
    let own = meant.filter(|tenant| state.tenants.contains_key(tenant) && scope.covers(&[*tenant]));
    own.ok_or_else(|| Problem::forbidden("tenant.unknown", "there is no such tenant, or it is not yours", next))
}

/// The secret of a request. What is wrong with a body is never said by a part of it.
fn read(headers: &HeaderMap, body: &[u8]) -> Result<String, Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let next = "send the secret itself as `text/plain`, or `{\"secret\": \"…\"}` as `application/json`";
    match kind.split(';').next().unwrap_or_default().trim() {
        "text/plain" => Ok(String::from_utf8(body.to_vec()).map_err(|_| refusal(&EngineError::SecretUnfit))?),
        "application/json" => {
            let wrong = |_| Problem::malformed("body.malformed", "the body is not an object with one secret", next);
            Ok(serde_json::from_slice::<SecretBody>(body).map_err(wrong)?.secret)
        }
        _ => {
            let what = "the body is neither text nor JSON";
            Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "body.content_type", what, next))
        }
    }
}

fn refusal(error: &EngineError) -> Problem {
    match error {
        EngineError::SecretUnfit => Problem::malformed(
            "secret.unfit",
            error.to_string(),
            "send it without a line end; what is longer, or holds other characters, goes in encoded, as base64",
        ),
        EngineError::SecretsFull => Problem::refused(
            "secrets.full",
            error.to_string(),
            "remove the files of those that no config names from the vault's directory",
        ),
        EngineError::TenantSecretsFull => Problem::refused(
            "secrets.tenant_full",
            error.to_string(),
            "remove the files of those that no config of this tenant names from the vault's directory; `countersign secret ls …` names them",
        ),
        EngineError::VaultClosed(_) => Problem::refused(
            "vault.closed",
            error.to_string(),
            "`/readyz` of Engine Runtime says under `files` what to do about its key",
        ),
        error => broken(error),
    }
}

fn broken(error: &dyn std::fmt::Display) -> Problem {
    tracing::error!(%error, "engine: the vault cannot be used");
    Problem::internal()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(kind: &str, body: &[u8]) -> Result<String, (&'static str, String)> {
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, kind.parse().unwrap())]);
        read(&headers, body).map_err(|problem| (problem.code(), format!("{:?}", problem.body())))
    }

    #[test]
    fn a_secret_is_a_text_or_an_object_and_what_is_wrong_is_said_without_it() {
        assert_eq!(asked("text/plain; charset=utf-8", b"planted").unwrap(), "planted");
        assert_eq!(asked("application/json", br#"{"secret":"planted"}"#).unwrap(), "planted");
        for (kind, body, code) in [
            ("application/json", &br#"{"secret":["planted"]}"#[..], "body.malformed"),
            ("application/json", br#"{"planted":1}"#, "body.malformed"),
            ("application/json", b"planted", "body.malformed"),
            ("text/plain", b"planted\xff", "secret.unfit"),
            ("application/x-www-form-urlencoded", b"secret=planted", "body.content_type"),
        ] {
            let (found, said) = asked(kind, body).unwrap_err();
            assert_eq!(found, code);
            assert!(!said.contains("planted"), "{said}");
        }
    }
}
