//! The routes. The one here that changes anything keeps an archive, which is inert until a change that
//! people countersigned names its digest.

mod artifacts;
mod tenants;
mod upload;

pub use artifacts::{ArtifactHeld, Published};
pub use tenants::TenantView;

use crate::shelf::Shelf;
use artifact::MAX_BYTES;
use follower::{Clock, Follower};
use model::Digest;
use service_shell::{Auth, Declare as _, Entry, Problem, RouteLimits};
use std::time::Duration;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The route with its own limits.
pub(crate) const TAR: &str = "/v1/artifacts/{digest}/tar";

/// What the routes share.
#[derive(Clone)]
pub(crate) struct PlatformContext {
    pub(crate) follower: Follower,
    pub(crate) shelf: Shelf,
    pub(crate) clock: Clock,
}

pub(crate) fn routes(context: PlatformContext) -> OpenApiRouter {
    OpenApiRouter::new()
        .declared(Entry::None, Auth::Token, routes!(upload::upload))
        .routes(routes!(artifacts::download))
        .routes(routes!(artifacts::artifacts))
        .routes(routes!(tenants::tenants))
        .with_state(context)
}

/// Room for the largest artifact with its manifest and headers, and 10 minutes to send it.
pub(crate) fn tar_limits() -> RouteLimits {
    let body = usize::try_from(MAX_BYTES).unwrap_or(usize::MAX).saturating_add(8 << 20);
    RouteLimits::default().body_bytes(body).timeout(Duration::from_secs(600))
}

fn digest(text: &str) -> Result<Digest, Problem> {
    let next = "take the digest that `countersign artifact inspect TAR` prints";
    text.parse().map_err(|_| Problem::malformed("digest.malformed", format!("`{text}` is no digest"), next))
}
