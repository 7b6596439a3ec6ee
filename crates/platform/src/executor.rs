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

#[cfg(test)]
mod tests {
    use super::*;
    use model::Digest;
    use testkit::Double;
    use testkit::thrice::{Planned, Stage, thrice};

    struct Platform(PlatformExecutor, Planned);

    impl Stage for Platform {
        type Executor = PlatformExecutor;

        fn executor(&self) -> &PlatformExecutor {
            &self.0
        }

        fn planned(&self) -> &Planned {
            &self.1
        }

        async fn look(&self) -> String {
            format!("{:?}", self.0.0.store.list())
        }
    }

    #[tokio::test]
    async fn three_times_is_once_and_each_step_is_taken_back() {
        let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
        let (old, tar) = (Digest::of_object("manifest", b"old"), dir.path().join("new.tar"));
        let new = testkit::packed(&tar, "2026.04", b"new");
        double.register(old, 256);
        double.publish(new, "2026.04", 256);
        let planned = Planned::over(&double, old, new);
        let shelf = Shelf::open(dir.path(), durable_file::Mended::default()).unwrap();
        shelf.store.receive(&mut std::fs::File::open(&tar).unwrap(), &new).unwrap();
        let fresh = || async { Platform(PlatformExecutor(shelf.clone()), planned.clone()) };
        thrice(Service::Platform, fresh).await;
    }
}
