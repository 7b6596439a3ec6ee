//! The brake of a service that acts, typed: the same in each of them.

use crate::{ClientError, Http};
use wire::{BrakeRequest, BrakeView, BrakesView};

/// A client of one service's brake.
#[derive(Debug, Clone)]
pub struct BrakeClient {
    http: Http,
}

impl BrakeClient {
    /// Of the service at this base URL.
    pub fn new(http: Http) -> Self {
        Self { http }
    }

    /// Hands a brake.
    ///
    /// # Errors
    /// As [`Http::post`]; the service then does as before.
    pub async fn hand(&self, request: &BrakeRequest) -> Result<BrakeView, ClientError> {
        self.http.post("/v1/brake", request).await
    }

    /// What stands there, and what was lifted lately.
    ///
    /// # Errors
    /// As [`Http::get`].
    pub async fn standing(&self) -> Result<BrakesView, ClientError> {
        self.http.get("/v1/brakes").await
    }
}
