//! Turns the framework's own plain-text errors (no route, wrong method, unreadable body) into the
//! form every error has, so that no extractor or fallback needs a wrapper.

use crate::{Problem, ProblemCode};
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Most of a rejection's text that is read, in bytes.
const TEXT_MAX: usize = 4096;
/// Most of it that is repeated to the caller, in characters.
const MESSAGE_MAX: usize = 300;

pub(crate) async fn rephrase(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) || !is_plain(&response) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let mut answer = problem(status, &text(body).await).into_response();
    // `allow`, `retry-after` and the like belong to the status and stay.
    for (name, value) in &parts.headers {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            answer.headers_mut().insert(name, value.clone());
        }
    }
    answer
}

fn is_plain(response: &Response) -> bool {
    match response.headers().get(header::CONTENT_TYPE) {
        Some(kind) => kind.as_bytes().starts_with(b"text/plain"),
        None => true,
    }
}

async fn text(body: Body) -> String {
    let bytes = to_bytes(body, TEXT_MAX).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let mut first = true;
    let lower_first = |c: char| if std::mem::take(&mut first) { c.to_ascii_lowercase() } else { c };
    text.chars().filter(|c| !c.is_control()).take(MESSAGE_MAX).map(lower_first).collect()
}

/// The code and words of a status; `detail` is what the framework said of the caller's own request.
fn problem(status: StatusCode, detail: &str) -> Problem {
    if status.is_server_error() {
        return Problem::internal();
    }
    let (code, message, next): (ProblemCode, &str, &str) = match status.as_u16() {
        401 => ("request.unauthenticated", "who asks is not known", "sign in, or send a token"),
        403 => ("request.forbidden", "this is not allowed", "ask with a role that may"),
        404 => ("route.not_found", "there is no such address here", "GET /openapi.json lists every address"),
        405 => ("route.method", "this address does not take that method", "the allow header lists those it takes"),
        413 => ("body.too_large", "the body is larger than this route reads", "send less, or send it in parts"),
        415 => ("body.not_json", "the body is not declared as json", "send `content-type: application/json`"),
        422 => ("body.invalid", "the body does not fit this route", "correct what the message names"),
        _ => ("request.malformed", "the request cannot be read", "GET /openapi.json says what the route reads"),
    };
    let quoted = matches!(status.as_u16(), 400 | 422) && !detail.is_empty();
    let message = if quoted { format!("{message}: {detail}") } else { message.to_owned() };
    Problem::new(status, code, message, next)
}
