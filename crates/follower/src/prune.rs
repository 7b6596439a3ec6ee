//! What a store of releases drops: each store by itself, out of its own verified state.

use crate::{Asking, Clock, Follower, FollowerHealth};
use axum::{Json, extract::State};
use control::KeepRule;
use model::{Digest, Instant, Service};
use serde::{Deserialize, Serialize};
use service_shell::{Auth, Declare as _, Entry, Problem, ProblemBody};
use std::sync::Arc;
use std::time::Duration;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Between two looks at what may go.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// Between two looks whether the ledger has been heard to its end.
const UNHEARD_EVERY: Duration = Duration::from_secs(1);

/// Something a store keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Stored {
    /// Digest of its manifest.
    #[schema(value_type = String)]
    pub artifact: Digest,
    /// When it came here, or was found to be needed last.
    #[schema(value_type = String, format = DateTime)]
    pub since: Instant,
    /// Whether something is placed here that uses it.
    pub placed: bool,
    /// Bytes that it takes, where that is known without reading it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub bytes: Option<u64>,
}

/// What a store keeps, and by which rule it drops things.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StoreView {
    /// How long something is kept that nothing needs, milliseconds; what nobody has published, an hour at most.
    pub unneeded_ms: i64,
    /// How many of an engine's certified bundles are within reach of a rollback.
    pub certified: u32,
    /// What is kept.
    pub kept: Vec<Stored>,
}

impl StoreView {
    /// By which rule.
    pub fn rule(&self) -> KeepRule {
        KeepRule { unneeded_ms: self.unneeded_ms, certified: self.certified }
    }
}

/// A store of releases and themes.
pub trait ReleaseStore: Clone + Send + Sync + 'static {
    /// What it keeps.
    ///
    /// # Errors
    /// When that cannot be read.
    fn kept(&self) -> impl Future<Output = Result<Vec<Stored>, String>> + Send;

    /// Notes that something is needed now.
    fn needed(&self, artifact: Digest) -> impl Future<Output = Result<(), String>> + Send;

    /// Drops something if `may_go`, asked while nobody else looks at this store, says so of it; whether it did.
    ///
    /// # Errors
    /// When it cannot be removed.
    fn drop_if(
        &self,
        artifact: Digest,
        may_go: impl FnOnce(&Stored) -> bool + Send,
    ) -> impl Future<Output = Result<bool, String>> + Send;
}

/// Drops what nothing needs any more, until the follower ends. A store acts on what it has verified itself and on
/// nothing else, and drops nothing while it has not heard the ledger to its end.
pub async fn prune(follower: Follower, store: impl ReleaseStore, rule: KeepRule, clock: Clock) {
    let unneeded = Duration::from_millis(u64::try_from(rule.unneeded_ms).unwrap_or_default());
    let every = LOOK_EVERY.min(unneeded.max(Duration::from_millis(100)));
    loop {
        let heard = matches!(follower.health(), FollowerHealth::Following { .. });
        if heard && let Err(why) = once(&follower, &store, rule, &clock).await {
            tracing::warn!(why, "store: what nothing needs cannot be dropped now");
        }
        tokio::time::sleep(if heard { every } else { every.min(UNHEARD_EVERY) }).await;
    }
}

async fn once(follower: &Follower, store: &impl ReleaseStore, rule: KeepRule, clock: &Clock) -> Result<(), String> {
    let (state, now) = (follower.state(), clock());
    let needed = rule.needed(&state);
    for stored in store.kept().await? {
        if stored.placed || needed.contains_key(&stored.artifact) {
            // Written down rarely: it is asked about again long before it matters.
            if now.millis_since(stored.since) > rule.unneeded_ms / 4 {
                store.needed(stored.artifact).await?;
            }
        } else if is_over(&stored, rule, &state, now) {
            // What was opened meanwhile is in the state by the time the store is this task's alone.
            let may_go = |stored: &Stored| {
                let state = follower.state();
                let is_needed = stored.placed || rule.needed(&state).contains_key(&stored.artifact);
                !is_needed && is_over(stored, rule, &state, clock())
            };
            if store.drop_if(stored.artifact, may_go).await? {
                tracing::info!(artifact = %stored.artifact, "store: dropped what nothing needs any more");
            }
        }
    }
    Ok(())
}

fn is_over(stored: &Stored, rule: KeepRule, state: &control::State, now: Instant) -> bool {
    now.millis_since(stored.since) > rule.stays_ms(state, &stored.artifact)
}

/// The route that says what a store of `service` keeps.
pub fn store_routes(
    follower: &Follower,
    service: Service,
    store: impl ReleaseStore,
    rule: KeepRule,
    clock: Clock,
) -> OpenApiRouter {
    let context = StoreContext { follower: follower.clone(), service, store: Arc::new(store), rule, clock };
    OpenApiRouter::new().declared(Entry::None, Auth::Token, routes!(kept)).with_state(context)
}

/// What the route reads.
#[derive(Clone)]
struct StoreContext {
    follower: Follower,
    service: Service,
    store: Arc<dyn Listed>,
    rule: KeepRule,
    clock: Clock,
}

/// A store as its route reads it.
trait Listed: Send + Sync {
    fn listed(&self) -> std::pin::Pin<Box<dyn Future<Output = Result<Vec<Stored>, String>> + Send + '_>>;
}

impl<S: ReleaseStore> Listed for S {
    fn listed(&self) -> std::pin::Pin<Box<dyn Future<Output = Result<Vec<Stored>, String>> + Send + '_>> {
        Box::pin(self.kept())
    }
}

/// The releases and themes that are kept here, of those that who asks may read of, and how long each is once nothing needs
/// it. What nobody has published is shown to who may read of every tenant.
#[utoipa::path(get, path = "/v1/kept", tag = "artifacts",
    responses((status = 200, body = StoreView), (status = 400, body = ProblemBody), (status = 401, body = ProblemBody),
        (status = 403, body = ProblemBody), (status = 500, body = ProblemBody)))]
async fn kept(State(context): State<StoreContext>, asking: Asking) -> Result<Json<StoreView>, Problem> {
    let StoreContext { follower, service, store, rule, clock } = context;
    let sight = follower.sight(&asking, service, clock())?;
    let mut kept = store.listed().await.map_err(|why| {
        tracing::error!(why, "store: what is kept cannot be listed");
        Problem::internal()
    })?;
    let state = follower.state();
    kept.retain(|stored| sight.shows_kept(&state, &stored.artifact));
    Ok(Json(StoreView { unneeded_ms: rule.unneeded_ms, certified: rule.certified, kept }))
}
