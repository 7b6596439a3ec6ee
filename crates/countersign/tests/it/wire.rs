//! A stranger with plain HTTP/1.1: one connection a request, bytes in and out.

use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// An answer, whole.
pub struct Answer {
    pub status: u16,
    /// Its content type; empty: none.
    pub kind: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// One request of JSON; status and body.
pub fn send(method: &str, url: &str, token: Option<&str>, body: &[u8]) -> (u16, Vec<u8>) {
    let answer = exchange(method, url, token, Some("application/json"), body);
    (answer.status, answer.body)
}

/// One request with a body of some kind.
pub fn exchange(method: &str, url: &str, token: Option<&str>, kind: Option<&str>, body: &[u8]) -> Answer {
    let rest = url.strip_prefix("http://").expect("plain http");
    let (host, path) = rest.split_once('/').expect("a path");
    let mut stream = TcpStream::connect(host).unwrap_or_else(|error| panic!("{url}: {error}"));
    stream.set_read_timeout(Some(Duration::from_secs(40))).unwrap();
    let bearer = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    let kind = kind.map(|kind| format!("content-type: {kind}\r\n")).unwrap_or_default();
    let length = body.len();
    let head = format!(
        "{method} /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{bearer}{kind}content-length: {length}\r\n\r\n"
    );
    // Whoever answers before all was sent may close: what it said is read all the same.
    let sent = stream.write_all(&[head.as_bytes(), body].concat());
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    assert!(!answer.is_empty() || (sent.is_ok() && read.is_ok()), "{method} {url}: {sent:?}, {read:?}");
    let end = answer.windows(4).position(|at| at == b"\r\n\r\n").expect("a whole head") + 4;
    let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
    let body = answer.split_off(end);
    let body = if head.contains("transfer-encoding: chunked") { unchunked(&body) } else { body };
    let kind = head.lines().find_map(|line| line.strip_prefix("content-type: ")).unwrap_or_default().to_owned();
    Answer { status: head.split(' ').nth(1).unwrap().parse().unwrap(), kind, body }
}

/// A body that came in pieces, each after its length (RFC 9112).
fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut body = vec![];
    loop {
        let end = rest.windows(2).position(|at| at == b"\r\n").expect("the length of a piece");
        let length = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
        let piece = &rest[end + 2..];
        body.extend_from_slice(&piece[..length]);
        if length == 0 {
            return body;
        }
        rest = &piece[length + 2..];
    }
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
