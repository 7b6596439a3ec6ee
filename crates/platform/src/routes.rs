//! The routes. The one here that changes anything keeps an archive, which is inert until a change that
//! people countersigned names its digest.

mod artifacts;
mod context;
mod manifest;
mod tenants;
mod upload;
mod verify;

pub(crate) use context::PlatformContext;
pub use manifest::ManifestView;
pub use tenants::TenantView;

use artifact::{MAX_ARCHIVE, READ_WITHIN};
use service_shell::{Auth, Declare as _, Entry, RouteLimits};
use std::time::Duration;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The route with its own limits.
pub(crate) const TAR: &str = "/v1/artifacts/{digest}/tar";
/// Another one.
pub(crate) const VERIFY: &str = "/v1/artifacts/{digest}/verify";

pub(crate) fn routes(context: PlatformContext) -> OpenApiRouter {
    OpenApiRouter::new()
        .declared(Entry::None, Auth::Token, routes!(upload::upload))
        .declared(Entry::None, Auth::Token, routes!(verify::verify))
        .declared(Entry::None, Auth::Token, routes!(artifacts::download))
        .declared(Entry::None, Auth::MaybeToken, routes!(artifacts::artifacts))
        .declared(Entry::None, Auth::MaybeToken, routes!(manifest::manifest))
        .declared(Entry::None, Auth::Token, routes!(tenants::tenants))
        .with_state(context)
}

/// No body, and as long as the largest archive takes.
pub(crate) fn verify_limits() -> RouteLimits {
    RouteLimits::default().body_bytes(0).timeout(READ_WITHIN)
}

/// Room for the largest artifact with its manifest and headers, and 10 minutes to send it.
pub(crate) fn tar_limits() -> RouteLimits {
    let body = usize::try_from(MAX_ARCHIVE).unwrap_or(usize::MAX);
    RouteLimits::default().body_bytes(body).timeout(Duration::from_secs(600))
}
