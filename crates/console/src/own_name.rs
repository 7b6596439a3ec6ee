//! Pages answer by one name. Cookies ignore ports, and the engines' shops answer at `127.0.0.1`: a
//! session must never be sent there.

use crate::app::App;
use crate::respond;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use service_shell::Problem;
use std::sync::Arc;

/// Whether a request names this origin. Browsers leave the scheme's own port out of Host.
fn is_own(own: &str, host: &str) -> bool {
    let name = own.strip_prefix("http://").unwrap_or(own);
    host.eq_ignore_ascii_case(name) || name.strip_suffix(":80").is_some_and(|bare| host.eq_ignore_ascii_case(bare))
}

/// Leads a reader to the name that this console goes by, and refuses forms sent to another one.
/// Questions of programs carry no cookie and may use any of the listener's names.
pub(crate) async fn redirect_to_canonical_host(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let own = app.sign_ins.console().as_str();
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if is_own(own, host) || request.uri().path().starts_with("/v1/") {
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

#[cfg(test)]
mod tests {
    use super::is_own;

    #[test]
    fn a_reader_who_is_where_they_should_be_is_not_led_there_again() {
        for (own, host) in [
            ("http://localhost:8088", "localhost:8088"),
            ("http://localhost:8088", "LocalHost:8088"),
            ("http://localhost:80", "localhost:80"),
            ("http://localhost:80", "localhost"),
        ] {
            assert!(is_own(own, host), "{host}");
        }
        for host in ["", "localhost", "127.0.0.1:8088", "localhost:8089", "localhost:80880"] {
            assert!(!is_own("http://localhost:8088", host), "{host}");
        }
    }
}
