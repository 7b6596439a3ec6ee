//! The few answers that are the front's own.

use crate::body::ProxyBody;
use http_body_util::{Either, Full};
use hyper::{
    Response, StatusCode,
    header::{self, HeaderValue},
};

/// A plain page. `text` is one of our own sentences, never something a visitor sent.
pub(crate) fn page(status: StatusCode, text: &'static str) -> Response<ProxyBody> {
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{status}</title>\
         <h1>{status}</h1><p>{text}</p></html>\n"
    );
    let mut response = Response::new(Either::Left(Full::from(html)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    );
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// 429 (RFC 6585 §4): the tenant's limit is reached.
pub(crate) fn too_many(retry_after_s: u64) -> Response<ProxyBody> {
    let text = "This shop gets more requests at the moment than it may. Nothing was done; please try again shortly.";
    let mut response = page(StatusCode::TOO_MANY_REQUESTS, text);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry_after_s));
    response
}

/// 421 (RFC 9110 §15.5.20): this address serves one Host, and it is not the one that was asked for.
pub(crate) fn misdirected() -> Response<ProxyBody> {
    let mut response = page(StatusCode::MISDIRECTED_REQUEST, "This address does not serve that host.");
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}
