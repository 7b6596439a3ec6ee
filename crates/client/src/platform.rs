//! Platform Services (8090), typed: artifacts by the digest of their manifest.

use crate::{ClientError, Http};
use hyper::{Method, body::Bytes};
use model::Digest;

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

    /// Downloads a packed artifact; the caller verifies it.
    ///
    /// # Errors
    /// As [`Http::get_bytes`].
    pub async fn download(&self, artifact: &Digest) -> Result<Bytes, ClientError> {
        self.http.get_bytes(&format!("/v1/artifacts/{artifact}/tar")).await
    }
}
