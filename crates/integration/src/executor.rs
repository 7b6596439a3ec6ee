//! What Integration Control observes and checks: that the outside bindings are as they were.

use crate::bindings::Bindings;
use control::{Action, IntegrationAction, Package, State};
use follower::executor::{Acted, Executor, Task};
use model::Service;
use signed::Observation;
use std::sync::Arc;

pub(crate) struct IntegrationExecutor(pub(crate) Bindings);

impl Executor for IntegrationExecutor {
    fn service(&self) -> Service {
        Service::Integration
    }

    async fn observe(&self, _: Arc<State>, package: Package) -> Result<Observation, String> {
        let (engine, _) = package.body.engine().ok_or("the change is about no engine")?;
        let read = self.0.read(&engine).map_err(|error| error.to_string())?;
        Ok(Observation::Integration { bindings: read.digest })
    }

    async fn act(&self, task: Task) -> Acted {
        let Action::Integration { engine, action: IntegrationAction::CheckBindings { bindings } } = task.action else {
            return Acted::refused("step.not_ours", "the step is another service's");
        };
        match self.0.read(&engine) {
            Ok(read) if read.digest == bindings => Acted::observed(read.digest),
            Ok(read) => {
                let found = format!("the outside bindings read as {}, not as planned", read.digest.short());
                Acted::refused("bindings.drifted", found)
            }
            Err(error) => {
                tracing::error!(%error, "integration: the bindings cannot be read");
                Acted::unknown("bindings.unreadable", error.to_string())
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

    struct Integration(IntegrationExecutor, Planned);

    impl Stage for Integration {
        type Executor = IntegrationExecutor;

        fn executor(&self) -> &IntegrationExecutor {
            &self.0
        }

        fn planned(&self) -> &Planned {
            &self.1
        }

        async fn look(&self) -> String {
            format!("{:?}", self.0.0.read(&Double::ENGINE).map(|read| read.digest))
        }
    }

    #[tokio::test]
    async fn three_times_is_once_and_each_step_is_taken_back() {
        let (dir, double) = (tempfile::tempdir().unwrap(), Double::start().await);
        let [old, new] = [b"old", b"new"].map(|text| Digest::of_object("manifest", text));
        double.register(old, 256);
        double.publish(new, "2026.04", 256);
        let planned = Planned::over(&double, old, new);
        let fresh = || async { Integration(IntegrationExecutor(Bindings::of(dir.path())), planned.clone()) };
        thrice(Service::Integration, fresh).await;
    }
}
