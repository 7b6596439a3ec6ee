//! Pages as answers: each with its own nonce and the one content security policy.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::Digest;

/// A nonce for one answer: 128 random bits in hexadecimal (CSP3 §2.3.1).
pub(crate) fn nonce() -> String {
    Digest(client::random_bytes()).to_string()[..32].to_owned()
}

/// The policy: nothing but our own files, no inline script or style, no string that becomes markup
/// or code except through htmx, whose attributes the nonce gates.
pub(crate) fn policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
         require-trusted-types-for 'script'; trusted-types htmx"
    )
}

/// A page.
pub(crate) fn page(status: StatusCode, nonce: &str, cookie: Option<&str>, page: &impl Template) -> Response {
    let html = match page.render() {
        Ok(html) => html,
        Err(error) => {
            tracing::error!(%error, "console: a page cannot be written");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let mut response = (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response();
    let headers = response.headers_mut();
    let policy = HeaderValue::try_from(policy(nonce)).expect("a policy is ASCII, and so is a hexadecimal nonce");
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    // With `no-referrer` a browser sends `Origin: null` with our own forms (Fetch §3.1), which the
    // shell refuses.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    if let Some(cookie) = cookie.and_then(|cookie| HeaderValue::try_from(cookie).ok()) {
        headers.insert(header::SET_COOKIE, cookie);
    }
    response
}

/// A page with a frame of our own in it.
pub(crate) fn framing(nonce: &str, cookie: Option<&str>, page: &impl Template) -> Response {
    let mut response = self::page(StatusCode::OK, nonce, cookie, page);
    let policy = format!("{}; frame-src 'self'", policy(nonce));
    let policy = HeaderValue::try_from(policy).expect("a policy is ASCII, and so is a hexadecimal nonce");
    if response.status().is_success() {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// The same page at its own address (308).
pub(crate) fn moved(location: &str) -> Response {
    let mut response = StatusCode::PERMANENT_REDIRECT.into_response();
    // Not for ever: another console may stand on this port tomorrow.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let location = HeaderValue::try_from(location).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(header::LOCATION, location);
    response
}

/// See another address next (303).
pub(crate) fn see_other(location: &str, cookie: Option<&str>) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, HeaderValue::try_from(location).unwrap_or(HeaderValue::from_static("/")));
    if let Some(cookie) = cookie.and_then(|cookie| HeaderValue::try_from(cookie).ok()) {
        headers.insert(header::SET_COOKIE, cookie);
    }
    response
}
