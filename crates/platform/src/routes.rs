//! The routes. The one here that changes anything keeps an archive, which is inert until a change that
//! people countersigned names its digest.

mod artifacts;
mod context;
mod tenants;
mod upload;

pub use artifacts::{ArtifactHeld, Published};
pub(crate) use context::PlatformContext;
pub use tenants::TenantView;

use artifact::MAX_ARCHIVE;
use service_shell::{Auth, Declare as _, Entry, RouteLimits};
use std::time::Duration;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The route with its own limits.
pub(crate) const TAR: &str = "/v1/artifacts/{digest}/tar";

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
    let body = usize::try_from(MAX_ARCHIVE).unwrap_or(usize::MAX);
    RouteLimits::default().body_bytes(body).timeout(Duration::from_secs(600))
}
