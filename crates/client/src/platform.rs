//! Platform Services (8090), typed: artifacts by the digest of their manifest, and what is used of AI leases.

use crate::{ClientError, Http};
use hyper::{Method, body::Bytes};
use model::{ChangeId, Digest, Service};
use serde::de::DeserializeOwned;

/// Longest wait until an archive is sent, read to its end and kept, milliseconds.
const UPLOAD_MS: u64 = 600_000;

/// A client of Platform Services.
#[derive(Debug, Clone)]
pub struct PlatformClient {
    http: Http,
}

impl PlatformClient {
    /// At this base URL.
    pub fn new(http: Http) -> Self {
        Self { http: http.of(Service::Platform) }
    }

    /// With a bearer token.
    pub fn bearer(&self, token: impl Into<String>) -> Self {
        Self { http: self.http.clone().bearer(token) }
    }

    /// For the console: with its signature of one request ([`signed::ConsoleAsk`]), in place of a token.
    pub fn signed(&self, header: impl Into<String>) -> Self {
        Self { http: self.http.clone().signed(header) }
    }

    /// For a service: with its signature of one request ([`signed::ServiceAsk`]), in place of a token.
    pub fn signed_by_service(&self, header: impl Into<String>) -> Self {
        Self { http: self.http.clone().signed_by_service(header) }
    }

    /// The request that downloads a packed artifact, as whoever signs it in place of a token names it.
    pub fn download_request(digest: &Digest) -> String {
        format!("GET /v1/artifacts/{digest}/tar")
    }

    /// Uploads a packed artifact; inert until a package names its digest.
    ///
    /// # Errors
    /// As [`Http::send`]; also when its contents do not have this digest.
    pub async fn upload(&self, artifact: &Digest, tar: Bytes) -> Result<(), ClientError> {
        let path = format!("/v1/artifacts/{artifact}/tar");
        self.http.send(Method::PUT, &path, "application/x-tar", tar).await.map(|_| ())
    }

    /// Uploads a packed artifact of this length from a file; inert until a package names its digest.
    ///
    /// # Errors
    /// As [`PlatformClient::upload`].
    pub async fn upload_file(&self, artifact: &Digest, tar: tokio::fs::File, length: u64) -> Result<(), ClientError> {
        let path = format!("/v1/artifacts/{artifact}/tar");
        self.http.clone().within(UPLOAD_MS).put_file(&path, "application/x-tar", tar, length).await
    }

    /// Downloads a packed artifact into a file; the caller verifies it.
    ///
    /// # Errors
    /// As [`Http::get_file`].
    pub async fn download_file(&self, artifact: &Digest, to: &mut tokio::fs::File) -> Result<(), ClientError> {
        self.http.get_file(&format!("/v1/artifacts/{artifact}/tar"), to).await
    }

    /// Downloads a packed artifact; the caller verifies it.
    ///
    /// # Errors
    /// As [`Http::get_bytes`].
    pub async fn download(&self, artifact: &Digest) -> Result<Bytes, ClientError> {
        self.http.get_bytes(&format!("/v1/artifacts/{artifact}/tar")).await
    }

    /// What is used of an AI lease, for whoever may read of its tenant; the caller names the answer's shape, which is that
    /// service's own.
    ///
    /// # Errors
    /// As [`Http::get`].
    pub async fn lease_usage<T: DeserializeOwned>(&self, lease: &ChangeId) -> Result<T, ClientError> {
        self.http.get(&format!("/v1/leases/{lease}/usage")).await
    }
}
