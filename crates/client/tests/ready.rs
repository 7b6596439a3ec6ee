//! What a service says of itself, and who is none.

#![allow(clippy::unwrap_used, reason = "a test that cannot set up its world has failed")]

use client::{ClientError, Http};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;

/// Answers one request with these words.
fn somebody(status: &'static str, body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 4_096];
        let length = stream.read(&mut request).unwrap();
        assert!(request[..length].starts_with(b"GET /readyz "));
        let length = body.len();
        write!(stream, "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}").unwrap();
    });
    url
}

#[tokio::test]
async fn a_service_that_is_not_ready_says_why_and_is_still_a_service() {
    let body = r#"{"service":"node","ready":true,"checks":[{"name":"ledger","ok":true,"since":"x"}]}"#;
    assert_eq!(Http::new(somebody("200 OK", body)).ready().await.unwrap().failing(), [""; 0]);
    let body = r#"{"service":"node","ready":false,"checks":[{"name":"ledger","ok":false,"why":"behind"},{"name":"a","ok":true}]}"#;
    let ready = Http::new(somebody("503 Service Unavailable", body)).ready().await.unwrap();
    assert_eq!(ready.failing(), ["ledger: behind"]);
}

#[tokio::test]
async fn somebody_else_on_the_port_is_no_service() {
    for (status, body) in [("200 OK", "<html>"), ("200 OK", "{}"), ("503 Busy", "{\"ready\":false}"), ("404 No", "{}")]
    {
        let answer = Http::new(somebody(status, body)).ready().await;
        assert!(matches!(answer, Err(ClientError::Answer { .. } | ClientError::Problem(..))), "{status} {body}");
    }
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let answer = Http::new(format!("http://{nobody}")).ready().await;
    assert!(matches!(answer, Err(ClientError::Unreachable { why, .. }) if why.contains("refused")));
}
