//! Asks a child whether it is ready.

use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Longest wait for the answer.
const TIMEOUT: Duration = Duration::from_secs(1);
/// As much of the answer as is read: `HTTP/1.1 200`.
const STATUS_LINE: usize = 12;

/// Whether `GET /readyz` at `at` answers 200 within a second.
pub(crate) async fn ready(at: SocketAddr) -> bool {
    let ask = async {
        let mut stream = TcpStream::connect(at).await.ok()?;
        let request = format!("GET /readyz HTTP/1.1\r\nhost: {at}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut start = [0; STATUS_LINE];
        stream.read_exact(&mut start).await.ok()?;
        Some(start.starts_with(b"HTTP/1.") && start.ends_with(b" 200"))
    };
    matches!(tokio::time::timeout(TIMEOUT, ask).await, Ok(Some(true)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    async fn answers(text: &'static str) -> bool {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let server = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 256];
            let length = stream.read(&mut request).await.unwrap();
            assert!(request[..length].starts_with(b"GET /readyz HTTP/1.1\r\nhost: 127.0.0.1:"));
            stream.write_all(text.as_bytes()).await.unwrap();
        };
        tokio::join!(ready(at), server).0
    }

    #[tokio::test]
    async fn only_a_200_is_ready() {
        assert!(answers("HTTP/1.1 200 OK\r\n\r\n").await);
        assert!(!answers("HTTP/1.1 503 Service Unavailable\r\n\r\n").await);
        assert!(!answers("").await);
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        assert!(!ready(free).await, "nobody listens");
    }
}
