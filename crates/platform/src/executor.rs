//! What Platform Services observes and checks: whether an artifact is held, whole.

use crate::shelf::{Found, Shelf};
use control::{Action, Package, PlatformAction, State};
use follower::executor::{Acted, Executor, Task};
use model::Service;
use signed::Observation;
use std::sync::Arc;

pub(crate) struct PlatformExecutor(pub(crate) Shelf);

impl Executor for PlatformExecutor {
    fn service(&self) -> Service {
        Service::Platform
    }

    async fn observe(&self, _: Arc<State>, package: Package) -> Result<Observation, String> {
        // A change that makes nothing serve needs no artifact.
        let Some(artifact) = package.body.bundle().map(|bundle| bundle.artifact) else {
            return Ok(Observation::Platform { artifact_held: true });
        };
        match self.0.look(artifact).await {
            Found::Whole => Ok(Observation::Platform { artifact_held: true }),
            Found::Missing => Ok(Observation::Platform { artifact_held: false }),
            Found::Changed(why) => {
                tracing::error!(%artifact, why, "platform: a kept artifact is not what its name says");
                Ok(Observation::Platform { artifact_held: false })
            }
            Found::Unreadable(why) => Err(why),
        }
    }

    async fn act(&self, task: Task) -> Acted {
        let Action::Platform(PlatformAction::CheckArtifact { artifact }) = task.action else {
            return Acted::refused("step.not_ours", "the step is another service's");
        };
        match self.0.look(artifact).await {
            Found::Whole => Acted::Done { observed: Some(artifact) },
            Found::Missing => Acted::refused("artifact.unavailable", "the artifact is not held here"),
            Found::Changed(why) => {
                tracing::error!(%artifact, why, "platform: a kept artifact is not what its name says");
                Acted::refused("artifact.changed", why)
            }
            Found::Unreadable(why) => {
                tracing::warn!(%artifact, why, "platform: a kept artifact cannot be read now");
                Acted::unknown("artifact.unreadable", why)
            }
        }
    }
}
