//! Platform Services (8090), typed: artifacts by the digest of their manifest, and what is used of AI leases.

use crate::{ClientError, Http};
use hyper::{Method, body::Bytes};
use model::{ChangeId, Digest};
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
        Self { http }
    }

    /// With a bearer token.
    pub fn bearer(&self, token: impl Into<String>) -> Self {
        Self { http: self.http.clone().bearer(token) }
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
