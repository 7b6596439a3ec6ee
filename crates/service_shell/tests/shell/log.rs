//! The log tells what happened and nothing that should stay unsaid.

use crate::server::{raw, start};
use std::sync::{Arc, Mutex};

/// Collects what the log writes.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

// The only test that installs a log for the whole process, so that tasks of the server are in it.
#[tokio::test]
async fn the_log_names_the_route_and_holds_no_secret() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || writer.clone()).init();
    let server = start();
    let headers = format!(
        "host: {}\r\nauthorization: Bearer token-sesame\r\ncookie: session=cookie-sesame\r\nx-request-id: log-test\r\n",
        server.at
    );
    raw(server.at, "GET /v1/whoami?key=query-sesame", &headers, "").await;
    raw(server.at, "GET /path-sesame", &headers, "").await;
    let body = r#"{"size":"body-sesame"}"#;
    let answer = server.post("/v1/things", "content-type: application/json\r\n", body).await;
    assert_eq!(answer.status, 422);
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let line = text.lines().find(|line| line.contains("/v1/whoami") && line.contains("answered")).expect(&text);
    assert!(line.contains("log-test") && line.contains("GET") && line.contains("200"), "{line}");
    assert!(line.contains("DEBUG"), "polls are reads: {line}");
    let changes = text.lines().find(|line| line.contains("/v1/things") && line.contains("answered")).expect(&text);
    assert!(changes.contains("INFO"), "{changes}");
    assert!(!text.contains("sesame"), "{text}");
}
