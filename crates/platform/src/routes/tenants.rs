//! The tenants as decided: ids only, names are not this service's to show.

use super::PlatformContext;
use axum::{Json, extract::State};
use follower::Asking;
use model::{EngineId, Service, TenantId};
use serde::{Deserialize, Serialize};
use service_shell::{Problem, ProblemBody};

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TenantView {
    /// Its id.
    #[schema(value_type = String)]
    pub tenant: TenantId,
    /// Its engines.
    #[schema(value_type = Vec<String>)]
    pub engines: Vec<EngineId>,
    /// The leaf that registered it.
    pub entry: u64,
}

/// The tenants that who asks may read of, as decided in this service's own verified state.
#[utoipa::path(get, path = "/v1/tenants", tag = "tenants",
    responses((status = 200, body = Vec<TenantView>), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody)))]
pub(super) async fn tenants(
    State(context): State<PlatformContext>,
    asking: Asking,
) -> Result<Json<Vec<TenantView>>, Problem> {
    let sight = context.follower.sight(&asking, Service::Platform, (context.clock)())?;
    let state = context.follower.state();
    let engines = |tenant: &TenantId| {
        state.engines.iter().filter(|(_, engine)| engine.tenant == *tenant).map(|(id, _)| *id).collect()
    };
    let view = |(id, tenant): (&TenantId, &control::Tenant)| TenantView {
        tenant: *id,
        engines: engines(id),
        entry: tenant.index,
    };
    let seen = state.tenants.iter().filter(|(id, _)| sight.covers(&[**id]));
    Ok(Json(seen.map(view).collect()))
}
