//! What comes back: the probes, the metrics, the refusals and their one form.

use crate::server::{raw, start};
use std::sync::atomic::Ordering;

#[tokio::test]
async fn the_four_routes_of_every_process() {
    let server = start();
    let health: service_shell::Health = serde_json::from_str(&server.get("/healthz").await.body).unwrap();
    let ours = service_shell::Health {
        service: "governance".into(),
        status: "up".into(),
        version: "1.2.3".into(),
        pid: std::process::id(),
    };
    assert_eq!(health, ours);

    assert_eq!(server.get("/readyz").await.status, 200);
    server.ready.store(false, Ordering::SeqCst);
    let answer = server.get("/readyz").await;
    assert_eq!(answer.status, 503);
    insta::assert_snapshot!(answer.body, @r#"{"service":"governance","ready":false,"checks":[{"name":"ledger","ok":false,"why":"the disk is full","since":"1970-01-01T00:00:00.000Z"}]}"#);

    let document: serde_json::Value = serde_json::from_str(&server.get("/openapi.json").await.body).unwrap();
    assert_eq!(document["info"]["title"], "countersign governance");
    assert_eq!(document["paths"]["/v1/things"]["post"]["x-countersign-auth"], "signed");
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert!(document["paths"][path]["get"].is_object(), "{path}");
    }
}

#[tokio::test]
async fn metrics_count_by_pattern_and_never_by_the_callers_own_text() {
    let server = start();
    server.get("/v1/held").await;
    server.get("/v1/made-up-by-a-caller?token=abc").await;
    let answer = server.get("/metrics").await;
    assert!(answer.head.contains("content-type: application/openmetrics-text"), "{}", answer.head);
    for series in [
        r#"countersign_http_requests_total{service="governance",method="GET",route="/v1/held",status="409"} 1"#,
        r#"countersign_http_requests_total{service="governance",method="GET",route="unmatched",status="404"} 1"#,
        r#"countersign_http_request_seconds_count{service="governance",method="GET",route="/v1/held"} 1"#,
        r#"countersign_http_in_flight{service="governance"} 1"#,
        r#"countersign_leaves_total{service="governance"} 1"#,
        "# EOF",
    ] {
        assert!(answer.body.contains(series), "{series} in\n{}", answer.body);
    }
    assert!(!answer.body.contains("made-up") && !answer.body.contains("abc"));
}

#[tokio::test]
async fn foreign_hosts_and_origins_are_refused_on_every_path() {
    let server = start();
    for path in ["/healthz", "/v1/things", "/nowhere"] {
        let answer = raw(server.at, &format!("GET {path}"), "host: evil.example\r\n", "").await;
        assert_eq!((answer.status, answer.code().as_str()), (421, "host.foreign"), "{path}");
    }
    let answer = server.post("/v1/things", "origin: http://evil.example\r\n", "{}").await;
    assert_eq!((answer.status, answer.code().as_str()), (403, "origin.foreign"));
    let own = format!("origin: http://{}\r\ncontent-type: application/json\r\n", server.at);
    let answer = server.post("/v1/things", &own, r#"{"size":4}"#).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "4"));
}

#[tokio::test]
async fn every_error_has_one_form() {
    let server = start();
    let none = server.get("/nowhere").await;
    insta::assert_snapshot!(none.body, @r#"{"error":{"code":"route.not_found","message":"there is no such address here","next":"GET /openapi.json lists every address"}}"#);
    let method = server.get("/v1/things").await;
    assert_eq!((method.status, method.code().as_str()), (405, "route.method"));
    assert!(method.head.contains("\r\nallow: post"), "{}", method.head);
    let kind = server.post("/v1/things", "", "{}").await;
    assert_eq!((kind.status, kind.code().as_str()), (415, "body.not_json"));
    let json = "content-type: application/json\r\n";
    let syntax = server.post("/v1/things", json, "{").await;
    assert_eq!((syntax.status, syntax.code().as_str()), (400, "request.malformed"));
    let shape = server.post("/v1/things", json, "{}").await;
    assert_eq!((shape.status, shape.code().as_str()), (422, "body.invalid"));
    assert!(shape.error()["message"].as_str().unwrap().contains("missing field `size`"), "{}", shape.body);
    let held = server.get("/v1/held").await;
    insta::assert_snapshot!(held.body, @r#"{"error":{"code":"change.held","message":"it is on hold","next":"release it","entry":7}}"#);
    assert_eq!(server.get("/v1/html").await.body, "<p>none</p>", "a page of the console's own stays");
}

#[tokio::test]
async fn a_panic_answers_internal_and_the_next_request_is_served() {
    let server = start();
    let answer = server.get("/v1/explode").await;
    assert_eq!((answer.status, answer.code().as_str()), (500, "internal"));
    assert!(!answer.body.contains("secret"));
    assert_eq!(server.get("/healthz").await.status, 200);
}

#[tokio::test]
async fn every_answer_names_its_request_and_forbids_what_browsers_allow() {
    let server = start();
    for path in ["/healthz", "/nowhere", "/v1/explode"] {
        let head = server.get(path).await.head;
        for header in [
            "x-request-id: ",
            "x-content-type-options: nosniff",
            "cache-control: no-store",
            "content-security-policy: default-src 'none'",
            "x-frame-options: deny",
            "referrer-policy: no-referrer",
        ] {
            assert!(head.contains(header), "{header} in {head}");
        }
    }
    let headers = format!("host: {}\r\nx-request-id: cli-42\r\n", server.at);
    assert!(raw(server.at, "GET /healthz", &headers, "").await.head.contains("x-request-id: cli-42"));
}

#[tokio::test]
async fn a_token_is_known_by_its_digest() {
    let server = start();
    let headers = format!("host: {}\r\nauthorization: Bearer s3cret\r\n", server.at);
    let digest = raw(server.at, "GET /v1/whoami", &headers, "").await.body;
    assert_eq!(digest, model::Digest::of_bytes(b"s3cret").to_string());
    let answer = server.get("/v1/whoami").await;
    assert_eq!((answer.status, answer.code().as_str()), (401, "token.missing"));
    assert!(answer.head.contains("www-authenticate: bearer"), "{}", answer.head);
}
