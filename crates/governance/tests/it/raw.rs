//! One request as bytes: for headers and bodies no client would send.

use crate::fixture::World;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Status line and headers, lower case.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap().to_owned()
    }
}

/// Sends `METHOD path` with these header lines and this body.
pub(crate) async fn raw(world: &World, request: &str, headers: &[&str], body: &[u8]) -> Answer {
    exchange(world, request, headers, body.len(), body).await
}

/// Announces a body and waits for what is said to that; a body that is refused is not read, so
/// sending it would race with the end of the connection.
pub(crate) async fn announced(world: &World, request: &str, headers: &[&str], length: usize) -> Answer {
    exchange(world, request, headers, length, b"").await
}

async fn exchange(world: &World, request: &str, headers: &[&str], length: usize, body: &[u8]) -> Answer {
    let base = world.base();
    let at = base.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(at).await.unwrap();
    let headers = [headers, &[""]].concat().join("\r\n");
    let head =
        format!("{request} HTTP/1.1\r\nhost: {at}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut bytes = vec![];
    stream.read_to_end(&mut bytes).await.unwrap();
    let split = bytes.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(bytes[..split].to_vec()).unwrap().to_lowercase();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head, body: bytes[split + 4..].to_vec() }
}

pub(crate) async fn get(world: &World, path: &str) -> Answer {
    raw(world, &format!("GET {path}"), &[], b"").await
}

pub(crate) async fn post(world: &World, path: &str, headers: &[&str], body: &impl serde::Serialize) -> Answer {
    let headers = [&["content-type: application/json"], headers].concat();
    raw(world, &format!("POST {path}"), &headers, &serde_json::to_vec(body).unwrap()).await
}
