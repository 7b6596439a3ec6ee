//! HTTP/1.1 over loopback, with limits on time and size.

use crate::ClientError;
use control::Viewer;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::{Method, Request, StatusCode, header};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use serde::{Serialize, de::DeserializeOwned};
use std::time::Duration;
use wire::{ProblemBody, ProblemDetail, Ready};

/// Names the [`Viewer`] for whom the console reads; no other credential may send it.
pub const VIEWER_HEADER: &str = "countersign-viewer";

/// How a client behaves.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// Longest wait for an answer, milliseconds.
    pub timeout_ms: u64,
    /// Longest answer, bytes.
    pub answer_max_bytes: usize,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self { timeout_ms: 35_000, answer_max_bytes: 64 << 20 }
    }
}

/// A client of one base URL.
#[derive(Clone)]
pub struct Http {
    base: String,
    token: Option<String>,
    viewer: Option<Viewer>,
    options: HttpOptions,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Http").field("base", &self.base).field("token", &self.token.is_some()).finish_non_exhaustive()
    }
}

/// An answer that is not an error.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub body: Bytes,
}

impl Http {
    /// A client of `base`, as `http://127.0.0.1:8080`.
    pub fn new(base: impl Into<String>) -> Self {
        Self::with(base, HttpOptions::default())
    }

    /// With other limits.
    pub fn with(base: impl Into<String>, options: HttpOptions) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(Duration::from_secs(2)));
        let client = Client::builder(TokioExecutor::new()).pool_idle_timeout(Duration::from_secs(20)).build(connector);
        Self { base: base.into().trim_end_matches('/').to_owned(), token: None, viewer: None, options, client }
    }

    /// With a bearer token.
    pub fn bearer(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// For the console: what is read is narrowed to what this viewer may see.
    pub fn viewer(mut self, viewer: Viewer) -> Self {
        self.viewer = Some(viewer);
        self
    }

    /// The base URL.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// One request.
    ///
    /// # Errors
    /// When nobody answers in time, or with a status of 400 or above.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        content_type: &str,
        body: Bytes,
    ) -> Result<Answer, ClientError> {
        let answer = self.exchange(method, path, content_type, body).await?;
        if answer.status.is_client_error() || answer.status.is_server_error() {
            return Err(problem(&format!("{}{path}", self.base), &answer));
        }
        Ok(answer)
    }

    /// How a service says it stands; one that is not ready answers too, with 503.
    ///
    /// # Errors
    /// When nobody answers in time, or somebody who is no service of ours.
    pub async fn ready(&self) -> Result<Ready, ClientError> {
        let answer = self.exchange(Method::GET, "/readyz", "application/json", Bytes::new()).await?;
        match answer.status {
            StatusCode::OK | StatusCode::SERVICE_UNAVAILABLE => {
                let ready: Ready = self.read("/readyz", &answer.body)?;
                let says = ready.ready || !ready.checks.is_empty();
                let why = || "it does not say whether it is ready".to_owned();
                if says { Ok(ready) } else { Err(ClientError::Answer { url: self.base.clone(), why: why() }) }
            }
            _ => Err(problem(&format!("{}/readyz", self.base), &answer)),
        }
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        content_type: &str,
        body: Bytes,
    ) -> Result<Answer, ClientError> {
        let url = format!("{}{path}", self.base);
        let bad = |why: String| ClientError::Answer { url: url.clone(), why };
        let mut request = Request::builder().method(method).uri(&url).header(header::CONTENT_TYPE, content_type);
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(viewer) = &self.viewer {
            request = request.header(VIEWER_HEADER, viewer.to_string());
        }
        let request = request.body(Full::new(body)).map_err(|error| bad(error.to_string()))?;
        let exchange = async {
            let unreachable = |why: String| ClientError::Unreachable { url: self.base.clone(), why };
            let response = self.client.request(request).await.map_err(|error| unreachable(cause(&error)))?;
            let (parts, body) = response.into_parts();
            let body = Limited::new(body, self.options.answer_max_bytes).collect().await;
            let body = body.map_err(|error| bad(error.to_string()))?.to_bytes();
            Ok::<_, ClientError>(Answer { status: parts.status, body })
        };
        let after_ms = self.options.timeout_ms;
        let late = |_| ClientError::Timeout { url: url.clone(), after_ms };
        tokio::time::timeout(Duration::from_millis(after_ms), exchange).await.map_err(late)?
    }

    /// `GET` bytes.
    ///
    /// # Errors
    /// As [`Http::send`].
    pub async fn get_bytes(&self, path: &str) -> Result<Bytes, ClientError> {
        Ok(self.send(Method::GET, path, "application/json", Bytes::new()).await?.body)
    }

    /// `GET` JSON.
    ///
    /// # Errors
    /// As [`Http::send`], and when the answer has another shape.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        let body = self.get_bytes(path).await?;
        self.read(path, &body)
    }

    /// `POST` JSON, JSON back.
    ///
    /// # Errors
    /// As [`Http::get`].
    pub async fn post<B: Serialize + ?Sized, T: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
    ) -> Result<T, ClientError> {
        let bad = |error: serde_json::Error| ClientError::Answer { url: self.base.clone(), why: error.to_string() };
        let bytes = serde_json::to_vec(body).map_err(bad)?;
        let answer = self.send(Method::POST, path, "application/json", bytes.into()).await?;
        self.read(path, &answer.body)
    }

    fn read<T: DeserializeOwned>(&self, path: &str, body: &[u8]) -> Result<T, ClientError> {
        let bad = |error: serde_json::Error| ClientError::Answer {
            url: format!("{}{path}", self.base),
            why: error.to_string(),
        };
        serde_json::from_slice(body).map_err(bad)
    }
}

/// The innermost cause: `connection refused` rather than `client error (Connect)`.
fn cause(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

fn problem(url: &str, answer: &Answer) -> ClientError {
    let status = answer.status.as_u16();
    let named = serde_json::from_slice::<ProblemBody>(&answer.body).map(|body| body.error);
    let detail = named.unwrap_or_else(|_| ProblemDetail {
        code: format!("http.{status}"),
        message: format!("{url} answered {}", answer.status),
        next: "see the service's log".to_owned(),
        entry: None,
        see_entry: None,
    });
    ClientError::Problem(Box::new(detail), status)
}
