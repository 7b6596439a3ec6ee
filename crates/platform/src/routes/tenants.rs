//! The tenants as decided: ids only, names are not this service's to show.

use super::PlatformContext;
use axum::{Json, extract::State};
use model::{EngineId, TenantId};
use serde::{Deserialize, Serialize};

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

/// The tenants, as decided in this service's own verified state.
#[utoipa::path(get, path = "/v1/tenants", tag = "tenants", responses((status = 200, body = Vec<TenantView>)))]
pub(super) async fn tenants(State(context): State<PlatformContext>) -> Json<Vec<TenantView>> {
    let state = context.follower.state();
    let engines = |tenant: &TenantId| {
        state.engines.iter().filter(|(_, engine)| engine.tenant == *tenant).map(|(id, _)| *id).collect()
    };
    let view = |(id, tenant): (&TenantId, &control::Tenant)| TenantView {
        tenant: *id,
        engines: engines(id),
        entry: tenant.index,
    };
    Json(state.tenants.iter().map(view).collect())
}
