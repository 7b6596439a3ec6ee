//! From requests to pages.

use crate::{
    Cart, CartStore, Release, Shop, StorefrontError,
    cart::new_id,
    html::{self, Acts, Frame},
    pages,
    worn::Worn,
};
use axum::{
    Form, Json, Router,
    extract::{DefaultBodyLimit, Path, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use model::{Digest, Id};
use serde::Deserialize;
use std::{net::IpAddr, sync::Arc};

const MAX_BODY_BYTES: usize = 16 << 10;
const COOKIE: &str = "cart";
/// 90 days.
const COOKIE_MAX_AGE_S: u32 = 7_776_000;
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What every request sees.
#[derive(Clone)]
pub(crate) struct AppState(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) release: Release,
    pub(crate) shop: Option<Shop>,
    pub(crate) theme: Option<Worn>,
    pub(crate) notice: Option<String>,
    pub(crate) hosts: Vec<String>,
    pub(crate) carts: CartStore,
    pub(crate) artifact: Option<Digest>,
    pub(crate) generation: Option<u64>,
}

impl AppState {
    pub(crate) fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    /// Files are read and flushed away from the threads that serve.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&CartStore) -> Result<T, StorefrontError> + Send + 'static,
    ) -> Result<T, StorefrontError> {
        let inner = self.0.clone();
        tokio::task::spawn_blocking(move || work(&inner.carts)).await.map_err(|e| StorefrontError::Serve(e.into()))?
    }

    async fn cart(&self, headers: &HeaderMap) -> Result<Cart, StorefrontError> {
        match cart_id(headers) {
            Some(id) => self.blocking(move |carts| carts.read(id)).await,
            None => Ok(Cart::default()),
        }
    }

    fn page(&self, in_cart: u32, title: &str, body: &str) -> Html<String> {
        let inner = &*self.0;
        let sheets = inner.theme.as_ref().map_or(&[][..], |theme| &theme.sheets);
        let (release, shop) = (&inner.release, inner.shop.as_ref());
        let notice = inner.notice.as_deref();
        let frame = Frame { release, shop, style: "/style.css", sheets, notice, acts: Acts::Live };
        Html(html::layout(frame, in_cart, title, body))
    }

    /// What went wrong as a page; what the visitor cannot change is said in the log, not to the visitor.
    fn failed(&self, error: &StorefrontError) -> Response {
        let (status, text) = match error {
            StorefrontError::CartFull(_) => (StatusCode::CONFLICT, error.to_string()),
            StorefrontError::TooManyCarts(_) => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
            _ => {
                tracing::error!(%error, "storefront: a request failed");
                (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "the shop could not do this; nothing was changed, try again".to_owned(),
                )
            }
        };
        (status, self.page(0, "Not done", &pages::notice("Not done", &text, Acts::Live))).into_response()
    }
}

pub(crate) fn router(state: AppState) -> Router {
    Router::new()
        .route("/", get(catalogue))
        .route("/product/{sku}", get(product))
        .route("/cart", get(cart))
        .route("/cart/add", post(add))
        .route("/cart/remove", post(remove))
        .route("/style.css", get(style))
        .route("/theme/{digest}/{*path}", get(themed))
        .route("/icon.svg", get(icon))
        .route("/healthz", get(healthz))
        .fallback(not_found)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(middleware::from_fn_with_state(state.clone(), guard))
        .with_state(state)
}

/// Refuses names that nobody bound to the shop, which only DNS rebinding brings here, and forms of other sites.
fn refusal(hosts: &[String], request: &Request) -> Option<Response> {
    let text = |name| request.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let host = text(header::HOST).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name).trim_matches(['[', ']']);
    let bound = hosts.iter().any(|host| host.eq_ignore_ascii_case(name));
    if !bound && name != "localhost" && name.parse::<IpAddr>().is_err() {
        return Some((StatusCode::MISDIRECTED_REQUEST, "this shop is not served under that name\n").into_response());
    }
    let own = |origin: &str| origin.strip_prefix("http://").or(origin.strip_prefix("https://")) == Some(host);
    if request.method() == Method::POST && !text(header::ORIGIN).is_none_or(own) {
        return Some((StatusCode::FORBIDDEN, "this form was not sent by the shop's own page\n").into_response());
    }
    None
}

