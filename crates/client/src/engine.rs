//! The vault of Engine Runtime (8083), typed. The caller names the shape of an answer: it is that service's own.

use crate::{ClientError, Http};
use hyper::{Method, body::Bytes};
use model::{Service, TenantId};
use serde::de::DeserializeOwned;

/// A client of one node's vault.
#[derive(Debug, Clone)]
pub struct VaultClient {
    http: Http,
}

impl VaultClient {
    /// Of the Engine Runtime at this base URL, with a person's bearer token.
    pub fn new(http: Http) -> Self {
        Self { http: http.of(Service::Engine) }
    }

    /// Deposits a secret of a tenant; what is answered names it, and is no part of it but its masked form.
    ///
    /// # Errors
    /// As [`Http::send`]; none holds any of the secret.
    pub async fn put<T: DeserializeOwned>(&self, tenant: &TenantId, secret: String) -> Result<T, ClientError> {
        let path = format!("/v1/secrets?tenant={tenant}");
        self.http.send_for(Method::POST, &path, "text/plain", Bytes::from(secret)).await
    }

    /// What may be known of each secret there.
    ///
    /// # Errors
    /// As [`Http::get`].
    pub async fn all<T: DeserializeOwned>(&self) -> Result<T, ClientError> {
        self.http.get("/v1/secrets").await
    }
}
