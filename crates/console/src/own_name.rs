//! Pages answer by one name. Cookies ignore ports, and the engines' shops answer at `127.0.0.1`: a
//! session must never be sent there (DESIGN §9).

use crate::app::App;
use crate::respond;
use api::Problem;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// Leads a reader to the name that this console goes by, and refuses forms sent to another one.
/// Questions of programs carry no cookie and may use any of the listener's names.
pub(crate) async fn lead(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let own = app.sign_ins.console().as_str();
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let is_own = own.strip_prefix("http://").is_some_and(|own| own.eq_ignore_ascii_case(host));
    if is_own || request.uri().path().starts_with("/v1/") {
        return next.run(request).await;
    }
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        return respond::moved(&format!("{own}{path}"));
    }
    Problem::new(
        StatusCode::MISDIRECTED_REQUEST,
        "host.other_name",
        "the pages answer by another name, which no shop shares",
        format!("open {own}"),
    )
    .into_response()
}
