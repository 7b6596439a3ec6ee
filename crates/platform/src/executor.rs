//! What Platform Services observes and checks: whether an artifact is held, whole.

use crate::shelf::{Found, Shelf};
use control::{Action, Package, State};
use follower::executor::{Acted, Executor, Task};
use model::Service;
use std::sync::Arc;
use warrant::Observation;

pub(crate) struct PlatformExecutor(pub(crate) Shelf);

impl Executor for PlatformExecutor {
    fn service(&self) -> Service {
        Service::Platform
    }

    async fn observe(&self, _: Arc<State>, package: Package) -> Result<Observation, String> {
        let artifact = package.bundle.artifact;
        match self.0.look(artifact).await {
            Found::Whole => Ok(Observation::Platform { artifact_held: true }),
            Found::Missing => Ok(Observation::Platform { artifact_held: false }),
            Found::Changed(why) => {
                tracing::error!(%artifact, why, "a kept artifact is not what its name says");
                Ok(Observation::Platform { artifact_held: false })
            }
            Found::Unreadable(why) => Err(why),
        }
    }

    async fn act(&self, task: Task) -> Acted {
        let Action::CheckArtifact { artifact } = task.action else { return Acted::refused("step.not_ours") };
        match self.0.look(artifact).await {
            Found::Whole => Acted::Done { observed: Some(artifact) },
            Found::Missing => Acted::refused("artifact.unavailable"),
            Found::Changed(why) => {
                tracing::error!(%artifact, why, "a kept artifact is not what its name says");
                Acted::refused("artifact.changed")
            }
            Found::Unreadable(why) => {
                tracing::warn!(%artifact, why, "a kept artifact cannot be read now");
                Acted::unknown("artifact.unreadable")
            }
        }
    }
}
