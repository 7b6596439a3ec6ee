//! How the double refuses.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use wire::{ProblemBody, ProblemDetail};

pub(super) fn problem(status: StatusCode, code: &str, message: &str, entry: Option<u64>) -> Response {
    let (code, message, next) = (code.to_owned(), message.to_owned(), "nothing: this is a test".to_owned());
    (status, Json(ProblemBody { error: ProblemDetail { code, message, next, entry, see_entry: None } })).into_response()
}
