//! One connection of one's own, kept alive: no pool between the caller and the service.

use crate::error::Error;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Method, Request, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Longest answer that is read.
const ANSWER_MAX_BYTES: usize = 1 << 20;

/// A connection to a port of this machine.
pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: String,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// When nobody listens.
    pub async fn open(port: u16) -> Result<Self, Error> {
        let host = format!("127.0.0.1:{port}");
        let stream = TcpStream::connect(&host).await.map_err(Error::io("connect"))?;
        stream.set_nodelay(true).map_err(Error::io("send at once"))?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // It ends with the sender; why it ended is what the sender's next request answers.
        tokio::spawn(async move { drop(connection.await) });
        Ok(Self { sender, host })
    }

    /// Asks and reads the whole answer; any status but 200 is an error.
    ///
    /// # Errors
    /// When the connection breaks, or with the answer's own words.
    pub async fn ask(&mut self, method: Method, path: &str, token: &str, body: Bytes) -> Result<Bytes, Error> {
        self.sender.ready().await?;
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, &self.host)
            .header(header::CONTENT_TYPE, "application/json");
        if !token.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let bad =
            |status: u16, body: String| Error::Answer { url: format!("http://{}{path}", self.host), status, body };
        let request = request.body(Full::new(body)).map_err(|error| bad(0, error.to_string()))?;
        let (head, body) = self.sender.send_request(request).await?.into_parts();
        let status = head.status.as_u16();
        let body = Limited::new(body, ANSWER_MAX_BYTES).collect().await;
        let body = body.map_err(|error| bad(status, error.to_string()))?.to_bytes();
        if status == 200 { Ok(body) } else { Err(bad(status, String::from_utf8_lossy(&body).into_owned())) }
    }

    /// The release that a shop says it is, on a connection of its own; none when it is not healthy.
    pub async fn release(port: u16) -> Option<String> {
        let mut connection = Self::open(port).await.ok()?;
        let body = connection.ask(Method::GET, "/healthz", "", Bytes::new()).await.ok()?;
        let health: serde_json::Value = serde_json::from_slice(&body).ok()?;
        health["release"].as_str().map(str::to_owned)
    }
}