/// Refuses strangers and adds the security headers to every answer.
async fn guard(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let mut response = match refusal(&state.0.hosts, &request) {
        Some(refused) => refused,
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

async fn catalogue(State(state): State<AppState>, headers: HeaderMap) -> Response {
    match state.cart(&headers).await {
        Ok(cart) => {
            state.page(cart.count(), "Catalogue", &pages::catalogue(&state.0.release, Acts::Live)).into_response()
        }
        Err(error) => state.failed(&error),
    }
}

async fn product(State(state): State<AppState>, headers: HeaderMap, Path(sku): Path<String>) -> Response {
    let Some(item) = state.0.release.item(&sku) else { return not_found(State(state)).await };
    match state.cart(&headers).await {
        Ok(cart) => state.page(cart.count(), &item.name, &pages::product(item, Acts::Live)).into_response(),
        Err(error) => state.failed(&error),
    }
}

async fn cart(State(state): State<AppState>, headers: HeaderMap) -> Response {
    match state.cart(&headers).await {
        Ok(cart) => state.page(cart.count(), "Cart", &pages::cart(&state.0.release, &cart, Acts::Live)).into_response(),
        Err(error) => state.failed(&error),
    }
}

#[derive(Deserialize)]
struct Line {
    sku: String,
}

async fn add(State(state): State<AppState>, headers: HeaderMap, Form(line): Form<Line>) -> Response {
    if state.0.release.item(&line.sku).is_none() {
        return not_found(State(state)).await;
    }
    let id = match cart_id(&headers).map_or_else(new_id, Ok) {
        Ok(id) => id,
        Err(error) => return state.failed(&error),
    };
    let changed = state.blocking(move |carts| carts.change(id, |cart| cart.add(&line.sku))).await;
    match changed {
        Ok(_) => {
            let cookie = format!("{COOKIE}={id}; Path=/; HttpOnly; SameSite=Lax; Max-Age={COOKIE_MAX_AGE_S}");
            ([(header::SET_COOKIE, cookie)], Redirect::to("/cart")).into_response()
        }
        Err(error) => state.failed(&error),
    }
}

async fn remove(State(state): State<AppState>, headers: HeaderMap, Form(line): Form<Line>) -> Response {
    let Some(id) = cart_id(&headers) else { return Redirect::to("/cart").into_response() };
    let removal = move |cart: &mut Cart| {
        cart.remove(&line.sku);
        Ok(())
    };
    match state.blocking(move |carts| carts.change(id, removal)).await {
        Ok(_) => Redirect::to("/cart").into_response(),
        Err(error) => state.failed(&error),
    }
}

async fn icon(State(state): State<AppState>) -> Response {
    let icon = html::icon(&state.0.release, state.0.shop.as_ref());
    ([(header::CONTENT_TYPE, "image/svg+xml")], icon).into_response()
}

async fn style(State(state): State<AppState>) -> Response {
    let colour = state.0.shop.as_ref().and_then(|shop| shop.colour.as_deref());
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], state.0.release.sheet(colour)).into_response()
}

/// A file of the theme. Its address holds the theme's digest, so a browser never needs to ask for it again.
async fn themed(State(state): State<AppState>, Path((digest, path)): Path<(String, String)>) -> Response {
    let Some(file) = state.0.theme.as_ref().and_then(|theme| theme.file(&digest, &path)) else {
        return not_found(State(state)).await;
    };
    let headers =
        [(header::CONTENT_TYPE, file.content_type), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    (headers, file.bytes.clone()).into_response()
}

/// Healthy means: this release says it works, and a cart could be kept now.
async fn healthz(State(state): State<AppState>) -> Response {
    let release = &state.0.release;
    let writable = state.blocking(CartStore::probe).await;
    if let Err(error) = &writable {
        tracing::error!(%error, "storefront: carts cannot be written");
    }
    let good = release.healthy && writable.is_ok();
    let (code, word) = if good { (StatusCode::OK, "ok") } else { (StatusCode::SERVICE_UNAVAILABLE, "failing") };
    let mut body = serde_json::json!({"status": word, "release": release.version, "product": release.product});
    if let Some(generation) = state.0.generation {
        body["generation"] = generation.into();
    }
    if let Some(theme) = &state.0.theme {
        body["theme"] = theme.digest.to_string().into();
    }
    if let Some(artifact) = state.0.artifact {
        body["artifact"] = artifact.to_string().into();
    }
    (code, Json(body)).into_response()
}

async fn not_found(State(state): State<AppState>) -> Response {
    let body = pages::notice("Not here", "This shop has no such page or product.", Acts::Live);
    (StatusCode::NOT_FOUND, state.page(0, "Not here", &body)).into_response()
}

fn cart_id(headers: &HeaderMap) -> Option<Id> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('=')?.parse().ok())
}
