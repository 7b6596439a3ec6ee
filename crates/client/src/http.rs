//! HTTP/1.1 over loopback, with limits on time and size.

use crate::body::{self, Body, NotKept};
use crate::{Asked, ClientError};
use control::Viewer;
use http_body_util::{BodyExt as _, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::{HeaderMap, Method, Request, StatusCode, header};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use model::Service;
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
    service: Option<Service>,
    token: Option<String>,
    viewer: Option<Viewer>,
    signed: Option<(&'static str, String)>,
    options: HttpOptions,
    client: Client<HttpConnector, Body>,
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
    pub headers: HeaderMap,
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
        Self {
            base: base.into().trim_end_matches('/').to_owned(),
            service: None,
            token: None,
            viewer: None,
            signed: None,
            options,
            client,
        }
    }

    /// Of this service: where nothing is answered, it is named.
    #[must_use]
    pub fn of(mut self, service: Service) -> Self {
        self.service = Some(service);
        self
    }

    fn asked(&self, path: &str) -> Asked {
        Asked { service: self.service, url: format!("{}{path}", self.base) }
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

    /// For the console: with its signature of one request ([`signed::ConsoleAsk`]), in place of a token.
    pub fn signed(mut self, header: impl Into<String>) -> Self {
        self.signed = Some((signed::CONSOLE_ASK, header.into()));
        self
    }

    /// For a service: with its signature of one request ([`signed::ServiceAsk`]), in place of a token.
    pub fn signed_by_service(mut self, header: impl Into<String>) -> Self {
        self.signed = Some((signed::SERVICE_ASK, header.into()));
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
        self.good(path, self.exchange(method, path, content_type, body).await?)
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
                if says { Ok(ready) } else { Err(ClientError::Answer { asked: self.asked(""), why: why() }) }
            }
            _ => Err(problem(&self.asked("/readyz"), &answer)),
        }
    }

    /// The same, waiting so long for each answer.
    pub fn within(mut self, timeout_ms: u64) -> Self {
        self.options.timeout_ms = timeout_ms;
        self
    }

    /// `PUT` of a file of this length, a piece at a time; no more of it is sent once there is an answer.
    ///
    /// # Errors
    /// As [`Http::send`].
    pub async fn put_file(
        &self,
        path: &str,
        content_type: &str,
        file: tokio::fs::File,
        length: u64,
    ) -> Result<(), ClientError> {
        let exchange = async {
            let (body, _sending) = body::of_file(file);
            let response = self.request(Method::PUT, path, content_type, (body, Some(length))).await?;
            self.whole(path, response).await
        };
        self.good(path, self.in_time(path, exchange).await?).map(|_| ())
    }

    /// `GET` of an answer of any length that the options allow, into a file, a piece at a time.
    ///
    /// # Errors
    /// As [`Http::send`], and [`ClientError::NotWritten`] when the file cannot be written.
    pub async fn get_file(&self, path: &str, to: &mut tokio::fs::File) -> Result<(), ClientError> {
        let exchange = async {
            let body = (body::whole(Bytes::new()), None);
            let response = self.request(Method::GET, path, "application/octet-stream", body).await?;
            if !response.status().is_success() {
                return self.whole(path, response).await.and_then(|answer| self.good(path, answer)).map(|_| ());
            }
            body::into_file(response.into_body(), to, self.options.answer_max_bytes).await.map_err(
                |error| match error {
                    NotKept::Answer(why) => ClientError::Answer { asked: self.asked(path), why },
                    NotKept::Disk(error) => ClientError::NotWritten(error),
                },
            )
        };
        self.in_time(path, exchange).await
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        content_type: &str,
        body: Bytes,
    ) -> Result<Answer, ClientError> {
        let exchange = async {
            let response = self.request(method, path, content_type, (body::whole(body), None)).await?;
            self.whole(path, response).await
        };
        self.in_time(path, exchange).await
    }

    /// The answer, or why it is an error.
    fn good(&self, path: &str, answer: Answer) -> Result<Answer, ClientError> {
        if answer.status.is_client_error() || answer.status.is_server_error() {
            return Err(problem(&self.asked(path), &answer));
        }
        Ok(answer)
    }

    async fn in_time<T>(
        &self,
        path: &str,
        exchange: impl Future<Output = Result<T, ClientError>>,
    ) -> Result<T, ClientError> {
        let after_ms = self.options.timeout_ms;
        let late = |_| ClientError::Timeout { asked: self.asked(path), after_ms };
        tokio::time::timeout(Duration::from_millis(after_ms), exchange).await.map_err(late)?
    }

    async fn whole(&self, path: &str, response: hyper::Response<Incoming>) -> Result<Answer, ClientError> {
        let bad = |why: String| ClientError::Answer { asked: self.asked(path), why };
        let (parts, body) = response.into_parts();
        let body = Limited::new(body, self.options.answer_max_bytes).collect().await;
        let body = body.map_err(|error| bad(error.to_string()))?.to_bytes();
        Ok(Answer { status: parts.status, headers: parts.headers, body })
    }

    /// One request; a body whose length it does not know itself comes with it.
    async fn request(
        &self,
        method: Method,
        path: &str,
        content_type: &str,
        (body, length): (Body, Option<u64>),
    ) -> Result<hyper::Response<Incoming>, ClientError> {
        let url = format!("{}{path}", self.base);
        let mut request = Request::builder().method(method).uri(&url).header(header::CONTENT_TYPE, content_type);
        if let Some(length) = length {
            request = request.header(header::CONTENT_LENGTH, length);
        }
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(viewer) = &self.viewer {
            request = request.header(VIEWER_HEADER, viewer.to_string());
        }
        if let Some((header, signed)) = &self.signed {
            request = request.header(*header, signed);
        }
        let request = request
            .body(body)
            .map_err(|error| ClientError::Answer { asked: self.asked(path), why: error.to_string() })?;
        let unreachable = |why: String| ClientError::Unreachable { asked: self.asked(""), why };
        self.client.request(request).await.map_err(|error| unreachable(cause(&error)))
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
        let bad = |error: serde_json::Error| ClientError::Answer { asked: self.asked(""), why: error.to_string() };
        let bytes = serde_json::to_vec(body).map_err(bad)?;
        self.send_for(Method::POST, path, "application/json", bytes.into()).await
    }

    /// `POST` of nothing, JSON back.
    ///
    /// # Errors
    /// As [`Http::get`].
    pub async fn post_nothing<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.send_for(Method::POST, path, "application/json", Bytes::new()).await
    }

    /// One request with a body of any type, JSON back.
    ///
    /// # Errors
    /// As [`Http::get`].
    pub async fn send_for<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        content_type: &str,
        body: Bytes,
    ) -> Result<T, ClientError> {
        let answer = self.send(method, path, content_type, body).await?;
        self.read(path, &answer.body)
    }

    fn read<T: DeserializeOwned>(&self, path: &str, body: &[u8]) -> Result<T, ClientError> {
        let bad = |error: serde_json::Error| ClientError::Answer { asked: self.asked(path), why: error.to_string() };
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

fn problem(asked: &Asked, answer: &Answer) -> ClientError {
    let status = answer.status.as_u16();
    let named = serde_json::from_slice::<ProblemBody>(&answer.body).map(|body| body.error);
    let detail = named.unwrap_or_else(|_| ProblemDetail {
        code: format!("http.{status}"),
        message: format!("{asked} answered {}", answer.status),
        next: "see the service's log".to_owned(),
        entry: None,
        see_entry: None,
    });
    ClientError::Problem(Box::new(detail), status)
}
