//! A stranger with plain HTTP/1.1: one connection a request, bytes in and out.

use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// One request; status and body.
pub fn send(method: &str, url: &str, token: Option<&str>, body: &[u8]) -> (u16, Vec<u8>) {
    let rest = url.strip_prefix("http://").expect("plain http");
    let (host, path) = rest.split_once('/').expect("a path");
    let mut stream = TcpStream::connect(host).unwrap_or_else(|error| panic!("{url}: {error}"));
    stream.set_read_timeout(Some(Duration::from_secs(40))).unwrap();
    let bearer = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    let length = body.len();
    write!(stream, "{method} /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{bearer}content-type: application/json\r\ncontent-length: {length}\r\n\r\n").unwrap();
    stream.write_all(body).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|at| at == b"\r\n\r\n").expect("a whole head") + 4;
    let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
    assert!(!head.contains("transfer-encoding"), "this client reads whole bodies only: {head}");
    (head.split(' ').nth(1).unwrap().parse().unwrap(), answer.split_off(end))
}

/// `GET` that must succeed.
pub fn get(url: &str, token: Option<&str>) -> Vec<u8> {
    let (status, body) = send("GET", url, token, b"");
    assert_eq!(status, 200, "{url}: {}", String::from_utf8_lossy(&body));
    body
}

/// `POST` of JSON, JSON back.
pub fn post(url: &str, token: Option<&str>, body: &Value) -> (u16, Value) {
    let (status, answer) = send("POST", url, token, &serde_json::to_vec(body).unwrap());
    (status, serde_json::from_slice(&answer).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&answer))))
}
