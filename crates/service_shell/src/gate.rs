//! Who may be asked, and from which page: the Host and Origin checks.
//!
//! A page of another site can make a browser send requests to loopback (DNS rebinding, form
//! posts). The Host header names what the browser thought it asked, the Origin header which page
//! asked; neither can be set by a page.

use crate::Problem;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

/// The host names this listener answers to, each `name:port` in lower case.
#[derive(Debug)]
pub(crate) struct Gate(BTreeSet<String>);

impl Gate {
    /// Loopback's three names on the listener's port, its own address, and the configured names.
    pub(crate) fn new(listen: SocketAddr, allowed_hosts: &[String]) -> Self {
        let port = listen.port();
        let mut hosts: BTreeSet<String> =
            ["127.0.0.1", "localhost", "[::1]"].map(|name| format!("{name}:{port}")).into();
        hosts.insert(listen.to_string());
        hosts.extend(allowed_hosts.iter().map(|host| host.to_ascii_lowercase()));
        if port == 80 {
            // Browsers leave the scheme's own port out of Host and Origin.
            let bare: Vec<String> =
                hosts.iter().filter_map(|host| host.strip_suffix(":80").map(str::to_owned)).collect();
            hosts.extend(bare);
        }
        Self(hosts)
    }

    fn knows(&self, host: &str) -> bool {
        self.0.contains(&host.to_ascii_lowercase())
    }

    fn check(&self, request: &Request) -> Result<(), Problem> {
        let host = single(request.headers(), &header::HOST);
        let Some(Ok(host)) = host else {
            return Err(Problem::malformed(
                "host.missing",
                "the request does not name exactly one host",
                "send one host header with the address that was connected to",
            ));
        };
        // A target in absolute form overrides Host (RFC 9112 §3.2.2), so both must be ours.
        let target_foreign = request.uri().authority().is_some_and(|target| !self.knows(target.as_str()));
        if !self.knows(host) || target_foreign {
            return Err(Problem::new(
                StatusCode::MISDIRECTED_REQUEST,
                "host.foreign",
                "this service does not answer to that host name",
                "ask it by the address that `countersign status` lists",
            ));
        }
        let from_elsewhere =
            request.headers().get("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none");
        let reads = [Method::GET, Method::HEAD, Method::OPTIONS, Method::TRACE].contains(request.method());
        match single(request.headers(), &header::ORIGIN) {
            Some(origin) if !reads => self.check_origin(origin.ok()),
            // A browser says so even where it leaves the origin out (Fetch Metadata §2.3).
            None if !reads && from_elsewhere => self.check_origin(None),
            _ => Ok(()),
        }
    }

    fn check_origin(&self, origin: Option<&str>) -> Result<(), Problem> {
        let ours = origin.and_then(|origin| origin.strip_prefix("http://")).is_some_and(|host| self.knows(host));
        if ours {
            return Ok(());
        }
        Err(Problem::forbidden(
            "origin.foreign",
            "a page of another site asked for this change",
            "open this service's own page and do it there",
        ))
    }
}

/// The header's value; an error when it is repeated or not text.
fn single<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Option<Result<&'a str, ()>> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    let one = if values.next().is_some() { Err(()) } else { first.to_str().map_err(|_| ()) };
    Some(one)
}

pub(crate) async fn gate(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    match gate.check(&request) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use proptest::prelude::*;

    fn code(port: u16, method: &str, uri: &str, headers: &[(&str, &str)]) -> Option<&'static str> {
        let gate = Gate::new(SocketAddr::from(([127, 0, 0, 1], port)), &["Console.Example:8080".into()]);
        let request = headers
            .iter()
            .fold(Request::builder().method(method).uri(uri), |request, (name, value)| request.header(*name, *value));
        gate.check(&request.body(Body::empty()).unwrap()).err().map(|problem| problem.code())
    }

    #[test]
    fn only_our_own_names_on_our_own_port_are_answered() {
        for host in ["127.0.0.1:8080", "localhost:8080", "LOCALHOST:8080", "[::1]:8080", "console.example:8080"] {
            assert_eq!(code(8080, "GET", "/", &[("host", host)]), None, "{host}");
        }
        for host in
            ["evil.example", "localhost", "localhost:8081", "127.0.0.1.evil.example:8080", "localhost:8080.", ""]
        {
            assert_eq!(code(8080, "GET", "/", &[("host", host)]), Some("host.foreign"), "{host}");
        }
        assert_eq!(code(8080, "GET", "/", &[]), Some("host.missing"));
        let twice = [("host", "localhost:8080"), ("host", "localhost:8080")];
        assert_eq!(code(8080, "GET", "/", &twice), Some("host.missing"));
        let target = code(8080, "GET", "http://evil.example/", &[("host", "localhost:8080")]);
        assert_eq!(target, Some("host.foreign"));
        assert_eq!(code(80, "GET", "/", &[("host", "localhost")]), None);
    }

    #[test]
    fn a_change_asked_by_another_page_is_refused() {
        let ask = |method, origin| code(8080, method, "/", &[("host", "localhost:8080"), ("origin", origin)]);
        for origin in ["http://localhost:8081", "https://localhost:8080", "null", "", "http://evil.example"] {
            for method in ["POST", "PUT", "PATCH", "DELETE", "PURGE"] {
                assert_eq!(ask(method, origin), Some("origin.foreign"), "{method} {origin}");
            }
            assert_eq!(ask("GET", origin), None, "reading is for the answer's headers to protect");
        }
        assert_eq!(ask("POST", "http://localhost:8080"), None);
        assert_eq!(code(8080, "POST", "/", &[("host", "localhost:8080")]), None, "no browser, no origin");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_other_origin_passes(origin in "[ -~]{0,40}") {
            let own = ["localhost", "127.0.0.1", "[::1]", "console.example"];
            let ours = own.iter().any(|name| origin.eq_ignore_ascii_case(&format!("http://{name}:8080")));
            prop_assume!(!ours);
            let found = code(8080, "POST", "/", &[("host", "localhost:8080"), ("origin", &origin)]);
            prop_assert_eq!(found, Some("origin.foreign"));
        }
    }
}
