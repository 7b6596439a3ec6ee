//! The one form every error has on the wire.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A stable name of what went wrong, `noun.adjective` in lower case, for example `change.not_found`.
pub type ProblemCode = &'static str;

/// The body of every answer with a status of 400 or above: `{"error":{…}}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProblemBody {
    /// What went wrong.
    pub error: ProblemDetail,
}

/// What went wrong and what to do next, in the user's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProblemDetail {
    /// The stable name: programs decide on this, never on the message.
    pub code: String,
    /// One lower-case sentence without a full stop.
    pub message: String,
    /// What the caller can do next.
    pub next: String,
    /// Index of the leaf that records this refusal, where one does.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub entry: Option<u64>,
    /// Index of the leaf to look at where this refusal is recorded nowhere: of a change that has ended, the one that
    /// closed it; of a command that counts once, the one that it counted in.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub see_entry: Option<u64>,
}

/// An error on its way out: an HTTP status and a [`ProblemBody`].
///
/// Never put a credential, a person's name or an internal error's text into one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    code: ProblemCode,
    message: String,
    next: String,
    entry: Option<u64>,
    see_entry: Option<u64>,
    retry_after_s: Option<u32>,
}

impl Problem {
    /// An error with any status; the constructors below say which status means what.
    pub fn new(status: StatusCode, code: ProblemCode, message: impl Into<String>, next: impl Into<String>) -> Self {
        let (message, next) = (message.into(), next.into());
        Self { status, code, message, next, entry: None, see_entry: None, retry_after_s: None }
    }

    /// 400: the request has not the form the route reads.
    pub fn malformed(code: ProblemCode, message: impl Into<String>, next: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message, next)
    }

    /// 401: who asks is not known.
    pub fn unauthenticated(code: ProblemCode, message: impl Into<String>, next: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, message, next)
    }

    /// 403: who asks is known and may not.
    pub fn forbidden(code: ProblemCode, message: impl Into<String>, next: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, message, next)
    }

    /// 404: there is no such thing.
    pub fn not_found(code: ProblemCode, message: impl Into<String>, next: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, message, next)
    }

    /// 409: understood, and refused by a rule or by the present state.
    pub fn refused(code: ProblemCode, message: impl Into<String>, next: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, message, next)
    }

    /// 429: over budget; ask again in `retry_after_s` seconds.
    pub fn too_many(code: ProblemCode, message: impl Into<String>, retry_after_s: u32) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, code, message, format!("ask again in {retry_after_s} s"))
            .retry_after_s(retry_after_s)
    }

    /// 503: this process cannot do it now; ask again in `retry_after_s` seconds.
    pub fn unavailable(
        code: ProblemCode,
        message: impl Into<String>,
        next: impl Into<String>,
        retry_after_s: u32,
    ) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, message, next).retry_after_s(retry_after_s)
    }

    /// 500 `internal`: our fault, said without a detail that could leak. Log the cause beside it.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "something went wrong inside this service, nothing was acknowledged",
            "ask again; if it stays, look for the answer's x-request-id in this service's log",
        )
    }

    /// Names the leaf that records the refusal.
    pub fn entry(mut self, index: u64) -> Self {
        self.entry = Some(index);
        self
    }

    /// Names the leaf to look at: another one than the refusal's, which is recorded nowhere.
    pub fn see_entry(mut self, index: u64) -> Self {
        self.see_entry = Some(index);
        self
    }

    /// Adds a `Retry-After` header.
    pub fn retry_after_s(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// The stable name.
    pub fn code(&self) -> ProblemCode {
        self.code
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The JSON that is sent.
    pub fn body(&self) -> ProblemBody {
        ProblemBody {
            error: ProblemDetail {
                code: self.code.to_owned(),
                message: self.message.clone(),
                next: self.next.clone(),
                entry: self.entry,
                see_entry: self.see_entry,
            },
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.code, self.message, self.next)
    }
}

impl std::error::Error for Problem {}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, axum::Json(self.body())).into_response();
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            // RFC 9110 §15.5.2: a 401 names the scheme that would be accepted.
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wire_form_is_exactly_this() {
        let problem = Problem::not_found("change.not_found", "there is no change 7f", "list them with `change ls`");
        let text = serde_json::to_string(&problem.body()).unwrap();
        let golden = r#"{"error":{"code":"change.not_found","message":"there is no change 7f","next":"list them with `change ls`"}}"#;
        assert_eq!(text, golden);
        assert_eq!(serde_json::from_str::<ProblemBody>(&text).unwrap(), problem.body());
        let with_entry = serde_json::to_value(problem.entry(12).body()).unwrap();
        assert_eq!(with_entry["error"]["entry"], 12);
    }

    #[test]
    fn each_constructor_has_its_status_and_headers() {
        let cases = [
            (Problem::malformed("a.b", "m", "n"), 400),
            (Problem::unauthenticated("a.b", "m", "n"), 401),
            (Problem::forbidden("a.b", "m", "n"), 403),
            (Problem::not_found("a.b", "m", "n"), 404),
            (Problem::refused("a.b", "m", "n"), 409),
            (Problem::too_many("a.b", "m", 3), 429),
            (Problem::unavailable("a.b", "m", "n", 3), 503),
            (Problem::internal(), 500),
        ];
        for (problem, status) in cases {
            let response = problem.into_response();
            assert_eq!(response.status().as_u16(), status);
            let retry = response.headers().get(header::RETRY_AFTER).map(HeaderValue::as_bytes);
            assert_eq!(retry, matches!(status, 429 | 503).then_some(b"3".as_slice()));
            assert_eq!(response.headers().contains_key(header::WWW_AUTHENTICATE), status == 401);
        }
    }

    #[test]
    fn says_itself_in_one_line() {
        let problem = Problem::refused("change.held", "the change is on hold", "release the hold");
        assert_eq!(problem.to_string(), "change.held: the change is on hold (release the hold)");
    }
}
