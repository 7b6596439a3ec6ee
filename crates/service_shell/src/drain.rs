//! Telling long requests that the process is about to end.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use std::convert::Infallible;
use tokio::sync::watch;

/// Resolves once the server that took this request has begun to shut down.
///
/// Long polls and event streams wait on it beside their own condition and end cleanly, so that a
/// stop takes milliseconds and not the whole grace. An extractor; it never rejects.
#[derive(Debug, Clone)]
pub struct Draining(Option<watch::Receiver<bool>>);

impl Draining {
    pub(crate) fn new(receiver: watch::Receiver<bool>) -> Self {
        Self(Some(receiver))
    }

    /// Waits for the shutdown to begin; for ever where no [`crate::serve`] is around the router.
    pub async fn wait(mut self) {
        match &mut self.0 {
            // A sender that is gone means the server is gone, which is a shutdown too.
            Some(receiver) => drop(receiver.wait_for(|draining| *draining).await),
            None => std::future::pending().await,
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Draining {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or(Self(None)))
    }
}
